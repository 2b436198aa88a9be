"""Everything that is drawn as a grid over one 2-D map, from the latents of an epoch.

Shapes: N points, D latent dimensions, P components of the prior, W × H cells.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from latelier.analysis.arrays import Floats, Integers, finite_array
from latelier.analysis.density import (
    Density,
    Spread,
    codes_spread,
    common_grid,
    density_of,
    neighbor_bandwidth,
    samples_spread,
)
from latelier.analysis.distortion import metric_ratio
from latelier.analysis.gaussians import Gaussians
from latelier.analysis.grid import Grid, read_values
from latelier.analysis.log_ratio import log_ratio
from latelier.analysis.neighbors import Neighbors, knn
from latelier.analysis.projection import Projection
from latelier.analysis.trust import thin_edge, trust
from latelier.config.errors import DataError, ShapeError

SAMPLES = 10_000
"""At least so many samples are placed on a map that is not linear, for each density."""

Arrays = Mapping[str, npt.NDArray[Any]]
Place = Callable[[Floats, Floats, Floats], npt.NDArray[Any]]
"""New latents [M, D], latents [N, D] and their coordinates [N, 2] → coordinates [M, 2]."""


class Drawn(Protocol):
    """A map of the points: a `Projection`, or one that is not linear."""

    @property
    def method(self) -> str:
        """What made it."""

    @property
    def dataset_idx(self) -> Integers:
        """The key of each point, [N]."""

    @property
    def coords(self) -> npt.NDArray[np.float32]:
        """Coordinates, [N, 2]."""


def plane_payloads(
    latents: Arrays,
    drawn: Drawn,
    *,
    method: str,
    grid_side: int = 128,
    k: int = 15,
    seed: int = 0,
    neighbors: Neighbors | None = None,
    place: Place | None = None,
) -> Iterator[tuple[str, dict[str, Any], float]]:
    """Compute the densities, their log ratio and the distortion of one 2-D map.

    Args:
        latents: What the latents artifact holds: `z`, `dataset_idx`, and where there are any
            `log_var`, `responsibilities`, `prior_mu` and `prior_log_var`.
        drawn: The map of the same points in the same order.
        method: `pca` or `umap`: the end of the kinds' names.
        grid_side: Cells along each axis.
        k: Neighbors for the distortion, where `neighbors` is not given.
        seed: Seed of the samples that are placed on a map that is not linear.
        neighbors: The nearest neighbors of `z`; computed where not given.
        place: Puts latents on a map that is not linear; `placing.place` where not given.

    Yields:
        Kind, payload and milliseconds, each when it is asked for: `posterior_2d_*`, `prior_2d_*`
        (with a prior), `prior_empirical_2d_*` (with a mixture), `prior_minus_posterior_2d_*`
        (with a prior), `metric_ratio_2d_*` (with two points or more). All have the same cells.

    Raises:
        ShapeError: If the map has not two dimensions.
        DataError: If map and latents are not of the same points, or a number is not finite.
    """
    _require_same_points(latents, drawn)
    since = time.perf_counter()
    spreads = plane_spreads(latents, drawn, seed=seed, place=place)
    grid = common_grid([spread.mixture for spread in spreads.values()], grid_side)
    about = {"method": drawn.method, "dims": 2}
    densities: dict[str, Density] = {}
    for name, spread in spreads.items():
        densities[name] = density_of(spread, grid)
        yield _timed(f"{name}_2d_{method}", about | densities[name].payload(), since)
        since = time.perf_counter()
    if "prior" in densities:
        ratio = log_ratio(densities["prior"], densities["posterior"])
        yield _timed(f"prior_minus_posterior_2d_{method}", about | ratio.payload(), since)
    since = time.perf_counter()
    count = len(drawn.coords)
    if count > 1:
        near = neighbors or knn(latents["z"], min(k, count - 1), dataset_idx=drawn.dataset_idx)
        stretch = metric_ratio(near, drawn.coords, grid)
        yield _timed(f"metric_ratio_2d_{method}", about | stretch.payload(), since)


def plane_spreads(
    latents: Arrays, drawn: Drawn, *, seed: int = 0, place: Place | None = None
) -> dict[str, Spread]:
    """Describe the densities on a map as mixtures of planar Gaussians.

    On a linear map they are exact. On another one, samples are drawn and placed; codes without
    variances stay where they are drawn.

    Args:
        latents: As in `plane_payloads`.
        drawn: The map.
        seed: Seed of the samples.
        place: As in `plane_payloads`.

    Returns:
        `posterior`, and where there are any `prior` and `prior_empirical`, in this order.
    """
    put = _putting(latents, drawn, seed, place)
    count = len(latents["z"])
    spreads = {}
    if "log_var" in latents:
        gaussians = Gaussians.of(latents["z"], latents["log_var"])
        spreads["posterior"] = put(gaussians, {"source": "posterior", "count": count})
    elif isinstance(drawn, Projection):
        spreads["posterior"] = codes_spread(drawn.coords)
    else:
        facts: dict[str, Any] = {"source": "posterior", "estimator": "codes", "samples": None}
        spreads["posterior"] = samples_spread(
            drawn.coords, neighbor_bandwidth(drawn.coords), count=count, **facts
        )
    for name, kind, prior in _priors(latents):
        facts = {"source": "prior", "prior_kind": kind, "count": count, "weights": prior.weights}
        spreads[name] = put(prior, facts)
    return spreads


def trust_grid(posterior: Mapping[str, Any], side: int) -> Grid:
    """Lay the cells of the trust map over those of a density.

    Args:
        posterior: Payload of the posterior's density, computed or read from JSON.
        side: Cells along each axis.
    """
    fine = Grid.from_payload(posterior)
    return Grid(side, side, fine.low, fine.high)


def trust_payload(
    grid: Grid,
    cycle_error: npt.ArrayLike,
    *,
    posterior: Mapping[str, Any],
    metric_ratio: Mapping[str, Any] | None,
    drawn: Drawn,
) -> dict[str, Any]:
    """Combine density, cycle error and distortion into the trust artifact of a map.

    Args:
        grid: The cells, from `trust_grid`.
        cycle_error: Relative cycle error at the center of each cell, [H · W] in the order of
            `grid.centers()`; NaN where not measured.
        posterior: Payload of the posterior's density on the map.
        metric_ratio: Payload of the distortion of the map; None where there is none.
        drawn: The map.

    Returns:
        The payload; values of the finer grids are averaged over the cells.
    """
    density = Grid.from_payload(posterior).regrid(read_values(posterior), grid)
    stretch = None
    if metric_ratio is not None:
        of_ratio = Grid.from_payload(metric_ratio)
        stretch = of_ratio.regrid(read_values(metric_ratio), grid)
    found = trust(
        grid,
        density,
        cycle_error,
        stretch,
        edge=thin_edge(grid, density, drawn.coords),
        count=len(drawn.coords),
    )
    return {"method": drawn.method, "dims": 2} | found.payload()


def _priors(latents: Arrays) -> Iterator[tuple[str, str, Gaussians]]:
    if "prior_mu" not in latents:
        return
    mu, log_var = latents["prior_mu"], latents["prior_log_var"]
    yield "prior", "uniform", Gaussians.of(mu, log_var)
    responsibilities = latents.get("responsibilities")
    if len(mu) > 1 and responsibilities is not None and responsibilities.shape[1] == len(mu):
        used = finite_array("responsibilities", responsibilities, dims=2).mean(axis=0)
        yield "prior_empirical", "empirical", Gaussians.of(mu, log_var, used)


def _putting(
    latents: Arrays, drawn: Drawn, seed: int, place: Place | None
) -> Callable[[Gaussians, dict[str, Any]], Spread]:
    """Return what puts a mixture of latent space on the map."""
    if isinstance(drawn, Projection):
        projection = drawn
        return lambda gaussians, facts: Spread(gaussians.on(projection), facts)
    placed = place or _default_place()
    z, coords = np.asarray(latents["z"], np.float64), np.asarray(drawn.coords, np.float64)
    bandwidth = neighbor_bandwidth(coords)

    def put(gaussians: Gaussians, facts: dict[str, Any]) -> Spread:
        """Draw from the Gaussians and put what was drawn on the map, as a spread."""
        count = -(-SAMPLES // len(z)) * len(z)  # the same number from each point's posterior
        return samples_spread(placed(gaussians.draws(count, seed), z, coords), bandwidth, **facts)

    return put


def _default_place() -> Place:
    from latelier.analysis.placing import place

    return place


def _require_same_points(latents: Arrays, drawn: Drawn) -> None:
    if drawn.coords.ndim != 2 or drawn.coords.shape[1] != 2:
        raise ShapeError(f"the map has shape {list(drawn.coords.shape)}", expected="[N, 2]")
    if not np.array_equal(latents["dataset_idx"], drawn.dataset_idx):
        raise DataError(
            "map and latents are not of the same points",
            got=f"{len(drawn.dataset_idx)} points on the map",
            expected=f"the {len(latents['dataset_idx'])} of the latents, in their order",
        )


def _timed(kind: str, payload: dict[str, Any], since: float) -> tuple[str, dict[str, Any], float]:
    took = round((time.perf_counter() - since) * 1000, 3)
    payload["meta"]["compute_ms"] = took
    return kind, payload, took
