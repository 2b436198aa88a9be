"""The home of a run that is trained elsewhere: its folder grows as if it were trained here.

Home owns the run while a worker has it, and writes what the worker sends: checkpoints and
artifacts first, then the lines that announce them, then the summary. Killing either side at any
moment leaves a run that can be gone on with. No Ray and no torch in here.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Mapping

from latelier.config.errors import RunError
from latelier.lab.sweeps.ray_parcels import Parcel, place_of
from latelier.runs import Event, RunRecord
from latelier.runs.artifacts import artifact_spec
from latelier.runs.atomic import remove_folder, replaced_folder, write_all, write_bytes, write_error
from latelier.runs.events import parse_event
from latelier.runs.liveness import Ownership
from latelier.runs.naming import LATEST


class Home:
    """Owns a run whose worker is elsewhere, and writes down what the worker sends.

    Args:
        record: The run, at rest: created, cancelled or failed.

    Raises:
        RunBusyError: If another live process writes it.
        RunError: If its events are damaged; nothing was changed.
    """

    def __init__(self, record: RunRecord) -> None:
        with record.own():  # cuts off a torn end, and removes what a crash left half-written
            pass
        self._record = record
        self._ownership = Ownership(
            record.id, lock=record.path_of("owner_lock"), owner=record.path_of("owner")
        )
        self._last = sum(1 for _ in record.events())

    def close(self) -> None:
        """Let go of the run. Closing twice is fine."""
        self._ownership.release()

    def take_in(self, parcel: Parcel) -> None:
        """Write what a parcel holds.

        Raises:
            RunError: If its events do not follow those that are here, a file does not belong
                into a run, the run was thrown away, or the disk is full.
        """
        if not self._record.has("events"):
            raise RunError(f"run {self._record.id} is not there any more")
        events = self._checked(parcel.lines)
        for folder, files in parcel.checkpoints.items():
            self._put_checkpoint(folder, files)
        for path, data in parcel.files.items():
            write_bytes(place_of(self._record, path), data)
        for event in events:
            self._renew_mirror(event)
        durable = any(event.type.startswith("run.") for event in events)
        self._append(b"".join(parcel.lines), durable=durable)
        self._last += len(events)
        for folder in parcel.gone:
            remove_folder(place_of(self._record, f"{folder}/checkpoint.json").parent)
        if parcel.summary is not None:
            write_bytes(self._record.path_of("summary"), parcel.summary, durable=durable)

    def _checked(self, lines: Iterable[bytes]) -> list[Event]:
        """Read lines; each must be the next event of this run."""
        events = [parse_event(line) for line in lines]
        for expected, event in enumerate(events, start=self._last + 1):
            if (event.id, event.run_id) != (expected, self._record.id):
                raise RunError(
                    f"a worker sent an event that does not follow those of run {self._record.id}",
                    got=f"event {event.id} of {event.run_id}",
                    expected=f"event {expected}",
                    remedy="Resume the sweep: the run goes on from its last checkpoint.",
                )
        return events

    def _append(self, lines: bytes, *, durable: bool) -> None:
        path = self._record.path_of("events")
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0))
        except OSError as error:
            raise write_error(path, error) from error
        size = os.fstat(descriptor).st_size
        try:
            write_all(descriptor, lines)
            if durable:
                os.fsync(descriptor)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(descriptor, size)  # shrinking needs no space
            raise write_error(path, error) from error
        finally:
            os.close(descriptor)

    def _put_checkpoint(self, folder: str, files: Mapping[str, bytes]) -> None:
        places = {name: place_of(self._record, f"{folder}/{name}") for name in files}
        with replaced_folder(place_of(self._record, f"{folder}/checkpoint.json").parent) as new:
            for name, place in places.items():
                (new / place.name).write_bytes(files[name])

    def _renew_mirror(self, event: Event) -> None:
        """Write the ``latest`` file that an event tells of, as `RunWriter` does."""
        if event.type != "artifact.created" or event.data.get("latest") is None:
            return
        kind, keys = str(event.data["kind"]), dict(event.data["keys"])
        others = {name: value for name, value in keys.items() if name != "epoch"}
        place = place_of(self._record, str(event.data["path"]))
        mirror = self._record.path_of(artifact_spec(kind).kind, **others, epoch=LATEST)
        epochs = self._record.epochs(kind, **others)
        if place.is_file() and int(keys["epoch"]) >= max(epochs, default=0):
            write_bytes(mirror, place.read_bytes())
