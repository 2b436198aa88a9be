"""Runs: list, look, label, put in the trash."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from latelier.runs import RunRecord
from latelier.runs.ids import RUN_ID_PATTERN
from latelier.runs.states import ENDED
from latelier.server import reading
from latelier.server.answers import json_answer
from latelier.server.schemas import (
    LabelsInfo,
    LabelsPatch,
    MetricsTables,
    RunDetail,
    RunsPage,
    Trash,
)
from latelier.server.services import Shared

router = APIRouter(tags=["runs"])
RunId = Annotated[str, Path(pattern=f"^{RUN_ID_PATTERN}$", description="The run's whole id.")]
TrashName = Annotated[str, Path(pattern=f"^{RUN_ID_PATTERN}(~[0-9]{{1,6}})?$")]


@router.get("/runs", response_model=RunsPage)
def list_runs(shared: Shared) -> Response:
    """List all runs, oldest first. Opens nothing but their summaries and labels."""
    positions = shared.jobs.positions(RunRecord)
    rows = [
        reading.row(shared.store, row, positions.get(row.run_id)) for row in shared.store.list()
    ]
    return json_answer({"runs": rows})


@router.get("/runs/{run_id}", response_model=RunDetail)
def show_run(run_id: RunId, shared: Shared) -> Response:
    """Say everything about one run but its metrics, events and the content of its artifacts."""
    record = reading.find(shared.store, run_id)
    detail = reading.detail(shared.store, record, shared.jobs.positions(RunRecord).get(run_id))
    settings, over = shared.settings, detail["summary"]["state"] in ENDED
    if detail["computable"] and over and settings.warm and not settings.read_only:
        shared.computations.warm()  # whoever looks at a run asks for samples next
    return json_answer(detail)


@router.get("/runs/{run_id}/metrics", response_model=MetricsTables)
def read_metrics(run_id: RunId, shared: Shared) -> Response:
    """Give the metrics as columns, as if the run had never been interrupted."""
    return json_answer(reading.find(shared.store, run_id).metrics().as_dict())


@router.patch("/runs/{run_id}/labels")
def set_labels(run_id: RunId, labels: LabelsPatch, shared: Shared) -> LabelsInfo:
    """Rename a run, tag it, or write a note; id and folder never change."""
    record = reading.find(shared.store, run_id)
    tags = None if labels.tags is None else tuple(dict.fromkeys(labels.tags))
    kept = record.set_labels(display_name=labels.display_name, tags=tags, note=labels.note)
    return LabelsInfo(**kept.as_dict())


@router.delete("/runs/{run_id}", status_code=204)
def trash_run(
    run_id: RunId,
    shared: Shared,
    force: Annotated[bool, Query(description="Stop it first if a process writes it.")] = False,
) -> None:
    """Put a run into the trash, from which it can be restored."""
    record = reading.find(shared.store, run_id)
    if force and record.live_owner() is not None:
        shared.jobs.stop_first(record)
    shared.jobs.forget(record)
    shared.computations.cancel_all_of(run_id)
    shared.store.trash(run_id, force=force)


@router.get("/trash")
def list_trash(shared: Shared) -> Trash:
    """List the runs in the trash, oldest first."""
    return Trash.model_validate({"runs": list(reading.trashed(shared.store))})


@router.post("/trash/{name}/restore", response_model_exclude_none=True)
def restore_run(name: TrashName, shared: Shared) -> LabelsInfo:
    """Take a run out of the trash."""
    record = shared.store.restore(name)
    return LabelsInfo(**record.labels().as_dict())
