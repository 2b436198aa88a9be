"""Is a run directory what it says it is? Every rule of docs/spec.md that can be checked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from latelier.config.errors import RunError
from latelier.runs.artifacts import ARTIFACTS
from latelier.runs.atomic import is_temporary
from latelier.runs.encoding import loads
from latelier.runs.events import Event, complete_lines, parse_event
from latelier.runs.metrics import check_metrics
from latelier.runs.naming import LATEST, Key
from latelier.runs.receipt import RECEIPT
from latelier.runs.record import RunRecord
from latelier.runs.rows import JSON, PNG
from latelier.runs.states import RunState, replay
from latelier.runs.summary import Labels, RunSummary

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHECKPOINT_PARTS = ("model", "optimizer", "state")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as the contract says.

    Attributes:
        severity: ``error``: something is lost, damaged or contradicts itself. ``warning``: the
            run can be used as it is.
        code: A word for programs: ``event-id``, ``mirror``, ….
        path: Where, relative to the run folder; empty for the run as a whole.
        message: What is wrong, in words.
    """

    severity: Literal["error", "warning"]
    code: str
    path: str
    message: str


def verify(
    record: RunRecord, *, check_config: Callable[[dict[str, Any]], object] | None = None
) -> list[Finding]:
    """Check a run directory against the contract. Nothing is changed and no code is executed.

    Args:
        record: The run.
        check_config: Called with the configuration; what it raises becomes a warning, for the
            run may come from another version.

    Returns:
        Findings, errors first; none if the run is sound.
    """
    findings = [
        *_check_config(record, check_config),
        *_check_labels(record),
        *_check_life(record),
    ]
    for path, named in record.files():
        findings += _check_file(record, path, named)
    findings += _check_checkpoints(record)
    return sorted(findings, key=lambda finding: (finding.severity, finding.path))


