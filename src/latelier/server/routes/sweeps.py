"""Sweeps: list, look, begin, stop, go on, put in the trash."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from latelier.runs.ids import RUN_ID_PATTERN
from latelier.runs.payloads.walls import WallFrame, WallIndex
from latelier.runs.sweeps import SweepRecord
from latelier.server import reading_sweeps
from latelier.server.answers import json_answer, json_bytes
from latelier.server.errors import ApiError
from latelier.server.launching_sweeps import (
    check_resumable,
    checked_plan,
    chosen,
    make_sweep,
    restore_sweep,
    trash_sweep,
)
from latelier.server.routes.runs import TrashName
from latelier.server.schemas_sweeps import (
    CreateSweep,
    PlanSweep,
    SweepDetail,
    SweepMade,
    SweepPlan,
    SweepRestored,
    SweepRow,
    SweepsPage,
    SweepTrash,
)
from latelier.server.services import Services, Shared

router = APIRouter(tags=["sweeps"])
SweepId = Annotated[str, Path(pattern=f"^{RUN_ID_PATTERN}$", description="The sweep's whole id.")]
WallStep = Annotated[
    str, Path(pattern=r"^(latest|0|[1-9]\d{0,11})$", description="A step, or `latest`.")
]
_UNCHANGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "It is the one that the client has."}
}


@router.get("/sweeps", response_model=SweepsPage)
def list_sweeps(shared: Shared) -> Response:
    """List all sweeps, oldest first."""
    positions = shared.jobs.positions(SweepRecord)
    return json_answer({"sweeps": list(reading_sweeps.sweep_rows(shared.sweeps, positions))})


@router.post("/sweeps", status_code=201)
def create_sweep(body: CreateSweep, shared: Shared) -> SweepMade:
    """Make a sweep and all its runs, and put it into the queue."""
    record = make_sweep(body, shared.store, shared.settings)
    return _asked(record, shared) if body.start else SweepMade(sweep_id=record.id)


@router.post("/sweeps/preview", response_model=SweepPlan)
def preview_sweep(body: PlanSweep, shared: Shared) -> Response:
    """Say which variants a sweep would have; nothing is written."""
    plan = checked_plan(body, shared.settings)
    reference = {"layout": plan.layout, "reference": plan.reference}
    return json_answer({"name": plan.name, "variants": chosen(plan), **reference})


@router.get("/sweeps/{sweep_id}", response_model=SweepDetail)
def show_sweep(sweep_id: SweepId, shared: Shared) -> Response:
    """Say everything about a sweep: its variants with the state of their runs, and its metrics."""
    record = reading_sweeps.find_sweep(shared.sweeps, sweep_id)
    position = shared.jobs.positions(SweepRecord).get(sweep_id)
    return json_answer(reading_sweeps.sweep_detail(record, position))


@router.get("/sweeps/{sweep_id}/wall", response_model=WallIndex, responses=_UNCHANGED)
def read_wall_index(sweep_id: SweepId, shared: Shared, request: Request) -> Response:
    """List the frames of a sweep's wall, with the points that they show."""
    record = reading_sweeps.find_sweep(shared.sweeps, sweep_id)
    return _file(record, request, "wall_index")


@router.get("/sweeps/{sweep_id}/wall/{step}", response_model=WallFrame, responses=_UNCHANGED)
def read_wall_frame(
    sweep_id: SweepId, step: WallStep, shared: Shared, request: Request
) -> Response:
    """Give the maps of all variants at a step, or each at its newest (``latest``)."""
    record = reading_sweeps.find_sweep(shared.sweeps, sweep_id)
    if step == "latest":
        return _file(record, request, "wall_latest")
    return _file(record, request, "wall_step", step=int(step))


@router.post("/sweeps/{sweep_id}/cancel", status_code=202)
def cancel_sweep(sweep_id: SweepId, shared: Shared) -> SweepRow:
    """Ask a sweep to stop; its running variants write a checkpoint, others are not begun."""
    record = reading_sweeps.find_sweep(shared.sweeps, sweep_id)
    shared.jobs.cancel(record)
    return _row(record, shared)


@router.post("/sweeps/{sweep_id}/resume", status_code=202)
def resume_sweep(sweep_id: SweepId, shared: Shared) -> SweepMade:
    """Put a created, cancelled or failed sweep into the queue; what is completed stays so."""
    record = reading_sweeps.find_sweep(shared.sweeps, sweep_id)
    check_resumable(record)
    return _asked(record, shared)


@router.delete("/sweeps/{sweep_id}", status_code=204)
def delete_sweep(
    sweep_id: SweepId,
    shared: Shared,
    runs: Annotated[bool, Query(description="Its runs too.")] = False,
) -> None:
    """Put a sweep into the trash, from which it can be restored."""
    trash_sweep(reading_sweeps.find_sweep(shared.sweeps, sweep_id), shared, runs=runs)


@router.get("/trash/sweeps", response_model=SweepTrash)
def list_trashed_sweeps(shared: Shared) -> Response:
    """List the sweeps in the trash, oldest first."""
    found = list(reading_sweeps.trashed_sweeps(shared.sweeps, shared.store))
    return json_answer({"sweeps": found})


@router.post("/trash/sweeps/{name}/restore")
def restore_trashed_sweep(
    name: TrashName,
    shared: Shared,
    runs: Annotated[bool, Query(description="Its runs that are in the trash too.")] = True,
) -> SweepRestored:
    """Take a sweep out of the trash."""
    sweep_id, count = restore_sweep(name, shared, runs=runs)
    return SweepRestored(sweep_id=sweep_id, runs=count)


def _asked(record: SweepRecord, shared: Services) -> SweepMade:
    return SweepMade(sweep_id=record.id, queue_position=shared.jobs.request(record))


def _row(record: SweepRecord, shared: Services) -> SweepRow:
    position = shared.jobs.positions(SweepRecord).get(record.id)
    return SweepRow.model_validate(reading_sweeps.sweep_row(record, position))


def _file(record: SweepRecord, request: Request, kind: str, **keys: int) -> Response:
    """Give a file of the wall; it is small, and may be written again."""
    path = record.path_of(kind, **keys)
    try:
        facts = path.stat()
        headers = {
            "cache-control": "private, no-cache",
            "etag": f'"{facts.st_mtime_ns:x}-{facts.st_size:x}"',
        }
        if request.headers.get("if-none-match") == headers["etag"]:
            return Response(status_code=304, headers=headers)
        return json_bytes(path.read_bytes(), headers=headers)
    except OSError as error:
        what = f"the wall of sweep {record.id} has no such frame"
        raise ApiError(404, what, got=str(keys.get("step", "latest"))) from error
