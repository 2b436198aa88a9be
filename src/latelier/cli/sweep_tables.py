"""Tables of sweeps: variants, what came of them, and the list of sweeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from latelier.cli import formats

if TYPE_CHECKING:
    from latelier.config.sweeps import Variant
    from latelier.runs.sweeps import SweepView

MOST_COLUMNS = 5
"""Metrics in the table of a sweep; those with a direction come first."""

_KEY_METRICS = ("val/loss", "train/loss", "clustering_accuracy", "probe_accuracy", "knn_accuracy")
_ON_FRONT = "*"


def variants_table(variants: Sequence[Variant]) -> str:
    """Lay out what each variant changes."""
    rows = [
        (str(v.index), v.name, v.slug, ", ".join(f"{k}={x}" for k, x in v.values.items()))
        for v in variants
    ]
    head = ("INDEX", "NAME", "FILE NAME", "SETTINGS")
    return formats.table(head, rows, right=("INDEX",), elastic="SETTINGS")


def summary_table(summary: Mapping[str, Any]) -> str:
    """Lay out the last value of the metrics that matter most, a row per variant."""
    chosen = _columns(summary)
    front = set(summary.get("pareto", ()))
    rows = []
    for row in summary.get("rows", ()):
        values = (formats.number(row["last"].get(name)) for name in chosen)
        mark = _ON_FRONT if row["index"] in front else ""
        rows.append((mark, row["name"], row["state"], *values, row["run_id"]))
    head = ("", "VARIANT", "STATE", *chosen, "RUN")
    return formats.table(head, rows, right=chosen, colors=formats.STATE_COLORS)


def pareto_lines(summary: Mapping[str, Any]) -> str:
    """Say which variants no other beats."""
    directions = summary.get("directions") or {}
    front = set(summary.get("pareto", ()))
    if not directions:
        return ""
    what = ", ".join(f"{name} ({end})" for name, end in directions.items())
    names = [row["name"] for row in summary["rows"] if row["index"] in front]
    lines = [f"\nNot beaten by any other ({_ON_FRONT}) in {what}: {', '.join(names) or 'none'}."]
    if summary.get("missing"):
        lines.append(f"No variant has {', '.join(summary['missing'])}.")
    return "\n".join(lines)


def sweeps_table(views: Sequence[SweepView]) -> str:
    """Lay out sweeps, a row each."""
    rows = []
    for view in views:
        sweep = view.sweep
        done = f"{view.counts.get('completed', 0)}/{len(sweep.variants)}"
        age = formats.age(sweep.created)
        rows.append((sweep.sweep_id, sweep.name, sweep.state, sweep.executor, done, age))
    head = ("ID", "NAME", "STATE", "EXECUTOR", "DONE", "AGE")
    return formats.table(head, rows, right=("DONE", "AGE"), colors=formats.STATE_COLORS)


def _columns(summary: Mapping[str, Any]) -> list[str]:
    there = list(summary.get("columns", ()))
    first = [name for name in summary.get("directions", ()) if name in there]
    more = [name for name in _KEY_METRICS if name in there and name not in first]
    return [*first, *more][: max(MOST_COLUMNS, len(first))]
