"""Every answer that is not a success has one form, and tells no more than its reader may know."""

from __future__ import annotations

import sys
import traceback
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from latelier.config.errors import (
    ConfigError,
    LatelierError,
    RunBusyError,
    RunError,
    RunNotFoundError,
)
from latelier.runs.encoding import dumps

_MEANINGS = {
    400: "the request cannot be understood",
    401: "the server's token is missing or wrong",
    403: "this is not allowed",
    404: "there is nothing at this address",
    405: "this address does not know that method",
    409: "the run is not in a state for this",
    413: "the request is too large",
    415: "the body is not JSON",
    422: "the request has values that cannot be used",
    429: "too many requests are under way",
    500: "the server made a mistake",
    503: "the server is shutting down",
}


class ApiError(LatelierError):
    """A refusal with a status of its own.

    Args:
        status: HTTP status.
        what: What is wrong; the status' meaning when empty.
    """

    def __init__(self, status: int, what: str = "", **details: Any) -> None:
        self.status = status
        super().__init__(what or _MEANINGS.get(status, "the request failed"), **details)


def error_response(status: int, what: str = "", **fields: Any) -> Response:
    """Build the answer to a request that failed.

    Args:
        status: HTTP status.
        what: What is wrong; the status' meaning when empty.
        **fields: ``got``, ``expected``, ``remedy`` (texts) and ``problems`` (a list).
    """
    known = {name: fields.get(name) for name in ("got", "expected", "remedy")}
    texts = {name: None if value is None else str(value) for name, value in known.items()}
    meaning = what or _MEANINGS.get(status, "the request failed")
    error = {"what": meaning, **texts, "problems": fields.get("problems", [])}
    return Response(
        dumps({"error": error}),
        status,
        {"cache-control": "no-store"},
        media_type="application/json",
    )


def status_of(error: LatelierError) -> int:
    """Say which HTTP status an error of ours has."""
    if isinstance(error, ApiError):
        return error.status
    if isinstance(error, RunNotFoundError):
        return 404
    if isinstance(error, RunBusyError | RunError):
        return 409
    return 422


def install(app: FastAPI) -> None:
    """Make the app answer every error in the one form."""
    app.add_exception_handler(LatelierError, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _bug)


def error_fields(error: LatelierError) -> dict[str, Any]:
    """Return what an error of ours says, as `schemas.ErrorInfo`."""
    known = {"got": error.got, "expected": error.expected, "remedy": error.remedy}
    problems = error.problems if isinstance(error, ConfigError) else ()
    return {
        "what": error.what,
        **{name: None if value is None else str(value) for name, value in known.items()},
        "problems": [
            {
                "path": problem.path,
                "message": problem.what,
                "got": problem.got,
                "expected": problem.expected,
                "remedy": problem.remedy,
            }
            for problem in problems
        ],
    }


async def _known(_: Request, error: Exception) -> Response:
    assert isinstance(error, LatelierError)
    return error_response(status_of(error), **error_fields(error))


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    problems = [
        {
            "path": ".".join(str(part) for part in found["loc"][1:]),
            "message": str(found["msg"]),
            "got": "",
            "expected": "",
            "remedy": "",
        }
        for found in error.errors()
    ]
    return error_response(422, problems=problems, remedy="See /docs for what it takes.")


async def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    response = error_response(error.status_code)
    for name, value in (error.headers or {}).items():
        response.headers[name] = value
    return response


async def _bug(_: Request, error: Exception) -> Response:
    traceback.print_exception(error, file=sys.stderr)
    return error_response(500, remedy="See what the server printed, and report it.")
