"""The trainer's side of the companion process: hand over units, write what comes back. No torch.

A thread starts the process at the first unit, so that training waits for nothing; hands over one
unit at a time, because a unit may need what the one before it wrote; and writes the products
through the run's writer. Training goes on whatever happens to the process.
"""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

import latelier
from latelier.config.errors import RunError
from latelier.lab.companion_process import SINGLE_THREADED
from latelier.lab.frames import read_frame, write_frame
from latelier.lab.full_set import write_product
from latelier.runs import RunWriter

GRACE_SECONDS = 5.0
"""So long a unit that has begun may go on when its run is cancelled."""

_PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from latelier.lab.companion_process import main; main()"
)
_ROOT = str(Path(latelier.__file__).resolve().parents[1])
_MAX_CRASHES = 2
_POLL_SECONDS = 0.05
_SECONDS_BETWEEN = 0.5


@dataclass(frozen=True)
class Unit:
    """What the companion makes at once.

    Attributes:
        epoch: The epoch.
        name: ``plane_pca``, ``umap`` or ``plane_umap``; see `full_set.array_part`.
    """

    epoch: int
    name: str


class Companion:
    """A process beside training, and the thread that writes what it makes.

    Args:
        writer: The run's writer; the process reads the run's folder.
        command: How the process is started, for tests.

    Attributes:
        lost: Units that were not made: dropped, failed, or under way when the process crashed.
    """

    def __init__(self, writer: RunWriter, command: tuple[str, ...] | None = None) -> None:
        self._writer = writer
        self._command = command or (sys.executable, "-c", _PROGRAM, _ROOT)
        self._units: queue.SimpleQueue[Unit | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._open: list[Unit] = []
        self._thread: threading.Thread | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._printed: IO[bytes] | None = None
        self._dropping = False
        self._crashes = 0
        self.lost: list[Unit] = []

    def submit(self, unit: Unit) -> None:
        """Hand over a unit; returns at once."""
        with self._lock:
            self._open.append(unit)
        self._units.put(unit)
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="companion", daemon=True)
            self._thread.start()

    def waiting(self, unit: Unit) -> bool:
        """Tell whether a unit that was handed over is still to come."""
        with self._lock:
            return unit in self._open

    def finish(self, stop: Callable[[], bool] = lambda: False) -> None:
        """Wait until everything is written; a request to stop drops what is left."""
        while self._busy() and not stop():
            time.sleep(_POLL_SECONDS)
        self.close()

    def close(self, grace: float | None = None) -> None:
        """Drop what has not begun, wait a little for what has, and end the process.

        Args:
            grace: Seconds that the unit under way may still take; `GRACE_SECONDS` by default.
        """
        if self._thread is None:
            return
        self._dropping = True
        self._units.put(None)
        try:
            self._thread.join(GRACE_SECONDS if grace is None else grace)
        finally:
            self._kill()
            self._thread.join()
            self._thread = None

    def _busy(self) -> bool:
        with self._lock:
            return bool(self._open)

    # In the thread

    def _serve(self) -> None:
        while (unit := self._units.get()) is not None:
            if self._dropping or self._crashes >= _MAX_CRASHES:
                self._settle(unit, lost=True)
                continue
            lost = True
            try:
                lost = not self._make(unit)
            except (EOFError, OSError) as error:
                self._crashed(unit, error)
            except RunError as error:  # a full disk: training meets it too, and says so
                self._warn(unit, str(error), "companion_failed")
            finally:
                self._settle(unit, lost=lost)
        self._end()

    def _settle(self, unit: Unit, *, lost: bool) -> None:
        with self._lock:
            self._open.remove(unit)
            if lost:
                self.lost.append(unit)

    def _make(self, unit: Unit) -> bool:
        """Have one unit made and write it; tells whether it worked."""
        process = self._started()
        job = {"run": str(self._writer.record.path), "epoch": unit.epoch, "unit": unit.name}
        write_frame(cast("BinaryIO", process.stdin), job)
        told = 0.0
        while True:
            answer = read_frame(cast("BinaryIO", process.stdout))
            if answer["answer"] == "product":
                self._write(answer)
            elif answer["answer"] == "progress":
                if answer["done"] >= 1 or time.monotonic() - told >= _SECONDS_BETWEEN:
                    told = time.monotonic()
                    self._event("projection.progress", unit, method="umap", done=answer["done"])
            elif answer["answer"] == "failed":
                self._warn(unit, answer["message"], "companion_failed")
                return False
            else:
                return True

    def _write(self, answer: Mapping[str, Any]) -> None:
        product = (answer["kind"], answer["keys"], answer["payload"], answer["compute_ms"])
        write_product(self._writer.record, self._writer, product)

    def _started(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._process is None:
                self._printed = tempfile.TemporaryFile()  # noqa: SIM115  # closed in _end
                self._process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=self._printed,
                    env={**os.environ, **SINGLE_THREADED},
                    start_new_session=True,  # an interrupt from the keyboard is the trainer's
                )
            return self._process

    def _crashed(self, unit: Unit, error: Exception) -> None:
        said = self._last_line() or str(error)
        code = self._end()
        if self._dropping:
            return
        self._crashes += 1
        self._warn(unit, f"its process ended with code {code}: {said}", "companion_crashed")

    def _last_line(self) -> str:
        if self._printed is None:
            return ""
        self._printed.seek(0)
        lines = self._printed.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    def _end(self) -> int | None:
        """End the process and take leave of it; no remains are left behind."""
        with self._lock:
            process, self._process = self._process, None
            printed, self._printed = self._printed, None
        pipes = () if process is None else (process.stdin, process.stdout)
        for stream in (printed, *pipes):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()
        if process is None:
            return None
        try:
            return process.wait(1.0)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def _kill(self) -> None:
        with self._lock:
            if self._process is not None and self._thread is not None and self._thread.is_alive():
                self._process.kill()

    def _warn(self, unit: Unit, why: str, code: str) -> None:
        message = f"{unit.name} of epoch {unit.epoch} was not made: {why} {remedy(self._writer)}"
        self._event("log.warning", unit, message=message, code=code)

    def _event(self, name: str, unit: Unit, **data: Any) -> None:
        summary = self._writer.summary
        with contextlib.suppress(RunError):  # a full disk: training meets it too, and says so
            self._writer.event(name, data, step=summary.step, epoch=unit.epoch)


def remedy(writer: RunWriter) -> str:
    """Say how to make up for what was not made."""
    return f"`latelier backfill {writer.record.id}` makes it."
