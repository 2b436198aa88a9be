"""Time the fast analysis set: everything that is computed from latents at the end of each epoch.

Usage: python benchmarks/fast_set.py [--points 2000] [--dimensions 10] [--repeats 15] [--json]

Pure analysis and JSON encoding; the model's forward pass and writing to disk are not in it.
Prints the median of each part in milliseconds, on clustered latents and, as the harder case for
neighbor search, on latents without clusters. Run with OMP_NUM_THREADS=1 for a single thread.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from latelier import analysis

COMPONENTS = 10
NEIGHBORS = 15
IMAGES = 16


@dataclass(frozen=True)
class Epoch:
    """What a model hands to the fast set: two epochs' latents, and the terms of each point."""

    before: np.ndarray
    latents: np.ndarray
    labels: np.ndarray
    responsibilities: np.ndarray
    kl: np.ndarray
    reconstruction: np.ndarray
    images: np.ndarray
    outputs: np.ndarray
    dataset_idx: np.ndarray


def make_epoch(points: int, dimensions: int, spread: float, seed: int = 0) -> Epoch:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, COMPONENTS, points)
    centers = rng.normal(size=(COMPONENTS, dimensions)) * spread
    latents = (centers[labels] + rng.normal(size=(points, dimensions))).astype(np.float32)
    before = (latents + 0.1 * rng.normal(size=latents.shape)).astype(np.float32)
    images = rng.random((IMAGES, 1, 28, 28), dtype=np.float32)
    return Epoch(
        before=before,
        latents=latents,
        labels=labels,
        responsibilities=rng.dirichlet(np.full(COMPONENTS, 0.3), points).astype(np.float32),
        kl=rng.gamma(2.0, size=(points, dimensions)).astype(np.float32),
        reconstruction=rng.gamma(80.0, size=points).astype(np.float32),
        images=images,
        outputs=np.clip(images + 0.1 * rng.normal(size=images.shape), 0, 1),
        dataset_idx=np.sort(rng.choice(60_000, points, replace=False)),
    )


class Stopwatch:
    """Collects the milliseconds of named parts, over repeats."""

    def __init__(self) -> None:
        self.parts: dict[str, list[float]] = {}

    def time(self, name: str, work: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        result = work()
        self.parts.setdefault(name, []).append((time.perf_counter() - start) * 1e3)
        return result

    def medians(self) -> dict[str, float]:
        medians = {name: statistics.median(values) for name, values in self.parts.items()}
        medians["total"] = statistics.median(map(sum, zip(*self.parts.values(), strict=True)))
        return medians


def run_fast_set(epoch: Epoch, previous: dict[str, Any], watch: Stopwatch) -> int:
    keys = epoch.dataset_idx
    maps = {}
    alignments = {}
    for dims in (2, 3):
        name = f"{dims}d"
        drawn = watch.time(
            f"pca {name}", lambda d=dims: analysis.pca(epoch.latents, d, dataset_idx=keys)
        )
        motion, moved = watch.time(f"align {name}", lambda m=drawn, n=name: _align(previous[n], m))
        maps[name], alignments[name] = moved, motion
    near = watch.time("knn", lambda: analysis.knn(epoch.latents, NEIGHBORS, dataset_idx=keys))
    churn = watch.time("churn", lambda: analysis.neighbor_churn(previous["near"], near))
    payload = watch.time(
        "drawn, extents",
        lambda: analysis.neighbors_payload(near, {n: m.coords for n, m in maps.items()}),
    )
    health = watch.time("mixture", lambda: analysis.mixture_health(epoch.responsibilities))
    scores = watch.time("scores, probes", lambda: _scores(epoch, near))
    anatomy = watch.time("anatomy", lambda: _anatomy(epoch))
    grid = watch.time(
        "reconstructions", lambda: analysis.reconstruction_grid(epoch.images, epoch.outputs)
    )
    parts = [*maps.values(), *alignments.values(), churn, health, scores, anatomy, grid]
    return watch.time("json", lambda: _encode([payload, *(part.payload() for part in parts)]))


def _align(previous: Any, current: Any) -> tuple[Any, Any]:
    motion = analysis.align_pca(previous, current)
    return motion, analysis.aligned(current, motion)


def _scores(epoch: Epoch, near: Any) -> Any:
    analysis.linear_probe(epoch.latents, epoch.labels, COMPONENTS, seed=0)
    analysis.knn_probe(near.indices, epoch.labels, COMPONENTS)
    analysis.active_units(epoch.latents)
    assigned = epoch.responsibilities.argmax(axis=1)
    return analysis.clustering_scores(epoch.labels, assigned, COMPONENTS, COMPONENTS)


def _anatomy(epoch: Epoch) -> Any:
    return analysis.point_anatomy(
        epoch.reconstruction,
        kl_per_dimension=epoch.kl,
        responsibilities=epoch.responsibilities,
        labels=epoch.labels,
        dataset_idx=epoch.dataset_idx,
    )


def _encode(payloads: list[Any]) -> int:
    return sum(len(orjson.dumps(one, option=orjson.OPT_SERIALIZE_NUMPY)) for one in payloads)


def measure(points: int, dimensions: int, spread: float, repeats: int) -> dict[str, float]:
    epoch = make_epoch(points, dimensions, spread)
    previous = {
        f"{d}d": analysis.pca(epoch.before, d, dataset_idx=epoch.dataset_idx) for d in (2, 3)
    }
    previous["near"] = analysis.knn(epoch.before, NEIGHBORS, dataset_idx=epoch.dataset_idx)
    run_fast_set(epoch, previous, Stopwatch())  # imports and caches
    watch = Stopwatch()
    for _ in range(repeats):
        size = run_fast_set(epoch, previous, watch)
    return watch.medians() | {"json_bytes": size}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=2000)
    parser.add_argument("--dimensions", type=int, default=10)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args()
    results = {
        name: measure(asked.points, asked.dimensions, spread, asked.repeats)
        for name, spread in (("clustered", 2.0), ("no clusters", 0.0))
    }
    if asked.json:
        print(json.dumps(results))
        return
    print(f"{asked.points} points, {asked.dimensions} dimensions; median milliseconds")
    print(f"{'':18}" + "".join(f"{name:>14}" for name in results))
    for part in results["clustered"]:
        values = "".join(f"{one[part]:14.2f}" for one in results.values())
        print(f"{part:18}{values}")


if __name__ == "__main__":
    main()
