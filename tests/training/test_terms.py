from __future__ import annotations

import pytest
import torch

from latelier.config import ConfigError, load_config
from latelier.config.data import DataConfig
from latelier.config.regularizers import RegularizerConfig
from latelier.data import load_dataset
from latelier.losses import unitarity
from latelier.training.terms import CRITERIA, Affinity, Term

COLORS = load_dataset(DataConfig(dataset="colors"), seed=0)
DIGITS = load_dataset(DataConfig(dataset="digits"), seed=0)


def section(**values) -> RegularizerConfig:
    config = load_config({"model": {"kind": "ae"}, "regularizers": [{"name": "x", **values}]})
    return config.regularizers[0]


def test_every_kind_of_the_configuration_has_a_criterion():
    kinds = {kind.model_fields["kind"].default for kind in RegularizerConfig.__origin__.__args__}
    assert kinds == set(CRITERIA)


def test_affinity_is_the_clamped_sum_over_concepts_and_classes():
    batch = COLORS.examples(torch.arange(3600))
    red, vibrant = batch.concepts.T
    found = Affinity.of("x", {"red": 0.7, "vibrant": 0.6}, COLORS)(batch)
    assert torch.allclose(found, (0.7 * red + 0.6 * vibrant).clamp(0, 1))
    assert found.max() == 1
    less = Affinity.of("x", {"red": 1.0, "vibrant": -1.0}, COLORS)(batch)
    assert torch.allclose(less, (red - vibrant).clamp(0, 1))

    digits = DIGITS.examples(DIGITS.train[:50])
    found = Affinity.of("x", {"3": 1.0, "7": 0.25}, DIGITS)(digits)
    expected = [{3: 1.0, 7: 0.25}.get(label, 0.0) for label in digits.labels.tolist()]
    assert found.tolist() == expected


def test_without_labels_all_count_alike():
    assert Affinity.of("x", {}, COLORS)(COLORS.examples(torch.arange(4))) is None


@pytest.mark.parametrize(
    ("dataset", "label", "message"),
    [
        (COLORS, "rde", "Did you mean red"),
        (DIGITS, "red", "expected 0, 1, 2"),
        (COLORS, "3", "red"),
    ],
)
def test_a_label_that_nothing_gives_is_refused(dataset, label, message):
    with pytest.raises(ConfigError, match=message):
        Affinity.of("polar", {label: 1.0}, dataset)


def test_a_term_means_only_its_examples():
    term = Term.of(section(kind="unitarity", labels={"vibrant": 1.0}), COLORS)
    batch = COLORS.examples(torch.tensor([99, 0, 1]))  # the pure red, and black twice
    z = torch.tensor([[3.0, 0.0], [9.0, 0.0], [1.0, 1.0]], requires_grad=True)
    value, recorded = term.value(z, batch)
    value.backward()
    assert value.item() == recorded.item() == pytest.approx(4)
    assert z.grad[1:].tolist() == [[0, 0], [0, 0]]
    assert not recorded.requires_grad


def test_a_term_without_anyone_is_absent_and_not_zero():
    term = Term.of(section(kind="unitarity", labels={"vibrant": 1.0}), COLORS)
    value, recorded = term.value(torch.randn(2, 2), COLORS.examples(torch.tensor([0, 1])))
    assert value.item() == 0
    assert recorded.isnan()


def test_a_term_for_all_is_the_plain_mean():
    term = Term.of(section(kind="unitarity"), COLORS)
    z = torch.randn(5, 3)
    value, _ = term.value(z, COLORS.examples(torch.arange(5)))
    assert value.item() == pytest.approx(unitarity(z).mean().item())


def test_an_anchor_from_the_data_is_not_there_at_first():
    assert not Term.of(section(kind="pin", anchor="data"), COLORS).ready
    term = Term.of(section(kind="pin", anchor=[1, 0]), COLORS)
    assert term.ready
    assert term.losses(torch.zeros(1, 2)).tolist() == [1]
