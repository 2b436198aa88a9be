"""The queue of sweeps: they are carried out in child processes, one after another.

The queue is in the sweeps' folders (`runs.sweep_requests`), so it survives the server, as the
children do. One sweep uses the whole machine; how many of its runs train at once is its own matter.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
import traceback

from latelier.config.errors import LatelierError, RunError
from latelier.runs.states import RunState
from latelier.runs.sweep_requests import request_sweep, sweep_request, take_sweep_request
from latelier.runs.sweep_store import SweepStore
from latelier.runs.sweeps import SweepRecord
from latelier.server.child import Child, begin_sweep

_TICK = 0.25
_SCAN = 2.0
_LAST_WORDS = 2000


class SweepJobs:
    """Starts sweeps, and notices how they end.

    Args:
        store: The sweeps of a folder of runs.
        enabled: False starts nothing and looks at nothing (a read-only server).
    """

    def __init__(self, store: SweepStore, *, enabled: bool = True) -> None:
        self._store, self._enabled = store, enabled
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._ended = threading.Event()
        self._waiting: dict[str, float] = {}
        self._child: tuple[SweepRecord, Child] | None = None
        self._ended_before: str | None = None
        self._others: set[str] = set()
        self._thread: threading.Thread | None = None

    # Asked by routes, in any thread

    def positions(self) -> dict[str, int]:
        """Places in the queue, from 1; 0 while the process of a sweep starts."""
        with self._lock:
            order = sorted(self._waiting, key=self._waiting.__getitem__)
            places = {sweep_id: place for place, sweep_id in enumerate(order, start=1)}
            if self._child is not None and self._starts(self._child[0]):
                places[self._child[0].id] = 0
            return places

    def request(self, record: SweepRecord) -> int | None:
        """Put a sweep into the queue; returns its place there.

        Raises:
            RunError: If it runs, or is completed.
        """
        with self._lock:
            if self._has(record) and self._starts(record):
                raise RunError(f"the process of sweep {record.id} begins already")
            requested = request_sweep(record)
            if self._enabled:
                self._waiting[record.id] = requested
        self._wake.set()
        return self.positions().get(record.id)

    def cancel(self, record: SweepRecord) -> None:
        """Ask a sweep to stop; one that waits leaves the queue.

        Raises:
            RunError: If it has ended and does not wait.
        """
        with self._lock:
            self._waiting.pop(record.id, None)
            if take_sweep_request(record):
                _cancel_created(record)
                return
            if self._child is not None and self._has(record) and self._starts(record):
                self._child[1].cancel = True  # who begins drops a request that came before
                return
        record.request_cancel()
        _cancel_created(record)

    def forget(self, record: SweepRecord) -> None:
        """Take a sweep that waits out of the queue."""
        with self._lock:
            self._waiting.pop(record.id, None)
            take_sweep_request(record)

    def _has(self, record: SweepRecord) -> bool:
        """Whether a child has this sweep."""
        return self._child is not None and self._child[0].id == record.id

    def _starts(self, record: SweepRecord) -> bool:
        """Whether the child's sweep is as it was when the child was begun."""
        try:
            found = record.read()
        except RunError:
            return False
        return found.state != RunState.RUNNING and found.ended == self._ended_before

    # The thread

    def start(self) -> None:
        """Begin to work: write down which sweeps lost their process, then start what waits."""
        if not self._enabled:
            return
        self._thread = threading.Thread(target=self._work, name="sweep queue", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop starting sweeps. One that is carried out goes on."""
        self._ended.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=2.0)
        with self._lock:
            if self._child is not None:
                self._child[1].leave()

    def _work(self) -> None:
        for sweep_id in self._store.ids():
            with contextlib.suppress(LatelierError, ValueError, OSError):
                SweepRecord(self._store.root / sweep_id).reconcile()
        next_scan = 0.0
        while not self._ended.is_set():
            try:
                if time.monotonic() >= next_scan:
                    self._scan()
                    next_scan = time.monotonic() + _SCAN
                self._tick()
            except (LatelierError, OSError):
                traceback.print_exc(file=sys.stderr)
            self._wake.wait(_TICK)
            self._wake.clear()

    def _scan(self) -> None:
        """Find every request, and who is at work; two looks per sweep."""
        records = [SweepRecord(self._store.root / sweep_id) for sweep_id in self._store.ids()]
        with self._lock:
            asked = {record.id: sweep_request(record) for record in records}
            self._waiting = {name: at for name, at in asked.items() if at is not None}
            self._others = {record.id for record in records if record.live_owner() is not None}

    def _tick(self) -> None:
        with self._lock:
            if self._child is not None:
                self._look_after(*self._child)
            elif self._waiting and not self._others and not self._ended.is_set():
                self._launch(min(self._waiting, key=self._waiting.__getitem__))

    def _launch(self, sweep_id: str) -> None:
        del self._waiting[sweep_id]
        record = SweepRecord(self._store.root / sweep_id)
        if take_sweep_request(record):
            self._ended_before = record.read().ended
            self._child = (record, begin_sweep(self._store.runs_dir, sweep_id))

    def _look_after(self, record: SweepRecord, child: Child) -> None:
        if child.ended:
            self._child = None
            self._others.discard(record.id)
            try:
                if record.path.is_dir():
                    _settle(record, child)
            finally:
                child.log.close()
        elif child.cancel and _state(record) == RunState.RUNNING and not record.cancel_requested():
            record.request_cancel()
            child.cancel = False


def _settle(record: SweepRecord, child: Child) -> None:
    """Write down the end of a sweep whose process could not do so itself."""
    record.reconcile()
    if child.code == 0 or _state(record) != RunState.CREATED:
        return
    with record.own() as writer:
        if child.cancel:
            writer.transition(RunState.CANCELLED, reason="before it began")
        else:
            message = _last_words(record, child) or f"its process ended with code {child.code}"
            writer.transition(RunState.FAILED, reason="error", message=message)


def _last_words(record: SweepRecord, child: Child) -> str:
    """The last line that a process printed, before or after it had the sweep's console."""
    with contextlib.suppress(OSError):
        content = record.path_of("console").read_bytes()[-_LAST_WORDS:]
        if lines := content.decode("utf-8", "replace").strip().splitlines():
            return lines[-1].removeprefix("error: ")
    return child.last_words()


def _cancel_created(record: SweepRecord) -> None:
    """Cancel a sweep that nobody has begun."""
    if _state(record) != RunState.CREATED:
        return
    with record.own() as writer:
        if writer.state is RunState.CREATED:
            writer.transition(RunState.CANCELLED, reason="before it began")


def _state(record: SweepRecord) -> str | None:
    try:
        return record.read().state
    except RunError:
        return None
