"""How far a map stretches the neighborhoods of latent space, point by point and cell by cell.

Shapes: N points, K neighbors, W × H cells; coordinates in units of the map.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from latelier.analysis.arrays import Floats, Integers, finite_array
from latelier.analysis.grid import Grid, defined_stats, stored
from latelier.analysis.neighbors import Neighbors, drawn_distances

METRIC = "knn_mean_ratio"
NEAR = 2.0
"""A cell has a value if a point is within so many bandwidths of its center."""


@dataclass(frozen=True, eq=False)
class Distortion:
    """Stretch of a map; see `metric_ratio`.

    Attributes:
        grid: The cells.
        values: Local mean of the points' ratios, [H, W]; NaN where no point is near.
        dataset_idx: The key of each point, [N].
        ratio: Of each point, [N]; NaN where its neighbors lie on its own spot in latent space.
        k: The number of neighbors.
        bandwidth: Deviation of the kernel of the local mean, along each axis, [2].
    """

    grid: Grid
    values: Floats
    dataset_idx: Integers
    ratio: Floats
    k: int
    bandwidth: Floats

    def payload(self) -> dict[str, Any]:
        """Return the JSON form; `stats` are those of the cells, `points` has its own."""
        of_points = defined_stats(self.ratio) | {"median": _median(self.ratio)}
        points = {"dataset_idx": self.dataset_idx, "ratio": stored(self.ratio), "stats": of_points}
        return self.grid.payload() | {
            "metric": METRIC,
            "k": self.k,
            "values": stored(self.values),
            "stats": defined_stats(self.values) | {"median": _median(self.values)},
            "points": points,
            "meta": {"subset_n": len(self.ratio), "bandwidth": self.bandwidth},
        }


def knn_mean_ratio(neighbors: Neighbors, coords: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Compare each point's distances to its neighbors on the map with those in latent space.

    Args:
        neighbors: The neighbors in latent space, [N, K].
        coords: Coordinates of the points on a map, [N, d].

    Returns:
        mean drawn distance / mean latent distance over the K neighbors, [N]: 1 where the map
        keeps lengths, s where it stretches by s; NaN where all neighbors lie on the point.

    Raises:
        ShapeError: If there is not one coordinate row per point.
    """
    drawn = drawn_distances(coords, neighbors).mean(axis=1)
    latent = neighbors.distances.mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio: npt.NDArray[np.float64] = np.where(latent > 0, drawn / latent, np.nan)
    return ratio


def metric_ratio(neighbors: Neighbors, coords: npt.ArrayLike, grid: Grid) -> Distortion:
    """Measure the stretch of a 2-D map around each point, and its local mean on a grid.

    The local mean at the center of a cell weighs the points with a Gaussian whose deviation is
    half the median drawn distance to the K-th neighbor, at least half a cell.

    Args:
        neighbors: The neighbors in latent space, [N, K].
        coords: Coordinates of the points, [N, 2].
        grid: The cells.

    Returns:
        The ratios and the grid.

    Raises:
        ShapeError: If there is not one coordinate row per point.
        DataError: If a coordinate is not finite.
    """
    places = finite_array("coords", coords, dims=2)
    ratio = knn_mean_ratio(neighbors, places)
    farthest = drawn_distances(places, neighbors).max(axis=1)
    bandwidth = np.maximum(0.5 * float(np.median(farthest)), 0.5 * grid.cell)
    known = np.isfinite(ratio)
    values = local_mean(places[known], ratio[known], grid, bandwidth)
    return Distortion(grid, values, neighbors.dataset_idx, ratio, neighbors.k, bandwidth)


def local_mean(points: Floats, values: Floats, grid: Grid, bandwidth: Floats) -> Floats:
    """Average values that belong to points, at the center of each cell.

    Args:
        points: Coordinates, [M, 2]; M may be 0.
        values: One per point, [M].
        grid: The cells.
        bandwidth: Deviation of the Gaussian weights along each axis, [2].

    Returns:
        The weighted means, [H, W]; NaN where no point is within `NEAR` bandwidths (the ellipse
        of that many deviations along the axes).

    Source:
        Nadaraya (1964), Theory of Probability and its Applications 9(1); Watson (1964), Sankhya A.
    """
    x, y = grid.axis_centers()
    reach = NEAR + 3.0  # beyond, the weights change nothing, but would cost rows
    limits = (grid.low - reach * bandwidth, grid.high + reach * bandwidth)
    close = ((points >= limits[0]) & (points <= limits[1])).all(axis=1)
    across = _weights(x, points[close, 0], float(bandwidth[0]))
    up = _weights(y, points[close, 1], float(bandwidth[1]))
    weight = up @ across.T
    total = (up * values[close]) @ across.T
    near = _distance_to_nearest(grid, points[close], bandwidth) <= NEAR
    with np.errstate(divide="ignore", invalid="ignore"):
        mean: Floats = np.where(near & (weight > 0), total / weight, np.nan)
    return mean


def _weights(centers: Floats, places: Floats, bandwidth: float) -> Floats:
    return np.asarray(np.exp(-0.5 * ((centers[:, None] - places) / bandwidth) ** 2))


def _distance_to_nearest(grid: Grid, points: Floats, bandwidth: Floats) -> Floats:
    """Return the distance from each cell's center to the nearest point, in bandwidths, [H, W]."""
    from scipy.spatial import cKDTree

    if not len(points):
        return np.full((grid.height, grid.width), np.inf)
    tree = cKDTree(points / bandwidth)
    distance, _ = tree.query(grid.centers() / bandwidth, distance_upper_bound=NEAR * (1 + 1e-9))
    return np.asarray(distance).reshape(grid.height, grid.width)


def _median(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else float("nan")
