"""How far a place of a 2-D map can be trusted to show what the model would make of it.

Shapes: W × H cells, N points. Three parts, each from 0 (no trust) to 1, each monotone.

| part | from | map |
| --- | --- | --- |
| density | p, density of the encoded data | p / (p + p0): 1/2 at the data's own thin edge p0 |
| cycle | e, relative cycle error | 1 / (1 + (e / 0.5)²): 1/2 at half the latents' radius |
| distortion | r, stretch of the map | 1 / (1 + (ln(r / r0) / ln 2)²): 1/2 at twice or half r0 |

p0 is the `EDGE_SHARE` quantile of the density at the points themselves; r0 the median stretch of
the cells: a stretch that is the same everywhere distorts nothing. Trust is the geometric mean: it
rises with each part, and is 0 where one is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from latelier.analysis.arrays import Floats, finite_array
from latelier.analysis.grid import Grid, defined_stats, stored
from latelier.config.errors import DataError, ShapeError

EDGE_SHARE = 0.05
"""The density that this share of the points lies below is the edge of the data."""

HALF_CYCLE = 0.5
"""Relative cycle error at which its part is 1/2: the error over the radius of the latents."""

HALF_STRETCH = 2.0
"""Factor of stretch, up or down, at which its part is 1/2."""


@dataclass(frozen=True, eq=False)
class Trust:
    """Trust on a grid; see `trust`.

    Attributes:
        grid: The cells.
        values: [H, W] in 0..1; NaN where the cycle error is not known.
        density: Part of the data's density, [H, W].
        cycle: Part of the cycle error, [H, W]; NaN where that is not known.
        distortion: Part of the map's stretch, [H, W]; 0 where no point is near enough to
            measure it, NaN everywhere where none was measured at all.
        count: Number of points that the density is of.
        edge: p0.
    """

    grid: Grid
    values: Floats
    density: Floats
    cycle: Floats
    distortion: Floats
    count: int
    edge: float

    def payload(self) -> dict[str, Any]:
        """Return the JSON form; whoever knows the map adds its method."""
        parts = {"density": self.density, "cycle": self.cycle, "distortion": self.distortion}
        return self.grid.payload() | {
            "values": stored(self.values),
            "stats": defined_stats(self.values),
            "parts": {name: stored(part) for name, part in parts.items()},
            "meta": {
                "subset_n": self.count,
                "density_edge": self.edge,
                "half_cycle": HALF_CYCLE,
                "half_stretch": HALF_STRETCH,
            },
        }


def trust(
    grid: Grid,
    density: npt.ArrayLike,
    cycle_error: npt.ArrayLike,
    distortion: npt.ArrayLike | None,
    *,
    edge: float,
    count: int,
) -> Trust:
    """Combine what is known about each cell of a map.

    Args:
        grid: The cells.
        density: Density of the encoded data, [H, W], not negative.
        cycle_error: Latent distance between a cell's code and what is encoded of its decoding,
            over the latents' radius, [H, W]; NaN where not measured.
        distortion: Stretch of the map, [H, W]; NaN where no point is near; None where it cannot
            be measured: then the other two parts count.
        edge: p0, the density at the data's thin edge; see `thin_edge`.
        count: Number of points that the density is of.

    Returns:
        Trust and its parts.

    Raises:
        ShapeError: If an array has another shape than the grid.
        DataError: If a density or an error is negative.
    """
    shape = (grid.height, grid.width)
    p, error = _cells("density", density, shape), _cells("cycle_error", cycle_error, shape)
    parts = [density_part(p, edge), cycle_part(error)]
    if distortion is None:
        stretch_part = np.full(shape, np.nan)
        values = np.prod(parts, axis=0) ** (1 / 2)
    else:
        stretch_part = distortion_part(_cells("distortion", distortion, shape))
        values = np.prod([*parts, stretch_part], axis=0) ** (1 / 3)
    return Trust(grid, values, parts[0], parts[1], stretch_part, count, edge)


def density_part(density: npt.ArrayLike, edge: float) -> Floats:
    """Return p / (p + edge), any shape; 0 where both are 0."""
    p = np.asarray(density, dtype=np.float64)
    total = p + edge
    return np.where(total > 0, p / np.where(total > 0, total, 1.0), 0.0)


def cycle_part(error: npt.ArrayLike) -> Floats:
    """Return 1 / (1 + (error / `HALF_CYCLE`)²), any shape; NaN stays NaN."""
    relative = np.asarray(error, dtype=np.float64) / HALF_CYCLE
    return np.asarray(1.0 / (1.0 + relative**2))


def distortion_part(stretch: npt.ArrayLike) -> Floats:
    """Return 1 / (1 + (ln(r / r0) / ln `HALF_STRETCH`)²), r0 the median of the known values.

    Args:
        stretch: r, any shape; NaN where it is not known.

    Returns:
        Values in 0..1; 0 where the stretch is not known, or is 0.
    """
    r = np.asarray(stretch, dtype=np.float64)
    known = np.isfinite(r) & (r > 0)
    middle = float(np.median(r[known])) if known.any() else 1.0
    octaves = np.log(np.where(known, r, middle) / middle) / np.log(HALF_STRETCH)
    return np.where(known, 1.0 / (1.0 + octaves**2), 0.0)


def thin_edge(grid: Grid, density: npt.ArrayLike, points: npt.ArrayLike) -> float:
    """Find the density at the data's own thin edge.

    Args:
        grid: The cells of the density.
        density: [H, W].
        points: Coordinates of the points, [N, 2]; those outside the grid count as density 0.

    Returns:
        The `EDGE_SHARE` quantile of the density in the points' cells; the smallest positive one
        where that is 0, and 0 where all are.
    """
    cells = grid.index_of(finite_array("points", points, dims=2))
    flat = np.asarray(density, dtype=np.float64).reshape(-1)
    met = np.where(cells >= 0, flat[np.maximum(cells, 0)], 0.0)
    edge = float(np.quantile(met, EDGE_SHARE))
    positive = met[met > 0]
    return edge if edge > 0 or not positive.size else float(positive.min())


def _cells(name: str, values: npt.ArrayLike, shape: tuple[int, int]) -> Floats:
    table = np.asarray(values, dtype=np.float64)
    if table.size != shape[0] * shape[1]:
        raise ShapeError(f"{name} has shape {list(table.shape)}", expected=str(list(shape)))
    if (table < 0).any():
        raise DataError(f"{name} is negative", got=float(np.nanmin(table)), expected="0 or more")
    return table.reshape(shape)
