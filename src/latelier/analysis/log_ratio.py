"""Where the prior and the encoded data disagree: holes and spills.

Shapes: W × H cells of one grid; coordinates and areas in units of the map.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from latelier.analysis.arrays import Floats
from latelier.analysis.density import Density
from latelier.analysis.grid import Grid, defined_stats, stored
from latelier.config.errors import DataError

COVERED_SHARE = 0.99
"""The floor leaves this share of each density's mass above it."""

THRESHOLD = float(np.log(3.0))
"""A region counts where one density is more than three times the other."""

SMALLEST_MASS = 0.001
"""A region of less mass is a speck."""

MAX_REGIONS = 12
"""How many holes, and how many spills, are listed."""


@dataclass(frozen=True)
class Region:
    """A connected region where one density is more than three times the other.

    Attributes:
        x: First coordinate of the cell where they differ most; the first of equals.
        y: Second coordinate of it.
        log_ratio: ln(prior / posterior) there, with the floor applied.
        prior: Density of the prior there.
        posterior: Density of the posterior there.
        mass: Probability in the region: of the prior for a hole, of the posterior for a spill.
    """

    x: float
    y: float
    log_ratio: float
    prior: float
    posterior: float
    mass: float


@dataclass(frozen=True, eq=False)
class LogRatio:
    """ln(prior / posterior) on a grid; see `log_ratio`.

    Attributes:
        grid: The cells.
        values: [H, W]; NaN where both densities are below the floor.
        floor: A density below it counts as the floor.
        holes: Where the prior expects data and there is none, greatest prior mass first.
        spills: Where there is data that the prior does not expect, greatest posterior mass first.
        count: Number of points of the posterior.
    """

    grid: Grid
    values: Floats
    floor: float
    holes: tuple[Region, ...]
    spills: tuple[Region, ...]
    count: int

    def payload(self) -> dict[str, Any]:
        """Return the JSON form; whoever knows the map adds its method."""
        return self.grid.payload() | {
            "values": stored(self.values),
            "stats": defined_stats(self.values),
            "floor": self.floor,
            "holes": [asdict(region) for region in self.holes],
            "spills": [asdict(region) for region in self.spills],
            "meta": {
                "subset_n": self.count,
                "threshold": THRESHOLD,
                "covered_share": COVERED_SHARE,
            },
        }


def log_ratio(prior: Density, posterior: Density) -> LogRatio:
    """Compare the prior with the posterior of the encoded data, cell by cell.

    The floor is the greatest level that leaves `COVERED_SHARE` of both densities' mass in cells
    of at least that level. Below it a density is an estimate of nothing much: it counts as the
    floor, so that a void does not have an infinite ratio, and a cell where both are below it has
    no value.

    Args:
        prior: Density of the prior.
        posterior: Density of the data on the same grid.

    Returns:
        The natural log of prior over posterior: positive where the prior expects more than there
        is; and the regions beyond `THRESHOLD`, cells joined by their sides.

    Raises:
        DataError: If the grids differ, or a density has no mass on it.
    """
    grid = posterior.grid
    if not prior.grid.same_cells(grid):
        raise DataError(
            "the densities lie on different grids",
            got=str(prior.grid.payload()),
            expected=str(grid.payload()),
            remedy="Compute both on one common_grid.",
        )
    floor = min(density_level(one.values, COVERED_SHARE) for one in (prior, posterior))
    low, high = np.maximum(prior.values, floor), np.maximum(posterior.values, floor)
    unknown = (prior.values < floor) & (posterior.values < floor)
    values = np.where(unknown, np.nan, np.log(low / high))
    both = (prior.values, posterior.values)
    return LogRatio(
        grid=grid,
        values=values,
        floor=floor,
        holes=_regions(grid, values, both, 1.0),
        spills=_regions(grid, values, both, -1.0),
        count=posterior.count,
    )


def density_level(values: npt.ArrayLike, share: float) -> float:
    """Find the level that bounds the densest cells holding a share of the mass.

    Args:
        values: Densities of equal cells, any shape.
        share: 0..1 of the mass on the grid.

    Returns:
        The greatest level such that cells of at least that density hold the share.

    Raises:
        DataError: If there is no mass.
    """
    ordered = np.sort(np.asarray(values, dtype=np.float64), axis=None)[::-1]
    held = np.cumsum(ordered)
    if not held[-1] > 0:
        raise DataError("a density has no mass on the grid", got=float(held[-1]), expected="> 0")
    return float(ordered[np.searchsorted(held, share * held[-1])])


def _regions(
    grid: Grid, values: Floats, both: tuple[Floats, Floats], sign: float
) -> tuple[Region, ...]:
    """List connected regions of `sign` · values > threshold, greatest mass first."""
    from scipy import ndimage

    signed = np.where(np.isnan(values), -np.inf, sign * values)
    names, count = ndimage.label(signed > THRESHOLD)
    ours = both[0] if sign > 0 else both[1]
    mass = ndimage.sum_labels(ours, names, np.arange(1, count + 1)) * grid.area
    worst = [one for one in np.argsort(-mass, kind="stable") if mass[one] >= SMALLEST_MASS]
    return tuple(
        _region(
            grid,
            values,
            both,
            int(np.where(names == one + 1, signed, -np.inf).argmax()),
            float(mass[one]),
        )
        for one in worst[:MAX_REGIONS]
    )


def _region(
    grid: Grid, values: Floats, both: tuple[Floats, Floats], cell: int, mass: float
) -> Region:
    x, y = grid.axis_centers()
    row, column = divmod(cell, grid.width)
    return Region(
        x=float(x[column]),
        y=float(y[row]),
        log_ratio=float(values[row, column]),
        prior=float(both[0][row, column]),
        posterior=float(both[1][row, column]),
        mass=mass,
    )
