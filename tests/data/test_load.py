from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, IterableDataset, TensorDataset

from latelier.config.data import DataConfig
from latelier.config.errors import DataError
from latelier.data import given_dataset, load, load_dataset

X = np.random.default_rng(0).random((40, 4, 4), dtype=np.float32)
Y = np.arange(40) % 4


def given(data, *, seed=0, **settings):
    return given_dataset(data, config=DataConfig(dataset="given", **settings), seed=seed)


@pytest.mark.parametrize("name", ["mnist-5k", "digits"])
def test_embedded_sets(name):
    dataset = load_dataset(DataConfig(dataset=name), seed=0)
    assert dataset.is_image
    assert dataset.classes == 10
    assert dataset.label_names[3] == "3"
    assert dataset.value_range == (0, 1)
    assert len(dataset.held_out) == round(0.1 * len(dataset))
    assert isinstance(dataset.inputs, torch.Tensor)
    assert dataset.inputs.dtype == torch.uint8


def test_default_split_of_mnist_5k_is_even():
    dataset = load_dataset(DataConfig(), seed=3)
    assert torch.bincount(dataset.labels[dataset.train]).tolist() == [450] * 10
    assert torch.bincount(dataset.labels[dataset.held_out]).tolist() == [50] * 10


@pytest.mark.parametrize(
    "data",
    [
        (X, Y),
        (torch.from_numpy(X), torch.from_numpy(Y)),
        {"x": X, "y": Y},
        {"inputs": torch.from_numpy(X), "labels": Y.tolist()},
        TensorDataset(torch.from_numpy(X), torch.from_numpy(Y)),
    ],
    ids=["arrays", "tensors", "x-y", "inputs-labels", "torch-dataset"],
)
def test_ways_to_give_data(data):
    dataset = given(data)
    assert dataset.name == "given"
    assert dataset.shape == (1, 4, 4)
    assert torch.equal(dataset.inputs[:, 0], torch.from_numpy(X))
    assert dataset.labels.tolist() == Y.tolist()
    assert dataset.classes == 4
    assert len(dataset.train) == 36
    assert given(dataset, limit=3) is dataset


@pytest.mark.parametrize("data", [X, torch.from_numpy(X), {"x": X}])
def test_without_labels(data):
    dataset = given(data)
    assert dataset.labels is None
    assert dataset.classes is None
    assert len(dataset.train) == 36


class Endless(IterableDataset):
    def __iter__(self):
        return iter([])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([X, Y], "data is a list"),
        ((X, Y, Y), "data is a list, .* got tuple of 3"),
        ({"a": X}, "got the keys a"),
        ({"x": X, "z": Y}, "got the keys x, z"),
        ({"x": X.tolist()}, "x is no array"),
        (3, "got int; expected tensors"),
        (DataLoader(TensorDataset(torch.zeros(3))), r"Pass the loader's `\.dataset`"),
        (Endless(), "got Endless"),
        ((X, Y[:-1]), "y does not match"),
        ((X, Y.astype(float)), "y are no integers"),
        ((X, Y * 2), "3 of 7 classes have no training example"),
        (X.astype(int), "x has a number type whose scale is unknown"),
        (X[:0], "x has no examples"),
    ],
)
def test_data_that_cannot_be_used(data, message):
    with pytest.raises(DataError, match=message):
        given(data)


def test_a_class_that_a_limit_empties():
    with pytest.raises(DataError, match="1 of 4 classes"):
        given((X, Y), limit=3)


def test_label_noise_reaches_training_labels_only():
    dataset = given((X, Y), label_noise=0.5)
    changed = np.flatnonzero(dataset.labels.numpy() != Y)
    assert len(changed) == 18
    assert set(changed) <= set(dataset.train.tolist())
    with pytest.raises(DataError, match="has no labels"):
        given(X, label_noise=0.5)


def test_given_arrays_are_not_changed():
    labels = Y.copy()
    frozen = X.copy()
    frozen.flags.writeable = False
    dataset = given((frozen, labels), label_noise=1.0)
    dataset.inputs.fill_(2)
    assert np.array_equal(frozen, X)
    assert np.array_equal(labels, Y)


@pytest.mark.parametrize(("limit", "held"), [(X.nbytes + 1, True), (X.nbytes, False)])
def test_auto_holds_what_is_below_the_limit(limit, held, monkeypatch):
    monkeypatch.setattr(load, "IN_MEMORY_LIMIT", limit)
    for data in (X, TensorDataset(torch.from_numpy(X))):
        assert isinstance(given(data).inputs, torch.Tensor) == held
        assert isinstance(given(data, in_memory="always").inputs, torch.Tensor)
        assert not isinstance(given(data, in_memory="never").inputs, torch.Tensor)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dataset": "mnist5k"}, "Did you mean mnist-5k"),
        ({"dataset": "given"}, "no data was passed"),
        ({"dataset": "digits", "limit": 1618}, "got 1618; expected at most 1617"),
    ],
)
def test_settings_that_do_not_fit(settings, message):
    with pytest.raises(DataError, match=message):
        load_dataset(DataConfig(**settings), seed=0)


def test_the_split_follows_the_seed():
    first, again, other = (load_dataset(DataConfig(dataset="digits"), seed=s) for s in (0, 0, 1))
    assert torch.equal(first.train, again.train)
    assert not torch.equal(first.train, other.train)
