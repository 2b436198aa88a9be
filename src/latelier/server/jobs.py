"""The queue: runs that were asked for train in child processes, one after another per device.

The queue is in the run folders (`runs.requests`), so it survives the server. Children live in
sessions of their own and survive it too; the next server finds them by their owner.json.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
import traceback
from pathlib import Path

from latelier.config.errors import LatelierError, RunError
from latelier.runs import ARTIFACTS, RunRecord, RunStore, is_run_id, start_request, take_start
from latelier.runs.record import read_summary
from latelier.runs.states import ENDED, RunState
from latelier.server.child import Child, begin, spare_child

SPARE_AFTER_S = 10.0
"""A run that has just begun is what people look at; making ready for the next one can wait."""

_TICK = 0.25
_SCAN = 5.0
_START, _CONSOLE = ARTIFACTS["start"].pattern, ARTIFACTS["console"].pattern


class JobQueue:
    """Starts runs, and notices how they end.

    Args:
        store: The folder of runs.
        slots: Runs that train at the same time on one device.
        warm: Keep one child ready that has loaded what training needs.
        enabled: False starts nothing and looks at nothing (a read-only server).
    """

    def __init__(self, store: RunStore, *, slots: int, warm: bool, enabled: bool = True) -> None:
        self._store, self._slots = store, slots
        self._warm, self._enabled = warm, enabled
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._ended = threading.Event()
        self._waiting: dict[str, float] = {}
        self._children: dict[str, Child] = {}
        self._adopted: dict[str, str] = {}
        self._spare: Child | None = None
        self._spare_at = 0.0
        self._thread: threading.Thread | None = None

    # Asked by routes, in any thread

    def positions(self) -> dict[str, int]:
        """Places in the queue, from 1; 0 while the process of a run starts."""
        with self._lock:
            starting = {
                run_id: 0 for run_id in self._children if self._state(run_id) == RunState.CREATED
            }
            order = sorted(self._waiting, key=self._waiting.__getitem__)
            return starting | {run_id: place for place, run_id in enumerate(order, start=1)}

    @property
    def queued(self) -> list[str]:
        """Runs that wait, in order."""
        with self._lock:
            return sorted(self._waiting, key=self._waiting.__getitem__)

    @property
    def running(self) -> list[str]:
        """Runs whose processes this queue knows."""
        with self._lock:
            return sorted({*self._children, *self._adopted})

    def training(self) -> list[str]:
        """Runs of `running` that are being written now."""
        return [run_id for run_id in self.running if self._lives(run_id)]

    def look(self) -> None:
        """Find new requests now."""
        if not self._enabled:
            return
        with self._lock:
            self._scan()
        self._wake.set()

    def forget(self, run_id: str) -> None:
        """Take a run that waits out of the queue."""
        with self._lock:
            if self._waiting.pop(run_id, None) is not None:
                take_start(RunRecord(self._store.root / run_id))

    def cancel(self, record: RunRecord) -> None:
        """Ask a run to stop; one that waits leaves the queue.

        Raises:
            RunError: If it has ended and does not wait.
        """
        with self._lock:
            child = self._children.get(record.id)
            self._waiting.pop(record.id, None)
            if child is None and take_start(record):
                self._cancel_created(record)
                return
        state = record.summary().state
        if child is not None:
            child.cancel = True  # a resumed run drops a request that came before it
        if child is None or state not in ENDED:
            record.request_cancel()
            if child is None:
                self._cancel_created(record)

    def stop_first(self, record: RunRecord, *, seconds: float = 5.0) -> None:
        """Ask a run that is being written to stop, and give it some time for that."""
        until = time.monotonic() + seconds
        with contextlib.suppress(RunError):
            self.cancel(record)
        while record.live_owner() is not None and time.monotonic() < until:
            time.sleep(0.05)

    # The thread

    def start(self) -> None:
        """Begin to work: adopt what runs already, then start what waits."""
        if not self._enabled:
            return
        self._thread = threading.Thread(target=self._work, name="job queue", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop starting runs. Those that train go on."""
        self._ended.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=2.0)
        with self._lock:
            if self._spare is not None:
                self._spare.dismiss()
                self._spare = None
            for child in self._children.values():
                child.leave()

    def _work(self) -> None:
        self._store.reconcile()
        self._adopt()
        next_scan = 0.0
        while not self._ended.is_set():
            try:
                if time.monotonic() >= next_scan:
                    with self._lock:
                        self._scan()
                    next_scan = time.monotonic() + _SCAN
                self._tick()
            except (LatelierError, OSError):
                traceback.print_exc(file=sys.stderr)
            self._wake.wait(_TICK)
            self._wake.clear()

    def _tick(self) -> None:
        with self._lock:
            children = list(self._children.items())
        for run_id, child in children:
            if child.ended:
                self._settle(run_id, child)
            elif child.cancel:
                self._cancel_again(run_id, child)
        with self._lock:
            for run_id in [run_id for run_id in self._adopted if not self._lives(run_id)]:
                del self._adopted[run_id]
            for run_id in sorted(self._waiting, key=self._waiting.__getitem__):
                self._launch(run_id)
            self._keep_spare()

    def _launch(self, run_id: str) -> None:
        record = RunRecord(self._store.root / run_id)
        if run_id in self._children or self._ended.is_set():
            return
        request = start_request(record)
        if request is None:
            self._waiting.pop(run_id, None)
            return
        device = device_of(record)
        busy = [child.device for child in self._children.values()] + [*self._adopted.values()]
        if busy.count(device) >= self._slots:
            return
        spare, self._spare = self._spare, None
        child = self._children[run_id] = begin(record, device=device, spare=spare)
        child.requested = request.requested
        self._spare_at = time.monotonic() + SPARE_AFTER_S
        self._waiting.pop(run_id, None)

    def _keep_spare(self) -> None:
        if self._spare is not None and self._spare.ended:
            self._spare = None
            self._warm = False  # it cannot start; each run's own process will say why
        wanted = self._warm and self._spare is None and time.monotonic() >= self._spare_at
        if wanted and not self._ended.is_set():
            self._spare = spare_child(self._store.root)

    def _settle(self, run_id: str, child: Child) -> None:
        """Take note of a child's end; one that could not even begin leaves word in its run."""
        record = RunRecord(self._store.root / run_id)
        try:
            if child.code != 0:
                self._tell(record, child)
            if record.path.is_dir():
                record.reconcile()
        except RunError:
            traceback.print_exc(file=sys.stderr)
        finally:
            with self._lock:
                self._children.pop(run_id, None)
                self._scan()
            child.log.close()

    def _tell(self, record: RunRecord, child: Child) -> None:
        if not record.path.is_dir() or record.live_owner() is not None:
            return
        request = start_request(record)
        untouched = request is not None and request.requested == child.requested
        if untouched and child.spare:
            self._warm = False  # the request is carried out by a process of its own
            return
        if untouched:
            take_start(record)
        elif request is not None or record.summary().state != RunState.CREATED:
            return  # it did begin, or somebody has asked again since
        message = child.last_words() or f"its process ended with code {child.code}"
        with record.own() as writer:
            if writer.state is RunState.CREATED:
                writer.transition(RunState.FAILED, reason="error", message=message)
            else:
                clock = {"step": writer.summary.step, "epoch": writer.summary.epoch}
                data = {"message": f"It could not go on: {message}", "code": "start_failed"}
                writer.event("log.warning", data, **clock)

    def _scan(self) -> None:
        """Find every request; a thousand runs take some milliseconds."""
        waiting: dict[str, float] = {}
        try:
            with os.scandir(self._store.root) as entries:
                asked = [
                    entry.name
                    for entry in entries
                    if is_run_id(entry.name) and os.path.lexists(f"{entry.path}/{_START}")
                ]
        except FileNotFoundError:
            asked = []
        for run_id in asked:
            request = start_request(RunRecord(self._store.root / run_id))
            if request is not None and run_id not in self._children:
                waiting[run_id] = request.requested
        self._waiting = waiting

    def _adopt(self) -> None:
        """Find the children of an earlier server: live runs with a console of their own."""
        for row in self._store.list():
            folder = self._store.root / row.run_id
            if row.live and (folder / _CONSOLE).is_file():
                self._adopted[row.run_id] = device_of(RunRecord(folder))

    def _lives(self, run_id: str) -> bool:
        return RunRecord(self._store.root / run_id).live_owner() is not None

    def _state(self, run_id: str) -> str:
        return read_summary(self._store.root / run_id).state

    @staticmethod
    def _cancel_created(record: RunRecord) -> None:
        """Cancel a run that nobody has begun."""
        if record.summary().state != RunState.CREATED:
            return
        with record.own() as writer:
            if writer.state is RunState.CREATED:
                writer.transition(RunState.CANCELLED, reason="before it began")

    def _cancel_again(self, run_id: str, child: Child) -> None:
        record = RunRecord(self._store.root / run_id)
        if self._state(run_id) == RunState.RUNNING and not record.cancel_requested():
            record.request_cancel()
            child.cancel = False


def device_of(record: RunRecord) -> str:
    """Name the device that a run will train on, without asking torch."""
    try:
        asked = str(record.config()["training"]["device"])
    except (RunError, KeyError, TypeError):
        asked = "auto"
    if asked == "auto":
        asked = _best_device()
    return "cuda:0" if asked == "cuda" else asked


def _best_device() -> str:
    if Path("/proc/driver/nvidia/version").exists():
        return "cuda:0"
    return "mps" if sys.platform == "darwin" and os.uname().machine == "arm64" else "cpu"
