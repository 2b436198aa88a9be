from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from latelier.config.data import DataConfig
from latelier.config.errors import DataError
from latelier.data import epoch_batches, load_dataset
from latelier.data.sampling import check_sampling, pass_rows

COLORS = load_dataset(DataConfig(dataset="colors"), seed=0)


def rows(sampling, *, dataset=COLORS, epoch=1, seed=0, fraction=None, **options):
    config = DataConfig(dataset="colors", sampling=sampling, **options)
    return pass_rows(dataset, config, seed=seed, epoch=epoch, batch_size=64, fraction=fraction)


def test_a_pass_draws_as_many_as_there_are():
    for sampling in ("shuffle", "weighted", "curriculum"):
        assert rows(sampling).shape == (3600,)
        assert rows(sampling).max() < 3600
    assert rows("shuffle").unique().shape == (3600,)
    assert rows("weighted").unique().shape < (3600,)


def test_draws_follow_the_weights():
    counts = sum(torch.bincount(rows("weighted", epoch=e), minlength=3600) for e in range(40))
    weights = COLORS.weights[:3600]
    expected = weights / weights.sum() * 40 * 3600
    grouped = torch.stack([counts.double(), expected]).reshape(2, 36, 10, 10).sum(1)
    assert ((grouped[0] - grouped[1]).abs() < 6 * grouped[1].sqrt() + 1).all()


@pytest.mark.parametrize("sampling", ["shuffle", "weighted", "curriculum"])
def test_the_order_is_a_function_of_seed_and_pass(sampling):
    assert torch.equal(rows(sampling, epoch=4), rows(sampling, epoch=4))
    assert not torch.equal(rows(sampling, epoch=4), rows(sampling, epoch=5))
    assert not torch.equal(rows(sampling, seed=1), rows(sampling, seed=2))


@given(st.floats(0.01, 1))
@settings(deadline=None, max_examples=25)
def test_a_curriculum_draws_from_the_most_typical_only(share):
    drawn = COLORS.typicality[rows("curriculum", fraction=lambda _: share)]
    ordered = COLORS.typicality[:3600].sort(descending=True).values
    last = ordered[max(int(-(-share * 3600 // 1)), 1) - 1]
    assert drawn.min() >= last


def test_equally_typical_ones_come_together():
    drawn = rows("curriculum", fraction=lambda _: 1e-6)
    assert drawn.unique().tolist() == (COLORS.typicality[:3600] == 1).nonzero().flatten().tolist()


def test_a_curriculum_follows_its_batches_and_ends_as_weighted():
    shares = {0: 0.01, 1: 1.0}
    drawn = rows("curriculum", fraction=lambda batch: shares.get(batch, 1.0))
    assert (COLORS.typicality[drawn[:64]] == 1).all()
    assert (COLORS.typicality[drawn[64:]] < 1).any()
    weights = COLORS.weights[:3600] / COLORS.weights[:3600].sum()
    black = (COLORS.typicality[rows("curriculum")] == 0).double().mean()
    assert float(black) == pytest.approx(
        float(weights[COLORS.typicality[:3600] == 0].sum()), abs=0.03
    )


def test_the_share_of_the_settings_holds_without_a_timeline():
    config = DataConfig(dataset="colors", sampling="curriculum", fraction=0.2)
    found = pass_rows(COLORS, config, seed=0, epoch=1, batch_size=64)
    assert torch.equal(found, rows("curriculum", fraction=lambda _: 0.2))


@pytest.mark.parametrize("sampling", ["weighted", "curriculum"])
def test_data_without_weights_is_refused(sampling):
    digits = load_dataset(DataConfig(dataset="digits"), seed=0)
    config = DataConfig(dataset="digits", sampling=sampling)
    with pytest.raises(DataError, match=f"digits has no .*data.sampling={sampling}"):
        epoch_batches(digits, config, epoch=1, batch_size=8, seed=0)


def test_a_curriculum_without_weights_draws_evenly():
    dataset = replace(COLORS, weights=None)
    check_sampling(dataset, DataConfig(dataset="colors", sampling="curriculum"))
    drawn = rows("curriculum", dataset=dataset)
    assert float((COLORS.typicality[drawn] == 0).double().mean()) == pytest.approx(0.19, abs=0.03)
