from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from latelier.config.data import DataConfig
from latelier.config.errors import DataError
from latelier.data import load_dataset
from latelier.data.npz import read_npz

X = np.random.default_rng(0).random((20, 4, 4))
Y = np.arange(20) % 2


def save(folder: Path, **arrays) -> Path:
    np.savez(folder / "data.npz", **arrays)
    return folder / "data.npz"


@pytest.mark.parametrize("keys", [("x", "y"), ("inputs", "labels")])
def test_named_pairs(keys, tmp_path):
    path = save(tmp_path, **dict(zip(keys, (X, Y), strict=True)), more=X[:1])
    x, y = read_npz(path)
    assert np.array_equal(x, X)
    assert np.array_equal(y, Y)


def test_without_labels(tmp_path):
    assert read_npz(save(tmp_path, x=X, other=Y))[1] is None
    x, y = read_npz(save(tmp_path, anything=X))
    assert np.array_equal(x, X)
    assert y is None


def test_unclear_names(tmp_path):
    with pytest.raises(DataError, match="got arrays a, b; expected x and y"):
        read_npz(save(tmp_path, a=X, b=Y))


def test_pickled_objects_are_not_read(tmp_path):
    hostile = np.array([{"a": 1}], dtype=object)
    with pytest.raises(DataError, match="pickled objects are never read"):
        read_npz(save(tmp_path, x=hostile))


@pytest.mark.parametrize("keep", [0, 10, 1000])
def test_damaged_files(tmp_path, keep):
    path = save(tmp_path, x=X)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(DataError, match=r"data\.npz cannot be read"):
        read_npz(path)


def test_a_changed_byte_is_found(tmp_path):
    path = save(tmp_path, x=X)
    data = bytearray(path.read_bytes())
    data[1000] ^= 1
    path.write_bytes(data)
    with pytest.raises(DataError, match="CRC"):
        read_npz(path)


def test_other_files(tmp_path):
    with pytest.raises(DataError, match="names no file"):
        read_npz(tmp_path / "none.npz")
    np.save(tmp_path / "one.npy", X)
    with pytest.raises(DataError, match="single array"):
        read_npz(tmp_path / "one.npy")


def test_as_a_data_set(tmp_path):
    config = DataConfig(dataset="npz", path=save(tmp_path, x=X, y=Y), held_out=0.2)
    dataset = load_dataset(config, seed=0)
    assert dataset.name == "npz"
    assert dataset.shape == (1, 4, 4)
    assert dataset.classes == 2
    assert len(dataset.held_out) == 4
    assert dataset.source == str(config.path)


def test_text_is_not_mistaken_for_a_pickle(tmp_path):
    path = tmp_path / "data.npz"
    path.write_text("hello")
    with pytest.raises(DataError, match="got a file of another kind"):
        read_npz(path)
