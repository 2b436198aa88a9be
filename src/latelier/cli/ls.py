"""`latelier ls`: the list of runs. A thousand runs take less than half a second."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from latelier.cli import formats
from latelier.cli.options import DEFAULT_RUNS_DIR, AsJson, RunsDir, print_json
from latelier.config.errors import ConfigError

if TYPE_CHECKING:
    from latelier.runs import RunSummary

KEY_METRICS = ("clustering_accuracy", "accuracy", "val/loss", "train/loss")
"""The metric that a list shows is the first of these that a run has."""

_HEAD = ("ID", "NAME", "STATE", "MODEL", "DATA", "EPOCH", "METRIC", "DURATION", "AGE")
_SORT: dict[str, Callable[[RunSummary], Any]] = {
    "id": lambda row: row.run_id,
    "age": lambda row: (row.created or "", row.run_id),
    "name": lambda row: row.display_name.lower(),
    "state": lambda row: row.state,
    "model": lambda row: row.model_kind,
    "data": lambda row: row.dataset,
    "epoch": lambda row: row.epoch,
    "duration": lambda row: run_seconds(row) or 0.0,
}
_NEWEST_FIRST = ("age", "id")


def ls(
    runs_dir: RunsDir = DEFAULT_RUNS_DIR,
    state: Annotated[
        str | None, typer.Option(help="Only runs in this state, such as completed or failed.")
    ] = None,
    sort: Annotated[
        str,
        typer.Option(help="One of " + ", ".join(_SORT) + ", or a metric such as val/loss."),
    ] = "age",
    reverse: Annotated[bool, typer.Option("--reverse", help="Turn the order around.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the runs of a folder, the newest first."""
    from latelier.runs import RunStore

    _check_state(state)
    store = RunStore(runs_dir)
    rows = [row for row in store.list() if state is None or row.state == state]
    rows = sorted_rows(rows, sort, reverse=reverse)
    if as_json:
        print_json({"runs_dir": str(store.root), "runs": [row.as_dict() for row in rows]})
    elif rows:
        typer.echo(_table(rows))
    else:
        which = f"{state} " if state else ""
        typer.echo(f"There are no {which}runs in {runs_dir}. Make one with `latelier demo`.")


def sorted_rows(rows: list[RunSummary], sort: str, *, reverse: bool = False) -> list[RunSummary]:
    """Sort runs by a column or a metric; runs without the metric come last.

    Raises:
        ConfigError: If there is neither such a column nor such a metric.
    """
    if sort in _SORT:
        return sorted(rows, key=_SORT[sort], reverse=reverse != (sort in _NEWEST_FIRST))
    measured = [row for row in rows if row.last_metrics.get(sort) is not None]
    if not measured and rows:
        known = dict.fromkeys(name for row in rows for name in row.last_metrics)
        raise ConfigError(
            "runs cannot be sorted by this", got=sort, expected=", ".join([*_SORT, *sorted(known)])
        )
    measured.sort(key=lambda row: row.last_metrics[sort], reverse=reverse)  # type: ignore[arg-type, return-value]
    return [*measured, *(row for row in rows if row.last_metrics.get(sort) is None)]


def key_metric(row: RunSummary) -> str:
    """Name and last value of the metric that tells most about a run."""
    for name in KEY_METRICS:
        if row.last_metrics.get(name) is not None:
            return f"{name} {formats.number(row.last_metrics[name])}"
    return formats.MISSING


def run_seconds(row: RunSummary) -> float | None:
    """Seconds that a run took so far; since its start, while it is running."""
    if row.state == "running":
        return formats.seconds_since(row.started)
    return row.duration_s


def progress_text(done: int, total: int | None) -> str:
    """Write `7/20`, or `7` where the total is unknown."""
    return str(done) if total is None else f"{done}/{total}"


def _table(rows: list[RunSummary]) -> str:
    cells = [
        (
            row.run_id,
            row.labels.display_name or row.name,
            row.state,
            row.model_kind,
            row.dataset,
            progress_text(row.epoch, row.total_epochs),
            key_metric(row),
            formats.duration(run_seconds(row)),
            formats.age(row.created),
        )
        for row in rows
    ]
    right = ("EPOCH", "DURATION", "AGE")
    return formats.table(_HEAD, cells, right=right, elastic="NAME", colors=formats.STATE_COLORS)


def _check_state(state: str | None) -> None:
    if state is not None and state not in formats.STATE_COLORS:
        raise ConfigError("no such state", got=state, expected=", ".join(formats.STATE_COLORS))
