"""Examples that stay outside memory: what a batch is read from, row by row.

Shapes: N examples, each of shape S = C×H×W (images) or D (vectors).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Rows = NDArray[np.int64]


class Streamed(Protocol):
    """A source of stored examples: uint8 (0..255) or float32, all of one shape."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of all of it, [N, *S]."""
        ...

    @property
    def dtype(self) -> torch.dtype:
        """torch.uint8 or torch.float32."""
        ...

    def read(self, rows: Rows) -> Tensor:
        """Return the named rows, [B, *S], as stored."""
        ...


def nbytes(source: Streamed | Tensor) -> int:
    """Return the size of all examples in bytes, as stored."""
    return int(np.prod(source.shape, dtype=np.int64)) * source.dtype.itemsize


class ArraySource:
    """Rows of a numpy array that is already there."""

    def __init__(self, array: NDArray[Any]) -> None:
        self._array = array
        self.shape: tuple[int, ...] = array.shape
        self.dtype = torch.uint8 if array.dtype == np.uint8 else torch.float32

    def read(self, rows: Rows) -> Tensor:
        """Return the named rows, [B, *S], as stored."""
        return torch.from_numpy(self._array[rows])


class NpyFile:
    """Rows of an .npy file, mapped and not read; each process opens it for itself."""

    def __init__(self, path: Path, shape: tuple[int, ...], dtype: torch.dtype) -> None:
        self.path = path
        self.shape = shape
        self.dtype = dtype
        self._map: NDArray[Any] | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_map": None}

    def read(self, rows: Rows) -> Tensor:
        """Return the named rows, [B, *S], as stored."""
        if self._map is None:
            self._map = np.load(self.path, mmap_mode="r", allow_pickle=False)
        return torch.from_numpy(self._map[rows])

    def tensor(self, *, read_now: bool) -> Tensor:
        """Return all rows, [N, *S].

        Args:
            read_now: Read the file; otherwise its pages are mapped (private to the process, shared
                between processes in memory) and come in when first touched, in no time.
        """
        return torch.from_numpy(
            np.load(self.path, mmap_mode=None if read_now else "c", allow_pickle=False)
        )


class ItemsSource:
    """Rows of a map-style torch dataset, converted one by one."""

    def __init__(
        self,
        items: Any,
        convert: Callable[[Any, int], Tensor],
        shape: tuple[int, ...],
        dtype: torch.dtype,
    ) -> None:
        self._items = items
        self._convert = convert
        self.shape = shape
        self.dtype = dtype

    def read(self, rows: Rows) -> Tensor:
        """Return the named rows, [B, *S], as stored."""
        return torch.stack([self._convert(self._items[row], row) for row in rows.tolist()])
