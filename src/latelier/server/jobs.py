"""The queue: runs and sweeps that were asked for are carried out in child processes, in order.

The queue is in the folders (`runs.requests`), so it survives the server. Children live in sessions
of their own and survive it too; the next server finds them by their owner.json.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

from latelier.config.errors import LatelierError, RunError
from latelier.runs import (
    RunRecord,
    RunStore,
    StartRequest,
    request_start,
    start_request,
    take_start,
)
from latelier.runs.owned import OwnedFolder
from latelier.runs.states import ENDED, ERROR, RunState
from latelier.runs.sweep_store import SweepStore
from latelier.runs.sweeps import SweepRecord
from latelier.server.child import Child, spare_child
from latelier.server.job_kind import JobKind, has_place
from latelier.server.run_jobs import RunJobs
from latelier.server.sweep_jobs import SweepJobs

SPARE_AFTER_S = 10.0
"""A run that has just begun is what people look at; making ready for the next one can wait."""

_TICK = 0.25
_SCAN = 5.0
_BEFORE = "before it began"


class JobQueue:
    """Starts runs and sweeps in the order in which they were asked for, and notices how they end.

    Args:
        store: The folder of runs, and of the sweeps in it.
        slots: Jobs that are carried out at the same time on one device; a sweep takes one of each.
        warm: Keep one child ready that has loaded what training needs.
        enabled: False starts nothing and looks at nothing (a read-only server).
    """

    def __init__(self, store: RunStore, *, slots: int, warm: bool, enabled: bool = True) -> None:
        sweeps = SweepStore(store.root)
        self._runs_dir, self._slots = store.root, slots
        self._kinds: dict[type[OwnedFolder], JobKind[Any]] = {
            RunRecord: RunJobs(store, sweeps),
            SweepRecord: SweepJobs(sweeps),
        }
        self._warm, self._enabled = warm, enabled
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._ended = threading.Event()
        self._waiting: dict[Path, tuple[float, OwnedFolder]] = {}
        self._children: dict[Path, tuple[OwnedFolder, Child]] = {}
        self._others: dict[Path, tuple[OwnedFolder, str]] = {}
        self._spare: Child | None = None
        self._spare_at = 0.0
        self._thread: threading.Thread | None = None

    # Asked by routes, in any thread

    def positions(self, kind: type[OwnedFolder]) -> dict[str, int]:
        """Places in the one queue, from 1; 0 while the process of a job starts.

        Args:
            kind: Which of them: `RunRecord` or `SweepRecord`.
        """
        with self._lock:
            places = [(0, job) for job, child in self._children.values() if _starts(job, child)]
            places += enumerate(self._order(), start=1)
            return {job.id: place for place, job in places if isinstance(job, kind)}

    @property
    def queued(self) -> list[str]:
        """Runs that wait, in order."""
        with self._lock:
            return [job.id for job in self._order() if isinstance(job, RunRecord)]

    @property
    def running(self) -> list[str]:
        """Runs whose processes this queue knows."""
        with self._lock:
            known = [job for job, _ in (*self._children.values(), *self._others.values())]
        return sorted({job.id for job in known if isinstance(job, RunRecord)})

    def training(self) -> list[str]:
        """Runs of `running` that are being written now."""
        return [run_id for run_id in self.running if _lives(RunRecord(self._runs_dir / run_id))]

    def look(self) -> None:
        """Find new requests now."""
        if not self._enabled:
            return
        with self._lock:
            self._scan()
        self._wake.set()

    def request(self, record: OwnedFolder) -> int | None:
        """Put a job into the queue; returns its place there.

        Raises:
            RunError: If it runs, is completed, or its process begins already.
        """
        with self._lock:
            child = self._child(record)
            if child is not None and _starts(record, child):
                raise RunError(f"the process of {record.noun.word} {record.id} begins already")
            request_start(record)
        self.look()
        return self.positions(type(record)).get(record.id)

    def forget(self, record: OwnedFolder) -> None:
        """Take a job that waits out of the queue."""
        with self._lock:
            if self._waiting.pop(record.path, None) is not None:
                take_start(record)

    def cancel(self, record: OwnedFolder) -> None:
        """Ask a job to stop; one that waits leaves the queue.

        Raises:
            RunError: If it has ended and does not wait.
        """
        with self._lock:
            self._waiting.pop(record.path, None)
            child = self._child(record)
            if not _is_asked_by(child, start_request(record)) and take_start(record):
                _cancel_created(record)
                return
            if child is not None and _starts(record, child):
                child.cancel = True  # who goes on drops a request that came before
                if record.life().state in ENDED:
                    return
        record.request_cancel()
        if child is None:
            _cancel_created(record)

    def stop_first(self, record: OwnedFolder, *, seconds: float = 5.0) -> None:
        """Ask a job that is being written to stop, and give it some time for that."""
        until = time.monotonic() + seconds
        with contextlib.suppress(RunError):
            self.cancel(record)
        while _lives(record) and time.monotonic() < until:
            time.sleep(0.05)

    # The thread

    def start(self) -> None:
        """Begin to work: adopt what runs already, then start what waits."""
        if not self._enabled:
            return
        self._thread = threading.Thread(target=self._work, name="job queue", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop starting jobs. Those that are carried out go on."""
        self._ended.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=2.0)
        with self._lock:
            if self._spare is not None:
                self._spare.dismiss()
                self._spare = None
            for _, child in self._children.values():
                child.leave()

    def _work(self) -> None:
        for kind in self._kinds.values():
            live = kind.left_behind()
            with self._lock:
                self._take_note(kind, live)
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
            children = list(self._children.values())
        for record, child in children:
            if child.ended:
                self._settle(record, child)
            elif child.cancel:
                _cancel_again(record, child)
        with self._lock:
            for path in [path for path, (record, _) in self._others.items() if not _lives(record)]:
                del self._others[path]
            self._launch_waiting()
            self._keep_spare()

    def _launch_waiting(self) -> None:
        """Start what has a place; what has none keeps those behind it from taking it first."""
        taken = [child.device for _, child in self._children.values()]
        taken += [device for _, device in self._others.values()]
        for record in self._order():
            request = start_request(record)
            if request is None:
                del self._waiting[record.path]
            elif record.path not in self._children and not self._ended.is_set():
                device = self._kinds[type(record)].device_of(record)
                if has_place(device, taken, self._slots):
                    self._launch(record, device, request)
                taken.append(device)

    def _launch(self, record: OwnedFolder, device: str, request: StartRequest) -> None:
        kind, spare = self._kinds[type(record)], None
        if kind.takes_spare:
            spare, self._spare = self._spare, None
        ended_before = _ended(record)
        child = kind.begin(record, device=device, spare=spare)
        del self._waiting[record.path]
        if child is not None:
            child.requested, child.ended_before = request.requested, ended_before
            self._children[record.path] = (record, child)
            self._spare_at = time.monotonic() + SPARE_AFTER_S

    def _keep_spare(self) -> None:
        if self._spare is not None and self._spare.ended:
            self._spare = None
            self._warm = False  # it cannot start; each run's own process will say why
        wanted = self._warm and self._spare is None and time.monotonic() >= self._spare_at
        if wanted and not self._ended.is_set():
            self._spare = spare_child(self._runs_dir)

    def _settle(self, record: OwnedFolder, child: Child) -> None:
        """Take note of a child's end; one that could not even begin leaves word in its job."""
        try:
            if child.code != 0:
                self._tell(record, child)
            if record.path.is_dir():
                record.reconcile()
        except RunError:
            traceback.print_exc(file=sys.stderr)
        finally:
            with self._lock:
                self._children.pop(record.path, None)
                self._scan()
            child.log.close()

    def _tell(self, record: OwnedFolder, child: Child) -> None:
        if not record.path.is_dir() or _lives(record):
            return
        request = start_request(record)
        untouched = _is_asked_by(child, request)
        if untouched and child.spare:
            self._warm = False  # the request is carried out by a process of its own
            return
        if untouched:
            take_start(record)
        elif request is not None or record.life().state != RunState.CREATED:
            return  # it did begin, or somebody has asked again since
        kind = self._kinds[type(record)]
        message = kind.last_words(record, child) or f"its process ended with code {child.code}"
        state, why = RunState.FAILED, {"reason": ERROR, "message": message}
        if child.cancel:
            state, why = RunState.CANCELLED, {"reason": _BEFORE}
        if not _end_created(record, state, **why):
            kind.could_not_go_on(record, message)

    def _scan(self) -> None:
        """Find every request, and who else is at work."""
        waiting: dict[Path, tuple[float, OwnedFolder]] = {}
        for kind in self._kinds.values():
            for record in kind.candidates():
                with contextlib.suppress(RunError):  # one that was tampered with holds nobody up
                    request = start_request(record)
                    if request is not None and record.path not in self._children:
                        waiting[record.path] = (request.requested, record)
            self._take_note(kind, kind.begun_elsewhere())
        self._waiting = waiting

    def _take_note(self, kind: JobKind[Any], live: list[Any]) -> None:
        """Remember jobs that others carry out."""
        for record in live:
            if record.path not in self._children and record.path not in self._others:
                self._others[record.path] = (record, kind.device_of(record))

    def _order(self) -> list[OwnedFolder]:
        """Jobs that wait, those that were asked for first at the front."""
        waiting = sorted(self._waiting.items(), key=lambda item: (item[1][0], item[0]))
        return [record for _, (_, record) in waiting]

    def _child(self, record: OwnedFolder) -> Child | None:
        """The child that has this job."""
        found = self._children.get(record.path)
        return None if found is None else found[1]


