"""What is measured of all members at every step, kept once and handed out when somebody reads.

Shapes: M members, C numbers a row, K steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import torch
from torch import Tensor

from latelier.training.meter import Column, Rows, layout


class StackedTable:
    """Rows of measurements of M members; each member reads its own, without what is not its.

    Args:
        absent: For each member, names of measurements that it does not have.
    """

    def __init__(self, absent: Sequence[frozenset[str]]) -> None:
        self._absent = list(absent)
        self._columns: list[Column] = []
        self._steps: list[int] = []
        self._rows: list[Tensor] = []
        self._examples: list[int] = []
        self._read = [0] * len(absent)
        self._first = 0  # number of the first row that is still kept
        self._block: Tensor | None = None

    def add(self, step: int, measured: Mapping[str, Tensor], examples: int) -> None:
        """Take the measurements of one update, [M] or [M, K] each."""
        if not self._columns:
            self._columns = layout({name: value[0] for name, value in measured.items()})
        flat = [value.detach().reshape(len(value), -1) for value in measured.values()]
        self._rows.append(torch.cat(flat, 1))
        self._steps.append(step)
        self._examples.append(examples)
        self._block = None

    def share(self, member: int) -> Callable[[], Rows | None]:
        """Return what a member's meter follows."""
        return lambda: self._new(member)

    def _new(self, member: int) -> Rows | None:
        begin = self._read[member] - self._first
        if begin >= len(self._rows):
            return None
        if self._block is None:
            self._block = torch.stack(self._rows)  # [K, M, C]
        self._read[member] = self._first + len(self._rows)
        columns, places = self._own(member)
        values = self._block[begin:, member, places]
        rows = Rows(self._steps[begin:], columns, values, self._examples[begin:])
        self._forget()
        return rows

    def _own(self, member: int) -> tuple[list[Column], list[int]]:
        """Return a member's own columns, and their places in a row of all."""
        columns: list[Column] = []
        places: list[int] = []
        for name, start, size in self._columns:
            if name not in self._absent[member]:
                columns.append(Column(name, len(places), size))
                places.extend(range(start, start + size))
        return columns, places

    def _forget(self) -> None:
        """Drop the rows that every member has read."""
        done = min(self._read) - self._first
        if done == len(self._rows) > 0:
            self._first += done
            self._rows, self._steps, self._examples, self._block = [], [], [], None


class RowOf(Mapping[str, Tensor]):
    """One member's share of what was measured, cut out when it is read.

    Args:
        measured: Measurements of all, [M] or [M, K] each.
        row: The member.
        absent: Names that it does not have; ``loss`` is the objective and not among the names.
    """

    def __init__(self, measured: Mapping[str, Tensor], row: int, absent: frozenset[str]) -> None:
        self._measured, self._row, self._absent = measured, row, absent | {"loss"}

    def __getitem__(self, name: str) -> Tensor:
        if name in self._absent:
            raise KeyError(name)
        return self._measured[name][self._row]

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._measured if name not in self._absent)

    def __len__(self) -> int:
        return sum(1 for _ in self)
