"""The executor `local`: processes on this machine, each training one run after another."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from latelier.config.errors import LatelierError, RunBusyError, RunError
from latelier.lab.queued import tell_failure
from latelier.lab.sweeps.executor import ExecutorOptions, Work
from latelier.runs import RunRecord, RunState

MOST_WORKERS = 16
"""So many runs at a time, if nobody says how many; fewer where there are fewer cores."""

_TICK = 0.1
_LAST_SECONDS = 5.0  # between the request to end and the end by force
_LAST_WORDS = 2000


class LocalExecutor:
    """Trains runs in processes of their own, so that none can take another down.

    A process loads what training needs once, and trains one run after another; where it ends
    before its time, its run is recorded as interrupted and another process takes the next.

    Args:
        options: ``allow_code`` is read.
    """

    def __init__(self, options: ExecutorOptions) -> None:
        self._options = options

    def carry_out(self, work: Work) -> None:
        """See `Executor.carry_out`."""
        if not work.records:
            return
        pool = _Pool(work, self._options)
        try:
            pool.run()
        finally:
            pool.close()


def train_variant(
    record: RunRecord, *, allow_code: bool = False, stop: Callable[[], bool] | None = None
) -> None:
    """Begin a run or go on with it; what goes wrong is in its record afterwards.

    Args:
        record: A created, cancelled or failed run.
        allow_code: Import and call the networks that its config names, if it names any.
        stop: Asked at every step; True ends the run as cancelled.
    """
    from latelier.lab.launch import start

    before = record.summary().ended
    try:
        start(record, allow_code=allow_code, stop=stop)
    except RunBusyError:
        raise
    except Exception as error:
        if record.summary().ended == before:  # else its own record says how it failed
            tell_failure(record, error)


@dataclass(eq=False)
class _Worker:
    """A process, and the run that it trains."""

    process: subprocess.Popen[bytes]
    log: IO[bytes]
    record: RunRecord | None = None
    unread: bytes = b""
    killed: bool = False

    def give(self, record: RunRecord) -> None:
        """Tell the process which run to carry out next."""
        self.record = record
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):  # it has ended; the pool will see that
            self.process.stdin.write(json.dumps({"run_id": record.id}).encode() + b"\n")
            self.process.stdin.flush()

    def close_input(self) -> None:
        """Tell it that there are no more runs."""
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            self.process.stdin.close()

    def last_words(self) -> str:
        """The last line that it printed outside of any run."""
        with contextlib.suppress(OSError, ValueError):
            self.log.seek(0, os.SEEK_END)
            self.log.seek(max(0, self.log.tell() - _LAST_WORDS))
            lines = self.log.read().decode("utf-8", "replace").strip().splitlines()
            return lines[-1].removeprefix("error: ") if lines else ""
        return ""


@dataclass(eq=False)
class _Pool:
    """The processes of one sweep."""

    work: Work
    options: ExecutorOptions
    workers: list[_Worker] = field(default_factory=list)

    def __post_init__(self) -> None:
        records = self.work.records
        self._queue = deque(records)
        self._environments = _environments(records, self.work.max_workers)
        self._selector = selectors.DefaultSelector()
        self._started = 0
        self._give_up = float("inf")

    def run(self) -> None:
        """Train every run; return when all have ended, or the sweep was stopped."""
        while self._queue or self._busy:
            stopping = self.work.stop()
            if stopping:
                self._queue.clear()
                self._stop_busy()
            self._dispatch()
            for key, _ in self._selector.select(_TICK):
                self._hear(key.data)
            self.work.tick()

    def close(self) -> None:
        """End every process; a run that still trains writes a checkpoint if it is quick."""
        for worker in self.workers:
            worker.close_input()
            if worker.record is not None:
                worker.process.terminate()
        until = time.monotonic() + _LAST_SECONDS
        for worker in list(self.workers):
            self._part(worker, until - time.monotonic())
        self._selector.close()

    @property
    def _busy(self) -> list[_Worker]:
        return [worker for worker in self.workers if worker.record is not None]

    def _dispatch(self) -> None:
        """Give waiting runs to idle processes, and to new ones while there may be more."""
        for worker in [worker for worker in self.workers if worker.record is None]:
            if self._queue:
                worker.give(self._queue.popleft())
        while self._queue and len(self.workers) < len(self._environments):
            worker = self._hire()
            worker.give(self._queue.popleft())

    def _hire(self) -> _Worker:
        environment = self._environments[self._started % len(self._environments)]
        self._started += 1
        runs_dir = self.work.records[0].path.parent
        worker = _spawn(runs_dir, environment, allow_code=self.options.allow_code)
        self.workers.append(worker)
        assert worker.process.stdout is not None
        os.set_blocking(worker.process.stdout.fileno(), False)
        self._selector.register(worker.process.stdout, selectors.EVENT_READ, worker)
        return worker

    def _hear(self, worker: _Worker) -> None:
        """Read a process's answers: it has ended its run, or itself."""
        assert worker.process.stdout is not None
        data: bytes | None = b""
        with contextlib.suppress(OSError):
            data = worker.process.stdout.read()
        if data is None:
            return
        if not data:
            self._lost(worker)
            return
        *lines, worker.unread = (worker.unread + data).split(b"\n")
        for line in lines:
            record, worker.record = worker.record, None
            if record is not None and json.loads(line)["ended"] == record.id:
                self.work.ended(record)

    def _lost(self, worker: _Worker) -> None:
        record = worker.record
        self._part(worker, _LAST_SECONDS)
        if record is not None:
            self.work.ended(record)

    def _part(self, worker: _Worker, patience: float) -> None:
        """Let go of a process that ends; write down how its run ended, if it could not itself."""
        _wait_or_kill(worker.process, patience)
        self.workers.remove(worker)
        worker.close_input()
        assert worker.process.stdout is not None
        with contextlib.suppress(KeyError):
            self._selector.unregister(worker.process.stdout)
        worker.process.stdout.close()
        if worker.record is not None:
            words = (
                worker.last_words() or f"its process ended with code {worker.process.returncode}"
            )
            self._settle(worker.record, words)
        worker.log.close()

    def _settle(self, record: RunRecord, words: str) -> None:
        with contextlib.suppress(RunError):
            record.reconcile()
            if record.summary().state == RunState.CREATED and not self.work.stop():
                tell_failure(record, words)

    def _stop_busy(self) -> None:
        """Ask the runs to stop; end by force what takes too long."""
        now = time.monotonic()
        if self._give_up == float("inf"):
            self._give_up = now + self.work.grace
            if self._busy:
                seconds = f"{self.work.grace:g} s"
                self.work.say(f"{len(self._busy)} running variants get {seconds} to finish")
        for worker in self._busy:
            assert worker.record is not None
            ask_to_stop(worker.record)
            if now > self._give_up and not worker.killed:
                self.work.say(f"{worker.record.id} is ended by force")
                worker.process.kill()
                worker.killed = True


