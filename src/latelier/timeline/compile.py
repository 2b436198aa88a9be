"""Default tracks and a dopesheet, compiled to the timeline of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType

from latelier.config.errors import ConfigError
from latelier.timeline.dopesheet import Dopesheet
from latelier.timeline.timeline import Timeline
from latelier.timeline.track import Track


def compile_timeline(
    length: int,
    columns: Mapping[str, Track],
    dopesheet: Dopesheet | None,
    *,
    phases: Sequence[tuple[int, str]] = (),
    actions: Mapping[int, tuple[str, ...]] = MappingProxyType({}),
) -> Timeline:
    """Lay a dopesheet over the default tracks of a run.

    Args:
        length: Number of steps (updates) of the run.
        columns: Default track of every column that something reads, by name.
        dopesheet: Its tracks replace default tracks of the same name. Its phases, if it has any,
            replace all default phases; its actions come after the default ones of the same step.
        phases: First step and name of each default phase.
        actions: Names of default actions by step.

    Raises:
        ConfigError: If a dopesheet's column is read by nobody, or the dopesheet is longer than
            the run, or phases or actions lie outside it.
    """
    if dopesheet is None:
        return Timeline(length, columns.values(), phases, actions)
    _check(length, columns, dopesheet)
    replaced = {track.name: track for track in dopesheet.tracks}
    return Timeline(
        length,
        [replaced.get(name, track) for name, track in columns.items()],
        dopesheet.phases or phases,
        {
            step: (*actions.get(step, ()), *dopesheet.actions.get(step, ()))
            for step in (*actions, *dopesheet.actions)
        },
    )


def _check(length: int, columns: Mapping[str, Track], dopesheet: Dopesheet) -> None:
    for track in dopesheet.tracks:
        if track.name not in columns:
            close = get_close_matches(track.name, columns, n=1)
            raise ConfigError(
                "nothing in this run reads a column of the dopesheet",
                got=track.name,
                expected=", ".join(columns),
                remedy=f"Did you mean {close[0]}?" if close else "Remove the column.",
            )
    if dopesheet.length > max(length, 1):
        raise ConfigError(
            "the dopesheet is longer than the run",
            got=f"{dopesheet.length} steps",
            expected=f"at most {length}",
            remedy="Lengthen the run, or leave schedule.epochs and schedule.steps out: the "
            "dopesheet then sets the length.",
        )
