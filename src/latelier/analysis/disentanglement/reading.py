"""Codes and factors at the border of the package: what every score asks of them.

Shapes used in the whole package: N examples, D latent dimensions, F factors, B bins.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from latelier.analysis.arrays import Floats, Integers, finite_array
from latelier.config.errors import DataError, ShapeError

LEAST_EXAMPLES = 50
"""Examples below which no score means anything."""

Encode: TypeAlias = Callable[[Integers], npt.ArrayLike]
"""Codes on request: row numbers [M] of the factors' table → codes [M, D]."""

CodeSource: TypeAlias = npt.ArrayLike | Encode
"""Codes of all rows, [N, D], or a function that encodes the rows it is asked for."""


@dataclass(frozen=True, eq=False)
class Coded:
    """Codes and factors that fit each other.

    Attributes:
        codes: [N, D] float64, finite.
        factors: [N, F] int64: the values of each factor renumbered 0, 1, … in their order.
        sizes: How many values each factor takes, [F], 2 or more.
    """

    codes: npt.NDArray[np.float64]
    factors: npt.NDArray[np.int64]
    sizes: tuple[int, ...]


def read(codes: npt.ArrayLike, factors: npt.ArrayLike, *, least_factors: int = 1) -> Coded:
    """Check codes [N, D] and factors [N, F] against each other.

    Raises:
        ShapeError: If they have other axes, or different numbers of rows.
        DataError: If a code is not finite, a factor is constant or no integer, there are fewer
            than `LEAST_EXAMPLES` rows, or fewer than `least_factors` factors.
    """
    points = finite_array("codes", codes, dims=2)
    values, sizes = read_factors(factors, least_factors=least_factors)
    if len(points) != len(values):
        raise ShapeError(
            "codes and factors differ in their rows", got=f"{len(points)} and {len(values)}"
        )
    if points.shape[1] == 0:
        raise ShapeError("codes has no dimension", got=list(points.shape), expected="[N, D]")
    return Coded(points, values, sizes)


def read_factors(
    factors: npt.ArrayLike, *, least_factors: int = 1
) -> tuple[npt.NDArray[np.int64], tuple[int, ...]]:
    """Check a table of factors [N, F]; see `Coded` for what is returned, and `read` for errors."""
    table = np.asarray(factors)
    if table.ndim != 2:
        raise ShapeError("factors has another shape", got=list(table.shape), expected="[N, F]")
    if not np.issubdtype(table.dtype, np.integer):
        raise DataError(f"factors holds {table.dtype}", expected="integers")
    if len(table) < LEAST_EXAMPLES:
        raise DataError("too few examples to score", got=len(table), expected=f"{LEAST_EXAMPLES}+")
    if table.shape[1] < least_factors:
        raise DataError(
            "too few factors for this score",
            got=table.shape[1],
            expected=f"{least_factors} or more",
        )
    columns = [np.unique(column, return_inverse=True) for column in table.T]
    constant = [number for number, (found, _) in enumerate(columns) if len(found) < 2]
    if constant:
        raise DataError(
            f"factor {constant[0]} is constant", expected="at least two values of every factor"
        )
    numbered = np.stack([inverse.reshape(-1) for _, inverse in columns], axis=1).astype(np.int64)
    return numbered, tuple(len(found) for found, _ in columns)


def scorable(factors: npt.ArrayLike, *, least_factors: int = 1) -> bool:
    """Tell whether codes of these examples can be scored: enough of them, no factor constant."""
    table = np.asarray(factors)
    return (
        len(table) >= LEAST_EXAMPLES
        and table.shape[1] >= least_factors
        and bool((table.max(axis=0) > table.min(axis=0)).all())
    )


def codes_of(source: CodeSource, rows: Integers) -> Floats:
    """Return the codes of rows [...], which may repeat, as [..., D]; each is encoded once."""
    needed, place = np.unique(rows, return_inverse=True)
    encode = source if callable(source) else np.asarray(source, dtype=np.float64).__getitem__
    codes = finite_array("codes", encode(needed), dims=2)
    if len(codes) != len(needed):
        raise ShapeError("encode returned another number of rows", got=len(codes))
    return codes[place.reshape(rows.shape)]
