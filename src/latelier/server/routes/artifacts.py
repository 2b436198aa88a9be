"""Files of runs, found by kind and keys through the name table. No path comes from a client."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, create_model
from starlette.responses import FileResponse, Response

from latelier.config.errors import RunError
from latelier.runs import ARTIFACTS, LATEST, RunRecord, artifact_spec
from latelier.runs.naming import FIELDS, Whole
from latelier.server import reading
from latelier.server.errors import ApiError
from latelier.server.routes.runs import RunId
from latelier.server.services import Shared

router = APIRouter(tags=["artifacts"])
_WHOLE = 1 << 24  # files up to here are read at once: one system call instead of hundreds
_EPOCH = r"^(latest|0|[1-9]\d{0,8})$"
_IMMUTABLE = "private, max-age=31536000, immutable"
_MEDIA = sorted({spec.media_type for spec in ARTIFACTS.values()})


def _keys_model() -> type[BaseModel]:
    """One optional query parameter per key of the name table; other parameters are refused."""
    fields: dict[str, Any] = {}
    for name, form in FIELDS.items():
        if name == "epoch":
            fields[name] = (
                Annotated[str | None, Query(pattern=_EPOCH)],
                None,
            )
        elif isinstance(form, Whole):
            fields[name] = (Annotated[int | None, Query(ge=form.low, le=form.high)], None)
        else:
            fields[name] = (Annotated[str | None, Query(max_length=64)], None)
    return create_model("ArtifactKeys", __config__=ConfigDict(extra="forbid"), **fields)


ArtifactKeys: Any = _keys_model()


@router.get(
    "/runs/{run_id}/artifacts/{kind}",
    response_class=Response,
    responses={
        200: {"content": {kind: {} for kind in _MEDIA}, "description": "The file."},
        304: {"description": "It is the one that the client has."},
    },
)
def read_artifact(
    run_id: RunId,
    kind: str,
    keys: Annotated[ArtifactKeys, Query()],
    shared: Shared,
    request: Request,
) -> Response:
    """Give one artifact. ``epoch=latest`` follows a run; an epoch's own file never changes,
    but for the ``projection_quality``."""
    record = reading.find(shared.store, run_id)
    chosen = {name: value for name, value in keys.model_dump().items() if value is not None}
    path = _locate(record, kind, chosen)
    try:
        facts = path.stat()
    except OSError:
        facts = None
    if facts is None or not path.is_file():
        raise ApiError(404, f"run {run_id} has no {kind} of these keys", got=_shown(chosen))
    of_an_epoch = "epoch" in chosen and chosen["epoch"] != LATEST
    fixed = of_an_epoch and kind not in reading.REWRITTEN
    headers = {
        "cache-control": _IMMUTABLE if fixed else "private, no-cache",
        "etag": f'"{facts.st_mtime_ns:x}-{facts.st_size:x}"',
        "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    }
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    return _file(path, facts.st_size, artifact_spec(kind).media_type, headers)


def _locate(record: RunRecord, kind: str, chosen: dict[str, Any]) -> Path:
    if kind not in ARTIFACTS or kind in reading.PRIVATE:
        raise ApiError(404, "no such kind of artifact", got=kind[:64])
    if chosen.get("epoch", LATEST) != LATEST:
        chosen = {**chosen, "epoch": int(chosen["epoch"])}
    try:
        artifact_spec(kind).path(**chosen)
    except RunError as error:
        raise ApiError(422, error.what, got=error.got, expected=error.expected) from error
    return record.path_of(kind, **chosen)


def _file(path: Path, size: int, media_type: str, headers: dict[str, str]) -> Response:
    if not media_type.startswith(("application/json", "image/")):
        headers = {**headers, "content-disposition": f'attachment; filename="{path.name}"'}
    if size > _WHOLE:
        return FileResponse(path, headers=headers, media_type=media_type)
    return Response(path.read_bytes(), headers=headers, media_type=media_type)


def _shown(keys: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in keys.items()) or "no keys"
