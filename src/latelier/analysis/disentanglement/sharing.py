"""Which dimensions a pair shares, by what changed between its halves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from latelier.analysis.arrays import Floats, Integers
from latelier.config.errors import DataError, ShapeError


@dataclass(frozen=True, eq=False)
class SharedDimensions:
    """Shares of pairs; for a perfect code a dimension is shared unless its factor changed.

    Attributes:
        dimension: Share of the pairs that share each dimension, [D].
        by_factor: The same among the pairs in which a factor changed, [F, D]; NaN for a factor
            that changed in none.
        pairs: How many pairs each row of `by_factor` is made of, [F].
    """

    dimension: Floats
    by_factor: Floats
    pairs: Integers


def shared_dimensions(shared: npt.ArrayLike, changed: npt.ArrayLike) -> SharedDimensions:
    """Count which dimensions pairs share.

    Args:
        shared: Whether a pair shares a dimension, [P, D] bool.
        changed: Whether a factor differs between the halves of a pair, [P, F] bool; several may.

    Raises:
        ShapeError: If they are no tables of as many pairs.
        DataError: If there is no pair.

    Example:
        >>> counted = shared_dimensions([[True, False], [True, True]], [[True], [False]])
        >>> counted.dimension.tolist(), counted.by_factor.tolist(), counted.pairs.tolist()
        ([1.0, 0.5], [[1.0, 0.0]], [1])
    """
    same, differs = np.asarray(shared, dtype=bool), np.asarray(changed, dtype=bool)
    if same.ndim != 2 or differs.ndim != 2 or len(same) != len(differs):
        raise ShapeError(
            "shared and changed are no tables of the same pairs",
            got=f"{list(same.shape)} and {list(differs.shape)}",
            expected="[P, D] and [P, F]",
        )
    if len(same) == 0:
        raise DataError("no pair to count", expected="at least one")
    pairs = differs.sum(axis=0)
    counts = differs.T.astype(np.float64) @ same
    by_factor = np.divide(
        counts, pairs[:, None], out=np.full(counts.shape, np.nan), where=pairs[:, None] > 0
    )
    return SharedDimensions(same.mean(axis=0), by_factor, pairs)
