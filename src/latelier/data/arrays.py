"""Arrays from the outside, checked: examples become uint8 or float32, labels int64.

Shapes: N examples; images come as [N, H, W], [N, C, H, W] or [N, H, W, C], vectors as [N, D].
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from latelier.config.errors import DataError

CHANNELS = (1, 3)
_CHUNK = 4096  # examples looked at together, so that a check needs little memory


def checked_inputs(array: NDArray[Any], what: str) -> tuple[NDArray[Any], tuple[float, float]]:
    """Check examples and bring them into the form in which they are stored.

    Args:
        array: uint8 (meaning 0..255) or floating point; [N, D], [N, H, W] (gray), [N, C, H, W], or
            [N, H, W, C] with C = 1 or 3.
        what: Name of the array, for messages.

    Returns:
        The examples, [N, D] or [N, C, H, W], uint8 or float32, and their value range: (0, 1) where
        all lie within it (uint8 always does, as fed), else their least and greatest value.

    Raises:
        DataError: If there are no examples, or their type, shape or values cannot be used.
    """
    if array.ndim < 2 or 0 in array.shape:
        raise DataError(
            f"{what} has no examples" if 0 in array.shape else f"{what} is not a set of examples",
            got=f"an array of shape {list(array.shape)}",
            expected="[N, D], [N, H, W] or [N, C, H, W], none of them 0",
        )
    stored = channels_first(as_stored(array, what), what)
    if stored.dtype == np.uint8:
        return stored, (0.0, 1.0)
    return stored, _value_range(stored, what)


def as_stored(array: NDArray[Any], what: str) -> NDArray[Any]:
    """Return the array as uint8 or float32; DataError for any other kind of number."""
    if array.dtype == np.uint8:
        return array
    if np.issubdtype(array.dtype, np.floating):
        with np.errstate(over="ignore"):  # what overflows is infinite, and found as such
            return array.astype(np.float32, copy=False)
    raise DataError(
        f"{what} has a number type whose scale is unknown",
        got=str(array.dtype),
        expected="uint8 (0..255) or floating point",
        remedy="Convert it: `x.astype(numpy.uint8)` if it holds 0..255, "
        "else scale it to floats in [0, 1].",
    )


def channels_first(array: NDArray[Any], what: str) -> NDArray[Any]:
    """Return images as [N, C, H, W]; vectors, and arrays of five axes or more, stay as they are.

    Raises:
        DataError: If both axis 1 and the last could be the channels.
    """
    if array.ndim == 3:
        return array[:, None]
    if array.ndim != 4 or array.shape[3] not in CHANNELS:
        return array
    if array.shape[1] in CHANNELS:
        raise DataError(
            f"{what} may have its channels first or last",
            got=f"shape {list(array.shape)}",
            expected="[N, C, H, W] or [N, H, W, C] with only one axis of 1 or 3",
            remedy="Leave out the channel axis of gray images, or pad the images.",
        )
    return np.ascontiguousarray(array.transpose(0, 3, 1, 2))


def _value_range(array: NDArray[Any], what: str) -> tuple[float, float]:
    least, greatest = np.inf, -np.inf
    for start in range(0, len(array), _CHUNK):
        part = array[start : start + _CHUNK]
        check_finite(part, what, first=start)
        least, greatest = min(least, float(part.min())), max(greatest, float(part.max()))
    return unit_or(least, greatest)


def unit_or(least: float, greatest: float) -> tuple[float, float]:
    """Return (0, 1) if both values lie within it, else the values themselves."""
    return (0.0, 1.0) if least >= 0 and greatest <= 1 else (least, greatest)


def check_finite(part: NDArray[Any], what: str, *, first: int) -> None:
    """Raise DataError, naming the example, if a value is NaN or infinite.

    Args:
        part: Examples, [M, …].
        what: Name of the array, for messages.
        first: Index of the first of them.
    """
    bad = ~np.isfinite(part.reshape(len(part), -1)).all(axis=1)
    if bad.any():
        at = int(np.argmax(bad))
        values = part[at].ravel()
        raise DataError(
            f"{what} has a value that is not finite, in example {first + at}",
            got=str(values[~np.isfinite(values)][0]),
            expected="finite float32 values",
            remedy="Remove or repair that example.",
        )


def checked_labels(array: NDArray[Any], count: int, what: str) -> NDArray[np.int64]:
    """Check labels and return them as int64.

    Args:
        array: Integers from 0, [N].
        count: Number of examples N.
        what: Name of the array, for messages.

    Raises:
        DataError: If the shape, type or range does not fit.
    """
    if array.shape != (count,):
        raise DataError(
            f"{what} does not match the examples",
            got=f"shape {list(array.shape)}",
            expected=f"[{count}], one label per example",
            remedy="Turn one-hot rows into labels with argmax." if array.ndim == 2 else None,
        )
    if not np.issubdtype(array.dtype, np.integer):
        raise DataError(
            f"{what} are no integers",
            got=str(array.dtype),
            expected="integer labels 0..K−1",
            remedy="Number the classes from 0.",
        )
    labels = array.astype(np.int64)
    outside = (labels < 0) | (labels >= count)
    if outside.any():
        at = int(np.argmax(outside))
        raise DataError(
            f"{what} are out of range, first at example {at}",
            got=int(labels[at]),
            expected=f"labels 0..K−1 for K classes, each with an example (there are {count})",
            remedy="Number the classes from 0, without gaps.",
        )
    return labels
