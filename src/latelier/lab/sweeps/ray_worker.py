"""The worker's side: one process that trains one variant after another, and says what is new."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from latelier.lab.sweeps.ray_parcels import Parcel, Sender, unpack_whole
from latelier.lab.sweeps.ray_versions import Versions, versions_here
from latelier.runs import RunRecord
from latelier.runs.atomic import write_bytes


@dataclass(frozen=True)
class Probe:
    """A file that home has laid into the folder of runs, to see whether a worker sees it.

    Attributes:
        path: Where it is, for home.
        question: What is in it.
        answer: What a worker writes into it, if it finds the question.
    """

    path: str
    question: bytes
    answer: bytes


@dataclass(frozen=True)
class Greeting:
    """What a worker says first.

    Attributes:
        host: Name of its machine.
        pid: Its process there.
        versions: What it would train with.
        answered: Whether it has found the question and could answer it.
    """

    host: str
    pid: int
    versions: Versions
    answered: bool


@dataclass(frozen=True)
class Progress:
    """How a worker is doing.

    Attributes:
        ended: Whether the variant has come to rest; then nothing more comes of it.
        parcel: What is new of it; None where it is written in place.
        trouble: What the variant's own record may not say; empty if nothing went wrong.
    """

    ended: bool
    parcel: Parcel | None
    trouble: str


class Trainer:
    """Trains variants in its process; made by Ray, asked by home.

    Args:
        scratch: Folder for what is only needed meanwhile; the system's own where there is none.
    """

    def __init__(self, scratch: str | None = None) -> None:
        folder = scratch if scratch is not None and Path(scratch).is_dir() else None
        self._scratch = Path(tempfile.mkdtemp(prefix="latelier-", dir=folder))
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._rested = threading.Event()
        self._sender: Sender | None = None
        self._trouble = ""

    def greet(self, probe: Probe) -> Greeting:
        """Load what training needs, and look for the folder of runs."""
        import latelier.lab.launch  # noqa: F401  # takes seconds: now, and not when a run begins

        return Greeting(os.uname().nodename, os.getpid(), versions_here(), _answers(probe))

    def begin(
        self, path: str, packed: Mapping[str, bytes] | None, allow_code: bool = False
    ) -> Progress:
        """Begin a run or go on with it, and return at once.

        Args:
            path: Its folder at home.
            packed: What is in it, if it is not to be written there.
            allow_code: Import and call the networks that its config names, if it names any.
        """
        record = RunRecord(Path(path))
        self._sender = None
        if packed is not None:
            self._clear()
            record = unpack_whole(self._scratch / record.id, packed)
            self._sender = Sender(record)
        self._stop.clear()
        self._rested.clear()
        self._trouble = ""
        self._thread = threading.Thread(
            target=self._train, args=(record, allow_code), name=f"training {record.id}", daemon=True
        )
        self._thread.start()
        return Progress(False, None, "")

    def look(self, stop: bool, seconds: float) -> Progress:
        """Say how the run is doing.

        Args:
            stop: It is to come to rest.
            seconds: So long to wait, if it does not come to rest before.
        """
        if stop:
            self._stop.set()
        ended = self._rested.wait(seconds)  # asked first: what is packed then is all there is
        parcel = None if self._sender is None else self._sender.pack()
        if ended and self._sender is not None:
            self._clear()
        return Progress(ended, parcel, self._trouble if ended else "")

    def _train(self, record: RunRecord, allow_code: bool) -> None:
        from latelier.lab.sweeps.local import train_variant

        try:
            train_variant(record, allow_code=allow_code, stop=self._stop.is_set)
        except BaseException as error:
            self._trouble = f"{type(error).__name__}: {error}"
        finally:
            self._rested.set()

    def _clear(self) -> None:
        for folder in self._scratch.iterdir():
            shutil.rmtree(folder, ignore_errors=True)


def _answers(probe: Probe) -> bool:
    """Answer home's question in the very file, if it is there and its folder can be written."""
    path = Path(probe.path)
    try:
        if path.read_bytes() != probe.question:
            return False
        write_bytes(path.with_name(f"{path.name}.{os.getpid()}"), b"")
        path.with_name(f"{path.name}.{os.getpid()}").unlink()
        with path.open("r+b") as file:
            file.write(probe.answer)
            file.flush()
            os.fsync(file.fileno())
    except Exception:
        return False
    return True
