"""Exact nearest neighbors in latent space, how they change, and how far they are drawn.

Shapes: N points, D latent dimensions, K neighbors, d = 2 or 3 drawn dimensions.
Neighbors are found in latent space, never in a projection. Distances are Euclidean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from latelier.analysis.arrays import Floats, Integers, finite_array, point_keys, shortened
from latelier.analysis.nearest import nearest
from latelier.config.errors import DataError, ShapeError

GATE_DECAY = 0.5
"""Width of an edge's fade beyond the extent, in median extents of the map."""

LATENT_DIGITS, DRAWN_DIGITS = 6, 4
"""Significant digits of the stored distances: this file is the largest of an epoch."""

_BLOCK_BYTES = 32 * 2**20


@dataclass(frozen=True, eq=False)
class Neighbors:
    """The K nearest neighbors of each point in latent space.

    Attributes:
        dataset_idx: The key of each point, [N].
        indices: Row numbers of the neighbors, nearest first, [N, K] int64. Equal distances are
            ordered by row number. A point is never its own neighbor.
        distances: Distances to them, [N, K] float64, ascending.
    """

    dataset_idx: Integers
    indices: npt.NDArray[np.int64]
    distances: npt.NDArray[np.float64]

    @property
    def k(self) -> int:
        """The number of neighbors of each point."""
        return int(self.indices.shape[1])

    @property
    def kth_distance(self) -> npt.NDArray[np.float64]:
        """Distance to the K-th neighbor, d_k, [N]: how sparse the latents are around a point."""
        return self.distances[:, -1]

    @property
    def neighbor_idx(self) -> Integers:
        """`dataset_idx` of the neighbors, [N, K]."""
        return self.dataset_idx[self.indices]


@dataclass(frozen=True, eq=False)
class Churn:
    """How much each point's neighborhood changed since an earlier epoch.

    Attributes:
        dataset_idx: The key of each point, [N].
        churn: 1 - |common neighbors| / K, [N] in 0..1; NaN for a point that was not there before.
        k: The number of neighbors.
    """

    dataset_idx: Integers
    churn: npt.NDArray[np.float32]
    k: int

    @property
    def mean(self) -> float:
        """Mean over the points that both epochs hold; NaN where there are none."""
        known = self.churn[~np.isnan(self.churn)]
        return float(known.mean(dtype=np.float64)) if known.size else float("nan")

    def payload(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "k": self.k,
            "dataset_idx": self.dataset_idx,
            "churn": self.churn,
            "mean": self.mean,
        }


def knn(latents: npt.ArrayLike, k: int, *, dataset_idx: npt.ArrayLike | None = None) -> Neighbors:
    """Find the k nearest neighbors of every point, exactly.

    A fast search names every point that can be one of them, given how numbers are rounded; their
    distances are computed again as the root of summed squared differences in float64, and sorted
    by distance, then row number. Memory is O(N (D + k)) plus one bounded block per thread; as
    many threads work as BLAS may use.

    Args:
        latents: Latent vectors, [N, D].
        k: The number of neighbors, 1 to N - 1. The point itself does not count.
        dataset_idx: The key of each point, [N]; the row numbers where not given.

    Returns:
        The neighbors. Same input, same output, whatever search and threads were used.

    Raises:
        ShapeError: If `latents` is not a matrix with rows.
        DataError: If a latent is not finite, or there are fewer than k other points.
    """
    points = finite_array("latents", latents, dims=2)
    keys = point_keys(dataset_idx, count=len(points))
    _require_enough_points(len(points), k)
    indices, squared = nearest(points, k)
    return Neighbors(keys, indices, np.sqrt(squared))


def neighbor_churn(previous: Neighbors, current: Neighbors) -> Churn:
    """Measure per point how many of its neighbors were not its neighbors before.

    Args:
        previous: The neighbors at an earlier epoch.
        current: The neighbors now, with the same k. Points are matched by `dataset_idx`.

    Returns:
        The churn, in the order of the current points.

    Raises:
        DataError: If the numbers of neighbors differ.
    """
    if previous.k != current.k:
        raise DataError(
            "churn compares neighborhoods of one size", got=previous.k, expected=f"k = {current.k}"
        )
    rows_now, rows_before = _matching_rows(previous.dataset_idx, current.dataset_idx)
    before, now = previous.neighbor_idx[rows_before], current.neighbor_idx[rows_now]
    churn = np.full(len(current.dataset_idx), np.nan, dtype=np.float32)
    for block in _blocks(len(now), current.k**2):
        common = (now[block, :, None] == before[block, None, :]).sum(axis=(1, 2))
        churn[rows_now[block]] = 1.0 - common / current.k
    return Churn(current.dataset_idx, churn, current.k)


