"""Accumulate what losses measure, without waiting for the device at every step."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor

Metrics = dict[str, float | list[float]]


class _Column(NamedTuple):
    name: str
    start: int
    size: int


class Meter:
    """Per-step columns since the last drain, and running totals of the epoch.

    Scalars are averaged over the examples of the batches that have them: NaN says that a batch has
    no value. Vectors (counts per component) are summed. Names and sizes are fixed by the first
    result, so that one step costs one concatenation and a few additions.
    """

    def __init__(self) -> None:
        self._columns: list[_Column] = []
        self._steps: list[int] = []
        self._rows: list[Tensor] = []
        self._totals: Tensor | None = None
        self._measured: Tensor | None = None  # examples behind each total
        self._weights: dict[int, Tensor] = {}
        self._examples = 0

    def add(self, step: int, measured: Mapping[str, Tensor], examples: int) -> None:
        """Take the measurements of one update.

        Args:
            step: Updates done before this one.
            measured: Detached scalars, NaN where there is none, and vectors of counts.
            examples: Batch size, the weight of the scalars in the epoch's mean.
        """
        if not self._columns:
            self._columns = _layout(measured)
        row = torch.cat([value.reshape(-1).float() for value in measured.values()])
        self._steps.append(step)
        self._rows.append(row)
        if examples not in self._weights:
            self._weights[examples] = self._weights_for(examples).to(row.device)
        there = (row == row).to(row.dtype) * self._weights[examples]  # noqa: PLR0124  NaN ≠ NaN
        weighted = torch.where(row == row, row, 0.0) * self._weights[examples]  # noqa: PLR0124
        self._totals = weighted if self._totals is None else self._totals + weighted
        self._measured = there if self._measured is None else self._measured + there
        self._examples += examples

    def _weights_for(self, examples: int) -> Tensor:
        weights = [
            float(examples if column.size == 1 else 1)
            for column in self._columns
            for _ in range(column.size)
        ]
        return torch.tensor(weights)

    def drain(self) -> dict[str, list[float]]:
        """Return the scalar columns since the last call, with ``step``, and forget them."""
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
        parts = {"meter.totals": self._totals, "meter.measured": self._measured}
        tensors = {name: part for name, part in parts.items() if part is not None}
        return tensors, {
            "columns": [list(column) for column in self._columns],
            "examples": self._examples,
        }

    def restore(self, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
        """Take up an unfinished epoch from `state`."""
        self._columns = [_Column(*column) for column in values["columns"]]
        self._examples = int(values["examples"])
        self._totals = tensors.get("meter.totals")
        self._measured = tensors.get("meter.measured")
        if self._totals is not None and self._measured is None:  # written before terms had gaps
            self._measured = self._weights_for(self._examples).to(self._totals.device)


def _layout(measured: Mapping[str, Tensor]) -> list[_Column]:
    columns: list[_Column] = []
    start = 0
    for name, value in measured.items():
        columns.append(_Column(name, start, value.numel()))
        start += value.numel()
    return columns
