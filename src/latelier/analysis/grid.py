"""The grid of cells that densities, distortion and trust are drawn on.

Shapes: W cells across, H cells up. Values of cells are [H, W], the first row at the smallest
second coordinate; lengths are in the units of the map.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from latelier.analysis.arrays import Floats, Integers, finite_array, shortened
from latelier.config.errors import DataError, ShapeError

DIGITS = 6
"""Significant digits of a stored value."""


@dataclass(frozen=True, eq=False)
class Grid:
    """Cells of equal size over a box of a 2-D map.

    Attributes:
        width: Cells along the first axis, W.
        height: Cells along the second axis, H.
        low: Smallest coordinates, [2]: outer edges of the cells.
        high: Largest coordinates, [2].
    """

    width: int
    height: int
    low: Floats
    high: Floats

    def __post_init__(self) -> None:
        low, high = np.asarray(self.low, np.float64), np.asarray(self.high, np.float64)
        if low.shape != (2,) or high.shape != (2,):
            raise ShapeError(f"corners have shapes {low.shape} and {high.shape}", expected="(2,)")
        if self.width < 1 or self.height < 1:
            raise DataError(
                "a grid needs cells", got=f"{self.width} × {self.height}", expected="1 × 1 or more"
            )
        if not (np.isfinite([low, high]).all() and (low < high).all()):
            raise DataError(
                "the corners of a grid span no box",
                got=f"{low.tolist()} to {high.tolist()}",
                expected="finite, and low below high on both axes",
            )
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)

    @property
    def cell(self) -> Floats:
        """Width and height of a cell, [2]."""
        return np.asarray((self.high - self.low) / (self.width, self.height))

    @property
    def area(self) -> float:
        """The area of a cell."""
        return float(self.cell.prod())

    def axis_centers(self) -> tuple[Floats, Floats]:
        """Return the centers along each axis, [W] and [H]."""
        counts = (self.width, self.height)
        x, y = (
            low + (np.arange(count) + 0.5) * size
            for low, count, size in zip(self.low, counts, self.cell, strict=True)
        )
        return x, y

    def centers(self) -> Floats:
        """Return the center of each cell, row by row, [H · W, 2]."""
        x, y = self.axis_centers()
        return np.stack([np.tile(x, self.height), np.repeat(y, self.width)], axis=1)

    def index_of(self, points: npt.ArrayLike) -> Integers:
        """Find the cell that each point lies in.

        Args:
            points: Coordinates, [M, 2]. The upper and right outer edges belong to the grid.

        Returns:
            `row · W + column`, [M]; -1 outside.
        """
        inside_box = (finite_array("points", points, dims=2) - self.low) / (self.high - self.low)
        counts = np.array([self.width, self.height])
        places = np.minimum(np.floor(np.clip(inside_box, -1, 2) * counts), counts - 1)
        outside = ((inside_box < 0) | (inside_box > 1)).any(axis=1)
        found = places.astype(np.int64)
        return np.where(outside, -1, found[:, 1] * self.width + found[:, 0])

    def same_cells(self, other: Grid) -> bool:
        """Tell whether another grid has exactly these cells."""
        ours, theirs = ((grid.width, grid.height, *grid.low, *grid.high) for grid in (self, other))
        return ours == theirs

    def payload(self) -> dict[str, Any]:
        """Return the part of a JSON form that says where the cells are."""
        return {
            "grid": {"width": self.width, "height": self.height},
            "bounds": {"min": self.low, "max": self.high},
        }

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> Grid:
        """Read the grid of a stored artifact.

        Args:
            payload: Its JSON form; everything but `grid` and `bounds` is passed over.
        """
        cells, box = payload["grid"], payload["bounds"]
        low, high = np.asarray(box["min"], np.float64), np.asarray(box["max"], np.float64)
        return cls(int(cells["width"]), int(cells["height"]), low, high)

    def regrid(self, values: npt.ArrayLike, onto: Grid) -> Floats:
        """Average values over the cells of another grid.

        Args:
            values: One value per cell, [H, W]; NaN where undefined.
            onto: The other grid.

        Returns:
            Per cell of the other grid the mean of the defined values, weighted by the area that
            they share with it; NaN where it shares none with a defined one.
        """
        table = np.asarray(values, dtype=np.float64).reshape(self.height, self.width)
        across, up = _overlaps(self, onto, 0), _overlaps(self, onto, 1)
        known = np.isfinite(table)
        total = up @ np.where(known, table, 0.0) @ across.T
        weight = up @ known.astype(np.float64) @ across.T
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(weight > 0, total / weight, np.nan)


def stored(values: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """Round values to `DIGITS` significant digits, for short JSON.

    Args:
        values: Any shape; NaN stays NaN.

    Returns:
        The same numbers as float32, flat, row by row.
    """
    return shortened(values, DIGITS).reshape(-1)


def defined_stats(values: npt.ArrayLike) -> dict[str, float]:
    """Return smallest and largest of the defined values; NaN for both where none is."""
    table = np.asarray(values, dtype=np.float64)
    known = table[np.isfinite(table)]
    low, high = (known.min(), known.max()) if known.size else (np.nan, np.nan)
    return {"min": float(low), "max": float(high)}


def read_values(payload: Mapping[str, Any]) -> Floats:
    """Read the values of a stored grid, [H, W]; NaN where they are undefined."""
    cells = payload["grid"]
    table = np.array(payload["values"], dtype=np.float64)  # None becomes NaN
    return table.reshape(int(cells["height"]), int(cells["width"]))


def _overlaps(source: Grid, onto: Grid, axis: int) -> Floats:
    """Return the length that each cell of the one shares with each of the other, [to, from]."""
    from_edges, to_edges = _edges(source, axis), _edges(onto, axis)
    upper = np.minimum(to_edges[1:, None], from_edges[None, 1:])
    lower = np.maximum(to_edges[:-1, None], from_edges[None, :-1])
    return np.asarray(np.maximum(upper - lower, 0.0))


def _edges(grid: Grid, axis: int) -> Floats:
    count = (grid.width, grid.height)[axis]
    return np.linspace(grid.low[axis], grid.high[axis], count + 1)
