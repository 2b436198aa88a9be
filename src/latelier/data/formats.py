"""File formats of the classic image sets: IDX (MNIST) and CIFAR-10's binary batches.

Shapes: N images of C×H×W; training images come first.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from latelier.config.errors import DataError

Parts = Mapping[str, bytes]  # name of a file of the canonical set -> its bytes, decompressed

IDX_FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
CIFAR_FILES = (*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin")
_CIFAR_RECORD = 1 + 3 * 32 * 32  # a label, then the red, green and blue planes


@dataclass(frozen=True)
class Decoded:
    """A whole set: [N, C, H, W] uint8, [N] int64, and how many of them are its training part."""

    inputs: NDArray[np.uint8]
    labels: NDArray[np.int64]
    train_part: int


def parse_idx(data: bytes, name: str) -> NDArray[np.uint8]:
    """Parse an IDX file of unsigned bytes into an array of the shape it states.

    Raises:
        DataError: If the head or the length is not that of such a file.
    """
    axes = data[3] if len(data) >= 4 else 0
    if data[:3] != b"\0\0\x08" or axes == 0 or len(data) < 4 + 4 * axes:
        raise DataError(
            f"{name} is no IDX file of bytes", got=f"head {data[:4]!r}", expected="00 00 08 <axes>"
        )
    shape = struct.unpack_from(f">{axes}I", data, 4)
    body = np.frombuffer(data, dtype=np.uint8, offset=4 + 4 * axes)
    if body.size != np.prod(shape, dtype=np.int64):
        raise DataError(
            f"{name} has the wrong length",
            got=f"{body.size} values",
            expected=f"{' × '.join(map(str, shape))} as its head says",
        )
    return body.reshape(shape)


def decode_idx(parts: Parts) -> Decoded:
    """Decode the four IDX files of MNIST or Fashion-MNIST."""
    train_x, train_y, test_x, test_y = (parse_idx(parts[name], name) for name in IDX_FILES)
    if len(train_x) != len(train_y) or len(test_x) != len(test_y):
        raise DataError(
            "the IDX files disagree on the number of examples",
            got=f"{len(train_x)} + {len(test_x)} images, {len(train_y)} + {len(test_y)} labels",
        )
    return Decoded(
        np.concatenate([train_x, test_x])[:, None],
        np.concatenate([train_y, test_y]).astype(np.int64),
        len(train_x),
    )


def decode_cifar(parts: Parts) -> Decoded:
    """Decode CIFAR-10's five training batches and its test batch."""
    batches = []
    for name in CIFAR_FILES:
        if len(parts[name]) % _CIFAR_RECORD:
            raise DataError(
                f"{name} has the wrong length",
                got=f"{len(parts[name])} bytes",
                expected=f"a multiple of {_CIFAR_RECORD}",
            )
        batches.append(np.frombuffer(parts[name], dtype=np.uint8).reshape(-1, _CIFAR_RECORD))
    records = np.concatenate(batches)
    return Decoded(
        np.ascontiguousarray(records[:, 1:]).reshape(-1, 3, 32, 32),
        records[:, 0].astype(np.int64),
        len(records) - len(batches[-1]),
    )


def cifar_batch(pixels: NDArray[Any], labels: list[int]) -> bytes:
    """Rebuild one of CIFAR-10's binary batches.

    Args:
        pixels: [N, 1024, 3] uint8: each image's pixels in reading order, as RGB.
        labels: Its N labels.
    """
    planes = pixels.transpose(0, 2, 1).reshape(len(pixels), -1)
    column = np.array(labels, dtype=np.uint8)[:, None]
    return np.concatenate([column, planes], axis=1).tobytes()