def drawn_distances(coords: npt.ArrayLike, neighbors: Neighbors) -> npt.NDArray[np.float64]:
    """Measure how far apart neighbors are drawn.

    Args:
        coords: Coordinates of the points in a projection, [N, d], any d.
        neighbors: Their neighbors in latent space.

    Returns:
        Distances in the projection, [N, K], over all d dimensions; not sorted.

    Raises:
        ShapeError: If there is not one coordinate row per point.
    """
    drawn = finite_array("coords", coords, dims=2)
    if len(drawn) != len(neighbors.indices):
        raise ShapeError(f"coords has {len(drawn)} rows", expected=f"{len(neighbors.indices)}")
    squared = np.zeros(neighbors.indices.shape)
    for axis in drawn.T:
        squared += (axis[neighbors.indices] - axis[:, None]) ** 2
    return np.sqrt(squared)


def extent_radius(kth_distance: npt.ArrayLike, drawn_kth_distance: npt.ArrayLike) -> Floats:
    """Turn each point's d_k into the radius of its extent in a projection.

    One factor for the whole map, median drawn over median latent distance, so that the radius
    is proportional to d_k: strictly monotone, whatever the projection did to a single point.

    Args:
        kth_distance: d_k of each point in latent space, [N].
        drawn_kth_distance: The drawn distance to the same neighbors, [N].

    Returns:
        Radii in the units of the projection, [N]; zero only where d_k is zero or the map is a
        single spot.

    Raises:
        ShapeError: If the two disagree on N.
    """
    latent = finite_array("kth_distance", kth_distance, dims=1)
    drawn = finite_array("drawn_kth_distance", drawn_kth_distance, dims=1)
    if latent.shape != drawn.shape:
        raise ShapeError(
            f"drawn_kth_distance has shape {list(drawn.shape)}", expected=str(list(latent.shape))
        )
    scale = _typical(drawn)
    reference = _typical(latent)
    return latent * (scale / reference) if reference > 0 else np.zeros_like(latent)


def edge_weight(distance: npt.ArrayLike, extent: npt.ArrayLike, *, width: float) -> Floats:
    """Weigh an edge by the soft gate: 1 inside the extent, exponential decay beyond.

    Args:
        distance: Drawn lengths of the edges, any shape.
        extent: Radii of the extents they start from; broadcasts to `distance`.
        width: Length over which the weight falls by the factor e, in units of the projection.

    Returns:
        Weights in 0..1, continuous in the distance where the width is positive.
    """
    beyond = np.maximum(np.asarray(distance, dtype=np.float64) - np.asarray(extent), 0.0)
    weight: Floats = np.exp(-beyond / width) if width > 0 else np.where(beyond > 0, 0.0, 1.0)
    return weight


def neighbors_payload(neighbors: Neighbors, maps: dict[str, npt.ArrayLike]) -> dict[str, Any]:
    """Assemble the neighbors artifact of one projection method.

    Args:
        neighbors: The neighbors in latent space.
        maps: Coordinates [N, d] by name, such as `{"2d": ..., "3d": ...}`.

    Returns:
        The JSON form: `k`, `dataset_idx` [N], `neighbors` [N, K] as `dataset_idx`, latent
        `distances` [N, K] and `d_k` [N]; and for each map its `drawn` distances [N, K], `extent`
        [N] and `gate` (`kind`, `width`), in the units of that map. `distances` have
        `LATENT_DIGITS` significant digits and `drawn` ones `DRAWN_DIGITS`.
    """
    return {
        "k": neighbors.k,
        "dataset_idx": neighbors.dataset_idx,
        "neighbors": neighbors.neighbor_idx,
        "distances": shortened(neighbors.distances, LATENT_DIGITS),
        "d_k": neighbors.kth_distance.astype(np.float32),
        "maps": {name: _drawn_payload(coords, neighbors) for name, coords in maps.items()},
    }


def _drawn_payload(coords: npt.ArrayLike, neighbors: Neighbors) -> dict[str, Any]:
    drawn = drawn_distances(coords, neighbors)
    extent = extent_radius(neighbors.kth_distance, drawn[:, -1])
    width = GATE_DECAY * float(np.median(extent))
    return {
        "drawn": shortened(drawn, DRAWN_DIGITS),
        "extent": extent.astype(np.float32),
        "gate": {"kind": "exponential", "width": width},
    }


def _require_enough_points(count: int, k: int) -> None:
    if not 1 <= k < count:
        raise DataError(
            f"{count} points have no {k} nearest neighbors",
            got=f"k = {k}",
            expected=f"1 to {count - 1}",
            remedy="Lower analysis.neighbors, or analyze more points.",
        )


def _matching_rows(before: Integers, now: Integers) -> tuple[Integers, Integers]:
    """Return the rows (now, before) of the points that both hold."""
    if np.array_equal(before, now):
        rows = np.arange(len(now))
        return rows, rows
    _, rows_before, rows_now = np.intersect1d(before, now, assume_unique=True, return_indices=True)
    return rows_now, rows_before


def _blocks(count: int, numbers_per_row: int) -> list[slice]:
    """Cut rows into slices whose work space stays within a bounded block."""
    size = max(1, _BLOCK_BYTES // (8 * max(numbers_per_row, 1)))
    return [slice(start, min(start + size, count)) for start in range(0, count, size)]


def _typical(lengths: Floats) -> float:
    """Return the median; the mean where more than half are zero and the median would be too."""
    median = float(np.median(lengths))
    return median if median > 0 else float(lengths.mean())
