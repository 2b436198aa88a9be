from __future__ import annotations

import numpy as np
import pytest
import torch

from latelier.config.data import DataConfig
from latelier.config.errors import DataError
from latelier.data import batches_per_epoch, epoch_batches, given_dataset
from latelier.data.streaming import Streamed

RNG = np.random.default_rng(0)
UINT8 = RNG.integers(0, 256, (103, 6, 5), dtype=np.uint8)
FLOATS = RNG.normal(size=(103, 1, 6, 5))
LABELS = np.arange(103) % 3
CHANGES = [{}, {"shift": 2, "rotate": 30}]


def dataset(x=UINT8, y=LABELS, **settings):
    config = DataConfig(dataset="given", **settings)
    return given_dataset(x if y is None else (x, y), config=config, seed=0), config


def epoch(x=UINT8, y=LABELS, *, number=1, size=16, seed=0, start=0, **settings):
    data, config = dataset(x, y, **settings)
    batches = epoch_batches(data, config, epoch=number, batch_size=size, seed=seed, start=start)
    return list(batches)


def same(ours, theirs) -> bool:
    return len(ours) == len(theirs) and all(
        torch.equal(a.inputs, b.inputs)
        and torch.equal(a.labels, b.labels)
        and torch.equal(a.indices, b.indices)
        for a, b in zip(ours, theirs, strict=True)
    )


def test_an_epoch_is_every_training_example_once():
    data, _ = dataset()
    batches = epoch()
    seen = torch.cat([batch.indices for batch in batches])
    assert torch.equal(seen.sort().values, data.train)
    assert [len(batch.indices) for batch in batches] == [16] * 5 + [13]
    assert batches_per_epoch(data, 16) == len(batches)
    for batch in batches:
        assert batch.inputs.dtype == torch.float32
        assert batch.inputs.shape[1:] == (1, 6, 5)
        expected = torch.from_numpy(UINT8[batch.indices.numpy()][:, None]) / 255
        assert torch.equal(batch.inputs, expected)
        assert batch.labels.tolist() == LABELS[batch.indices.numpy()].tolist()


def test_a_batch_may_be_the_whole_epoch():
    assert len(epoch(size=93)) == 1
    with pytest.raises(DataError, match="got 94; expected at most 93"):
        epoch(size=94)


def test_floats_are_fed_as_they_are():
    batch = epoch(FLOATS)[0]
    expected = torch.from_numpy(FLOATS[batch.indices.numpy()]).float()
    assert torch.equal(batch.inputs, expected)


def test_the_order_is_a_function_of_seed_and_epoch():
    assert same(epoch(), epoch())
    assert not same(epoch(), epoch(number=2))
    assert not same(epoch(), epoch(seed=1))


@pytest.mark.parametrize("augment", CHANGES)
@pytest.mark.parametrize("in_memory", ["always", "never"])
@pytest.mark.parametrize("start", [0, 1, 5, 6])
def test_resuming_in_an_epoch_gives_exactly_the_remaining_batches(augment, in_memory, start):
    settings = {"augment": augment, "in_memory": in_memory, "number": 3}
    assert same(epoch(**settings)[start:], epoch(**settings, start=start))


def test_start_beyond_the_epoch():
    with pytest.raises(DataError, match=r"got 7; expected start in 0\.\.6"):
        epoch(start=7)


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("augment", CHANGES)
@pytest.mark.parametrize("x", [UINT8, FLOATS], ids=["uint8", "float"])
def test_streamed_batches_are_those_from_memory(x, augment, workers):
    data, config = dataset(x, in_memory="never", workers=workers, augment=augment)
    assert not isinstance(data.inputs, torch.Tensor)
    streamed: Streamed = data.inputs
    assert streamed.shape == (103, 1, 6, 5)
    ours = list(epoch_batches(data, config, epoch=2, batch_size=16, seed=5))
    assert same(ours, epoch(x, number=2, seed=5, augment=augment, in_memory="always"))


@pytest.mark.parametrize("target", ["clean", "augmented"])
def test_augmentation_changes_inputs_and_says_what_to_reconstruct(target):
    plain, changed = epoch(FLOATS), epoch(FLOATS, augment={"shift": 2, "target": target})
    for ours, theirs in zip(plain, changed, strict=True):
        assert torch.equal(ours.indices, theirs.indices)
        assert torch.equal(ours.labels, theirs.labels)
        assert (ours.inputs != theirs.inputs).flatten(1).any(1).all()
        assert torch.equal(ours.targets, ours.inputs)
        assert torch.equal(theirs.targets, (ours if target == "clean" else theirs).inputs)


def test_each_position_of_an_epoch_has_changes_of_its_own():
    same_image = np.tile(FLOATS[:1], (103, 1, 1, 1))
    changed = epoch(same_image, y=None, augment={"shift": 2})
    images = torch.cat([batch.inputs for batch in changed]).flatten(1)
    assert len(torch.unique(images, dim=0)) == len(images)


def test_what_comes_in_from_outside_has_the_least_value():
    x = np.full((103, 1, 6, 5), 7.0)
    x[0, 0, 0, 0] = 3
    for batch in epoch(x, augment={"shift": 4}):
        assert batch.inputs.min() >= 3
        assert batch.inputs.amax((1, 2, 3)).le(7).all()
        assert (batch.inputs == 3).flatten(1).any(1).float().mean() > 0.5


def test_examples_are_never_augmented():
    data, _ = dataset(FLOATS, augment={"shift": 2})
    examples = data.examples(torch.arange(103)).inputs
    assert torch.equal(examples, torch.from_numpy(FLOATS).float())


def test_augmentation_must_fit():
    with pytest.raises(DataError, match=r"got 5\.0; expected less than 5 pixels"):
        epoch(augment={"shift": 5})
    with pytest.raises(DataError, match=r"the examples are none; got examples of shape \[7\]"):
        epoch(np.zeros((103, 7)), augment={"scale": 0.1})


def test_the_global_generator_is_left_alone():
    before = torch.random.get_rng_state()
    epoch(augment={"shift": 1}, in_memory="never")
    epoch(augment={"shift": 1})
    assert torch.equal(before, torch.random.get_rng_state())


def test_without_labels():
    assert all(batch.labels is None for batch in epoch(y=None))


def test_the_order_is_pinned():
    # Resuming an older run depends on it: a change of the order is a change of format.
    assert epoch()[0].indices.tolist()[:6] == [6, 58, 86, 12, 42, 91]
