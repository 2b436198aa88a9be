from __future__ import annotations

import numpy as np
import pytest
import torch

from latelier.config.data import DataConfig
from latelier.config.errors import DataError
from latelier.data import Dataset, given_dataset

X = np.arange(20 * 12, dtype=np.uint8).reshape(20, 3, 2, 2)


def dataset(x=X, **settings) -> Dataset:
    return given_dataset(x, config=DataConfig(dataset="given", **settings), seed=0)


@pytest.mark.parametrize("in_memory", ["always", "never"])
def test_examples_in_any_order(in_memory):
    rows = torch.tensor([7, 0, 7, 19])
    batch = dataset(in_memory=in_memory).examples(rows)
    assert torch.equal(batch.inputs, torch.from_numpy(X[rows.numpy()]) / 255)
    assert batch.inputs.dtype == torch.float32
    assert torch.equal(batch.indices, rows)
    assert batch.labels is None


@pytest.mark.parametrize("row", [-1, 20])
def test_examples_outside(row):
    with pytest.raises(DataError, match=rf"got {row}; expected a dataset_idx in 0\.\.19"):
        dataset().examples(torch.tensor([3, row]))


def test_bytes_become_exactly_zero_to_one():
    x = np.arange(256, dtype=np.uint8).reshape(256, 1)
    inputs = dataset(x).examples(torch.arange(256)).inputs[:, 0]
    assert torch.equal(inputs, torch.arange(256) / 255)
    assert inputs[-1] == 1


@pytest.mark.parametrize(
    ("shape", "image"), [((3, 4, 4), True), ((1, 4, 4), True), ((5, 4, 4), False), ((7,), False)]
)
def test_is_image(shape, image):
    assert dataset(np.zeros((20, *shape))).is_image == image


def test_on_a_device():
    here = torch.device("cpu")
    held = dataset()
    assert held.on(here) is held.inputs
    assert dataset(in_memory="never").on(here) is None
    elsewhere = torch.device("meta")
    assert held.on(elsewhere).device == elsewhere
    assert held.on(elsewhere) is held.on(elsewhere)


def test_what_is_large_is_not_copied_to_a_device(monkeypatch):
    monkeypatch.setattr("latelier.data.dataset.RESIDENT_LIMIT", X.nbytes - 1)
    assert dataset().on(torch.device("meta")) is None
