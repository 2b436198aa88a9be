from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import Dataset, TensorDataset

from latelier.config.data import DataConfig
from latelier.config.errors import DataError
from latelier.data import epoch_batches, given_dataset
from latelier.data.items import gather_items

GRAY = np.random.default_rng(0).integers(0, 256, (12, 4, 5), dtype=np.uint8)


class Items(Dataset):
    def __init__(self, items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def __getitem__(self, at):
        return self.items[at]


def gathered(items, most_bytes=float("inf")):
    return gather_items(Items(items), most_bytes=most_bytes)


@pytest.mark.parametrize(
    "convert",
    [
        torch.from_numpy,
        lambda a: torch.from_numpy(a)[None],
        lambda a: a,
        lambda a: a[:, :, None],
        Image.fromarray,
    ],
    ids=["tensor", "tensor-chw", "array", "array-hwc", "image"],
)
@pytest.mark.parametrize("labeled", [False, True])
def test_kinds_of_items(convert, labeled):
    items = [(convert(a), at % 3) if labeled else convert(a) for at, a in enumerate(GRAY)]
    found = gathered(items)
    assert torch.equal(found.inputs, torch.from_numpy(GRAY)[:, None])
    assert (found.labels is not None) == labeled
    if labeled:
        assert found.labels.tolist() == [at % 3 for at in range(12)]
    assert found.value_range == (0, 1)


@pytest.mark.parametrize("label", [1, np.int32(1), np.array(1), torch.tensor(1)])
def test_kinds_of_labels(label):
    assert gathered([(GRAY[0], label)]).labels.tolist() == [1]


@pytest.mark.parametrize("label", [-1, 1.0, "cat", True, torch.tensor([1, 0]), None])
def test_labels_that_are_no_class_numbers(label):
    with pytest.raises(DataError, match="label of item 1 is no class number"):
        gathered([(GRAY[0], 0), (GRAY[1], label)])


def test_floats_and_their_range():
    items = [torch.tensor([0.5, -2.0], dtype=torch.float64), torch.tensor([1.0, 3.0]).double()]
    found = gathered(items)
    assert found.inputs.dtype == torch.float32
    assert found.value_range == (-2, 3)
    assert gathered([torch.zeros(2, dtype=torch.bfloat16)]).inputs.dtype == torch.float32


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([], "no items"),
        ([GRAY[0], GRAY[1][:3]], r"item 1; got shape \[1, 3, 5\].*expected shape \[1, 4, 5\]"),
        ([GRAY[0], GRAY[1].astype(float)], "item 1; got shape .* torch.float32"),
        ([GRAY[0].astype(int)], "item 0 has a number type"),
        ([np.zeros(3), np.array([0, np.nan, 0])], "not finite, in example 1"),
        ([(GRAY[0], 0), GRAY[1]], "item 1 is unlike"),
        ([GRAY[0], (GRAY[1], 0)], "item 1 is unlike"),
        (["text"], "item 0 holds no example; got str"),
        ([np.float64(3)], "item 0 holds no example"),
    ],
)
def test_items_that_do_not_fit(items, message):
    with pytest.raises(DataError, match=message):
        gathered(items)


@pytest.mark.parametrize("workers", [0, 1])
def test_streamed_items_are_the_same(workers):
    items = TensorDataset(torch.from_numpy(GRAY), torch.arange(12) % 2)
    batches = []
    for in_memory in ("always", "never"):
        config = DataConfig(dataset="given", in_memory=in_memory, workers=workers, held_out=0.2)
        dataset = given_dataset(items, config=config, seed=0)
        assert isinstance(dataset.inputs, torch.Tensor) == (in_memory == "always")
        batches.append(list(epoch_batches(dataset, config, epoch=1, batch_size=4, seed=0)))
    for ours, theirs in zip(*batches, strict=True):
        assert torch.equal(ours.inputs, theirs.inputs)
        assert torch.equal(ours.labels, theirs.labels)


def test_an_item_that_changes_while_streamed_is_found():
    source = gathered([GRAY[0], GRAY[1]], most_bytes=0).inputs
    source._items.items[1] = GRAY[1][:2]
    with pytest.raises(DataError, match="item 1"):
        source.read(np.array([1]))
