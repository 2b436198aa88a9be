"""events.jsonl: one JSON object per line, one write per line, ids 1, 2, 3, … without gaps.

Because line n holds event n, a reader that has seen the first m events skips m lines without
parsing them. A line that a crash left unfinished at the end is passed over by readers and cut off
by the next writer.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from latelier.config.errors import RunError
from latelier.runs.atomic import write_all, write_error
from latelier.runs.encoding import dumps, loads

EVENT_VERSION = 1
EVENT_TYPES = (
    "run.created",
    "run.started",
    "run.resumed",
    "run.completed",
    "run.cancelled",
    "run.failed",
    "train.progress",
    "train.metrics",
    "phase.started",
    "action.performed",
    "artifact.created",
    "projection.progress",
    "eval.progress",
    "log.warning",
)
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the record.

    Attributes:
        id: 1, 2, 3, … in the order in which they happened.
        type: One of `EVENT_TYPES`, or one that a later version added.
        time: When it was written, UTC, ISO 8601 with milliseconds.
        run_id: The run it belongs to.
        step: Optimizer updates done so far.
        epoch: Complete passes so far.
        data: Fields of that type; see `event_models`.
        v: Version of the envelope.
    """

    id: int
    type: str
    time: str
    run_id: str
    step: int
    epoch: int
    data: Mapping[str, Any] = field(default_factory=dict)
    v: int = EVENT_VERSION

    def as_dict(self) -> dict[str, Any]:
        """The event as it stands in the file, fields in order."""
        return {
            "v": self.v,
            "id": self.id,
            "type": self.type,
            "time": self.time,
            "run_id": self.run_id,
            "step": self.step,
            "epoch": self.epoch,
            "data": dict(self.data),
        }

    def line(self) -> bytes:
        """The event as one line of the file, newline included."""
        return dumps(self.as_dict()) + b"\n"


def now() -> str:
    """The present moment as the record writes it: UTC, ISO 8601 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_event(line: bytes) -> Event:
    """Read one line. Unknown types and unknown fields of the envelope are fine.

    Raises:
        ValueError: If it is not an event; the message says why.
    """
    value = loads(line)
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    wrong = [name for name, kind in _ENVELOPE.items() if not _is(value.get(name), kind)]
    if wrong:
        raise ValueError(f"{', '.join(wrong)} missing or of the wrong type")
    return Event(**{name: value[name] for name in _ENVELOPE})


def read_events(path: Path, after: int = 0) -> Iterator[Event]:
    """Read the events of a file in order.

    Args:
        path: An ``events.jsonl``. A missing file has no events.
        after: Id of the last event already known; those up to it are not parsed.

    Yields:
        Events with ids ``after + 1, after + 2, …``. An unfinished end is passed over.

    Raises:
        RunError: If a line is damaged and a sound one follows it.
    """
    damaged: tuple[int, str] | None = None
    for number, line in enumerate(complete_lines(path), start=1):
        if number <= after:
            continue
        try:
            event = parse_event(line)
        except ValueError as error:
            damaged = damaged or (number, str(error))
            continue
        if damaged is not None:
            raise _damaged(path, *damaged)
        yield event


class EventTail:
    """Follows a growing ``events.jsonl``: each `poll` gives what is new and complete.

    Args:
        path: The file; it may not exist yet.
        after: Id of the last event already known.
    """

    def __init__(self, path: Path, after: int = 0) -> None:
        self._path = path
        self._skip = after
        self._offset = 0

    def poll(self) -> list[Event]:
        """Read the events that were completed since the last poll; none if there are none."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                data = file.read()
        except FileNotFoundError:
            return []
        complete = data[: data.rfind(b"\n") + 1]
        events = []
        for line in complete.splitlines(keepends=True):
            try:
                event = None if self._skip > 0 else parse_event(line)
            except ValueError:
                break  # damaged by a power cut; the next writer cuts it off
            self._offset += len(line)
            self._skip = max(0, self._skip - 1)
            if event is not None:
                events.append(event)
        return events


