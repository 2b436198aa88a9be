"""Events: as a page of JSON, or as a stream of one or several runs."""

from __future__ import annotations

import re
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response, StreamingResponse

from latelier.runs import RunRecord
from latelier.server import reading
from latelier.server.answers import json_bytes
from latelier.server.errors import ApiError
from latelier.server.routes.runs import RunId
from latelier.server.schemas import EventsPage
from latelier.server.services import Services, Shared
from latelier.server.tail import Line, LineTail

router = APIRouter(tags=["events"])
MOST_RUNS = 32
MOST_EVENTS = 10_000
LARGEST_ID = 10**12
_POSITIONS = re.compile(r"\d{1,12}(,\d{1,12})*")
_HEADERS = {
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
    "connection": "keep-alive",
}
_STREAM = {"text/event-stream": {"schema": {"type": "string"}}}
LastEventId = Annotated[
    str | None, Header(max_length=1000, description="Position of the stream that broke off.")
]


@router.get(
    "/runs/{run_id}/events",
    response_model=EventsPage,
    responses={200: {"content": _STREAM, "description": "A page of events, or their stream."}},
)
async def read_events(
    run_id: RunId,
    shared: Shared,
    request: Request,
    after: Annotated[int, Query(ge=0, le=LARGEST_ID, description="Id of the last one known.")] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_EVENTS)] = MOST_EVENTS,
    last_event_id: LastEventId = None,
) -> Response:
    """Give the events after one of them; with ``Accept: text/event-stream``, go on doing so."""
    record = reading.find(shared.store, run_id)
    if "text/event-stream" not in request.headers.get("accept", ""):
        page = await anyio.to_thread.run_sync(_page, record, after, limit)
        return json_bytes(page)
    return _stream(shared, request, [record], _positions(last_event_id or str(after), 1))


@router.get(
    "/events",
    response_class=Response,
    responses={200: {"content": _STREAM, "description": "The stream."}},
)
async def stream_events(
    shared: Shared,
    request: Request,
    runs: Annotated[
        str, Query(min_length=1, max_length=65 * MOST_RUNS, description="Run ids, with commas.")
    ],
    after: Annotated[
        str | None, Query(max_length=1000, description="Ids of the last events known, in order.")
    ] = None,
    last_event_id: LastEventId = None,
) -> Response:
    """Stream the events of several runs; ids are positions, one per run in the order asked."""
    names = runs.split(",")
    if len(names) > MOST_RUNS or len(set(names)) != len(names):
        raise ApiError(
            422,
            "runs cannot be followed together",
            got=f"{len(names)} runs",
            expected=f"at most {MOST_RUNS} different ones",
        )
    records = [reading.find(shared.store, name) for name in names]
    default = ",".join("0" for _ in names)
    return _stream(
        shared, request, records, _positions(last_event_id or after or default, len(names))
    )


def _stream(
    shared: Services, request: Request, records: list[RunRecord], after: list[int]
) -> Response:
    shared.streams.check_room()
    if request.scope.get("latelier.head"):
        return Response(headers=_HEADERS, media_type="text/event-stream")
    paths = [record.path_of("events") for record in records]
    body = shared.streams.follow(paths, after, [record.id for record in records])
    return StreamingResponse(body, headers=_HEADERS, media_type="text/event-stream")


def _positions(text: str, count: int) -> list[int]:
    if _POSITIONS.fullmatch(text) is None or text.count(",") != count - 1:
        raise ApiError(
            422,
            "this is not a position of that stream",
            got=text[:80],
            expected=f"{count} numbers with commas between them",
        )
    return [int(part) for part in text.split(",")]


def _page(record: RunRecord, after: int, limit: int) -> bytes:
    """Join raw lines into the JSON of `schemas.EventsPage`."""
    tail = LineTail(record.path_of("events"), after)
    lines: list[Line] = []
    try:
        while len(lines) <= limit and (new := tail.read()):
            lines += new
    except FileNotFoundError:
        pass
    shown = lines[:limit]
    last = shown[-1].id if shown else after
    events = b",".join(line.text for line in shown)
    more = b"true" if len(lines) > limit else b"false"
    return b'{"events":[%b],"last_id":%d,"more":%b}' % (events, last, more)
