"""From what a client sends to sweeps that wait in the queue. No torch: the child looks at data."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from latelier.config import ConfigError, apply_overrides, presets
from latelier.config.loading import SWEEP, checked, read_raw
from latelier.config.sweep_schema import SweepConfig, check_section
from latelier.config.sweeps import LoadedSweep, load_sweep
from latelier.lab.sweeps.variants import DEFAULT_GRACE, create_sweep
from latelier.runs import RunRecord, RunStore
from latelier.runs.sweeps import SweepRecord
from latelier.server.errors import ApiError
from latelier.server.launching import reach_problems, refuse_reach
from latelier.server.reading_sweeps import OFFERED, is_resumable
from latelier.server.settings import Settings

if TYPE_CHECKING:
    from latelier.server.schemas_sweeps import CreateSweep, PlanSweep
    from latelier.server.services import Services

MOST_VARIANTS = 1000
"""Of a sweep that is sent over HTTP."""


def checked_plan(body: PlanSweep, settings: Settings) -> LoadedSweep:
    """Check a sweep that came over HTTP.

    Raises:
        ApiError: If it has too many variants.
        ConfigError: If it does not fit the schema, or the configuration or a value of an axis
            names code, or a file that the server was not told to read. No file that the client
            names has been opened then.
    """
    values = apply_overrides(_values(body), body.overrides)
    section = values.get(SWEEP)
    plain = {name: value for name, value in values.items() if name != SWEEP}
    refuse_reach(reach_problems(plain, settings))
    sweep = check_section(section, body.axes, body.only, "the sweep")
    _check_count(sweep)
    for nested in _settings_of(sweep):
        refuse_reach(reach_problems(nested, settings))
    loaded = load_sweep(values, axes=body.axes, only=body.only)
    for variant in loaded.variants:
        refuse_reach(reach_problems(variant.config.model_dump(mode="json"), settings))
    return loaded


def make_sweep(body: CreateSweep, store: RunStore, settings: Settings) -> SweepRecord:
    """Make the folders of a sweep and its runs; see `checked_plan` for what it raises."""
    loaded = checked_plan(body, settings)
    return create_sweep(
        loaded,
        store.root,
        executor=body.executor,
        max_workers=body.max_workers,
        grace=DEFAULT_GRACE if body.grace is None else body.grace,
    )


def check_resumable(record: SweepRecord) -> None:
    """Refuse what a server cannot go on with.

    Raises:
        ApiError: If the networks or the data came from Python, or it needs a cluster.
    """
    sweep = record.read()
    if sweep.executor not in OFFERED:
        raise ApiError(
            409,
            f"sweep {record.id} is carried out by {sweep.executor}",
            expected=f"one of {', '.join(OFFERED)}",
            remedy=f"Go on with it by `latelier sweep --resume {record.id}`.",
        )
    if not is_resumable(sweep) and sweep.state in {"created", "cancelled", "failed"}:
        raise ApiError(
            409,
            f"the networks or the data of sweep {record.id} came from Python",
            remedy=f"Go on with it by `latelier sweep --resume {record.id} --allow-code`.",
        )


def trash_sweep(record: SweepRecord, shared: Services, *, runs: bool) -> None:
    """Move a sweep to the trash, and its runs after it if asked for.

    Raises:
        ApiError: If a process writes one of these runs; nothing was moved.
        RunBusyError: If a process carries the sweep out; nothing was moved.
    """
    there = [run for run in _runs_of(record) if run.path.is_dir()] if runs else []
    for run in there:
        if run.live_owner() is not None:
            raise ApiError(409, f"run {run.id} is being written", remedy="Cancel the sweep first.")
    shared.jobs.forget(record)
    shared.sweeps.trash(record.id)
    for run in there:
        shared.jobs.forget(run)
        shared.computations.cancel_all_of(run.id)
        shared.store.trash(run.id)


def restore_sweep(name: str, shared: Services, *, runs: bool) -> tuple[str, int]:
    """Take a sweep out of the trash, with those of its runs that are there.

    Returns:
        Its id, and how many runs came with it.
    """
    record = shared.sweeps.restore(name)
    count = sum(_restore_run(run, shared.store) for run in _runs_of(record)) if runs else 0
    return record.id, count


def _restore_run(run: RunRecord, store: RunStore) -> bool:
    if run.path.exists() or run.id not in store.trashed():
        return False
    store.restore(run.id)
    return True


def _runs_of(record: SweepRecord) -> list[RunRecord]:
    return [RunRecord(record.runs_dir / variant.run_id) for variant in record.read().variants]


def _values(body: PlanSweep) -> dict[str, Any]:
    """What the client changes: a preset as it is, with its own files read, or what was sent."""
    if body.config is not None:
        return dict(body.config)
    found = [preset for preset in presets() if preset.name == body.preset]
    if not found:
        names = ", ".join(preset.name for preset in presets())
        raise ConfigError("no preset has that name", got=body.preset, expected=f"one of {names}")
    raw = read_raw(found[0].path)
    section = raw.values.pop(SWEEP, None)
    values = checked(raw)[1]
    return values if section is None else {**values, SWEEP: section}


def _check_count(sweep: SweepConfig) -> None:
    count = math.prod(axis.count for axis in sweep.axes)
    if count > MOST_VARIANTS:
        raise ApiError(
            422,
            "the sweep has too many variants for a server",
            got=count,
            expected=f"at most {MOST_VARIANTS}",
            remedy="Start it with `latelier sweep`, or give fewer values.",
        )


def _settings_of(sweep: SweepConfig) -> Iterator[dict[str, Any]]:
    """List every setting that an axis makes, as a configuration that holds nothing else."""
    for axis in sweep.axes:
        for choice in axis.choices(0):
            for key, value in choice.values.items():
                yield _nested(key, value)


def _nested(key: str, value: Any) -> dict[str, Any]:
    *sections, last = (part.strip() for part in key.split("."))
    nested: dict[str, Any] = {last: value}
    for section in reversed(sections):
        nested = {section: nested}
    return nested


def chosen(plan: LoadedSweep) -> list[Mapping[str, Any]]:
    """The variants of a plan, as `schemas_sweeps.PlannedVariant`."""
    names = ("index", "name", "slug", "values", "places")
    return [{name: getattr(variant, name) for name in names} for variant in plan.variants]