def ask_to_stop(record: RunRecord) -> None:
    """Ask a run that trains or is about to; a run that goes on drops requests from before."""
    with contextlib.suppress(LatelierError):
        if not record.cancel_requested():
            record.request_cancel()


def _wait_or_kill(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(timeout=max(0.0, seconds))
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _spawn(runs_dir: Path, environment: Mapping[str, str], *, allow_code: bool) -> _Worker:
    """Start a process in a session of its own: a Ctrl-C here is not meant for it."""
    log = tempfile.TemporaryFile()  # noqa: SIM115 - read when the process ends
    command = [sys.executable, "-P", "-m", "latelier", "run-variants", "--runs-dir", str(runs_dir)]
    process = subprocess.Popen(
        [*command, "--allow-code"] if allow_code else command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        start_new_session=True,
        env={**os.environ, **environment},
    )
    return _Worker(process, log)


def _environments(records: Sequence[RunRecord], wanted: int | None) -> list[dict[str, str]]:
    """Decide how many processes there are, and what each may use: cores, and a GPU if there is one.

    Returns:
        Environment variables of each process.
    """
    from latelier.training.device import physical_cores

    cores, gpus = physical_cores(), _gpus(records)
    default = len(gpus) if gpus else min(MOST_WORKERS, cores)
    workers = max(1, min(wanted or default, len(records)))
    threads = max(1, cores // workers)
    told = os.environ.get("OMP_NUM_THREADS", "")
    if told.isdecimal() and int(told) > 0:
        threads = min(threads, int(told))
    environments = [{"OMP_NUM_THREADS": str(threads)} for _ in range(workers)]
    if len(gpus) > 1:
        for number, environment in enumerate(environments):
            environment["CUDA_VISIBLE_DEVICES"] = gpus[number % len(gpus)]
    return environments


def _gpus(records: Sequence[RunRecord]) -> list[str]:
    """Name the accelerators that runs may choose among; empty where they train on the CPU.

    A run that names its device (``cuda:1``) finds all of them where it expects them.
    """
    import torch

    asked = {str(record.config()["training"]["device"]) for record in records}
    if asked == {"cpu"}:
        return []
    if torch.cuda.is_available():
        if not asked <= {"auto", "cuda", "cpu"}:
            return [""]
        visible = os.environ.get("CUDA_VISIBLE_DEVICES")
        names = [name.strip() for name in visible.split(",")] if visible else []
        return names or [str(number) for number in range(torch.cuda.device_count())]
    return ["mps"] if torch.backends.mps.is_available() else []
