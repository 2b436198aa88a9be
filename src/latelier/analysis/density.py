"""Densities on the grid of a 2-D map: of the encoded data, and of the prior.

Shapes: N points, P components, W × H cells, coordinates [M, 2] in units of the map. A density is
per unit area of the map, averaged over each cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from latelier.analysis.arrays import Floats, finite_array
from latelier.analysis.cell_mass import cell_mass
from latelier.analysis.gaussians import PlaneMixture, weights_summary
from latelier.analysis.grid import Grid, defined_stats, stored
from latelier.config.errors import DataError

OUTSIDE_SHARE = 0.001
"""Share of a density's mass that the common bounds may leave out."""

LARGEST_REACH = 1.0
"""How far the common bounds go beyond the data's, in extents of the data's, on each side."""

MAP_NEIGHBORS = 15
"""The neighbor whose distance on the map sets the bandwidth of placed samples."""

TINY = 1e-7
"""Share of the largest value below which a stored value is 0."""


@dataclass(frozen=True, eq=False)
class Density:
    """A probability density on a grid; see `density_of`.

    Attributes:
        grid: The cells.
        values: Density of each cell, [H, W].
        mass_inside: Share of the probability inside the grid, 0..1.
        source: `posterior` or `prior`.
        prior_kind: `uniform` or `empirical` weights; None for a posterior.
        estimator: `projected_gaussians`, `placed_samples` or `codes`.
        count: Number of points that it speaks about, N.
        bandwidth: Deviation of the kernel along each axis, [2]; None where there is none.
        samples: Number of samples that were drawn; None where none were.
        weights: Weights of the prior's components; None for a posterior.
    """

    grid: Grid
    values: Floats
    mass_inside: float
    source: str
    prior_kind: str | None = None
    estimator: str = "projected_gaussians"
    count: int = 0
    bandwidth: Floats | None = None
    samples: int | None = None
    weights: Floats | None = None

    def payload(self) -> dict[str, Any]:
        """Return the JSON form; whoever knows the map adds its method."""
        weights = None if self.weights is None else weights_summary(self.weights)
        values = np.where(self.values < TINY * self.values.max(), 0.0, self.values)
        return self.grid.payload() | {
            "source": self.source,
            "prior_kind": self.prior_kind,
            "estimator": self.estimator,
            "values": stored(values),
            "stats": defined_stats(values),
            "meta": {
                "subset_n": self.count,
                "mass_inside": self.mass_inside,
                "bandwidth": self.bandwidth,
                "samples": self.samples,
                "weights": weights,
            },
        }


@dataclass(frozen=True, eq=False)
class Spread:
    """What a density is made from: a mixture on the map, and where that comes from.

    Attributes:
        mixture: The mixture, exact or of kernels.
        facts: `source`, `prior_kind`, `estimator`, … as in `Density`.
    """

    mixture: PlaneMixture
    facts: dict[str, Any] = field(default_factory=dict)


def density_of(spread: Spread, grid: Grid) -> Density:
    """Compute a density on a grid.

    Args:
        spread: What it is made from.
        grid: The cells.

    Returns:
        The mixture's mass in each cell over the cell's area: cell averages, so that the values
        times the area sum to `mass_inside` whatever the width of the components. How exact they
        are is said in `cell_mass`.
    """
    mass = cell_mass(spread.mixture, grid)
    return Density(
        grid=grid,
        values=mass / grid.area,
        mass_inside=min(float(mass.sum()), 1.0),
        **spread.facts,
    )


def common_grid(mixtures: Sequence[PlaneMixture], side: int) -> Grid:
    """Lay one grid over several densities of a map.

    Args:
        mixtures: The densities, that of the data first.
        side: Cells along each axis.

    Returns:
        A grid that leaves out at most `OUTSIDE_SHARE` of each density's mass, but reaches over
        that of the data by at most `LARGEST_REACH` of its extent on each side: a wide prior must
        not shrink the data to a dot. An axis without extent gets that of the other one, or 1.

    Raises:
        DataError: If there is no density.
    """
    if not mixtures:
        raise DataError("bounds need a density", got="none", expected="1 or more")
    # Four sides, and a fifth for what the cells' mass is approximated by.
    boxes = np.array(
        [[mixture.quantile(axis, OUTSIDE_SHARE / 5) for axis in (0, 1)] for mixture in mixtures]
    )
    low, high = boxes[0, :, 0], boxes[0, :, 1]
    extent = _extent(low, high)
    middle = (low + high) / 2
    low, high = np.minimum(low, middle - extent / 2), np.maximum(high, middle + extent / 2)
    reach = LARGEST_REACH * extent
    return Grid(
        width=side,
        height=side,
        low=np.clip(boxes[:, :, 0].min(axis=0), low - reach, low),
        high=np.clip(boxes[:, :, 1].max(axis=0), high, high + reach),
    )


def scott_covariance(points: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Choose the kernel of a density of codes without variances.

    Args:
        points: Coordinates, [M, 2].

    Returns:
        The points' covariance times M^(-1/3), [2, 2]; zero for a single point.

    Source:
        Scott, Multivariate Density Estimation (1992), section 6.3.1, d = 2.
    """
    places = finite_array("points", points, dims=2)
    if len(places) < 2:
        return np.zeros((2, 2))
    covariance: npt.NDArray[np.float64] = np.cov(places.T) * len(places) ** (-1 / 3)
    return covariance


def neighbor_bandwidth(coords: npt.ArrayLike) -> float:
    """Choose the kernel of samples that were placed between the points of a map.

    The samples carry the spread of the posterior already; the kernel only has to fill the gaps
    between them. Rules from the overall spread would blur the islands of such a map.

    Args:
        coords: Coordinates of the map's points, [N, 2].

    Returns:
        Half the median distance to the `MAP_NEIGHBORS`-th neighbor on the map (the farthest
        where there are fewer); 0 for a single point.
    """
    from scipy.spatial import cKDTree

    places = finite_array("coords", coords, dims=2)
    k = min(MAP_NEIGHBORS, len(places) - 1)
    if k < 1:
        return 0.0
    distances, _ = cKDTree(places).query(places, [k + 1])
    return 0.5 * float(np.median(distances))


def codes_spread(points: npt.ArrayLike) -> Spread:
    """Describe the density of codes without variances: `scott_covariance` around each.

    Args:
        points: Their coordinates, [N, 2].
    """
    kernel = scott_covariance(points)
    mixture = PlaneMixture.around(points, kernel)
    facts = {"source": "posterior", "estimator": "codes", "count": len(mixture.mean)}
    return Spread(mixture, facts | {"bandwidth": np.sqrt(np.diag(kernel))})


def samples_spread(points: npt.ArrayLike, bandwidth: float, **facts: Any) -> Spread:
    """Describe the density of samples on a map.

    Args:
        points: Their coordinates, [M, 2].
        bandwidth: Deviation of the kernel, units of the map.
        facts: Of the `Density`.
    """
    mixture = PlaneMixture.around(points, np.eye(2) * bandwidth**2)
    known = {"estimator": "placed_samples", "samples": len(mixture.mean)}
    return Spread(mixture, known | {"bandwidth": np.full(2, bandwidth)} | facts)


def _extent(low: Floats, high: Floats) -> Floats:
    extent = high - low
    largest = float(extent.max())
    # Rounding is no extent: 1e-9 of the place itself.
    floor = 1e-9 * float(np.abs([low, high]).max())
    if largest <= floor:
        return np.ones(2)
    return np.where(extent > 1e-9 * largest, extent, largest)
