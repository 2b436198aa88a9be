"""Factors of variation: what an example was made from, and pairs of examples that share most of it.

Shapes: N examples, F factors, B examples in a batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from latelier.config.errors import DataError
from latelier.data.seeds import Stream, numpy_rng

Indices = NDArray[np.int64]
_ROUNDS = 200  # redraws until a partner lies in the allowed part; fails once in 10²⁰ at half of it


@dataclass(frozen=True, eq=False)
class FactorTable:
    """The factors of every example.

    Attributes:
        names: Name of each factor.
        sizes: How many values each factor takes, 2 or more.
        values: [N, F] int64, each in 0..size−1.
    """

    names: tuple[str, ...]
    sizes: tuple[int, ...]
    values: Indices

    def __post_init__(self) -> None:
        expected = [len(self.values), len(self.names)]
        if list(self.values.shape) != expected or len(self.sizes) != len(self.names):
            raise DataError(
                "factors do not fit their names",
                got=list(self.values.shape),
                expected=str(expected),
            )
        outside = (self.values < 0) | (self.values >= np.array(self.sizes))
        if outside.any():
            row, column = np.argwhere(outside)[0]
            raise DataError(
                f"factor {self.names[column]} of example {row} is outside its values",
                got=int(self.values[row, column]),
                expected=f"0 to {self.sizes[column] - 1}",
            )

    @classmethod
    def of_grid(cls, sizes: dict[str, int]) -> FactorTable:
        """Return the table of a complete grid, row-major: the last factor varies fastest."""
        shape = tuple(sizes.values())
        values = np.stack(np.unravel_index(np.arange(int(np.prod(shape))), shape), axis=1)
        return cls(tuple(sizes), shape, values.astype(np.int64))

    @cached_property
    def is_grid(self) -> bool:
        """Whether there is every combination once, in row-major order."""
        if len(self.values) != int(np.prod(self.sizes)):
            return False
        return bool(np.array_equal(self.rows_of(self.values), np.arange(len(self.values))))

    def rows_of(self, values: Indices) -> Indices:
        """Return the dataset_idx, [B], of combinations [B, F] of a complete grid."""
        rows: Indices = np.ravel_multi_index(tuple(values.T), self.sizes).astype(np.int64)
        return rows


def check_pairs(table: FactorTable | None, name: str, changed: int | None) -> FactorTable:
    """Return the table if pairs can be drawn from it.

    Args:
        table: Factors of the data, or None.
        name: Name of the data set, for the message.
        changed: How many factors shall differ; None for any number.

    Raises:
        DataError: If there are no factors, combinations are missing, or too many shall differ.
    """
    if table is None:
        raise DataError(
            "data.pairs needs data whose factors are known",
            got=f"the data set {name}",
            expected="factors, dsprites or shapes3d",
            remedy="Choose one of them, or set data.pairs=off.",
        )
    if not table.is_grid:
        raise DataError(
            f"the factors of {name} are no complete grid, so partners may be missing",
            got=f"{len(table.values)} examples",
            expected=f"{int(np.prod(table.sizes))}, every combination once in row-major order",
        )
    if changed is not None and changed >= len(table.sizes):
        raise DataError(
            "data.changed_factors leaves nothing to share",
            got=changed,
            expected=f"1 to {len(table.sizes) - 1}, fewer than the {len(table.sizes)} factors",
        )
    return table


def draw_partners(
    table: FactorTable,
    rows: Indices,
    *,
    changed: int | None,
    allowed: NDArray[np.bool_] | None,
    seed: int,
    epoch: int,
) -> Indices:
    """Draw a partner for each example: some factors differ, all others are the same.

    Args:
        table: Factors, a complete grid.
        rows: dataset_idx of the examples, [M].
        changed: How many factors differ; None draws the number uniformly from 1 to F − 1 for each
            pair.
        allowed: Which examples may be partners, [N]; all when None.
        seed: Seed of the run.
        epoch: Epoch: with the seed it decides every draw.

    Returns:
        dataset_idx of the partners, [M].

    Raises:
        DataError: If an example finds no partner in the allowed part.

    Source:
        Locatello et al., arXiv:2002.02886, section 5 (k fixed or random).
    """
    rng = numpy_rng(seed, Stream.PAIRS, epoch)
    partners = _changed(table, rows, changed, rng)
    if allowed is None:
        return partners
    for _ in range(_ROUNDS):
        outside = np.flatnonzero(~allowed[partners])
        if not len(outside):
            return partners
        partners[outside] = _changed(table, rows[outside], changed, rng)
    raise DataError(
        "examples find no partner in the training part",
        got=f"{len(outside)} of {len(rows)} after {_ROUNDS} draws each",
        expected="most combinations of factors in the training part",
        remedy="Hold fewer examples out, and leave data.limit empty.",
    )


def _changed(
    table: FactorTable, rows: Indices, changed: int | None, rng: np.random.Generator
) -> Indices:
    """Return examples that differ from ``rows`` [M] in so many factors, drawn uniformly."""
    values = table.values[rows]
    count, factors = values.shape
    number = rng.integers(1, factors, size=(count, 1)) if changed is None else changed
    differs = rng.permuted(np.tile(np.arange(factors), (count, 1)), axis=1) < number
    sizes = np.array(table.sizes)
    # Moving on by 1 … size − 1 places hits each other value equally often.
    moved = (values + rng.integers(1, sizes, size=values.shape)) % sizes
    return table.rows_of(np.where(differs, moved, values))
