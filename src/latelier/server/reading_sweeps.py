"""From the folders of sweeps to what the API answers. Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from latelier.config.errors import RunError, RunNotFoundError
from latelier.lab.sweeps.summary import read_wall, summarize
from latelier.runs import RunStore
from latelier.runs.encoding import loads
from latelier.runs.ids import is_run_id
from latelier.runs.states import ENDED, RunState
from latelier.runs.sweep_model import Sweep
from latelier.runs.sweep_store import SweepStore
from latelier.runs.sweeps import SWEEP_FILES, SweepRecord, SweepView
from latelier.server.reading import is_foreign
from latelier.server.schemas_sweeps import SweepHead, VariantRow

OFFERED = ("local", "ensemble")
"""Executors that a server starts: they need nothing from elsewhere."""

_HEAD = set(SweepHead.model_fields) - {"counts", "queue_position", "cancelling"}
_NO_RUN = {
    name: field.get_default(call_default_factory=True)
    for name, field in VariantRow.model_fields.items()
    if not field.is_required()
}
_WALL = ("map", "reference", "bounds", "steps")


def find_sweep(store: SweepStore, sweep_id: str) -> SweepRecord:
    """Open a sweep by its whole id; one look at the file system.

    Raises:
        RunNotFoundError: If there is no such sweep, or the id is not one.
    """
    record = SweepRecord(store.root / sweep_id)
    if record.path.is_symlink() or not record.path.is_dir():
        raise RunNotFoundError("no such sweep", got=repr(sweep_id))
    return record


def sweep_rows(store: SweepStore, positions: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    """The list of sweeps, as `schemas_sweeps.SweepRow`; what cannot be read is left out."""
    for sweep_id in store.ids():
        record = SweepRecord(store.root / sweep_id)
        try:
            yield sweep_row(record, positions.get(sweep_id))
        except RunError:
            continue  # one damaged file does not hide the others


def sweep_row(record: SweepRecord, position: int | None) -> dict[str, Any]:
    """One sweep, as `schemas_sweeps.SweepRow`."""
    view = record.view()
    return _head(record, view, position) | {"variants": len(view.sweep.variants)}


def sweep_detail(record: SweepRecord, position: int | None) -> dict[str, Any]:
    """One sweep joined with its runs, as `schemas_sweeps.SweepDetail`."""
    view = record.view()
    value, sweep = view.as_dict(), view.sweep
    kept = {name: value[name] for name in ("definition", "base", "layout", "reference")}
    options = {name: sweep.options.get(name) for name in ("max_workers", "grace", "address")}
    return {
        **_head(record, view, position),
        **kept,
        "options": options,
        "variants": [_NO_RUN | row for row in value["variants"]],
        "resumable": is_resumable(sweep),
        "table": summarize(view, read_wall(record)),
        "wall": _wall(record),
    }


def is_resumable(sweep: Sweep) -> bool:
    """Whether a server may begin a sweep or go on with it."""
    over = sweep.state in ENDED - {RunState.COMPLETED}
    return (
        (over or sweep.state == RunState.CREATED)
        and sweep.executor in OFFERED
        and not is_foreign(dict(sweep.base))
    )


def trashed_sweeps(store: SweepStore, runs: RunStore) -> Iterator[dict[str, Any]]:
    """Sweeps in the trash, as `schemas_sweeps.TrashedSweep`; what cannot be read is left out."""
    there = {name.partition("~")[0] for name in runs.trashed()}
    for name in store.trashed():
        sweep = _trashed(store, name)
        if sweep is not None:
            yield {
                "name": name,
                "sweep_id": sweep.sweep_id,
                "display_name": sweep.name,
                "state": sweep.state,
                "created": sweep.created,
                "variants": len(sweep.variants),
                "runs_in_trash": sum(variant.run_id in there for variant in sweep.variants),
            }


def _head(record: SweepRecord, view: SweepView, position: int | None) -> dict[str, Any]:
    sweep = view.sweep
    cancelling = sweep.state == RunState.RUNNING and record.cancel_requested()
    return {
        **{name: getattr(sweep, name) for name in _HEAD},
        "counts": view.counts,
        "queue_position": position,
        "cancelling": cancelling,
    }


def _wall(record: SweepRecord) -> dict[str, Any] | None:
    try:
        index = loads(record.path_of("wall_index").read_bytes())
        return {name: index[name] for name in _WALL} | {"points": len(index["points"])}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _trashed(store: SweepStore, name: str) -> Sweep | None:
    sweep_id = name.partition("~")[0]
    try:
        content = (store.trash_folder / name / SWEEP_FILES["sweep"]).read_bytes()
        return Sweep.from_dict(sweep_id, loads(content)) if is_run_id(sweep_id) else None
    except (OSError, ValueError):
        return None
