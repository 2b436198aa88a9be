"""Principal components of latents.

Shapes: N points, D latent dimensions, d = 2 or 3 drawn dimensions. Coordinates are in the units
of the latents: a projection turns and drops, it never rescales.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import numpy.typing as npt

from latelier.analysis.arrays import Floats, Integers, finite_array, point_keys
from latelier.config.errors import DataError

ROBUST_QUANTILE = 0.01
"""Share of the points left outside the robust bounds at each end of each axis."""


@dataclass(frozen=True, eq=False)
class Bounds:
    """The box that a map is drawn in, for one method and one number of dimensions.

    Attributes:
        method: The projection's method.
        low: Smallest coordinate of each axis, [d].
        high: Largest coordinate of each axis, [d].
        robust_low: `ROBUST_QUANTILE` of each axis, [d].
        robust_high: 1 - `ROBUST_QUANTILE` of each axis, [d].
    """

    method: str
    low: Floats
    high: Floats
    robust_low: Floats
    robust_high: Floats

    def payload(self) -> dict[str, Any]:
        """Return the JSON form: `full` and `robust` boxes, and what they belong to."""
        return {
            "method": self.method,
            "dims": len(self.low),
            "full": {"min": self.low, "max": self.high},
            "robust": {
                "min": self.robust_low,
                "max": self.robust_high,
                "quantile": ROBUST_QUANTILE,
            },
        }

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> Bounds:
        """Read a box back from its JSON form.

        Args:
            payload: What `payload` returned, read from JSON.

        Returns:
            The box.
        """
        full, robust = payload["full"], payload["robust"]
        corners = (full["min"], full["max"], robust["min"], robust["max"])
        return cls(str(payload["method"]), *(np.asarray(corner, float) for corner in corners))


class DrawnMap(ABC):
    """Coordinates of points in two or three dimensions, whatever made them.

    Attributes:
        method: What made the coordinates.
        dataset_idx: The key of each point, [N].
        coords: Coordinates, [N, d] float32.
        bounds: The box of the coordinates.
    """

    method: str
    dataset_idx: Integers
    coords: npt.NDArray[np.float32]
    bounds: Bounds

    @property
    def dims(self) -> int:
        """The number of drawn dimensions, 2 or 3."""
        return int(self.coords.shape[1])

    def payload(self) -> dict[str, Any]:
        """Return the JSON form, row by row in the order of `dataset_idx`."""
        return {
            "method": self.method,
            "dims": self.dims,
            "dataset_idx": self.dataset_idx,
            "coords": self.coords,
            **self._making(),
            "bounds": self.bounds.payload(),
        }

    @abstractmethod
    def _making(self) -> dict[str, Any]:
        """Return the fields of the JSON form that say how the coordinates were made."""


def points_of(
    payload: Mapping[str, Any],
) -> tuple[Integers, npt.NDArray[np.float32], Bounds]:
    """Read keys [N], coordinates [N, d] and box back from the JSON form of a `DrawnMap`."""
    coords = np.asarray(payload["coords"], dtype=np.float32)
    return (
        np.asarray(payload["dataset_idx"], dtype=np.int64),
        coords.reshape(-1, int(payload["dims"])),
        Bounds.from_payload(payload["bounds"]),
    )


@final
@dataclass(frozen=True, eq=False)
class Projection(DrawnMap):
    """Coordinates of points, and the linear map that made them.

    `coords = (latents - mean) @ components.T`, also after `alignment.aligned`.

    Attributes:
        method: `"pca"`, or `"identity"` where the latents are shown as they are.
        dataset_idx: The key of each point, [N].
        coords: Coordinates, [N, d] float32.
        mean: What is subtracted from the latents, [D].
        components: One row per drawn axis, [d, D]. A row is zero where an axis is padded.
        explained_variance_ratio: Share of the latents' total variance on each axis, [d];
            zero where there is no variance at all.
        padded: The number of trailing axes that are all zero because D < d.
        bounds: The box of the coordinates.
    """

    method: str
    dataset_idx: Integers
    coords: npt.NDArray[np.float32]
    mean: Floats
    components: Floats
    explained_variance_ratio: Floats
    padded: int
    bounds: Bounds

    def _making(self) -> dict[str, Any]:
        return {
            "mean": self.mean,
            "components": self.components,
            "explained_variance_ratio": self.explained_variance_ratio,
            "padded": self.padded,
        }

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> Projection:
        """Read a projection back from its JSON form.

        Args:
            payload: What `payload` returned, read from JSON; further fields are passed over.

        Returns:
            The projection.
        """
        dataset_idx, coords, bounds = points_of(payload)
        return cls(
            method=str(payload["method"]),
            dataset_idx=dataset_idx,
            coords=coords,
            mean=np.asarray(payload["mean"], dtype=np.float64),
            components=np.asarray(payload["components"], dtype=np.float64),
            explained_variance_ratio=np.asarray(payload["explained_variance_ratio"]),
            padded=int(payload["padded"]),
            bounds=bounds,
        )


def pca(
    latents: npt.ArrayLike, dims: int, *, dataset_idx: npt.ArrayLike | None = None
) -> Projection:
    """Project latents on their principal components.

    Where D <= dims there is nothing to leave out: the latents are shown as they are
    (method `"identity"`), padded with zeros up to `dims`. The sign of each component is fixed:
    its entry of largest magnitude is positive. Same input, same output, bit for bit.

    Args:
        latents: Latent vectors, [N, D].
        dims: The number of drawn dimensions d, 2 or 3.
        dataset_idx: The key of each point, [N]; the row numbers where not given.

    Returns:
        The projection. One point, or constant latents, give zero coordinates and zero ratios.

    Raises:
        ShapeError: If `latents` is not a matrix with rows.
        DataError: If a latent is not finite, or `dims` is neither 2 nor 3.

    Source:
        Jolliffe, Principal Component Analysis (2002), 2nd ed., section 1.1.
    """
    return pca_maps(latents, (dims,), dataset_idx=dataset_idx)[dims]


def pca_maps(
    latents: npt.ArrayLike,
    dims: Collection[int] = (2, 3),
    *,
    dataset_idx: npt.ArrayLike | None = None,
) -> dict[int, Projection]:
    """Project latents on their principal components, in several numbers of dimensions at once.

    Args:
        latents: Latent vectors, [N, D].
        dims: Numbers of drawn dimensions, 2 or 3.
        dataset_idx: The key of each point, [N]; the row numbers where not given.

    Returns:
        What `pca` says for each, bit for bit.

    Raises:
        ShapeError: See `pca`.
        DataError: See `pca`.
    """
    points = finite_array("latents", latents, dims=2)
    if unknown := [number for number in dims if number not in (2, 3)]:
        raise DataError("a map has two or three dimensions", got=unknown[0], expected="2 or 3")
    keys = point_keys(dataset_idx, count=len(points))
    mean = points.mean(axis=0)
    centered = points - mean
    total = float(centered.var(axis=0).sum())
    axes = _principal_components(centered) if points.shape[1] > min(dims) else None
    maps = {}
    for number in dims:
        if axes is None or points.shape[1] <= number:
            maps[number] = _as_they_are(points, number, keys, total)
        else:
            maps[number] = _drawn("pca", centered, mean, axes[:number], keys, total)
    return maps


def _as_they_are(points: Floats, dims: int, keys: Integers, total: float) -> Projection:
    width = points.shape[1]
    return _drawn("identity", points, np.zeros(width), np.eye(dims, width), keys, total)


def _drawn(
    method: str, centered: Floats, mean: Floats, axes: Floats, keys: Integers, total: float
) -> Projection:
    coords = (centered @ axes.T).astype(np.float32)
    return Projection(
        method=method,
        dataset_idx=keys,
        coords=coords,
        mean=mean,
        components=axes,
        explained_variance_ratio=variance_ratio(coords, total),
        padded=max(len(axes) - axes.shape[1], 0),
        bounds=bounds_of(coords, method),
    )


def bounds_of(coords: npt.ArrayLike, method: str) -> Bounds:
    """Measure the full and the robust box of a map.

    Args:
        coords: Coordinates, [N, d].
        method: What made them: a box belongs to one method and one number of dimensions.

    Returns:
        The box, in the units of the coordinates.
    """
    drawn = np.sort(finite_array("coords", coords, dims=2), axis=0)
    low, high = (_quantile(drawn, share) for share in (ROBUST_QUANTILE, 1 - ROBUST_QUANTILE))
    return Bounds(method, drawn[0], drawn[-1], low, high)


def _quantile(ordered: Floats, share: float) -> Floats:
    """Return what `np.quantile` does of sorted columns [N, d], which is all that it costs here."""
    place = share * (len(ordered) - 1)
    below = int(place)
    low, high = ordered[below], ordered[min(below + 1, len(ordered) - 1)]
    rest = place - below
    found: Floats = low + (high - low) * rest if rest < 0.5 else high - (high - low) * (1 - rest)
    return found


def _principal_components(centered: Floats) -> Floats:
    """Return the leading eigenvectors as rows [3, D]; zero rows where the rank ends."""
    from scipy.linalg import eigh

    dims, (count, width) = 3, centered.shape
    wide = width > count
    # The smaller of the two Gram matrices has the same nonzero spectrum.
    gram = centered @ centered.T if wide else centered.T @ centered
    size = len(gram)
    kept = min(dims, size)
    values, vectors = eigh(gram, subset_by_index=[size - kept, size - 1])
    rows = np.zeros((dims, width))
    rows[:kept] = (centered.T @ vectors if wide else vectors).T[::-1]
    if wide:
        # Below this a direction is rounding, not data (the rank rule of numpy.linalg).
        floor = max(float(values[-1]), 0.0) * max(count, width) * np.finfo(np.float64).eps
        lengths = np.linalg.norm(rows[:kept], axis=1, keepdims=True)
        real = (values[::-1, None] > floor) & (lengths > 0)
        rows[:kept] = np.where(real, rows[:kept] / np.where(real, lengths, 1.0), 0.0)
    largest = np.abs(rows).argmax(axis=1)
    signs = np.where(rows[np.arange(dims), largest] < 0, -1.0, 1.0)
    return np.ascontiguousarray(rows * signs[:, None])


def variance_ratio(coords: npt.NDArray[np.float32], total: float) -> Floats:
    """Compute the share of a total variance that lies on each axis.

    Args:
        coords: Coordinates, [N, d].
        total: The total variance, such as that of the latents.

    Returns:
        Shares, [d]; zero where the total is.
    """
    variance = coords.astype(np.float64).var(axis=0)
    return variance / total if total > 0 else np.zeros_like(variance)
