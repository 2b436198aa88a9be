"""A task's plan: the timeline columns it reads, and the phases and actions it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from latelier.config import DEFAULT_EPOCHS, ConfigError, RunConfig, ScheduleConfig
from latelier.data.sampling import FRACTION_COLUMN
from latelier.timeline import Dopesheet, Timeline, Timing, Track, compile_timeline
from latelier.training.clock import Clock


@dataclass(frozen=True)
class Plan:
    """What a task wants on the timeline.

    Args:
        columns: Default track of every column that the task reads, by name.
        phases: First step and name of each default phase.
        actions: Names of default actions, by step.
    """

    columns: Mapping[str, Track]
    phases: tuple[tuple[int, str], ...] = ((0, "train"),)
    actions: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


def make_clock(config: RunConfig, batches: int) -> Clock:
    """Derive the run's length from the config.

    Args:
        config: ``schedule.epochs``, ``schedule.steps``, the dopesheet's length (used when neither
            is given) and ``training.steps_per_epoch`` are read.
        batches: Batches in one pass over the data.
    """
    schedule = config.schedule
    per_epoch = config.training.steps_per_epoch or batches
    if schedule.steps is not None:
        return Clock(per_epoch, schedule.steps)
    if schedule.epochs is None and schedule.dopesheet is not None:
        return Clock(per_epoch, read_dopesheet(schedule).length)
    return Clock(per_epoch, per_epoch * _epochs(schedule))


def _epochs(schedule: ScheduleConfig) -> int:
    return DEFAULT_EPOCHS if schedule.epochs is None else schedule.epochs


def read_dopesheet(schedule: ScheduleConfig) -> Dopesheet:
    """Parse the schedule's dopesheet, from a file or from rows."""
    sheet = schedule.dopesheet
    assert sheet is not None
    return Dopesheet.from_rows(sheet) if isinstance(sheet, tuple) else Dopesheet.from_csv(sheet)


def make_timeline(config: RunConfig, clock: Clock, plan: Plan) -> Timeline:
    """Compile the run's timeline: defaults of the plan, overridden by the dopesheet.

    Raises:
        ConfigError: If the dopesheet has a column that nobody reads or a value below 0, is longer
            than the run, or lacks the learning rate that it should give.
    """
    sheet = None if config.schedule.dopesheet is None else read_dopesheet(config.schedule)
    _refuse_negative(sheet)
    columns = {**plan.columns, **data_columns(config)}
    _require_rate(config.schedule, sheet)
    timeline = compile_timeline(
        clock.total_steps, columns, sheet, phases=plan.phases, actions=plan.actions
    )
    _refuse_more_than_all(timeline)
    return timeline


def data_columns(config: RunConfig) -> dict[str, Track]:
    """Return the columns that the data reads: ``data-fraction``, where it follows a curriculum."""
    if config.data.sampling != "curriculum":
        return {}
    return {FRACTION_COLUMN: Track.constant(FRACTION_COLUMN, config.data.fraction)}


def _require_rate(schedule: ScheduleConfig, sheet: Dopesheet | None) -> None:
    in_sheet = sheet is not None and any(track.name == "lr" for track in sheet.tracks)
    if schedule.lr is None and not in_sheet:
        raise ConfigError(
            "schedule.lr is empty, but the dopesheet has no column lr",
            remedy="Add the column, or set schedule.lr.",
        )


def _refuse_more_than_all(timeline: Timeline) -> None:
    for track in timeline.tracks:
        if track.name == FRACTION_COLUMN:
            step, most = max(track.keyframes, key=lambda keyframe: keyframe[1])
            if most > 1:
                raise ConfigError(
                    f"the column {FRACTION_COLUMN} rises above 1",
                    got=f"{most:g} at step {step}",
                    expected="a share of the examples, 0 to 1",
                )


def _refuse_negative(sheet: Dopesheet | None) -> None:
    """Refuse values below 0: every column is a rate or a weight, as their settings are."""
    for track in () if sheet is None else sheet.tracks:
        step, least = min(track.keyframes, key=lambda keyframe: keyframe[1])
        if least < 0:
            raise ConfigError(
                f"the dopesheet's column {track.name} falls below 0",
                got=f"{least:g} at step {step}",
                expected="0 or more",
            )


def learning_rate(schedule: ScheduleConfig, total_steps: int) -> Track:
    """Return the default `lr` track: warm-up from the first step, then flat or falling.

    The first update uses ``lr / warmup_steps``, not 0 and not the full rate.

    Raises:
        ConfigError: If the warm-up is longer than the run.
    """
    if schedule.lr is None:
        return Track.constant("lr", 0.0)  # the dopesheet has the column: the schedule checks it
    peak = schedule.lr
    last = max(total_steps - 1, 0)
    warmup = schedule.warmup_steps
    if warmup > last:
        raise ConfigError(
            "schedule.warmup_steps does not fit the run",
            got=warmup,
            expected=f"at most {last}, one less than its {total_steps} steps",
        )
    keyframes = [(warmup, peak)]
    if warmup:
        keyframes.insert(0, (0, peak / warmup))
    if schedule.final_lr_fraction < 1 and last > warmup:
        keyframes.append((last, peak * schedule.final_lr_fraction))
    timing: Timing = "minjerk" if schedule.final_lr_fraction < 1 else "linear"
    return Track("lr", tuple(keyframes), timing=timing)
