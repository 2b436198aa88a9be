"""New points in a map, and map points back in latent space: both by weighted neighbors.

A stored map has no function that made it: a fitted UMAP could only be kept by pickling. So what
is new goes to where its neighbors in latent space are drawn, and a place on the map stands for a
blend of the latents drawn around it.

Shapes: N known points, M new ones, D latent dimensions, d = 2 or 3 drawn dimensions.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from latelier.analysis.arrays import Floats, Integers, finite_array
from latelier.analysis.nearest import TREE_MAX_DIMENSION
from latelier.config.errors import DataError, ShapeError

NEIGHBORS = 10
"""How many known points a new one is blended from."""

BLOCK_ROWS = 4096
"""New points whose neighbors are held at a time."""


def place(
    new_latents: npt.ArrayLike, latents: npt.ArrayLike, coords: npt.ArrayLike, k: int = NEIGHBORS
) -> Floats:
    """Draw new latents into a map, where their neighbors in latent space are drawn.

    The weight of the neighbor at distance r is ((R - r) / (R r))^2, where R is the distance to
    the (k + 1)-th neighbor: a latent of the map is placed exactly at its point, and nothing jumps
    where one neighbor takes over from another, since both weigh nothing there. Known points that
    coincide with a new one share it equally, and so do neighbors that are all equally far.

    Args:
        new_latents: The latents to place, [M, D].
        latents: The latents of the map's points, [N, D].
        coords: The map's coordinates of these, [N, d].
        k: The number of neighbors; N - 1 where there are fewer, and 1 where N = 1.

    Returns:
        Coordinates, [M, d]: each a convex combination of known ones. The order of the known
        points does not matter.

    Raises:
        ShapeError: If the arrays disagree on N or D.
        DataError: If a number is not finite, or k is not positive.

    Source:
        Shepard's weights, localized: Franke & Nielson (1980), International Journal for
        Numerical Methods in Engineering 15(11), doi:10.1002/nme.1620151110.
    """
    return _blend(
        finite_array("new_latents", new_latents, dims=2),
        finite_array("latents", latents, dims=2),
        finite_array("coords", coords, dims=2),
        k,
    )


def unplace(
    points: npt.ArrayLike, coords: npt.ArrayLike, latents: npt.ArrayLike, k: int = NEIGHBORS
) -> Floats:
    """Read a map backwards: find latents for places on it, by weighted neighbors on the map.

    The weights are those of `place`, with distances on the map.

    Args:
        points: The places, [M, d], in the units of the map.
        coords: The map's coordinates, [N, d].
        latents: The latents drawn there, [N, D].
        k: The number of neighbors; N - 1 where there are fewer, and 1 where N = 1.

    Returns:
        Latents, [M, D]: at a drawn point its own latent, between points a convex combination of
        theirs, which need not be near any of them where the map has torn neighbors apart.

    Raises:
        ShapeError: If the arrays disagree on N or d.
        DataError: If a number is not finite, or k is not positive.
    """
    return _blend(
        finite_array("points", points, dims=2),
        finite_array("coords", coords, dims=2),
        finite_array("latents", latents, dims=2),
        k,
    )


def _blend(queries: Floats, known: Floats, values: Floats, k: int) -> Floats:
    """Blend values [N, V], known at [N, W], at the queries [M, W]; returns [M, V]."""
    if queries.shape[1] != known.shape[1]:
        raise ShapeError(
            f"the new points have {queries.shape[1]} dimensions", expected=f"{known.shape[1]}"
        )
    if len(values) != len(known):
        raise ShapeError(f"the map has {len(values)} rows", expected=f"{len(known)}")
    if k < 1:
        raise DataError("a point is blended from neighbors", got=f"k = {k}", expected="1 or more")
    asked = min(k + 1, len(known))
    search = _Search(known, asked)
    blended = np.empty((len(queries), values.shape[1]))
    for begin in range(0, len(queries), BLOCK_ROWS):
        rows = slice(begin, begin + BLOCK_ROWS)
        near, squared = search.nearest(queries[rows])
        weights = _weights(np.sqrt(squared))
        blended[rows] = np.einsum("mk,mkv->mv", weights, values[near])
    return blended


def _weights(distances: Floats) -> Floats:
    """Return the share of each neighbor; distances [M, K] ascend, and the last one weighs 0."""
    reach, nearest = distances[:, -1:], distances[:, :1]
    with np.errstate(divide="ignore", invalid="ignore"):
        # Times nearest^2, which cancels when they are normalized, nothing can overflow.
        weights = ((1 - distances / reach) * (nearest / distances)) ** 2
    at_once = (nearest == 0).ravel()
    weights[at_once] = distances[at_once] == 0
    equal = (reach == nearest).ravel()
    weights[equal] = 1.0
    shares: Floats = weights / weights.sum(axis=1, keepdims=True)
    return shares


class _Search:
    """Find known points near queries; distances are exact, for a query may be a known point."""

    def __init__(self, known: Floats, count: int) -> None:
        self._known, self._count = known, count
        self._center = known.mean(axis=0)
        if known.shape[1] <= TREE_MAX_DIMENSION:
            from scipy.spatial import cKDTree

            self._find = cKDTree(known).query
        else:
            from sklearn.neighbors import NearestNeighbors

            # The search computes |a|^2 + |b|^2 - 2ab, which loses precision far from the origin.
            nearby = NearestNeighbors(n_neighbors=count, algorithm="brute")
            self._find = nearby.fit(known - self._center).kneighbors

    def nearest(self, queries: Floats) -> tuple[Integers, Floats]:
        """Return the rows [B, K] of the nearest known points and their squared distances."""
        if self._known.shape[1] <= TREE_MAX_DIMENSION:
            found = self._find(queries, self._count)[1].reshape(len(queries), self._count)
        else:
            found = self._find(queries - self._center)[1]
        difference = self._known[found] - queries[:, None, :]
        squared = np.einsum("mkw,mkw->mk", difference, difference)
        order = np.argsort(squared, axis=1, kind="stable")
        return np.take_along_axis(found, order, 1), np.take_along_axis(squared, order, 1)
