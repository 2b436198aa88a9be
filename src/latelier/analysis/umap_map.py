"""UMAP maps of latents, as umap-learn makes them: from exact neighbors, seeded, on one thread.

Shapes: N points, D latent dimensions, d = 2 or 3 drawn dimensions. Unlike those of a projection,
the units of a UMAP map are its own.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import numpy.typing as npt

from latelier.analysis.arrays import Floats, Integers, finite_array, point_keys
from latelier.analysis.neighbors import Neighbors, knn
from latelier.analysis.projection import Bounds, DrawnMap, bounds_of, points_of
from latelier.analysis.quality import projection_quality
from latelier.config.errors import ConfigError, DataError, ShapeError

Coords = npt.NDArray[np.float32]

LEAST_POINTS = 3
"""A map of fewer points has no neighborhood to keep: umap-learn needs two neighbors of each."""

_JITTER = 1e-3
"""Noise where an axis of the start is constant, in spreads of its widest axis."""

_WARM_UP_POINTS = 64
_EXPECTED_WARNINGS = (
    # We place new points ourselves, so the search index that this asks for would be of no use.
    (UserWarning, r"precomputed_knn\[2\] \(knn_search_index\)"),
    # Said at import; the parametric variant is not used.
    (ImportWarning, "Tensorflow not installed; ParametricUMAP will be unavailable"),
)


@final
@dataclass(frozen=True, eq=False)
class UmapMap(DrawnMap):
    """One UMAP map, how it was made, and how far it can be trusted.

    Attributes:
        dataset_idx: The key of each point, [N].
        coords: Coordinates, [N, d] float32, after alignment to the map before.
        parameters: `n_neighbors`, `min_dist`, `seed`, and `init`: what the layout began from.
        bounds: The box of the coordinates.
        quality: `trustworthiness` and `continuity` of the map, and the `k` they compare.
    """

    dataset_idx: Integers
    coords: Coords
    parameters: Mapping[str, Any]
    bounds: Bounds
    quality: Mapping[str, Any]
    method: str = "umap"

    @classmethod
    def measured(
        cls,
        latents: npt.ArrayLike,
        coords: npt.ArrayLike,
        *,
        seed: int,
        n_neighbors: int,
        min_dist: float,
        dataset_idx: npt.ArrayLike | None = None,
    ) -> UmapMap:
        """Describe coordinates that `umap_map` made, aligned or not.

        Args:
            latents: Latent vectors, [N, D].
            coords: Their coordinates, [N, d].
            seed: What `umap_map` was given.
            n_neighbors: The number of neighbors it was given.
            min_dist: What it was given.
            dataset_idx: The key of each point, [N]; the row numbers where not given.

        Returns:
            The map. Its quality compares neighborhoods of `n_neighbors`, or of the largest size
            below N / 2.

        Raises:
            ShapeError: If there is not one coordinate row per latent.
            DataError: If a number is not finite.
        """
        drawn = finite_array("coords", coords, dims=2).astype(np.float32)
        k = min(n_neighbors, (len(drawn) - 1) // 2)
        scores = projection_quality(latents, drawn, k)
        return cls(
            dataset_idx=point_keys(dataset_idx, count=len(drawn)),
            coords=drawn,
            parameters={
                "n_neighbors": n_neighbors,
                "min_dist": min_dist,
                "seed": seed,
                "init": "pca",
            },
            bounds=bounds_of(drawn, "umap"),
            quality={
                "k": k,
                "trustworthiness": scores.trustworthiness,
                "continuity": scores.continuity,
            },
        )

    def _making(self) -> dict[str, Any]:
        return {"parameters": dict(self.parameters), "quality": dict(self.quality)}

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> UmapMap:
        """Read a map back from its JSON form.

        Args:
            payload: What `payload` returned, read from JSON; further fields are passed over.

        Returns:
            The map.
        """
        dataset_idx, coords, bounds = points_of(payload)
        return cls(
            dataset_idx=dataset_idx,
            coords=coords,
            parameters=dict(payload["parameters"]),
            bounds=bounds,
            quality=dict(payload["quality"]),
        )


def umap_map(
    latents: npt.ArrayLike,
    neighbors: Neighbors,
    init: npt.ArrayLike,
    *,
    seed: int,
    min_dist: float = 0.1,
    progress: Callable[[float], None] | None = None,
) -> Coords:
    """Lay out latents by UMAP.

    umap-learn gets our exact neighbors, begins at `init` (whose axes it stretches to 0..10 each)
    and runs on one thread with a generator of its own: same input, same output, bit for bit, and
    the global generators are left alone. As umap-learn counts, a point is the first of its
    `neighbors.k` neighbors. A constant axis of `init`, which cannot be stretched, starts from
    seeded noise; latents that are all one point are drawn as one point, the origin.

    Args:
        latents: Latent vectors, [N, D], D > d.
        neighbors: Their nearest neighbors, k >= 2.
        init: Coordinates to begin at, [N, d], such as the epoch's aligned PCA.
        seed: Seed of the layout's random numbers.
        min_dist: Least distance between points, in units of the map; 0 to 1.
        progress: Called with the share of the layout that is done, ascending to 1. An exception
            that it raises ends the layout and is passed on.

    Returns:
        Coordinates, [N, d].

    Raises:
        ConfigError: If umap-learn is not installed.
        ShapeError: If latents, neighbors and start disagree on N.
        DataError: If D <= d, a number is not finite, there are fewer than three points or two
            neighbors, or a setting is outside its range.

    Source:
        McInnes, Healy & Melville, arXiv:1802.03426.
    """
    points = finite_array("latents", latents, dims=2)
    start = finite_array("init", init, dims=2)
    _check(points, neighbors, start, min_dist)
    report = progress if progress is not None else _ignore
    if not np.ptp(points, axis=0).any():
        report(1.0)
        return np.zeros(start.shape, dtype=np.float32)
    rows, k = np.arange(len(points)), neighbors.k
    near = np.column_stack([rows, neighbors.indices[:, : k - 1]])
    far = np.column_stack([np.zeros(len(points)), neighbors.distances[:, : k - 1]])
    with _umap() as library:
        layout = library.UMAP(
            n_neighbors=k,
            n_components=start.shape[1],
            min_dist=min_dist,
            init=_stretchable(start, seed).astype(np.float32),
            random_state=seed,
            n_jobs=1,
            precomputed_knn=(near, far.astype(np.float32)),
            tqdm_kwds=_Progress(report).options(),
        )
        coords: Coords = np.ascontiguousarray(layout.fit_transform(points.astype(np.float32)))
    report(1.0)
    return coords


def warm_up() -> None:
    """Have umap-learn compile itself, so that the next map takes only its own time.

    Compilation takes 6 to 35 seconds in each process, however large the map. It never includes
    umap-learn's own neighbor search, since neighbors are given.

    Raises:
        ConfigError: If umap-learn is not installed.
    """
    points = np.random.default_rng(0).normal(size=(_WARM_UP_POINTS, 4))
    umap_map(points, knn(points, 5), points[:, :2], seed=0)


class _Progress:
    """A text file that tqdm writes `done/total` into: the hook that umap-learn offers."""

    def __init__(self, report: Callable[[float], None]) -> None:
        self._report = report
        self._last = 0.0

    def options(self) -> dict[str, Any]:
        """Return what umap-learn hands on to tqdm."""
        return {
            "file": self,
            "disable": False,
            "bar_format": "{n}/{total}",
            "mininterval": 0.1,
            "dynamic_ncols": False,
        }

    def write(self, text: str) -> None:
        """Read how far the layout is; tqdm also writes blanks and line ends."""
        found = re.fullmatch(r"\s*(\d+)/(\d+)\s*", text)
        done = int(found[1]) / int(found[2]) if found else 0.0
        if self._last < done < 1:  # the end is reported once, when the map is there
            self._last = done
            self._report(done)

    def flush(self) -> None:
        """Do nothing: what is written is read at once."""


def _ignore(share: float) -> None:
    """Take a share of the work, and do nothing."""


def _check(points: Floats, neighbors: Neighbors, start: Floats, min_dist: float) -> None:
    count, width = points.shape
    for name, rows in (("neighbors", len(neighbors.indices)), ("init", len(start))):
        if rows != count:
            raise ShapeError(f"{name} has {rows} rows", expected=f"{count}, one per latent")
    dims = start.shape[1]
    if dims not in (2, 3):
        raise DataError("a map has two or three dimensions", got=dims, expected="2 or 3")
    if width <= dims:
        raise DataError(
            f"{width}-D latents are shown as they are",
            got=f"a {dims}-D UMAP map of them",
            expected=f"more than {dims} latent dimensions",
            remedy="Look at the map of the latents themselves: method pca.",
        )
    if count < LEAST_POINTS or neighbors.k < 2:
        raise DataError(
            "a UMAP map needs three points and two neighbors of each",
            got=f"{count} points, {neighbors.k} neighbors",
            remedy="Raise analysis.points and analysis.umap_neighbors.",
        )
    if not 0 <= min_dist <= 1:
        raise DataError("min_dist is out of range", got=min_dist, expected="0 to 1")


def _stretchable(start: Floats, seed: int) -> Floats:
    """Return the start with noise on constant axes: their range is something to divide by."""
    spread = np.ptp(start, axis=0)
    # Below this the spread is rounding: of float32, which is what umap-learn computes in.
    flat = spread <= np.finfo(np.float32).eps * np.abs(start).max(initial=0.0)
    if not flat.any():
        return start
    scale = _JITTER * spread.max() if not flat.all() else 1.0
    noise = np.random.default_rng(seed).normal(scale=scale, size=start.shape)
    return np.where(flat, noise, start)


@contextmanager
def _umap() -> Iterator[Any]:
    """Give the library, silence what it is known to say, and keep its thread count its own."""
    with warnings.catch_warnings():
        for category, message in _EXPECTED_WARNINGS:
            warnings.filterwarnings("ignore", message=message, category=category)
        try:
            import numba
            import umap
        except ModuleNotFoundError as error:
            raise ConfigError(
                "UMAP maps need a package that is not installed",
                got=f"no module named {error.name}",
                expected="umap-learn",
                remedy='Run `pip install "latelier[projections]"`.',
            ) from error
        threads = numba.get_num_threads()
        try:
            yield umap
        finally:
            numba.set_num_threads(threads)  # a layout that is broken off leaves it at one
