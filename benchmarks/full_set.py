"""Time the full analysis set without UMAP: densities, quality, distortion, atlas and trust.

Usage: python benchmarks/full_set.py [--points 2000] [--repeats 5] [--umap] [--json]

Trains a small GM-VAE on mnist-5k once, without its full set, and makes that of its last epoch
again and again: the array part as the companion process makes it, on one thread, and the model
part as the trainer makes it. Prints the median of each artifact in milliseconds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

from latelier.lab.analyst import Analyst
from latelier.lab.full_set import array_part, write_product
from latelier.lab.launch import fit
from latelier.lab.makers import MAKERS
from latelier.lab.moment import write_products
from latelier.lab.sink import Held

MODEL_PARTS = ("atlas_pca", "trust_2d_pca")


def record_run(points: int, folder: str):
    config = {
        "data": {"dataset": "mnist-5k"},
        "model": {"kind": "gmvae", "latent_dim": 10, "component_init": "random"},
        "schedule": {"epochs": 1},
        "training": {"threads": 1},
        "analysis": {"points": points, "pictures": False, "full_set": "off"},
    }
    return fit(config, runs_dir=Path(folder)).record


def measure(record, analyst: Analyst, unit: str) -> dict[str, float]:
    """Time one full set; what is written is taken away again."""
    times, written = {}, []
    started, used = time.perf_counter(), time.process_time()
    held = Held()
    for product in array_part(record, 1, unit):
        times[product[0]] = product[3]
        write_product(record, held, product)
    times[f"{unit}, computed"] = (time.perf_counter() - started) * 1e3
    written += held.write(record)
    times[f"{unit}, written"] = (time.perf_counter() - started) * 1e3
    if unit == "plane_pca":
        moment = analyst.at(1)
        with analyst.executing():
            for kind in MODEL_PARTS:
                since = time.perf_counter()
                write_products(held, moment, MAKERS[kind].make(moment, {}))
                times[kind] = (time.perf_counter() - since) * 1e3
        times["model part"] = sum(times[kind] for kind in MODEL_PARTS)
        since = time.perf_counter()
        written += held.write(record)
        times["model part, written"] = (time.perf_counter() - since) * 1e3
        parts = ("plane_pca, written", "model part", "model part, written")
        times["full set"] = sum(times[part] for part in parts)
        times["full set, CPU"] = (time.process_time() - used) * 1e3
    for kind, epoch in written:
        record.path_of(kind, epoch=epoch).unlink()
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--umap", action="store_true", help="time the UMAP maps too")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        record = record_run(asked.points, folder)
        analyst = Analyst.open(record)
        units = ("plane_pca", "umap") if asked.umap else ("plane_pca",)
        results = {}
        for unit in units:
            measure(record, analyst, unit)  # imports and caches
            runs = [measure(record, analyst, unit) for _ in range(asked.repeats)]
            results |= {name: statistics.median(one[name] for one in runs) for name in runs[0]}
    if asked.json:
        print(json.dumps(results))
        return
    print(f"{asked.points} points; median milliseconds")
    for name, value in results.items():
        print(f"{name:28}{value:12.1f}")


if __name__ == "__main__":
    main()
