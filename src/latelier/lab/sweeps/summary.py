"""What came of a sweep: a table of its metrics, and the variants that none beats. No torch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from latelier.runs import RunState, RunSummary
from latelier.runs.encoding import loads
from latelier.runs.sweep_model import SweepVariant
from latelier.runs.sweeps import SweepRecord, SweepView

WALL_METRICS = ("ring", "residual")
"""Numbers of the wall that stand beside a variant's metrics, as ``wall/<name>``."""

Row = dict[str, Any]


def summarize(view: SweepView, wall: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Collect the metrics of a sweep.

    Args:
        view: The sweep and its runs.
        wall: The newest wall, as `read_wall` gives it.

    Returns:
        ``directions`` (metric → ``min`` or ``max``), ``columns`` (every metric that any variant
        has, those with a direction first), ``rows`` (per variant: ``index``, ``name``, ``run_id``,
        ``state``, ``last`` and ``best``: metric → number), ``pareto`` (indices of the completed
        variants that no other beats in the metrics with a direction), and ``missing`` (metrics
        with a direction that no variant has; the front does without).
    """
    directions = dict(view.sweep.definition.get("metrics") or {})
    shown = _wall_numbers(wall)
    rows = [
        _row(variant, run, shown.get(variant.index, {}))
        for variant, run in zip(view.sweep.variants, view.runs, strict=True)
    ]
    there = dict.fromkeys(name for row in rows for name in row["last"])
    columns = [*(name for name in directions if name in there)]
    columns += [name for name in there if name not in directions]
    return {
        "directions": directions,
        "columns": columns,
        "rows": rows,
        "pareto": pareto_front(rows, {n: end for n, end in directions.items() if n in there}),
        "missing": [name for name in directions if name not in there],
    }


def pareto_front(rows: Sequence[Row], directions: Mapping[str, str]) -> list[int]:
    """Find the variants that no other beats.

    One beats another if it is at least as good in every metric and better in one. Variants that
    are not completed, or lack one of the metrics, are not compared.

    Args:
        rows: ``index``, ``state`` and ``last`` of each variant.
        directions: Metric → ``min`` or ``max``; without any there is no front.

    Returns:
        Their indices, ascending.
    """
    if not directions:
        return []
    points = []
    for row in rows:
        values = [row["last"].get(name) for name in directions]
        usable = all(isinstance(v, int | float) and math.isfinite(v) for v in values)
        if row["state"] == RunState.COMPLETED and usable:
            signs = (1 if end == "min" else -1 for end in directions.values())
            costs = tuple(sign * value for sign, value in zip(signs, values, strict=True))
            points.append((costs, row["index"]))
    front: list[tuple[tuple[float, ...], int]] = []
    for costs, index in sorted(points):  # whoever beats a point comes before it
        if not any(_beats(other, costs) for other, _ in front):
            front.append((costs, index))
    return sorted(index for _, index in front)


def read_wall(record: SweepRecord) -> dict[str, Any] | None:
    """Read the newest wall of a sweep; None if there is none."""
    try:
        wall = loads(record.path_of("wall_latest").read_bytes())
    except (OSError, ValueError):
        return None
    return wall if isinstance(wall, dict) else None


def _beats(costs: Sequence[float], others: Sequence[float]) -> bool:
    return all(a <= b for a, b in zip(costs, others, strict=True)) and costs != others


def _row(variant: SweepVariant, run: RunSummary, shown: Mapping[str, float]) -> Row:
    scores = dict((variant.evaluation or {}).get("scores") or {})
    return {
        "index": variant.index,
        "name": variant.name,
        "run_id": variant.run_id,
        "state": str(run.state),
        "last": {**run.last_metrics, **scores, **shown},
        "best": {**run.best_metrics},
    }


def _wall_numbers(wall: Mapping[str, Any] | None) -> dict[int, dict[str, float]]:
    """Return the numbers of a wall by variant; those of a variant that it lacks are not there."""
    numbers = {}
    for tile in (wall or {}).get("variants") or []:
        found = {f"wall/{n}": tile[n] for n in WALL_METRICS if isinstance(tile.get(n), int | float)}
        numbers[tile["index"]] = found
    return numbers
