"""What travels between a worker and home: a run on its way out, and parcels of what is new in it.

The events decide. A parcel holds whole lines of ``events.jsonl`` and exactly the files that these
lines announce, so that home never knows of an artifact that it does not have, and never has a
checkpoint whose metrics it lacks. No Ray and no torch in here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from latelier.config.errors import RunError
from latelier.runs import ARTIFACTS, RunRecord
from latelier.runs.artifacts import parse_name
from latelier.runs.atomic import write_bytes
from latelier.runs.events import Event, parse_event
from latelier.runs.naming import LATEST

_AT_HOME = {"owner", "owner_lock", "cancel", "start", "console", "labels"}
_AT_HOME |= {"compute_lock", "compute_slow_lock"}
_ONE_WAY = {"local_origin"}
_HEADER = "checkpoint.json"


@dataclass(frozen=True)
class Parcel:
    """What is new in a run.

    Attributes:
        lines: Whole lines of ``events.jsonl``, in order.
        files: Content of files by their path in the run's folder. Mirrors are not among them:
            the events tell which there are.
        checkpoints: Files of whole checkpoints, by name, by the path of their folder.
        gone: Folders of checkpoints that are not kept any longer.
        summary: Content of ``summary.json``, if it changed; not newer than the lines.
    """

    lines: tuple[bytes, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    checkpoints: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)
    gone: tuple[str, ...] = ()
    summary: bytes | None = None


def pack_whole(record: RunRecord) -> dict[str, bytes]:
    """Read what a worker needs to begin a run or to go on with it.

    That is everything but what belongs to its place, and of checkpoints before the newest only
    the header, which retention counts.

    Args:
        record: The run; nobody else may write it meanwhile.

    Returns:
        Content of files by their path in the run's folder.
    """
    found = record.checkpoints()
    newest = record.path_of("checkpoint", **found[-1]).parent if found else None
    packed = {}
    for path, named in record.files():
        full = record.path / path
        if named is None or named[0] in _AT_HOME:
            continue
        older = path.startswith("checkpoints/epoch_") and full.parent != newest
        if not older or full.name == _HEADER:
            packed[path] = full.read_bytes()
    return packed


def unpack_whole(folder: Path, packed: Mapping[str, bytes]) -> RunRecord:
    """Write a run that `pack_whole` has read into a folder of the same name."""
    for path, data in packed.items():
        write_bytes(folder / path, data)
    return RunRecord(folder)


class Sender:
    """Packs what is new in a run, again and again, while another thread writes it.

    Args:
        record: The run, as home has it at this moment.
    """

    def __init__(self, record: RunRecord) -> None:
        self._record = record
        self._offset = record.path_of("events").stat().st_size
        self._kept = _checkpoint_folders(record)
        self._summary = record.read_bytes("summary")
        self._config = self._read_config()

    def pack(self) -> Parcel:
        """Pack what is new since the last time.

        The order matters, for the run goes on meanwhile: what is read first is no newer than the
        lines, and what the lines announce was written before them.
        """
        kept = _checkpoint_folders(self._record)
        summary = self._record.read_bytes("summary")
        lines = self._new_lines()
        files, checkpoints = self._announced(lines)
        gone = tuple(sorted(self._kept - kept - set(checkpoints)))
        self._kept = (self._kept & kept) | set(checkpoints)
        fresh = summary if summary != self._summary else None
        self._summary = summary
        return Parcel(lines, files, checkpoints, gone, fresh)

    def _new_lines(self) -> tuple[bytes, ...]:
        with self._record.path_of("events").open("rb") as file:
            file.seek(self._offset)
            data = file.read()
        data = data[: data.rfind(b"\n") + 1]
        self._offset += len(data)
        return tuple(data.splitlines(keepends=True))

    def _read_config(self) -> bytes:
        return self._record.read_bytes("config") if self._record.has("config") else b""

    def _announced(
        self, lines: Iterable[bytes]
    ) -> tuple[dict[str, bytes], dict[str, dict[str, bytes]]]:
        """Read the files that lines announce; one that is replaced or dropped meanwhile may lack.

        The configuration has no event: it is filled in before the run says that it has begun.
        """
        files, checkpoints = {}, {}
        for kind, path in _artifacts(map(parse_event, lines)):
            with contextlib.suppress(FileNotFoundError):
                if kind == "checkpoint":
                    folder = str(Path(path).parent)
                    checkpoints[folder] = _read_folder(self._record.path / folder)
                else:
                    files[path] = (self._record.path / path).read_bytes()
        config = self._read_config()
        if config != self._config:
            files[ARTIFACTS["config"].pattern] = self._config = config
        return files, checkpoints


def _artifacts(events: Iterable[Event]) -> Iterator[tuple[str, str]]:
    """Kind and path of what events announce."""
    for event in events:
        if event.type == "artifact.created":
            yield str(event.data["kind"]), str(event.data["path"])


def _read_folder(folder: Path) -> dict[str, bytes]:
    """Read a checkpoint as it was when its header was read first: it may be dropped meanwhile."""
    header = folder / _HEADER
    which = header.stat().st_ino
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    if header.stat().st_ino != which:
        raise FileNotFoundError(header)  # another took its name, and will be announced
    return files


def _checkpoint_folders(record: RunRecord) -> set[str]:
    paths = (record.path_of("checkpoint", **keys).parent for keys in record.checkpoints())
    return {path.relative_to(record.path).as_posix() for path in paths}


def place_of(record: RunRecord, path: str) -> Path:
    """Find where a file of a parcel belongs.

    Args:
        record: The run at home.
        path: Its path in the worker's folder.

    Raises:
        RunError: If a worker has no business with a file of that name.
    """
    named = parse_name(path)
    if named is None or named[0] in _AT_HOME | _ONE_WAY or named[1].get("epoch") == LATEST:
        raise RunError(
            f"a worker sent a file that run {record.id} does not take",
            got=path,
            expected="artifacts of the name table",
            remedy="Let workers and home have the same version of Latelier.",
        )
    return record.path_of(named[0], **named[1])
