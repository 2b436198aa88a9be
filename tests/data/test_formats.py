from __future__ import annotations

import struct

import numpy as np
import pytest

from latelier.config.errors import DataError
from latelier.data.formats import (
    CIFAR_FILES,
    IDX_FILES,
    cifar_batch,
    decode_cifar,
    decode_idx,
    parse_idx,
)


def test_idx_round_trip(idx):
    array = np.arange(24).reshape(2, 3, 4)
    assert np.array_equal(parse_idx(idx(array), "x"), array)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\0\x08",
        b"\0\0\x08\0",
        b"\0\0\x0d\x01" + struct.pack(">I", 1) + b"1234",  # floats
        b"\0\0\x08\x03" + struct.pack(">I", 1),
    ],
)
def test_what_is_no_idx_file(data):
    with pytest.raises(DataError, match="x is no IDX file"):
        parse_idx(data, "x")


@pytest.mark.parametrize("change", [lambda d: d[:-1], lambda d: d + b"\0"])
def test_an_idx_file_of_another_length(change, idx):
    with pytest.raises(DataError, match=r"wrong length; got .* 2 × 3"):
        parse_idx(change(idx(np.zeros((2, 3)))), "x")


def test_training_part_comes_first(idx_parts):
    decoded = decode_idx(idx_parts)
    assert decoded.inputs.shape == (9, 1, 4, 4)
    assert decoded.train_part == 6
    assert decoded.labels.tolist() == [0, 1, 2, 0, 1, 2, 0, 1, 2]
    assert np.array_equal(decoded.inputs[6:, 0], parse_idx(idx_parts[IDX_FILES[2]], "x"))


def test_as_many_labels_as_images(idx, idx_parts):
    parts = idx_parts | {IDX_FILES[3]: idx(np.zeros(4))}
    with pytest.raises(DataError, match=r"6 \+ 3 images, 6 \+ 4 labels"):
        decode_idx(parts)


def test_cifar_batches_are_planar():
    rng = np.random.default_rng(2)
    pixels = rng.integers(0, 256, (6, 2, 1024, 3), dtype=np.uint8)
    labels = rng.integers(0, 10, (6, 2))
    parts = {
        name: cifar_batch(pixels[at], labels[at].tolist()) for at, name in enumerate(CIFAR_FILES)
    }
    decoded = decode_cifar(parts)
    assert decoded.train_part == 10
    assert decoded.labels.tolist() == labels.ravel().tolist()
    expected = pixels.reshape(12, 32, 32, 3).transpose(0, 3, 1, 2)
    assert np.array_equal(decoded.inputs, expected)
    with pytest.raises(DataError, match=r"test_batch\.bin has the wrong length"):
        decode_cifar(parts | {"test_batch.bin": b"12"})
