"""Time `latelier ls` with 1,000 runs, from the start of the process to its end.

Usage: python benchmarks/list_runs.py [--runs 1000] [--repeats 7] [--json]

Each run is a real one in the record's form: configuration, events, and a summary with the metrics
of a mixture model. Prints the median of the repeats in milliseconds, beside the start of an empty
Python, which no command can beat. The goal is less than 500 ms.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from latelier.config import load_config
from latelier.runs import RunRecord, RunStore, new_run_id

GOAL_MS = 500.0
FIRST = 1_790_000_000  # seconds since 1970
METRICS = {
    f"{part}/{name}": 0.123456789 * n
    for n, name in enumerate(("loss", "recon", "kl_gaussian", "kl_categorical", "elbo"), start=1)
    for part in ("train", "val")
} | {"clustering_accuracy": 0.78, "nmi": 0.71, "ari": 0.65}


def make_runs(root: Path, count: int) -> None:
    """Make one complete run through the record's own writer, and copies under other ids."""
    first = make_run(root)
    summary = json.loads((first.path / "summary.json").read_bytes())
    for number in range(1, count):
        run_id = new_run_id("gmvae", "mnist-5k", at=FIRST + 60 * number)
        path = root / run_id
        shutil.copytree(first.path, path)
        (path / "summary.json").write_text(json.dumps(summary | {"run_id": run_id}, indent=2))


def make_run(root: Path) -> RunRecord:
    config = load_config({"model": {"kind": "gmvae"}}).model_dump(mode="json")
    record = RunStore(root).create(
        config, label="clusters of digits", model_kind="gmvae", dataset="mnist-5k"
    )
    with record.own() as writer:
        writer.transition("running", total_steps=800, total_epochs=20)
        writer.update_summary(step=800, epoch=20, last_metrics=METRICS, best_metrics=METRICS)
        writer.transition("completed")
    return record


def milliseconds(*command: str, repeats: int) -> float:
    """Return the median wall time of a command, in milliseconds; the first call only warms up."""
    times = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        subprocess.run([sys.executable, *command], check=True, stdout=subprocess.PIPE)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times[1:])


def measure(runs: int, repeats: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        make_runs(Path(folder), runs)
        listing = ("-m", "latelier", "ls", "--runs-dir", folder)
        return {
            "runs": runs,
            "empty_python_ms": milliseconds("-c", "pass", repeats=repeats),
            "ls_ms": milliseconds(*listing, repeats=repeats),
            "ls_json_ms": milliseconds(*listing, "--json", repeats=repeats),
            "goal_ms": GOAL_MS,
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = measure(options.runs, options.repeats)
    if options.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:<16} {value:8.0f}")
    print("kept" if result["ls_ms"] < GOAL_MS else "NOT KEPT")


if __name__ == "__main__":
    main()
