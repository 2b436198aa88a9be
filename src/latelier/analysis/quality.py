"""How far a projection can be trusted: false neighbors it shows, true neighbors it tears apart.

Shapes: N points, D latent dimensions, d drawn dimensions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from latelier.analysis.arrays import Floats, Integers, finite_array
from latelier.analysis.neighbors import knn
from latelier.config.errors import DataError, ShapeError

BLOCK_ROWS = 256
"""Points whose distances to all others are held at a time."""


@dataclass(frozen=True, eq=False)
class ProjectionQuality:
    """Two rank-based scores of a projection, over the map and per point.

    Attributes:
        trustworthiness: 1 where every drawn neighbor is a neighbor in latent space.
        continuity: 1 where every neighbor in latent space is drawn as one.
        point_trustworthiness: The same per point, [N]; the mean is the map's.
        point_continuity: The same per point, [N].
        k: The number of neighbors compared.
    """

    trustworthiness: float
    continuity: float
    point_trustworthiness: Floats
    point_continuity: Floats
    k: int

    def payload(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "k": self.k,
            "trustworthiness": self.trustworthiness,
            "continuity": self.continuity,
            "point_trustworthiness": self.point_trustworthiness.astype(np.float32),
            "point_continuity": self.point_continuity.astype(np.float32),
        }


def projection_quality(latents: npt.ArrayLike, coords: npt.ArrayLike, k: int) -> ProjectionQuality:
    """Score how well a projection keeps neighborhoods.

    Ranks take O(N^2) time and O(N) memory per row of a block: meant for the cadence of the full
    set, not for every epoch.

    Args:
        latents: Latent vectors, [N, D].
        coords: Their drawn coordinates, [N, d].
        k: The size of a neighborhood; less than N / 2.

    Returns:
        Scores in 0..1; 1 is best.

    Raises:
        ShapeError: If there is not one coordinate row per latent.
        DataError: If a number is not finite, or k is not between 1 and N / 2.

    Source:
        Venna & Kaski (2001), ICANN, "Neighborhood preservation in nonlinear projection methods".
    """
    points = finite_array("latents", latents, dims=2)
    drawn = finite_array("coords", coords, dims=2)
    if len(points) != len(drawn):
        raise ShapeError(f"coords has {len(drawn)} rows", expected=f"{len(points)}")
    if not 1 <= k < len(points) / 2:
        raise DataError(
            "the neighborhood does not fit the map",
            got=f"k = {k} of {len(points)} points",
            expected="1 <= k < N / 2",
        )
    latent_neighbors, drawn_neighbors = knn(points, k).indices, knn(drawn, k).indices
    trust = _intrusions(points, drawn_neighbors)
    continuity = _intrusions(drawn, latent_neighbors)
    return ProjectionQuality(
        trustworthiness=float(trust.mean()),
        continuity=float(continuity.mean()),
        point_trustworthiness=trust,
        point_continuity=continuity,
        k=k,
    )


def _intrusions(points: Floats, claimed: Integers) -> Floats:
    """Score per point the neighbors that were claimed, by their true rank among `points`, [N]."""
    count, k = claimed.shape
    scores = np.empty(count)
    for start in range(0, count, BLOCK_ROWS):
        rows = np.arange(start, min(start + BLOCK_ROWS, count))
        ranks = np.take_along_axis(_ranks(points, rows), claimed[rows], axis=1)
        scores[rows] = np.maximum(ranks - k, 0).sum(axis=1)
    worst = k * (2 * count - 3 * k - 1) / 2
    return np.asarray(1.0 - scores / worst)


def _ranks(points: Floats, rows: Integers) -> Integers:
    """Return the rank of every point by distance from each row, [rows, N]; 1 is the nearest."""
    squared = np.zeros((len(rows), len(points)))
    for axis in points.T:
        squared += (axis[rows, None] - axis[None, :]) ** 2
    squared[np.arange(len(rows)), rows] = -1.0  # a point is its own rank 0, duplicates or not
    order = np.argsort(squared, axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(len(points))[None, :], axis=1)
    return ranks
