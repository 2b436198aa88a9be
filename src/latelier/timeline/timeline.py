"""`Timeline.at(step) → Frame`: all properties of a run at a step, without any state."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from latelier.config.errors import ConfigError
from latelier.timeline.track import Track


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything the timeline says about one step, which drives the update to the next.

    Args:
        step: Updates done before.
        props: Value of every column.
        phase: Name of the phase; empty before the first.
        is_phase_start: Whether the phase starts at this step.
        is_phase_end: Whether this is the phase's last step.
        actions: Names of one-off actions, in the order of the sheet.
    """

    step: int
    props: Mapping[str, float]
    phase: str
    is_phase_start: bool
    is_phase_end: bool
    actions: tuple[str, ...]


class Timeline:
    """The pure function from steps to frames.

    Args:
        length: Number of steps (updates) of the run. A run of 0 steps still has the frame 0.
        tracks: One per column, names all different.
        phases: First step and name of each phase, at rising steps.
        actions: Names of actions by step.

    Raises:
        ConfigError: If two tracks share a name, or phases or actions are out of order or beyond
            the run.
    """

    def __init__(
        self,
        length: int,
        tracks: Iterable[Track],
        phases: Iterable[tuple[int, str]] = (),
        actions: Mapping[int, Sequence[str]] = MappingProxyType({}),
    ) -> None:
        self._length = length
        self._tracks = tuple(tracks)
        self._phases = tuple(phases)
        self._actions = {step: tuple(names) for step, names in sorted(actions.items())}
        self._check()
        self._starts = [step for step, _ in self._phases]
        # Most columns of most runs never move: their values are computed once.
        self._first = {track.name: track.value(0) for track in self._tracks}
        self._moving = tuple(track for track in self._tracks if not track.is_constant)

    def _check(self) -> None:
        names = self.columns
        if self._length < 0:
            raise ConfigError("the timeline's length is negative", got=self._length)
        if len(set(names)) != len(names):
            raise ConfigError("two tracks share a name", got=list(names))
        starts = [step for step, _ in self._phases]
        if sorted(set(starts)) != starts:
            raise ConfigError(
                "phases are not in order", got=str(self._phases), expected="rising steps"
            )
        self._check_inside("phase", self._phases)
        self._check_inside(
            "action", [(step, ", ".join(names)) for step, names in self._actions.items()]
        )

    def _check_inside(self, what: str, items: Iterable[tuple[int, str]]) -> None:
        for step, name in items:
            if not 0 <= step <= self.last_step:
                raise ConfigError(
                    f"the {what} {name} lies outside the run",
                    got=f"step {step}",
                    expected=f"0 to {self.last_step}",
                )

    @property
    def length(self) -> int:
        """Number of steps."""
        return self._length

    @property
    def last_step(self) -> int:
        """The last step that has a frame."""
        return max(self._length, 1) - 1

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the properties."""
        return tuple(track.name for track in self._tracks)

    @property
    def tracks(self) -> tuple[Track, ...]:
        """The tracks, one per column."""
        return self._tracks

    @property
    def phases(self) -> tuple[tuple[int, str], ...]:
        """First step and name of each phase."""
        return self._phases

    @property
    def actions(self) -> Mapping[int, tuple[str, ...]]:
        """Names of actions by step."""
        return MappingProxyType(self._actions)

    def at(self, step: int) -> Frame:
        """Return the frame of a step.

        Raises:
            IndexError: If the step is negative or beyond `last_step`.
        """
        if not 0 <= step <= self.last_step:
            raise IndexError(f"step {step} is outside the timeline, 0 to {self.last_step}")
        props = self._first.copy()
        for track in self._moving:
            props[track.name] = track.value(step)
        after = bisect_right(self._starts, step)
        start, phase = self._phases[after - 1] if after else (-1, "")
        return Frame(
            step,
            MappingProxyType(props),
            phase,
            is_phase_start=step == start,
            is_phase_end=after > 0 and step == self._phase_end(after - 1),
            actions=self._actions.get(step, ()),
        )

    def _phase_end(self, index: int) -> int:
        following = self._starts[index + 1 : index + 2]
        return following[0] - 1 if following else self.last_step

    def realize(self, max_points: int = 1000) -> dict[str, Any]:
        """Return the timeline as JSON-able values, for the schedule's artifact and its picture.

        Args:
            max_points: Largest number of steps at which the columns are evaluated. Keyframes and
                the steps before them come first, so that jumps stay visible.

        Returns:
            ``length``, ``steps``, ``columns`` (by name: ``space``, ``timing``, ``keyframes`` and
            the ``values`` at ``steps``), ``phases`` (``name``, ``start``, ``end``; both ends
            included) and ``actions`` (``step``, ``name``).
        """
        steps = self._points(max_points)
        return {
            "length": self.length,
            "steps": steps,
            "columns": {track.name: _realize_track(track, steps) for track in self._tracks},
            "phases": [
                {"name": name, "start": start, "end": self._phase_end(index)}
                for index, (start, name) in enumerate(self._phases)
            ],
            "actions": [
                {"step": step, "name": name}
                for step, names in self._actions.items()
                for name in names
            ],
        }

    def keyframes(self) -> list[dict[str, Any]]:
        """Return the keyframes as a table: a row per step at which anything is pinned or happens.

        Returns:
            ``step``, ``phase`` (the name of one that starts there, else empty), ``actions`` and
            ``values`` (by column; what is between two keyframes is not in it), by rising step.
        """
        phases = dict(self._phases)
        pinned = {track.name: dict(track.keyframes) for track in self._tracks}
        steps = {step for frames in pinned.values() for step in frames}
        return [
            {
                "step": step,
                "phase": phases.get(step, ""),
                "actions": list(self._actions.get(step, ())),
                "values": {name: kept[step] for name, kept in pinned.items() if step in kept},
            }
            for step in sorted(steps | phases.keys() | self._actions.keys())
        ]

    def _points(self, max_points: int) -> list[int]:
        if self.last_step < max_points:
            return list(range(self.last_step + 1))
        keyed = {step for track in self._tracks for step, _ in track.keyframes}
        marks = {0, self.last_step} | keyed | {step - 1 for step in keyed}
        inside = sorted(step for step in marks if 0 <= step <= self.last_step)
        if len(inside) >= max_points:
            return _spread(inside, max_points)
        grid = _spread(range(self.last_step + 1), max_points - len(inside))
        return sorted({*inside, *grid})


def _spread(items: Sequence[int], count: int) -> list[int]:
    """Choose `count` items at even distances, both ends included where there is more than one."""
    if count < 2:
        return list(items[:count])
    return [items[index * (len(items) - 1) // (count - 1)] for index in range(count)]


def _realize_track(track: Track, steps: Sequence[int]) -> dict[str, Any]:
    return {
        "space": track.space,
        "timing": track.timing,
        "keyframes": [[step, value] for step, value in track.keyframes],
        "values": [track.value(step) for step in steps],
    }
