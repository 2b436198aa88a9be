from __future__ import annotations

import pytest
import torch

from latelier.config.data import DataConfig
from latelier.config.errors import DataError
from latelier.data import epoch_batches, load_dataset
from latelier.data.concepts import epoch_concepts


def config(**concepts):
    return DataConfig(dataset="colors", sampling="weighted", concepts=concepts)


def test_scale_comes_before_drawing():
    half = load_dataset(config(scale={"red": 0.5}), seed=0).concepts
    whole = load_dataset(config(), seed=0).concepts
    assert half.names == ("red", "vibrant")
    assert torch.equal(half.probability[:, 0], whole.probability[:, 0] * 0.5)
    assert torch.equal(half.probability[:, 1], whole.probability[:, 1])
    assert torch.equal(half.similarity, whole.similarity)


def test_drawn_labels_are_bernoulli_with_the_probabilities():
    settings = config(scale={"red": 0.2, "vibrant": 0.7})
    dataset = load_dataset(settings, seed=0)
    pure_red = int((dataset.concepts.similarity[:3600, 0] == 1).nonzero()[0])
    rows = torch.full((4000,), pure_red)
    drawn = epoch_concepts(dataset, settings.concepts, rows, seed=1, epoch=1)
    assert set(drawn.unique().tolist()) == {0.0, 1.0}
    assert drawn.mean(0).tolist() == pytest.approx([0.2, 0.7], abs=0.03)
    soft = epoch_concepts(dataset, config(draw="soft").concepts, rows, seed=1, epoch=1)
    assert soft[0].tolist() == pytest.approx([0.2, 0.7])


def test_labels_are_drawn_anew_for_every_pass_and_again_the_same():
    settings = config()
    dataset = load_dataset(settings, seed=0)
    rows = dataset.train
    first, again, other, seed = (
        epoch_concepts(dataset, settings.concepts, rows, seed=s, epoch=e)
        for s, e in ((0, 1), (0, 1), (0, 2), (1, 1))
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert not torch.equal(first, seed)


def test_a_resumed_pass_has_the_same_labels_and_colors():
    settings = config()
    dataset = load_dataset(settings, seed=0)
    options = {"epoch": 3, "batch_size": 64, "seed": 5}
    whole = list(epoch_batches(dataset, settings, **options))
    rest = list(epoch_batches(dataset, settings, start=40, **options))
    assert [len(batch.indices) for batch in whole] == [64] * 56 + [16]
    assert len(rest) == 17
    for a, b in zip(whole[40:], rest, strict=True):
        assert torch.equal(a.indices, b.indices)
        assert torch.equal(a.concepts, b.concepts)
        assert torch.equal(a.inputs, b.inputs)


def test_a_batch_carries_its_concepts_everywhere():
    dataset = load_dataset(config(), seed=0)
    batch = dataset.examples(dataset.held_out[:6])
    assert torch.equal(batch.concepts, dataset.concepts.probability[dataset.held_out[:6]])
    assert batch.part(slice(2, 4)).concepts.shape == (2, 2)
    copy = batch.copied()
    copy.concepts.zero_()
    assert batch.to(torch.device("cpu")).concepts is not None
    assert batch.concepts.any()


def test_unknown_concepts_are_refused():
    with pytest.raises(DataError, match="got rde; expected red, vibrant"):
        load_dataset(config(scale={"rde": 0.5}), seed=0)
    digits = DataConfig(dataset="digits", concepts={"scale": {"red": 0.5}})
    with pytest.raises(DataError, match="digits has no concepts"):
        load_dataset(digits, seed=0)
    plain = load_dataset(DataConfig(dataset="digits"), seed=0)
    assert plain.examples(plain.train[:2]).concepts is None