class EventLog:
    """The writing end of ``events.jsonl``. One process at a time; any thread of it.

    Opening repairs the file: an unfinished or damaged end is cut off, whole events never are.

    Args:
        path: The file; made if missing.
        run_id: Written into every event.

    Attributes:
        last: The last event; None if there is none.
        life: The ``run.*`` events.
        listeners: Called with every event after it is written, in the thread that wrote it.

    Raises:
        RunError: If the file cannot be opened, or is damaged before its end.
    """

    def __init__(self, path: Path, run_id: str) -> None:
        self._run_id = run_id
        self._path = path
        self._lock = threading.Lock()
        self.last: Event | None = None
        self.life: list[Event] = []
        self.listeners: list[Callable[[Event], None]] = []
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        try:
            self._file = os.open(path, flags, 0o666)
        except OSError as error:
            raise write_error(path, error) from error
        try:
            self._size = self._repair()
        except BaseException:
            self.close()
            raise

    def append(
        self, name: str, data: Mapping[str, Any], *, step: int, epoch: int, durable: bool = False
    ) -> int:
        """Write one event.

        Args:
            name: Its type, one of `EVENT_TYPES`.
            data: Its fields.
            step: Optimizer updates done so far.
            epoch: Complete passes so far.
            durable: Wait until it is on the disk.

        Returns:
            The id it got.

        Raises:
            RunError: If the type is unknown, the data has no JSON form, or the disk is full.
                In each case the file is as before and the id is not used up.
        """
        if name not in EVENT_TYPES:
            raise RunError("no such type of event", got=name, expected=", ".join(EVENT_TYPES))
        with self._lock:
            event = Event(self.last_id + 1, name, now(), self._run_id, step, epoch, data)
            self._write(event.line(), durable=durable)
            self._keep(event)
        for listener in self.listeners:
            listener(event)
        return event.id

    @property
    def last_id(self) -> int:
        """Id of the last event; 0 if there is none."""
        return self.last.id if self.last else 0

    def close(self) -> None:
        """Close the file. Closing twice is fine."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _write(self, line: bytes, *, durable: bool) -> None:
        try:
            write_all(self._file, line)
            if durable:
                os.fsync(self._file)
        except OSError as error:
            os.ftruncate(self._file, self._size)  # shrinking needs no space
            raise write_error(self._path, error) from error
        self._size += len(line)

    def _keep(self, event: Event) -> None:
        self.last = event
        if event.type.startswith("run."):
            self.life.append(event)

    def _repair(self) -> int:
        """Cut a damaged end off; return the size of what is sound."""
        sound_size, position = 0, 0
        damaged: tuple[int, str] | None = None
        for number, line in enumerate(complete_lines(self._path), start=1):
            position += len(line)
            try:
                event = parse_event(line)
            except ValueError as error:
                damaged = damaged or (number, str(error))
                continue
            if damaged is not None or event.id != number:
                raise _damaged(self._path, *(damaged or (number, f"its id is {event.id}")))
            sound_size = position
            self._keep(event)
        if os.fstat(self._file).st_size > sound_size:
            os.ftruncate(self._file, sound_size)
        return sound_size


def complete_lines(path: Path) -> Iterator[bytes]:
    """Read the lines of a file that end in a newline; what a crash left after them is left out."""
    try:
        file = path.open("rb", buffering=_CHUNK)
    except FileNotFoundError:
        return
    with file:
        for line in file:
            if line.endswith(b"\n"):
                yield line


_ENVELOPE: dict[str, type] = {
    "id": int,
    "type": str,
    "time": str,
    "run_id": str,
    "step": int,
    "epoch": int,
    "data": dict,
    "v": int,
}


def _is(value: object, kind: type) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


def _damaged(path: Path, number: int, why: str) -> RunError:
    return RunError(
        f"line {number} of {path} is damaged",
        got=why,
        expected=f"the event with id {number}",
        remedy="Restore the file from a copy; nothing was changed.",
    )
