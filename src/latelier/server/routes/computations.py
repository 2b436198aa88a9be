"""Computing on demand: artifacts of any epoch with a checkpoint, backfill, what is under way."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from latelier.runs.ids import RUN_ID_PATTERN
from latelier.server import reading
from latelier.server.answers import json_answer
from latelier.server.routes.runs import RunId
from latelier.server.schemas_computed import (
    ArtifactMade,
    ArtifactWish,
    BackfillBegun,
    BackfillWish,
    ComputationInfo,
    ComputationsPage,
)
from latelier.server.services import Shared
from latelier.server.wishes import backfill_job, read_wish

router = APIRouter(tags=["computations"])
ComputationId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]


@router.post(
    "/runs/{run_id}/artifacts/{kind}",
    response_model=ArtifactMade,
    responses={202: {"model": ArtifactMade, "description": "It takes longer: follow it."}},
)
def make_artifact(run_id: RunId, kind: str, wish: ArtifactWish, shared: Shared) -> Response:
    """Make an artifact of any epoch with a checkpoint, unless it is there.

    Equal requests make it once. What takes seconds is answered with 202 and the computation to
    follow.
    """
    record = reading.find(shared.store, run_id)
    wanted = read_wish(record, kind, wish.model_dump(exclude_none=True))
    answer: dict[str, Any] = {"kind": wanted.kind, "keys": wanted.keys, "state": "done"}
    if (there := wanted.there()) is not None:
        made = {"cached": True, "compute_ms": there.get("compute_ms"), "computation": None}
        return json_answer(answer | made)
    lane = wanted.lane
    computation = shared.computations.ask(lane, run_id, wanted.kind, wanted.keys, wanted.job)
    if lane == "slow":
        begun = {"cached": None, "compute_ms": None, "computation": computation.id}
        return json_answer(answer | {"state": "running"} | begun, 202)
    result = shared.computations.wait(computation)
    return json_answer(answer | result | {"computation": None})


@router.post("/runs/{run_id}/backfill", status_code=202)
def backfill_run(run_id: RunId, shared: Shared, wish: BackfillWish | None = None) -> BackfillBegun:
    """Make what a run could have and has not: every kind, of every epoch with a checkpoint."""
    record = reading.find(shared.store, run_id)
    wish = BackfillWish() if wish is None else wish
    chosen, job = backfill_job(record, wish.kinds, wish.epochs)
    computation = shared.computations.ask("slow", run_id, "backfill", chosen, job)
    return BackfillBegun(computation=computation.id)


@router.get("/computations", response_model=ComputationsPage)
def list_computations(
    shared: Shared,
    run_id: Annotated[str | None, Query(pattern=f"^{RUN_ID_PATTERN}$")] = None,
) -> Response:
    """List what is under way, and what ended lately, oldest first."""
    known = shared.computations.listing(run_id)
    return json_answer({"computations": [computation.as_dict() for computation in known]})


@router.get("/computations/{computation_id}", response_model=ComputationInfo)
def show_computation(computation_id: ComputationId, shared: Shared) -> Response:
    """Say how far a computation is, and how it ended."""
    return json_answer(shared.computations.find(computation_id).as_dict())


@router.delete("/computations/{computation_id}", response_model=ComputationInfo)
def cancel_computation(computation_id: ComputationId, shared: Shared) -> Response:
    """Take a computation back, for all who wait for it; what it has written stays."""
    computation = shared.computations.find(computation_id)
    shared.computations.cancel(computation)
    return json_answer(computation.as_dict())
