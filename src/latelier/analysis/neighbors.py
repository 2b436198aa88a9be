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
from latelier.config.errors import DataError, ShapeError

TREE_MAX_DIMENSION = 6
"""Up to this many dimensions a k-d tree is asked, above it every distance is computed.

Measured on 2,000 and 10,000 Gaussian points, clustered and not: a tree wins below, loses up to
sixfold above when the points have no clusters, and brute force takes the same time for both.
"""

GATE_DECAY = 0.5
"""Width of an edge's fade beyond the extent, in median extents of the map."""

LATENT_DIGITS, DRAWN_DIGITS = 6, 4
"""Significant digits of the stored distances: this file is the largest of an epoch."""

_EXTRA_CANDIDATES = 2
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

    A fast search names slightly more than k candidates; their distances are computed again as
    the root of summed squared differences in float64 and sorted by distance, then row number.
    A point whose last candidate is not surely farther than its k-th (ties, duplicates) is
    compared with all points. Memory is O(N k) plus one bounded block.

    Args:
        latents: Latent vectors, [N, D].
        k: The number of neighbors, 1 to N - 1. The point itself does not count.
        dataset_idx: The key of each point, [N]; the row numbers where not given.

    Returns:
        The neighbors. Same input, same output, whichever search was used.

    Raises:
        ShapeError: If `latents` is not a matrix with rows.
        DataError: If a latent is not finite, or there are fewer than k other points.
    """
    points = finite_array("latents", latents, dims=2)
    keys = point_keys(dataset_idx, count=len(points))
    _require_enough_points(len(points), k)
    asked = min(len(points), k + 1 + _EXTRA_CANDIDATES)
    candidates, horizon = _candidates(points, asked)
    indices = np.empty((len(points), k), dtype=np.int64)
    squared = np.empty((len(points), k))
    for rows in _blocks(len(points), asked * points.shape[1]):
        indices[rows], squared[rows] = _nearest_of(points, rows, candidates[rows], k)
    if asked < len(points):
        # Beyond the horizon nothing was looked at: a k-th neighbor that is not surely nearer
        # may have an equal or better rival there.
        doubtful = np.flatnonzero(squared[:, -1] >= horizon)
        for row in _settle_duplicates(points, doubtful, indices, squared):
            indices[row], squared[row] = _nearest_of_all(points, row, k)
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


def _candidates(points: Floats, asked: int) -> tuple[Integers, Floats]:
    """Return `asked` near points of each, and the squared distance that the rest surely reach."""
    eps = np.finfo(np.float64).eps
    if points.shape[1] <= TREE_MAX_DIMENSION:
        from scipy.spatial import cKDTree

        found, candidates = cKDTree(points).query(points, asked)
        return np.atleast_2d(candidates), found[:, -1] ** 2 * (1 - 64 * eps)
    from sklearn.neighbors import NearestNeighbors

    # The search computes |a|^2 + |b|^2 - 2ab, which loses precision far from the origin.
    centered = points - points.mean(axis=0)
    search = NearestNeighbors(n_neighbors=asked, algorithm="brute").fit(centered)
    found, candidates = search.kneighbors(centered)
    rounding = 16 * (points.shape[1] + 4) * eps * float((centered**2).sum(axis=1).max())
    return candidates, found[:, -1] ** 2 - rounding


def _nearest_of(
    points: Floats, rows: slice, candidates: Integers, k: int
) -> tuple[Integers, Floats]:
    """Return the k best of each row's candidates, by squared distance, then row number."""
    ordered = np.sort(candidates, axis=1)
    difference = points[ordered] - points[rows, None, :]
    squared = np.einsum("nkd,nkd->nk", difference, difference)
    squared[ordered == np.arange(rows.start, rows.stop)[:, None]] = np.inf
    best = np.argsort(squared, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(ordered, best, 1), np.take_along_axis(squared, best, 1)


def _settle_duplicates(
    points: Floats, doubtful: Integers, indices: Integers, squared: Floats
) -> list[int]:
    """Fill in the rows that have k exact duplicates; return the other doubtful rows.

    Collapsed latents are one point N times: comparing each with all would take O(N^2 D).
    """
    k = indices.shape[1]
    on_one_spot = doubtful[squared[doubtful, -1] == 0]
    if len(on_one_spot) == 0:
        return [int(row) for row in doubtful]
    spots, spot_of = np.unique(points[on_one_spot], axis=0, return_inverse=True)
    settled = np.zeros(len(points), dtype=bool)
    order = np.argsort(spot_of.reshape(-1), kind="stable")
    ends = np.cumsum(np.bincount(spot_of.reshape(-1), minlength=len(spots)))
    for members in np.split(on_one_spot[order], ends[:-1]):
        if len(members) <= k:  # differences that underflow to zero: not duplicates
            continue
        head = members[: k + 1]
        indices[members] = head[:k]
        for place, row in enumerate(head):
            indices[row] = np.delete(head, place)
        settled[members] = True
    return [int(row) for row in doubtful if not settled[row]]


def _nearest_of_all(points: Floats, row: int, k: int) -> tuple[Integers, Floats]:
    """Return the k nearest of all points to one, by squared distance, then row number."""
    difference = points - points[row]
    squared = np.einsum("nd,nd->n", difference, difference)
    squared[row] = np.inf
    reach = np.partition(squared, k - 1)[k - 1]
    near = np.flatnonzero(squared <= reach)
    best = near[np.argsort(squared[near], kind="stable")[:k]]
    return best, squared[best]


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