def _lives(record: OwnedFolder) -> bool:
    return record.live_owner() is not None


def _ended(record: OwnedFolder) -> str | None:
    """When a job stopped last; None if it never did, or cannot be read."""
    try:
        return record.life().ended
    except RunError:
        return None


def _starts(record: OwnedFolder, child: Child) -> bool:
    """Whether a child's job is as it was when the child was begun."""
    try:
        found = record.life()
    except RunError:
        return False
    return found.state != RunState.RUNNING and found.ended == child.ended_before


def _is_asked_by(child: Child | None, request: StartRequest | None) -> bool:
    """Whether a request is the one that a child is about to carry out."""
    return child is not None and request is not None and request.requested == child.requested


def _cancel_created(record: OwnedFolder) -> None:
    """Cancel a job that nobody has begun."""
    _end_created(record, RunState.CANCELLED, reason=_BEFORE)


def _end_created(record: OwnedFolder, state: RunState, **why: str) -> bool:
    """End a job that nobody has begun; False if somebody has."""
    if record.life().state != RunState.CREATED:
        return False
    with record.own() as writer:
        if writer.state is not RunState.CREATED:
            return False
        writer.transition(state, **why)
    return True


def _cancel_again(record: OwnedFolder, child: Child) -> None:
    """Ask a job to stop that has begun since somebody wanted it to."""
    try:
        state = record.life().state
    except RunError:
        return
    if state == RunState.RUNNING and not record.cancel_requested():
        record.request_cancel()
        child.cancel = False
