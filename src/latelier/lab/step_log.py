"""What a loop measures at every step: kept where it lies, and read in batches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from latelier.config import ConfigError

Number = float | int | Tensor
Columns = dict[str, list[Any]]


class StepLog:
    """Measurements since the last drain, and their means over the epoch under way.

    Adding waits for no device: a tensor is copied where it lies, and read when the log is drained.
    A step may lack a name that another has; its place in the column is then None.
    """

    def __init__(self) -> None:
        self._steps: list[int] = []
        self._rows: list[dict[str, float | Tensor]] = []
        self._sums: dict[str, tuple[float, int]] = {}

    def add(self, step: int, measured: Mapping[str, Number]) -> None:
        """Take what was measured at a step.

        Args:
            step: Updates done before it.
            measured: Numbers, or tensors of one element on any device.

        Raises:
            ConfigError: If a value is neither.
        """
        self._steps.append(step)
        self._rows.append({name: _kept(name, value) for name, value in measured.items()})

    def drain(self) -> Columns:
        """Return ``step`` and a column per name since the last call; empty if there were none."""
        if not self._rows:
            return {}
        rows = numbers(self._rows)
        names = dict.fromkeys(name for row in rows for name in row)
        columns: Columns = {"step": self._steps}
        columns |= {name: [row.get(name) for row in rows] for name in names}
        for row in rows:
            for name, value in row.items():
                total, count = self._sums.get(name, (0.0, 0))
                self._sums[name] = (total + value, count + 1)
        self._steps, self._rows = [], []
        return columns

    def close_epoch(self) -> dict[str, float]:
        """Return the mean of every name over the drained steps of the epoch; begin a new one."""
        means = {name: total / count for name, (total, count) in self._sums.items()}
        self._sums = {}
        return means


def numbers(rows: list[dict[str, float | Tensor]]) -> list[dict[str, float]]:
    """Read all tensors of some rows, with one transfer from each device."""
    waiting: dict[torch.device, list[Tensor]] = {}
    for row in rows:
        for value in row.values():
            if isinstance(value, Tensor):
                waiting.setdefault(value.device, []).append(value)
    read = {device: iter(torch.stack(some).tolist()) for device, some in waiting.items()}
    return [
        {
            name: next(read[value.device]) if isinstance(value, Tensor) else value
            for name, value in row.items()
        }
        for row in rows
    ]


def _kept(name: str, value: Number) -> float | Tensor:
    """Return a number, or a copy of a tensor: the loop may go on writing into its own."""
    if isinstance(value, Tensor) and value.numel() == 1 and not value.is_complex():
        return value.detach().to(torch.float32, copy=True).reshape(())
    if isinstance(value, int | float):
        return float(value)
    got = f"a tensor {list(value.shape)}" if isinstance(value, Tensor) else type(value).__name__
    raise ConfigError(
        f"{name} is no number to record",
        got=got,
        expected="a number, or a tensor of one element",
        remedy="Average it first, as in .mean().",
    )