def hash_file(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_config(
    record: RunRecord, check: Callable[[dict[str, Any]], object] | None
) -> Iterator[Finding]:
    try:
        config = record.config()
    except RunError as error:
        yield Finding("error", "config", "config.json", str(error))
        return
    try:
        if check is not None:
            check(config)
    except Exception as error:
        yield Finding("warning", "config", "config.json", str(error))


def _check_labels(record: RunRecord) -> Iterator[Finding]:
    try:
        if record.has("labels"):
            Labels.from_dict(record.read_json("labels"))
    except (RunError, ValueError) as error:
        yield Finding("warning", "labels", "labels.json", str(error))


def _check_life(record: RunRecord) -> Iterator[Finding]:
    """Events among themselves, and the summary against them."""
    path = ARTIFACTS["events"].pattern
    events: list[Event] = []
    damaged = []
    if not record.has("events"):
        yield Finding("error", "events", path, "events.jsonl is missing")
        return
    for number, line in enumerate(complete_lines(record.path_of("events")), start=1):
        try:
            event = parse_event(line)
        except ValueError as error:
            damaged.append(number)
            yield Finding("error", "event", path, f"line {number}: {error}")
            continue
        yield from _check_event(record, event, number)
        events.append(event)
    yield from _check_end(record, path)
    told, problems = replay(event.type for event in events)
    for problem in problems:
        yield Finding("error", "state", path, problem)
    yield from _check_summary(record, told)


def _check_event(record: RunRecord, event: Event, number: int) -> Iterator[Finding]:
    path = ARTIFACTS["events"].pattern
    if event.id != number:
        yield Finding("error", "event-id", path, f"line {number} has the id {event.id}")
    if event.run_id != record.id:
        yield Finding("warning", "run-id", path, f"event {event.id} is of run {event.run_id}")
    if event.type == "train.metrics":
        try:
            check_metrics(event.data)
        except RunError as error:
            yield Finding("error", "metrics", path, f"event {event.id}: {error}")
    if event.type == "artifact.created":
        yield from _check_announced(record, event)


def _check_announced(record: RunRecord, event: Event) -> Iterator[Finding]:
    """An artifact that was announced is there, unless it is a checkpoint, which retention drops."""
    kind, keys = event.data.get("kind"), event.data.get("keys")
    if kind not in ARTIFACTS or kind == "checkpoint" or not isinstance(keys, dict):
        return
    try:
        path = ARTIFACTS[kind].path(**keys)
        missing = not record.has(kind, **keys)
    except RunError as error:
        yield Finding("error", "artifact", "events.jsonl", f"event {event.id}: {error}")
        return
    if missing:
        yield Finding("error", "artifact", path, f"event {event.id} announced it; it is missing")


def _check_end(record: RunRecord, path: str) -> Iterator[Finding]:
    data = record.read_bytes("events")
    if data and not data.endswith(b"\n") and record.live_owner() is None:
        message = "the last line is torn; the next writer cuts it off"
        yield Finding("warning", "torn", path, message)


def _check_summary(record: RunRecord, told: RunState | None) -> Iterator[Finding]:
    path = ARTIFACTS["summary"].pattern
    try:
        value = record.read_json("summary")
        summary = RunSummary.from_dict(record.id, value)
    except (RunError, ValueError) as error:
        yield Finding("error", "summary", path, str(error))
        return
    if value.get("run_id") != record.id:
        yield Finding("warning", "run-id", path, f"it is of run {value.get('run_id')}")
    if record.live_owner() is not None:
        return
    if told != summary.state:
        yield Finding("error", "state", path, f"says {summary.state}; the events say {told}")
    elif told is RunState.RUNNING:
        message = "its process is gone; `latelier resume` goes on from the last checkpoint"
        yield Finding("warning", "interrupted", path, message)


def _check_file(
    record: RunRecord, path: str, named: tuple[str, dict[str, Key]] | None
) -> Iterator[Finding]:
    full = record.path / path
    if full.is_symlink():
        yield Finding("error", "link", path, "a link; a run holds only plain files")
    elif any(is_temporary(part) for part in path.split("/")):
        if record.live_owner() is None:
            message = "left half-written by a crash; the next writer removes it"
            yield Finding("warning", "unfinished", path, message)
    elif named is None:
        yield Finding("warning", "stranger", path, "not in the name table")
    elif not ARTIFACTS[named[0]].record:
        yield from _check_content(record, path, *named)


def _check_content(
    record: RunRecord, path: str, kind: str, keys: dict[str, Key]
) -> Iterator[Finding]:
    spec, full = ARTIFACTS[kind], record.path / path
    if spec.media_type == PNG and not full.read_bytes().startswith(_PNG_SIGNATURE):
        yield Finding("error", "picture", path, "not a PNG picture")
    if spec.media_type == JSON and kind != "checkpoint":
        yield from _check_receipt(record, path, kind, keys)
    if keys.get("epoch") == LATEST:
        yield from _check_mirror(record, path, kind, keys)


def _check_receipt(
    record: RunRecord, path: str, kind: str, keys: dict[str, Key]
) -> Iterator[Finding]:
    try:
        payload = loads((record.path / path).read_bytes())
    except ValueError as error:
        yield Finding("error", "payload", path, f"not JSON: {error}")
        return
    missing = [name for name in RECEIPT if not isinstance(payload, dict) or name not in payload]
    if missing:
        yield Finding("error", "receipt", path, f"it lacks {', '.join(missing)}")
        return
    if payload["kind"] != kind:
        yield Finding("error", "receipt", path, f"its kind is {payload['kind']}, not {kind}")
    for name in ("epoch", "step"):
        if keys.get(name, LATEST) not in {LATEST, payload[name]}:
            yield Finding("error", "receipt", path, f"its {name} is {payload[name]}")


def _check_mirror(
    record: RunRecord, path: str, kind: str, keys: dict[str, Key]
) -> Iterator[Finding]:
    others = {name: value for name, value in keys.items() if name != "epoch"}
    epochs = record.epochs(kind, **others)
    if not epochs:
        if kind != "checkpoint":  # retention may have dropped them all but one inside an epoch
            yield Finding("error", "mirror", path, "there is no epoch that it could mirror")
        return
    newest = record.path_of(kind, epoch=epochs[-1], **others)
    if newest.read_bytes() != (record.path / path).read_bytes() and record.live_owner() is None:
        yield Finding("error", "mirror", path, f"differs from {newest.name} of epoch {epochs[-1]}")


def _check_checkpoints(record: RunRecord) -> Iterator[Finding]:
    folder = record.path / "checkpoints"
    complete = {record.path_of("checkpoint", **keys).parent for keys in record.checkpoints()}
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        name = f"checkpoints/{path.name}"
        if path in complete:
            yield from _check_hashes(path, name)
        elif path.is_dir() and not is_temporary(path.name):
            yield Finding("error", "checkpoint", name, "checkpoint.json is missing")


def _check_hashes(folder: Path, name: str) -> Iterator[Finding]:
    """Files named in checkpoint.json; only plain names of the table are opened."""
    try:
        files = loads((folder / "checkpoint.json").read_bytes())["files"]
        hashes = {str(file): str(sha256) for file, sha256 in files.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        yield Finding("error", "checkpoint", f"{name}/checkpoint.json", "it lists no files")
        return
    known = {f"{part}.safetensors" for part in _CHECKPOINT_PARTS}
    for file in sorted(known | set(hashes)):
        path = folder / file
        if file not in known:
            yield Finding("error", "checkpoint", name, f"names an unknown file {file!r}")
        elif not path.is_file() or path.is_symlink():
            if file in hashes or file == "model.safetensors":
                yield Finding("error", "checkpoint", f"{name}/{file}", "it is missing")
        elif file not in hashes:
            yield Finding("error", "checkpoint", f"{name}/{file}", "its hash was not recorded")
        elif hash_file(path) != hashes[file]:
            yield Finding("error", "hash", f"{name}/{file}", "its content has changed")
