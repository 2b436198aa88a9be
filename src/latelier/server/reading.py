"""From run folders to what the API answers. Nothing here writes."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from typing import Any

from latelier.config.errors import RunError, RunNotFoundError
from latelier.lab.kinds import computable, facts_of
from latelier.runs import ARTIFACTS, LATEST, RunRecord, RunStore, RunSummary, is_run_id
from latelier.runs.record import read_summary
from latelier.runs.states import RESUMABLE, RunState
from latelier.runs.store import TRASH

PRIVATE = frozenset(
    {
        "owner",
        "owner_lock",
        "compute_lock",
        "compute_slow_lock",
        "cancel",
        "start",
        "local_origin",
    }
)
"""Record files that say something about the machine, or are no content: never served."""

REWRITTEN = frozenset({"projection_quality"})
"""Kinds of an epoch that are written again when more is known."""

_STARTED = ("total_steps", "total_epochs", "steps_per_epoch", "device", "parameters")
_HEAD = 8  # run.created comes first, run.started next, unless the run was cancelled in the queue


def find(store: RunStore, run_id: str) -> RunRecord:
    """Open a run by its whole id; one look at the file system.

    Raises:
        RunNotFoundError: If there is no such run, or the id is not one.
    """
    record = store.open(run_id) if not is_run_id(run_id) else RunRecord(store.root / run_id)
    if record.path.is_symlink() or not record.path.is_dir():
        raise RunNotFoundError("no such run", got=repr(run_id))
    return record


def row(store: RunStore, summary: RunSummary, position: int | None = None) -> dict[str, Any]:
    """One row of the list, as `schemas.RunRow`."""
    running = summary.state == RunState.RUNNING
    asked = running and RunRecord(store.root / summary.run_id).cancel_requested()
    return summary.as_dict() | {"queue_position": position, "cancelling": asked}


def detail(store: RunStore, record: RunRecord, position: int | None = None) -> dict[str, Any]:
    """One run, as `schemas.RunDetail`; a damaged one tells what can be read."""
    summary = read_summary(record.path)
    started = _started(record)
    config = _config(record)
    checkpoints = record.checkpoints()
    return {
        "summary": row(store, summary, position),
        "config": config,
        **{name: started.get(name) for name in _STARTED},
        "total_steps": summary.total_steps or started.get("total_steps"),
        "total_epochs": summary.total_epochs or started.get("total_epochs"),
        "capabilities": started.get("capabilities") or [],
        "artifacts": artifact_groups(record),
        "checkpoints": checkpoints,
        "resumable": summary.state in RESUMABLE and not is_foreign(config),
        "last_event_id": last_event_id(record),
        "computable": _computable(record),
        "label_names": (started.get("data") or {}).get("label_names"),
    }


def is_foreign(config: dict[str, Any] | None) -> bool:
    """Whether a run's networks or data came from Python, so that no server can go on with it."""
    if config is None:
        return True
    model, data = config.get("model"), config.get("data")
    net = model.get("net") if isinstance(model, dict) else None
    own_net = isinstance(net, dict) and net.get("kind") == "custom"
    return own_net or (isinstance(data, dict) and data.get("dataset") == "given")


def artifact_groups(record: RunRecord) -> list[dict[str, Any]]:
    """What a run has made, as `schemas.ArtifactGroup`, by kind in the order of the table."""
    epochs: dict[tuple[Any, ...], set[int]] = defaultdict(set)
    snapshots: dict[tuple[Any, ...], list[dict[str, int]]] = defaultdict(list)
    latest: set[tuple[Any, ...]] = set()
    for _, parsed in record.files():
        if parsed is None or ARTIFACTS[parsed[0]].record:
            continue
        kind, keys = parsed
        others = {name: keys[name] for name in keys if name != "epoch"}
        step = others.pop("step", None) if ARTIFACTS[kind].snapshots else None
        group = (kind, *sorted(others.items()))
        known = epochs[group]
        if keys.get("epoch") == LATEST:
            latest.add(group)
        elif step is not None:
            snapshots[group].append({"epoch": int(keys["epoch"]), "step": int(step)})
        elif "epoch" in keys:
            known.add(int(keys["epoch"]))
    order = {kind: number for number, kind in enumerate(ARTIFACTS)}
    return [
        {
            "kind": group[0],
            "media_type": ARTIFACTS[group[0]].media_type,
            "keys": dict(group[1:]),
            "epochs": sorted(epochs[group]),
            "snapshots": sorted(snapshots[group], key=lambda frame: frame["step"]),
            "latest": group in latest,
        }
        for group in sorted(epochs, key=lambda group: (order[group[0]], str(group[1:])))
    ]


def last_event_id(record: RunRecord) -> int:
    """Id of the last complete event: line n holds event n, so complete lines are counted."""
    try:
        with record.path_of("events").open("rb") as file:
            return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
    except OSError:
        return 0


def trashed(store: RunStore) -> Iterator[dict[str, Any]]:
    """Runs in the trash, as `schemas.TrashEntry`."""
    for name in store.trashed():
        run_id = name.partition("~")[0]
        if is_run_id(run_id):
            summary = read_summary(os.path.join(store.root, TRASH, name))  # noqa: PTH118
            yield {
                "name": name,
                "run_id": run_id,
                "display_name": summary.labels.display_name or summary.name or run_id,
                "state": summary.state,
                "created": summary.created,
            }


def _started(record: RunRecord) -> dict[str, Any]:
    """Data of the first ``run.started`` (a resumed run has one too)."""
    try:
        for event in islice(record.events(), _HEAD):
            if event.type in {"run.started", "run.resumed"}:
                return dict(event.data)
    except RunError:
        pass
    return {}


def _computable(record: RunRecord) -> list[str]:
    """Kinds that can be made of a run on demand; none of a damaged one."""
    try:
        return list(computable(facts_of(record)))
    except (RunError, AttributeError, TypeError):  # another version's, or no configuration at all
        return []


def _config(record: RunRecord) -> dict[str, Any] | None:
    try:
        return record.config()
    except RunError:
        return None
