"""A list of runs that shows itself as a table."""

from __future__ import annotations

from latelier.config.html import html_table, shown
from latelier.runs.summary import RunSummary

_HEAD = ("run", "name", "state", "model", "data", "epoch", "loss")


class RunTable(list[RunSummary]):
    """Rows of runs, oldest first; a plain list otherwise."""

    def __repr__(self) -> str:
        rows = [_HEAD, *([shown(cell) for cell in _cells(row)] for row in self)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return html_table(_HEAD, map(_cells, self))


def _cells(row: RunSummary) -> tuple[object, ...]:
    length = row.epoch if row.total_epochs is None else f"{row.epoch}/{row.total_epochs}"
    last = row.last_metrics
    loss = last.get("val/loss", last.get("train/loss"))
    name = row.labels.display_name or row.name or None
    return row.run_id, name, row.state, row.model_kind, row.dataset, length, loss
