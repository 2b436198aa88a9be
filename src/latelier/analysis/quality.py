"""How far a projection can be trusted: false neighbors it shows, true neighbors it tears apart.

Shapes: N points, D latent dimensions, d drawn dimensions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from latelier.analysis.arrays import Floats, Integers, finite_array
from latelier.analysis.neighbors import knn
from latelier.config.errors import DataError, ShapeError

BLOCK_BYTES = 2**20
"""Room for the comparisons that are held at a time: they should stay in cache."""

_WORD, _MOST_ADDED = 8, 255


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
    set, not for every epoch. Points whose distances are equal in float32 share the smallest of
    their ranks.

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
    return quality_of_maps(latents, {"coords": coords}, k)["coords"]


def quality_of_maps(
    latents: npt.ArrayLike, maps: Mapping[str, npt.ArrayLike], k: int
) -> dict[str, ProjectionQuality]:
    """Score several maps of the same latents; their latent neighborhoods are found once.

    Args:
        latents: Latent vectors, [N, D].
        maps: Coordinates [N, d] by name, any d.
        k: The size of a neighborhood; less than N / 2.

    Returns:
        The scores of each map, as `projection_quality` returns them.

    Raises:
        ShapeError: If there is not one coordinate row per latent.
        DataError: If a number is not finite, or k is not between 1 and N / 2.
    """
    points = finite_array("latents", latents, dims=2)
    drawn = {name: finite_array(name, coords, dims=2) for name, coords in maps.items()}
    for name, coords in drawn.items():
        if len(points) != len(coords):
            raise ShapeError(f"{name} has {len(coords)} rows", expected=f"{len(points)}")
    if not 1 <= k < len(points) / 2:
        raise DataError(
            "the neighborhood does not fit the map",
            got=f"k = {k} of {len(points)} points",
            expected="1 <= k < N / 2",
        )
    near = knn(points, k).indices
    near_drawn = {name: knn(coords, k).indices for name, coords in drawn.items()}
    points, drawn = _scaled(points), {name: _scaled(coords) for name, coords in drawn.items()}
    penalties = {name: np.empty((2, len(points))) for name in drawn}
    size = max(1, BLOCK_BYTES // (k * len(points)))
    for start in range(0, len(points), size):
        rows = slice(start, start + size)
        latent = _squared_distances(points, rows)
        for name, coords in drawn.items():
            shown = _squared_distances(coords, rows)
            false, true = near_drawn[name][rows], near[rows]
            penalties[name][0, rows] = _excess(latent, false)
            penalties[name][1, rows] = _excess(shown, true)
    return {name: _scores(both, k) for name, both in penalties.items()}


def quality_payload(scores: Mapping[str, ProjectionQuality]) -> dict[str, Any]:
    """Return the JSON form of the scores of several maps: `maps`, by name."""
    return {"maps": {name: one.payload() for name, one in scores.items()}}


def _scores(penalties: Floats, k: int) -> ProjectionQuality:
    """Scale sums of excess ranks, [2, N], by the worst that can be."""
    worst = k * (2 * penalties.shape[1] - 3 * k - 1) / 2
    trust, continuity = 1.0 - penalties / worst
    return ProjectionQuality(float(trust.mean()), float(continuity.mean()), trust, continuity, k)


def _scaled(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Divide by the power of two that makes the spread about 1: exact, and float32 has room."""
    spread = float(np.ptp(points, axis=0).max(initial=0.0))
    return np.ldexp(points, -int(np.frexp(spread)[1]))


def _squared_distances(points: Floats, rows: slice) -> npt.NDArray[np.float32]:
    """Return squared distances from some rows, [B, N + padding]; the padding is infinite."""
    from scipy.spatial.distance import cdist

    count = len(points)
    shape = (len(points[rows]), -(-count // _WORD) * _WORD)
    padded = np.full(shape, np.inf, dtype=np.float32)
    padded[:, :count] = cdist(points[rows], points, "sqeuclidean")
    return padded


def _excess(squared: npt.NDArray[np.float32], claimed: Integers) -> Floats:
    """Sum per row by how much the ranks of claimed neighbors exceed k, [B].

    The rank of a neighbor is the number of points that are strictly nearer, the row's own point
    included: where the neighbor coincides with it that is 0, and it exceeds nothing.
    """
    k = claimed.shape[1]
    reach = np.take_along_axis(squared, claimed, 1)
    nearer = squared[:, None, :] < reach[:, :, None]
    # A boolean is a byte: as words, eight of them are added at once, up to 255 times.
    words = nearer.view(np.uint64)
    ranks = np.zeros(reach.shape, dtype=np.int64)
    for start in range(0, words.shape[2], _MOST_ADDED):
        sums = np.add.reduce(words[:, :, start : start + _MOST_ADDED], axis=2)
        ranks += sums[:, :, None].view(np.uint8).sum(axis=2, dtype=np.int64)
    return np.asarray(np.maximum(ranks - k, 0).sum(axis=1))
