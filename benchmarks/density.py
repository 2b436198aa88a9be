"""Time what is drawn as a grid over a 2-D map: densities, log ratio and distortion.

Usage: python benchmarks/density.py [--points 10000] [--set-points 2000] [--side 128]
                                    [--repeats 7] [--json]

Posteriors of a Gaussian mixture in 10 dimensions with correlated shadows on the map, as a trained
VAE has. First one density of many points, beside the naive sum of densities of the same mixture
(evaluated at the cells' centers, one component after another), then the whole set of grids for
the usual number of points. Run with OMP_NUM_THREADS=1 for a single thread.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import orjson

from latelier.analysis.cell_mass import cell_mass
from latelier.analysis.density import common_grid
from latelier.analysis.gaussians import Gaussians, PlaneMixture
from latelier.analysis.grid import Grid
from latelier.analysis.neighbors import knn
from latelier.analysis.plane import plane_payloads
from latelier.analysis.projection import pca

COMPONENTS = 10
DIMENSIONS = 10


def make_latents(points: int, seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    chosen = rng.integers(0, COMPONENTS, points)
    centers = rng.normal(size=(COMPONENTS, DIMENSIONS)) * 2
    scales = rng.uniform(-3.5, 0, DIMENSIONS)  # some dimensions are precise, some are not
    return {
        "dataset_idx": np.arange(points),
        "z": (centers[chosen] + rng.normal(size=(points, DIMENSIONS))).astype(np.float32),
        "log_var": (scales + 0.4 * rng.normal(size=(points, DIMENSIONS))).astype(np.float32),
        "responsibilities": rng.dirichlet(np.full(COMPONENTS, 0.3), points).astype(np.float32),
        "prior_mu": centers.astype(np.float32),
        "prior_log_var": np.zeros((COMPONENTS, DIMENSIONS), np.float32),
    }


def naive_mass(mixture: PlaneMixture, grid: Grid) -> np.ndarray:
    from scipy.stats import multivariate_normal

    centers, total = grid.centers(), np.zeros(grid.width * grid.height)
    for mean, (xx, xy, yy), weight in zip(
        mixture.mean, mixture.covariance, mixture.weights, strict=True
    ):
        total += weight * multivariate_normal.pdf(centers, mean, [[xx, xy], [xy, yy]])
    return total.reshape(grid.height, grid.width) * grid.area


def median_ms(work: Callable[[], Any], repeats: int) -> float:
    work()  # imports and caches
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times)


def measure_density(points: int, side: int, repeats: int) -> dict[str, float]:
    latents = make_latents(points)
    projection = pca(latents["z"], 2)
    mixture = Gaussians.of(latents["z"], latents["log_var"]).on(projection)
    grid = common_grid([mixture], side)
    found, start = cell_mass(mixture, grid), time.perf_counter()
    naive = naive_mass(mixture, grid)
    naive_ms = (time.perf_counter() - start) * 1e3

    def whole() -> None:
        own = Gaussians.of(latents["z"], latents["log_var"]).on(projection)
        cell_mass(own, common_grid([own], side))

    ours = median_ms(whole, repeats)
    return {
        "density_ms": ours,
        "naive_ms": naive_ms,
        "times_faster": naive_ms / ours,
        "largest_difference_of_peak": float(np.abs(found - naive).max() / naive.max()),
    }


def measure_set(points: int, side: int, repeats: int) -> dict[str, float]:
    latents = make_latents(points)
    drawn = pca(latents["z"], 2)
    near = knn(latents["z"], 15)

    def whole() -> list[tuple[str, dict[str, Any], float]]:
        return list(plane_payloads(latents, drawn, method="pca", grid_side=side, neighbors=near))

    def written() -> int:
        payloads = [payload for _, payload, _ in whole()]
        return sum(len(orjson.dumps(p, option=orjson.OPT_SERIALIZE_NUMPY)) for p in payloads)

    parts = {kind: took for kind, _, took in whole()}
    return parts | {
        "set_ms": median_ms(whole, repeats),
        "set_with_json_ms": median_ms(written, repeats),
        "json_bytes": written(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=10_000)
    parser.add_argument("--set-points", type=int, default=2_000)
    parser.add_argument("--side", type=int, default=128)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args()
    results = {
        f"density, {asked.points} points": measure_density(asked.points, asked.side, asked.repeats),
        f"all grids, {asked.set_points} points": measure_set(
            asked.set_points, asked.side, asked.repeats
        ),
    }
    if asked.json:
        print(json.dumps(results))
        return
    for name, values in results.items():
        print(f"{name}, {asked.side} × {asked.side} cells")
        for part, value in values.items():
            print(f"  {part:30}{value:14.4g}")


if __name__ == "__main__":
    main()
