"""Reading arrays at the border of the package: each function here names the array it refuses.

Shapes used in the whole package: N points, D latent dimensions, K neighbors, C components,
M images of channels x height x width.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from latelier.config.errors import DataError, ShapeError

Floats: TypeAlias = npt.NDArray[np.floating[Any]]
Integers: TypeAlias = npt.NDArray[np.integer[Any]]
Bytes: TypeAlias = npt.NDArray[np.uint8]


def finite_array(name: str, values: npt.ArrayLike, *, dims: int) -> npt.NDArray[np.float64]:
    """Read an array of finite numbers as float64.

    Args:
        name: What the error calls the array.
        values: Anything NumPy can read without copying from a device.
        dims: The number of axes it must have.

    Returns:
        The same numbers in float64; shape as given.

    Raises:
        ShapeError: If the number of axes differs or the first axis is empty.
        DataError: If a value is NaN or infinite; the message names the first row.
    """
    array = np.ascontiguousarray(values, dtype=np.float64)
    if array.ndim != dims or array.shape[0] == 0:
        raise ShapeError(
            f"{name} has shape {list(array.shape)}", expected=f"{dims} axes, the first not empty"
        )
    if not np.isfinite(array).all():
        row = int(np.argmin(np.isfinite(array).reshape(len(array), -1).all(axis=1)))
        raise DataError(
            f"{name} is not finite at row {row}",
            got=str(array[row]),
            expected="finite numbers",
            remedy="Look at the objective of the steps before: the model has diverged.",
        )
    return array


def index_array(name: str, values: npt.ArrayLike, *, count: int) -> npt.NDArray[np.int64]:
    """Read one integer per point.

    Args:
        name: What the error calls the array.
        values: The integers, [N].
        count: N.

    Returns:
        The same numbers in int64, [N].

    Raises:
        ShapeError: If there is not one per point.
        DataError: If the numbers are not integers.
    """
    array = np.asarray(values)
    if array.shape != (count,):
        raise ShapeError(f"{name} has shape {list(array.shape)}", expected=f"[{count}]")
    if not np.issubdtype(array.dtype, np.integer):
        raise DataError(f"{name} holds {array.dtype}", expected="integers")
    return array.astype(np.int64)


def point_keys(values: npt.ArrayLike | None, *, count: int) -> npt.NDArray[np.int64]:
    """Read the `dataset_idx` of each point; the row numbers where none are given.

    Args:
        values: Indices into the data set, [N], each once; or None.
        count: N.

    Returns:
        The indices in int64, [N].

    Raises:
        ShapeError: If there is not one per point.
        DataError: If an index occurs twice.
    """
    if values is None:
        return np.arange(count, dtype=np.int64)
    keys = index_array("dataset_idx", values, count=count)
    ordered = np.sort(keys)
    twice = ordered[:-1][ordered[1:] == ordered[:-1]]
    if twice.size:
        raise DataError(
            "dataset_idx names a point twice", got=int(twice[0]), expected="each point once"
        )
    return keys


def shortened(values: npt.ArrayLike, digits: int) -> npt.NDArray[np.float32]:
    """Round values to significant digits, for short JSON.

    Args:
        values: Any shape; NaN stays NaN, and what is not finite or too small otherwise is 0.
        digits: How many significant digits are kept.

    Returns:
        The same numbers as float32, in the same shape.
    """
    given = np.asarray(values, dtype=np.float64)
    size = np.abs(given)
    known = np.isfinite(given) & (size > np.finfo(np.float32).tiny)
    exponent = np.floor(np.log10(np.where(known, size, 1.0)))
    scale = 10.0 ** (digits - 1 - exponent)
    rest = np.where(np.isnan(given), np.nan, 0.0)
    return np.where(known, np.rint(given * scale) / scale, rest).astype(np.float32)
