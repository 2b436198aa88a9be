"""Answers that are sent as they were read, and what every route says about its errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from latelier.runs.encoding import dumps
from latelier.server.schemas import ErrorBody

REFUSALS: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": ErrorBody, "description": "What was wrong, and what to do."},
    "5XX": {"model": ErrorBody, "description": "The server's own failure."},
}
NO_STORE = {"cache-control": "no-store"}


def json_answer(
    value: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Encode a value as the record does (non-finite numbers as null), unchecked and fast."""
    return json_bytes(dumps(value), status, headers)


def json_bytes(
    data: bytes, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer with JSON that is there already."""
    return Response(data, status, {**NO_STORE, **(headers or {})}, media_type="application/json")
