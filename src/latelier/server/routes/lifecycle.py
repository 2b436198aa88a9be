"""Runs begin, stop, go on and branch off. These routes write; training happens elsewhere."""

from __future__ import annotations

from fastapi import APIRouter

from latelier.runs import RunRecord
from latelier.server import reading
from latelier.server.launching import checked_config, create_run, request_fork, request_resume
from latelier.server.routes.runs import RunId
from latelier.server.schemas import (
    Cost,
    CostQuery,
    CreateRun,
    ForkRun,
    ResumeRun,
    RunMade,
    RunRow,
)
from latelier.server.services import Services, Shared

router = APIRouter(tags=["lifecycle"])


@router.post("/runs", status_code=201)
def create(body: CreateRun, shared: Shared) -> RunMade:
    """Make a run, and put it into the queue."""
    config = checked_config(body.config, shared.settings)
    record = create_run(shared.store, config, start=body.start)
    return _made(record.id, shared)


@router.post("/runs/{run_id}/start", status_code=202)
def start(run_id: RunId, shared: Shared) -> RunMade:
    """Put a run that was made without starting it into the queue."""
    record = reading.find(shared.store, run_id)
    request_resume(record, None)
    return _made(run_id, shared)


@router.post("/runs/{run_id}/cancel", status_code=202)
def cancel(run_id: RunId, shared: Shared) -> RunRow:
    """Ask a run to stop, queued or running; it writes a checkpoint first."""
    record = reading.find(shared.store, run_id)
    shared.jobs.cancel(record)
    return _row(run_id, shared)


@router.post("/runs/{run_id}/resume", status_code=202)
def resume(run_id: RunId, shared: Shared, body: ResumeRun | None = None) -> RunMade:
    """Put a cancelled or failed run back into the queue: it goes on as if it had never stopped."""
    record = reading.find(shared.store, run_id)
    request_resume(record, body.epoch if body else None)
    return _made(run_id, shared)


@router.post("/runs/{run_id}/fork", status_code=201)
def fork(run_id: RunId, body: ForkRun, shared: Shared) -> RunMade:
    """Make a run that begins with another's checkpoint, with other settings from there on."""
    record = reading.find(shared.store, run_id)
    made = request_fork(record, body, shared.store, shared.settings)
    return _made(made.id, shared)


@router.post("/cost")
def estimate_cost(body: CostQuery, shared: Shared) -> Cost:
    """Time a few steps of a run, in the worker process, and say what the whole would take."""
    config = checked_config(body.config, shared.settings)
    answer = shared.worker.ask("cost", {"config": config.model_dump(mode="json")})
    return Cost.model_validate(answer)


def _made(run_id: str, shared: Services) -> RunMade:
    shared.jobs.look()
    return RunMade(run_id=run_id, queue_position=shared.jobs.positions(RunRecord).get(run_id))


def _row(run_id: str, shared: Services) -> RunRow:
    record = reading.find(shared.store, run_id)
    position = shared.jobs.positions(RunRecord).get(run_id)
    return RunRow.model_validate(reading.row(shared.store, record.summary(), position))
