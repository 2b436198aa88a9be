"""From events to the columns that curves are drawn from."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from latelier.config.errors import RunError
from latelier.config.html import html_table
from latelier.runs.events import Event

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas

    Array = npt.NDArray[np.generic]

Columns = dict[str, list[Any]]


@dataclass(frozen=True, slots=True, repr=False)
class Metrics:
    """What was measured in a run, as columns of equal length.

    Attributes:
        epochs: One row per epoch: ``epoch``, ``step`` and a column per metric; None where an
            epoch lacks it. Sorted by epoch.
        steps: One row per update: ``step`` (the update leads from it to the next) and a column
            per metric. Strictly ascending.
    """

    epochs: Columns = field(default_factory=dict)
    steps: Columns = field(default_factory=dict)

    def as_dict(self) -> dict[str, Columns]:
        """Both tables, for JSON."""
        return {"epochs": self.epochs, "steps": self.steps}

    def to_numpy(self, table: Literal["epochs", "steps"] = "epochs") -> dict[str, Array]:
        """Return one of the tables as arrays.

        Args:
            table: ``"epochs"`` or ``"steps"``.

        Returns:
            A column per name, [rows]; what is missing is NaN. Counts per component are
            [rows, components]. ``epoch`` and ``step`` are int64, the others float64.
        """
        return {name: _as_array(name, values) for name, values in self._table(table).items()}

    def to_pandas(self, table: Literal["epochs", "steps"] = "epochs") -> pandas.DataFrame:
        """Return one of the tables as a data frame, indexed by its epoch or step.

        Args:
            table: ``"epochs"`` or ``"steps"``.

        Raises:
            RunError: If pandas is not installed.
        """
        try:
            import pandas
        except ImportError as error:
            raise RunError(
                "pandas is not installed",
                expected="pandas 2.1 or later",
                remedy="Install it with `pip install 'latelier[pandas]'`, or use to_numpy().",
            ) from error
        columns = {
            name: list(values) if values.ndim > 1 else values
            for name, values in self.to_numpy(table).items()
        }
        index = table.removesuffix("s")
        return pandas.DataFrame(columns).set_index(index) if columns else pandas.DataFrame()

    def _table(self, table: str) -> Columns:
        if table not in ("epochs", "steps"):
            raise RunError("no such table of metrics", got=table, expected="epochs or steps")
        return self.epochs if table == "epochs" else self.steps

    def __repr__(self) -> str:
        rows = (len(self.epochs.get("epoch", ())), len(self.steps.get("step", ())))
        names = ", ".join(name for name in self.epochs if name not in ("epoch", "step"))
        return f"Metrics({rows[0]} epochs, {rows[1]} steps: {names or 'nothing measured'})"

    def _repr_html_(self) -> str:
        names = [name for name, values in self.epochs.items() if not _holds_lists(values)]
        rows = zip(*(self.epochs[name] for name in names), strict=True)
        return html_table(names, rows, caption=f"{len(self.steps.get('step', ()))} steps")


def _holds_lists(values: list[Any]) -> bool:
    return any(isinstance(value, list) for value in values)


def _as_array(name: str, values: list[Any]) -> Array:
    import numpy as np

    if name in ("epoch", "step"):
        return np.array(values, dtype=np.int64)
    if not _holds_lists(values):
        return np.array([np.nan if v is None else v for v in values], dtype=np.float64)
    width = max(len(value) for value in values if isinstance(value, list))
    rows = [value if isinstance(value, list) else [np.nan] * width for value in values]
    return np.array(rows, dtype=np.float64)


def check_metrics(data: Mapping[str, Any]) -> None:
    """Refuse the data of a ``train.metrics`` event that readers could not fold.

    Raises:
        RunError: If its scope is neither ``epoch`` nor ``steps``, or columns differ in length.
    """
    scope = data.get("scope")
    if scope not in {"epoch", "steps"}:
        raise RunError(
            "train.metrics has no such scope", got=repr(scope), expected="epoch or steps"
        )
    if scope == "epoch":
        return
    columns = {name: values for name, values in data.items() if name != "scope"}
    lengths = {name: _length(values) for name, values in columns.items()}
    if "step" not in lengths or len(set(lengths.values())) != 1 or None in lengths.values():
        raise RunError(
            "columns of train.metrics differ in length",
            got=", ".join(f"{name}: {length}" for name, length in lengths.items()),
            expected="a list per column, all as long as step",
        )


def fold_metrics(events: Iterable[Event]) -> Metrics:
    """Collect the metrics of a run, as if it had never been interrupted.

    A ``run.resumed {from_step}`` takes back what had been done from that step on, so steps at or
    after it are dropped, and epochs that had ended after it. An epoch that ended exactly there
    stays: all its updates came before. Rows of one epoch are merged, the later value wins.

    Args:
        events: Events in order; other types are passed over.

    Returns:
        The columns.

    Raises:
        RunError: If an event's data does not have the form of its type.
    """
    epochs: dict[int, dict[str, Any]] = {}
    steps = _StepTable()
    for event in events:
        if event.type == "run.resumed":
            from_step = _from_step(event)
            steps.truncate(from_step)
            epochs = {epoch: row for epoch, row in epochs.items() if row["step"] <= from_step}
        elif event.type == "train.metrics":
            check_metrics(event.data)
            values = {name: value for name, value in event.data.items() if name != "scope"}
            if event.data["scope"] == "steps":
                steps.extend(values)
            else:
                values = {"epoch": event.epoch, "step": event.step} | values
                epochs[event.epoch] = epochs.get(event.epoch, {}) | values
    return Metrics(_as_columns([epochs[epoch] for epoch in sorted(epochs)]), steps.columns)


class _StepTable:
    """Columns that grow at their end, with None where a batch of steps lacks a metric."""

    def __init__(self) -> None:
        self.columns: Columns = {}

    def truncate(self, from_step: int) -> None:
        """Drop the rows of steps at or after one."""
        keep = bisect_left(self.columns.get("step", []), from_step)
        for values in self.columns.values():
            del values[keep:]

    def extend(self, batch: Mapping[str, list[Any]]) -> None:
        """Add rows; a step that is there already is replaced."""
        if not batch["step"]:
            return
        self.truncate(batch["step"][0])  # written twice: the later one stands
        before, added = len(self.columns.get("step", [])), len(batch["step"])
        for name in [*batch, *(name for name in self.columns if name not in batch)]:
            column = self.columns.setdefault(name, [None] * before)
            column.extend(batch.get(name, [None] * added))


def _as_columns(rows: list[dict[str, Any]]) -> Columns:
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def _from_step(event: Event) -> int:
    value = event.data.get("from_step")
    if not isinstance(value, int) or value < 0:
        raise RunError(
            f"event {event.id} (run.resumed) does not say where it resumed",
            got=repr(value),
            expected="from_step, a whole number",
        )
    return value


def _length(values: Any) -> int | None:
    return len(values) if hasattr(values, "__len__") and not isinstance(values, str) else None
