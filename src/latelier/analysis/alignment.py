"""Laying one epoch's map on the previous one's, so that only real change moves.

Shapes: N points, D latent dimensions, d = 2 or 3 drawn dimensions; lengths in latent units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from latelier.analysis.arrays import Floats, Integers, finite_array, point_keys
from latelier.analysis.projection import Projection, bounds_of, variance_ratio
from latelier.config.errors import DataError, ShapeError

CHANGED_TOLERANCE = 1e-6
"""A matrix nearer to the identity than this, and a shift shorter than this, change nothing."""


@dataclass(frozen=True, eq=False)
class Alignment:
    """The rigid motion that lays one epoch's map on the previous one's.

    `aligned = coords @ matrix + shift`. The scale is 1 on purpose: growth is real change.

    Attributes:
        matrix: Orthogonal, [d, d]; its determinant is -1 where the map was mirrored.
        shift: Added after turning, [d], in latent units.
        residual: Root mean square distance that is left between the common points.
        relative_residual: The residual over the root mean square radius of the previous map's
            common points; 0 where that radius and the residual are both 0.
        changed: Whether the motion is anything but standing still.
        common_points: How many points both maps hold.
    """

    matrix: Floats
    shift: Floats
    residual: float
    relative_residual: float
    changed: bool
    common_points: int
    scale: float = 1.0

    @classmethod
    def identity(cls, dims: int) -> Alignment:
        """Return the motion that stands still: for a first epoch, or for latents as they are.

        Args:
            dims: The number of drawn dimensions.

        Returns:
            An alignment without change and without a previous map.
        """
        return cls(np.eye(dims), np.zeros(dims), 0.0, 0.0, False, 0)

    def moved(self, coords: npt.ArrayLike) -> npt.NDArray[np.float32]:
        """Apply the motion to coordinates [N, d]; as they are where nothing changed."""
        drawn = np.asarray(coords, dtype=np.float64)
        if self.changed:
            drawn = drawn @ self.matrix + self.shift
        return drawn.astype(np.float32)

    def payload(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "matrix": self.matrix,
            "shift": self.shift,
            "scale": self.scale,
            "residual": self.residual,
            "relative_residual": self.relative_residual,
            "changed": self.changed,
            "common_points": self.common_points,
        }

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> Alignment:
        """Read an alignment back from its JSON form.

        Args:
            payload: What `payload` returned, read from JSON.

        Returns:
            The alignment.
        """
        return cls(
            matrix=np.asarray(payload["matrix"], dtype=np.float64),
            shift=np.asarray(payload["shift"], dtype=np.float64),
            residual=float(payload["residual"]),
            relative_residual=float(payload["relative_residual"]),
            changed=bool(payload["changed"]),
            common_points=int(payload["common_points"]),
        )


def align_pca(previous: Projection, current: Projection) -> Alignment:
    """Find the rigid motion that lays the current map on the previous one.

    Orthogonal Procrustes on the points that both maps hold, after centering them: it undoes
    flipped signs, swapped axes and turns, and leaves what really moved as the residual. Latents
    that are shown as they are stay as they are: their alignment is the identity.

    Args:
        previous: The (already aligned) map of the epoch before.
        current: The map to be aligned.

    Returns:
        The motion; `aligned(current, motion)` applies it.

    Raises:
        ShapeError: If the maps differ in their number of dimensions.
        DataError: If the maps have no point in common.

    Source:
        Schönemann, A generalized solution of the orthogonal Procrustes problem (1966),
        Psychometrika 31(1), doi:10.1007/BF02289451; reflections allowed.
    """
    target, source = _common_points(
        previous.coords, previous.dataset_idx, current.coords, current.dataset_idx
    )
    if current.method == "identity":
        return _motion(target, source, np.eye(current.dims), np.zeros(current.dims))
    return _procrustes(target, source)


def align_map(
    previous: npt.ArrayLike,
    previous_idx: npt.ArrayLike,
    coords: npt.ArrayLike,
    dataset_idx: npt.ArrayLike,
) -> Alignment:
    """Find the rigid motion that lays any map on a previous one, such as UMAP's.

    As `align_pca`: a turn or mirroring and a shift, fitted to the points that both maps hold;
    never a scale. `Alignment.moved` applies it.

    Args:
        previous: The (already aligned) coordinates of the map before, [N, d].
        previous_idx: Their `dataset_idx`, [N].
        coords: The coordinates to be aligned, [M, d].
        dataset_idx: Their `dataset_idx`, [M].

    Returns:
        The motion.

    Raises:
        ShapeError: If the maps differ in their number of dimensions, or a key is missing.
        DataError: If a number is not finite, or the maps have no point in common.
    """
    before = finite_array("previous", previous, dims=2)
    now = finite_array("coords", coords, dims=2)
    keys_before = point_keys(previous_idx, count=len(before))
    return _procrustes(
        *_common_points(before, keys_before, now, point_keys(dataset_idx, count=len(now)))
    )


def aligned(projection: Projection, alignment: Alignment) -> Projection:
    """Move a projection by an alignment, and its mean and components with it.

    Args:
        projection: The projection as `pca` made it.
        alignment: The motion, as `align_pca` found it.

    Returns:
        The moved projection: `coords = (latents - mean) @ components.T` still holds, and the
        ratios and bounds are those of the moved axes. The same object where nothing changed.

    Raises:
        ShapeError: If the two differ in their number of dimensions.
    """
    if alignment.matrix.shape != (projection.dims, projection.dims):
        raise ShapeError(
            f"the alignment has shape {list(alignment.matrix.shape)}",
            expected=f"[{projection.dims}, {projection.dims}]",
        )
    if not alignment.changed:
        return projection
    coords = alignment.moved(projection.coords)
    components = alignment.matrix.T @ projection.components
    # The rows of the components are orthonormal, so a shift of the map is a shift of the mean.
    mean = projection.mean - alignment.shift @ components
    drawn = float(projection.coords.astype(np.float64).var(axis=0).sum())
    total = _ratio(drawn, float(projection.explained_variance_ratio.sum()))
    return replace(
        projection,
        coords=coords,
        mean=mean,
        components=components,
        explained_variance_ratio=variance_ratio(coords, total),
        bounds=bounds_of(coords, projection.method),
    )


def _common_points(
    before: npt.NDArray[Any], before_idx: Integers, now: npt.NDArray[Any], now_idx: Integers
) -> tuple[Floats, Floats]:
    """Return the coordinates of the points both maps hold, in the same order, as float64."""
    if before.shape[1] != now.shape[1]:
        raise ShapeError(
            f"the current map has {now.shape[1]} dimensions", expected=f"{before.shape[1]}"
        )
    if not np.array_equal(before_idx, now_idx):
        _, rows_before, rows_now = np.intersect1d(
            before_idx, now_idx, assume_unique=True, return_indices=True
        )
        before, now = before[rows_before], now[rows_now]
    if len(before) == 0:
        raise DataError(
            "two maps without a common point cannot be aligned",
            expected="at least one dataset_idx in both",
            remedy="Use the same visualization indices for both epochs.",
        )
    return before.astype(np.float64), now.astype(np.float64)


def _procrustes(target: Floats, source: Floats) -> Alignment:
    """Return the rigid motion of the source that comes nearest to the target."""
    target_mean, source_mean = target.mean(axis=0), source.mean(axis=0)
    left, _, right = np.linalg.svd((source - source_mean).T @ (target - target_mean))
    matrix = left @ right
    return _motion(target, source, matrix, target_mean - source_mean @ matrix)


def _motion(target: Floats, source: Floats, matrix: Floats, shift: Floats) -> Alignment:
    """Measure what a motion changes, and what it leaves."""
    residual = _rms_length(source @ matrix + shift - target)
    radius = _rms_length(target - target.mean(axis=0))
    return Alignment(
        matrix=matrix,
        shift=shift,
        residual=residual,
        relative_residual=_ratio(residual, radius),
        changed=bool(
            np.abs(matrix - np.eye(len(matrix))).max() > CHANGED_TOLERANCE
            or np.abs(shift).max() > CHANGED_TOLERANCE * max(radius, 1.0)
        ),
        common_points=len(target),
    )


def _rms_length(vectors: Floats) -> float:
    return float(np.sqrt((vectors**2).sum(axis=1).mean()))


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0
