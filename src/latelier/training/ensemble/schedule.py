"""What is in force for every member at a step: one frame for all, with a number per member inside.

Shapes: M members, G parameter groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from latelier.timeline import Frame, Timeline
from latelier.training.ensemble.objective import term_column
from latelier.training.session import Session


class Schedule:
    """The timelines of members, as one.

    Args:
        sessions: The members.
        columns: Timeline column of each parameter group's learning rate, G.

    Attributes:
        as_tensors: Whether what moves is a tensor even where members agree on it.
    """

    def __init__(self, sessions: Sequence[Session], columns: Sequence[str]) -> None:
        self._device = sessions[0].device
        self.as_tensors = True
        self._columns = columns
        self._timelines: list[Timeline] = []
        # A task reads the weights of its terms under names of their own, and no learning rates.
        self._unread = {s.weight_column for s in sessions[0].config.regularizers} | set(columns)
        self.of = [self._place(session.timeline) for session in sessions]
        self._moving = {
            track.name for line in self._timelines for track in line.tracks if not track.is_constant
        }
        in_each = [{track.name for track in line.tracks} for line in self._timelines]
        self._common = sorted(set.intersection(*in_each) - self._unread)
        self._terms = [
            (
                term_column(index),
                [session.config.regularizers[index].weight_column for session in sessions],
                [session.config.regularizers[index].enabled for session in sessions],
            )
            for index in range(len(sessions[0].config.regularizers))
        ]

    def _place(self, timeline: Timeline) -> int:
        """Return the number of a timeline among the different ones; most members share one."""
        for number, known in enumerate(self._timelines):
            if _says(known) == _says(timeline):
                return number
        self._timelines.append(timeline)
        return len(self._timelines) - 1

    def at(self, step: int) -> tuple[list[Frame], Frame]:
        """Return every member's own frame, and one whose properties hold all of them.

        A property of the common frame is a number where members agree, and a tensor [M] elsewhere.
        It has the weight of each regularizer as `term_column`, 0 for members without it.
        """
        different = [timeline.at(step) for timeline in self._timelines]
        frames = [different[number] for number in self.of]
        first = frames[0]
        props: dict[str, Any] = {
            name: self._joined([frame.props[name] for frame in frames], moving=name in self._moving)
            for name in self._common
        }
        for name, columns, enabled in self._terms:
            there = zip(frames, columns, enabled, strict=True)
            weights = [f.props[column] if on else 0.0 for f, column, on in there]
            props[name] = self._joined(weights, moving=not self._moving.isdisjoint(columns))
        return frames, replace(first, props=props)

    def rates(self, frames: Sequence[Frame]) -> Tensor:
        """Return the learning rate of every member and group, [M, G], or [1, G] if they agree."""
        rows = [[frame.props[column] for column in self._columns] for frame in frames]
        agreed = all(row == rows[0] for row in rows)
        return torch.tensor(rows[:1] if agreed else rows, device=self._device)

    def _joined(self, values: list[float], *, moving: bool) -> float | Tensor:
        """Return one number where members agree for good, or on 0: that may leave a term out."""
        agreed = all(value == values[0] for value in values)
        if agreed and (values[0] == 0 or not (moving and self.as_tensors)):
            return values[0]
        return torch.tensor(values, device=self._device)


def _says(timeline: Timeline) -> tuple[Any, ...]:
    return timeline.tracks, timeline.phases, tuple(timeline.actions.items())
