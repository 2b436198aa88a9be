"""Accumulate what losses measure, without waiting for the device at every step."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor

Metrics = dict[str, float | list[float]]


class Column(NamedTuple):
    """Where a measurement lies in a row.

    Attributes:
        name: Its name.
        start: Its first place.
        size: How many numbers it has: 1, or that of a vector of counts.
    """

    name: str
    start: int
    size: int


class Rows(NamedTuple):
    """Measurements of some updates.

    Attributes:
        steps: Updates done before each.
        columns: What the numbers of a row mean.
        values: The numbers, [K, C].
        examples: Batch size of each.
    """

    steps: list[int]
    columns: list[Column]
    values: Tensor
    examples: list[int]


class Meter:
    """Per-step columns since the last drain, and running totals of the epoch.

    Scalars are averaged over the examples of the batches that have them: NaN says that a batch has
    no value. Vectors (counts per component) are summed. Names and sizes are fixed by the first
    result, so that one step costs one concatenation and a few additions.
    """

    def __init__(self) -> None:
        self._columns: list[Column] = []
        self._source: Callable[[], Rows | None] | None = None
        self._steps: list[int] = []
        self._rows: list[Tensor] = []
        self._totals: Tensor | None = None
        self._measured: Tensor | None = None  # examples behind each total
        self._weights: dict[int, Tensor] = {}
        self._examples = 0

    def follow(self, source: Callable[[], Rows | None] | None) -> None:
        """Take measurements from elsewhere, too: asked for what is new whenever somebody reads.

        What the source before it still has is taken first. None ends it.
        """
        self._catch_up()
        self._source = source

    def _catch_up(self) -> None:
        rows = None if self._source is None else self._source()
        if rows is None:
            return
        if not self._columns:
            self._columns = rows.columns
        self._steps.extend(rows.steps)
        self._rows.extend(rows.values.unbind())
        device = rows.values.device
        weights = torch.stack([self._weights_for(examples, device) for examples in rows.examples])
        self._accumulate(rows.values, weights)
        self._examples += sum(rows.examples)

    def _accumulate(self, values: Tensor, weights: Tensor) -> None:
        """Add to the epoch's totals rows of numbers [K, C] that count with weights [K, C]."""
        there = ~values.isnan()
        measured = (there * weights).sum(0)
        totals = (torch.where(there, values, 0.0) * weights).sum(0)
        self._totals = totals if self._totals is None else self._totals + totals
        self._measured = measured if self._measured is None else self._measured + measured

    def add(self, step: int, measured: Mapping[str, Tensor], examples: int) -> None:
        """Take the measurements of one update.

        Args:
            step: Updates done before this one.
            measured: Detached scalars, NaN where there is none, and vectors of counts.
            examples: Batch size, the weight of the scalars in the epoch's mean.
        """
        if not self._columns:
            self._columns = layout(measured)
        row = torch.cat([value.reshape(-1).float() for value in measured.values()])
        self._steps.append(step)
        self._rows.append(row)
        weights = self._weights_for(examples, row.device)
        there = (row == row).to(row.dtype) * weights  # noqa: PLR0124  NaN ≠ NaN
        weighted = torch.where(row == row, row, 0.0) * weights  # noqa: PLR0124
        self._totals = weighted if self._totals is None else self._totals + weighted
        self._measured = there if self._measured is None else self._measured + there
        self._examples += examples

    def _weights_for(self, examples: int, device: torch.device) -> Tensor:
        """Return how much each number of a row counts: scalars by examples, counts as they are."""
        if examples not in self._weights:
            weights = [
                float(examples if column.size == 1 else 1)
                for column in self._columns
                for _ in range(column.size)
            ]
            self._weights[examples] = torch.tensor(weights, device=device)
        return self._weights[examples]

    def drain(self) -> dict[str, list[float]]:
        """Return the scalar columns since the last call, with ``step``, and forget them."""
        self._catch_up()
        if not self._rows:
            return {}
        table = torch.stack(self._rows).T.tolist()
        columns: dict[str, list[float]] = {"step": [*self._steps]}
        for name, start, size in self._columns:
            if size == 1:
                columns[name] = table[start]
        self._rows, self._steps = [], []
        return columns

    def close_epoch(self) -> Metrics:
        """Return the epoch's means (scalars) and sums (vectors), and start a new epoch."""
        self._catch_up()
        if self._totals is None:
            return {}
        assert self._measured is not None
        totals, measured = self._totals.tolist(), self._measured.tolist()
        result: Metrics = {}
        for name, start, size in self._columns:
            values = totals[start : start + size]
            count = measured[start]
            result[name] = values if size > 1 else values[0] / count if count else math.nan
        self._totals, self._measured, self._examples = None, None, 0
        return result

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Return the unfinished epoch as tensors and JSON values, for a checkpoint."""
        self._catch_up()
        parts = {"meter.totals": self._totals, "meter.measured": self._measured}
        tensors = {name: part for name, part in parts.items() if part is not None}
        return tensors, {
            "columns": [list(column) for column in self._columns],
            "examples": self._examples,
        }

    def restore(self, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
        """Take up an unfinished epoch from `state`."""
        self._columns = [Column(*column) for column in values["columns"]]
        self._examples = int(values["examples"])
        self._totals = tensors.get("meter.totals")
        self._measured = tensors.get("meter.measured")
        if self._totals is not None and self._measured is None:  # written before terms had gaps
            self._measured = self._weights_for(self._examples, self._totals.device)


def layout(measured: Mapping[str, Tensor]) -> list[Column]:
    """Return where each measurement lies in a row that holds them one after another."""
    columns: list[Column] = []
    start = 0
    for name, value in measured.items():
        columns.append(Column(name, start, value.numel()))
        start += value.numel()
    return columns
