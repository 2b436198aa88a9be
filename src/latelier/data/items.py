"""Map-style torch datasets as examples: every item is looked at once, then gathered or streamed.

Shapes: N items; an item is x or (x, label), x a tensor, an array or an image.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from latelier.config.errors import DataError
from latelier.data.arrays import as_stored, channels_first, check_finite, unit_or
from latelier.data.images import is_color, pixels
from latelier.data.prepared import Progress
from latelier.data.streaming import ItemsSource, Streamed


@dataclass(frozen=True)
class Gathered:
    """What is in the items: inputs (in memory or streamed), labels [N] or None, value range."""

    inputs: Tensor | Streamed
    labels: NDArray[Any] | None
    value_range: tuple[float, float]


def gather_items(items: Any, *, most_bytes: float, progress: Progress | None = None) -> Gathered:
    """Look at every item of a map-style dataset, and hold them in memory if they fit.

    Args:
        items: Has `len()` and `[i]`; an item is x or (x, label). Streamed items should not be
            random, or a resumed run sees others; tensors have their channels first.
        most_bytes: Hold the examples in memory if they take fewer bytes.
        progress: Told how many items were read.

    Raises:
        DataError: If there are no items, or they differ in shape or type or cannot be used; the
            message names the item.
    """
    count = len(items)
    if count == 0:
        raise DataError(
            "the dataset has no items",
            got="a length of 0",
            expected="at least one",
            remedy="Look at where it reads from.",
        )
    first = _example(items[0], 0)
    shape, dtype = tuple(first.shape), first.dtype
    fits = count * math.prod(shape) * dtype.itemsize < most_bytes
    held = torch.empty((count, *shape), dtype=dtype) if fits else None
    labels: list[int] = []
    least, greatest = math.inf, -math.inf
    for at, (example, label) in enumerate(_checked(items, count, first)):
        if held is not None:
            held[at] = example
        if label is not None:
            labels.append(label)
        least, greatest = min(least, float(example.min())), max(greatest, float(example.max()))
        if len(labels) not in {0, at + 1}:
            raise DataError(
                "some items have labels and some have none",
                got=f"item {at} is unlike those before it: it has "
                + ("none" if label is None else "one"),
                expected="a label with every item, or with none",
                remedy="Let __getitem__ return (x, label) always, or x alone.",
            )
        if progress is not None:
            progress("items", at + 1, count)
    return Gathered(
        held if held is not None else _streamed(items, count, shape, dtype),
        np.array(labels, dtype=np.int64) if labels else None,
        (0.0, 1.0) if dtype == torch.uint8 else unit_or(least, greatest),
    )


def _checked(items: Any, count: int, first: Tensor) -> Iterator[tuple[Tensor, int | None]]:
    for at in range(count):
        item = items[at]
        example = _same(_example(item, at), at, tuple(first.shape), first.dtype)
        if example.dtype != torch.uint8:
            check_finite(example[None].numpy(), "the dataset", first=at)
        yield example, _label(item, at)


def _streamed(items: Any, count: int, shape: tuple[int, ...], dtype: torch.dtype) -> Streamed:
    return ItemsSource(items, _Converter(shape, dtype), (count, *shape), dtype)


@dataclass(frozen=True)
class _Converter:
    """Turns an item into its example; a class, so that loader processes can be sent it."""

    shape: tuple[int, ...]
    dtype: torch.dtype

    def __call__(self, item: Any, at: int) -> Tensor:
        return _same(_example(item, at), at, self.shape, self.dtype)


def _same(example: Tensor, at: int, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    if tuple(example.shape) != shape or example.dtype != dtype:
        raise DataError(
            f"items differ: item {at}",
            got=f"shape {list(example.shape)}, {example.dtype}",
            expected=f"shape {list(shape)}, {dtype}, as item 0",
            remedy="Bring all items to one shape and type.",
        )
    return example


def _example(item: Any, at: int) -> Tensor:
    """Return the example of an item, [C, H, W] or [D], uint8 or float32."""
    x = item[0] if isinstance(item, tuple | list) else item
    what = f"item {at}"
    if isinstance(x, Image.Image):
        return torch.from_numpy(pixels(x, what, color=is_color(x, what)).copy())
    if isinstance(x, Tensor):
        x = to_numpy(x)
        stored = as_stored(x, what)
        return torch.from_numpy(stored[None] if stored.ndim == 2 else stored)
    if isinstance(x, np.ndarray) and x.ndim > 0:
        return torch.from_numpy(channels_first(as_stored(x, what)[None], what)[0])
    raise DataError(
        f"{what} holds no example",
        got=type(x).__name__,
        expected="a tensor, an array or an image, alone or as (x, label)",
        remedy="Convert it in __getitem__, or pass arrays.",
    )


def to_numpy(tensor: Tensor) -> NDArray[Any]:
    """Return a tensor as an array on the CPU; half precision, which numpy lacks, as float32."""
    tensor = tensor.detach().cpu()
    return (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy()


def _label(item: Any, at: int) -> int | None:
    if not isinstance(item, tuple | list) or len(item) < 2:
        return None
    label = item[1]
    if isinstance(label, Tensor | np.ndarray | np.generic) and label.ndim == 0:
        label = label.item()
    if isinstance(label, bool) or not isinstance(label, int) or label < 0:
        raise DataError(
            f"the label of item {at} is no class number",
            got=label,
            expected="an integer 0..K−1",
            remedy="Number the classes from 0.",
        )
    return label
