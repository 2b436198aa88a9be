"""On-demand compute in a warm process: a typed request, an answer, and a crash is only an error.

Over the pipe go ``(name, arguments)`` and, once, a request to stop; back come any number of notices
of progress, then one answer.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from typing import Any, Literal

from latelier.config.errors import ConfigError, LatelierError, Problem
from latelier.server.errors import ApiError, status_of

State = Literal["off", "starting", "ready", "busy"]
Progress = Callable[[float, str], None]
TIMEOUT_S = 120.0
MOST_WAITING = 8
GRACE_S = 5.0
"""So long a computation that was asked to stop may take to do so; then its process is ended."""

_STOP = "\x00stop"
_LOOK_S = 0.05


class Stopped(Exception):  # noqa: N818  # nothing went wrong
    """A computation was stopped because somebody asked for that."""


class Caller:
    """Whoever asked, as seen from inside the worker process.

    Args:
        pipe: The way to them.
    """

    def __init__(self, pipe: Connection) -> None:
        self._pipe, self._told = pipe, -1.0
        self.stopped = False

    def progress(self, done: float, message: str = "") -> None:
        """Tell which share is done, from 0 to 1, at most twenty times a second."""
        now = time.monotonic()
        if done >= 1 or now - self._told >= _LOOK_S:
            self._told = now
            try:
                self._pipe.send(("progress", min(max(float(done), 0.0), 1.0), str(message)))
            except OSError:
                self.stopped = True

    def stop(self) -> bool:
        """Whether they want it no more, or are gone."""
        if not self.stopped and self._pipe.poll():
            self.stopped = True
            with contextlib.suppress(EOFError, OSError):
                self._pipe.recv()
        return self.stopped


Handler = Callable[[Mapping[str, Any], Caller], Any]


class Worker:
    """A process that answers one request at a time; made at the first, and again after a crash.

    Args:
        timeout_s: Seconds without a notice after which a request is given up and the process ended.
        table: Makes the table of requests, in the process.
        niceness: How much the process lets others go first, as `os.nice` counts.
    """

    def __init__(
        self,
        *,
        table: Callable[[], dict[str, Handler]],
        timeout_s: float = TIMEOUT_S,
        niceness: int = 0,
    ) -> None:
        self._timeout_s, self._table, self._niceness = timeout_s, table, niceness
        self._turn = threading.Lock()
        self._waiting = threading.BoundedSemaphore(MOST_WAITING)
        self._process: Any = None
        self._pipe: Connection | None = None
        self._closed = False
        self.state: State = "off"

    def ask(
        self,
        name: str,
        arguments: Mapping[str, Any],
        *,
        progress: Progress = lambda _done, _message: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Any:
        """Send a request and wait for its answer.

        Args:
            name: A name of the table.
            arguments: Plain values.
            progress: Called with the share that is done and what is being done.
            stop: Asked now and then whether the answer is wanted no more.

        Raises:
            ApiError: If the request failed, took too long, ended the process, or too many wait.
            Stopped: If ``stop`` said so before there was an answer.
        """
        if not self._waiting.acquire(blocking=False):
            raise ApiError(429, "too many computations wait already", remedy="Try again later.")
        try:
            with self._turn:
                return self._ask(name, arguments, progress, stop)
        finally:
            self._waiting.release()

    def warm(self) -> None:
        """Start the process, unless it runs or is about to; returns at once."""
        if not self._closed and self._turn.acquire(blocking=False):
            try:
                self._ready()
            finally:
                self._turn.release()

    def close(self) -> None:
        """End the process. Who waits for an answer is told that there will be none."""
        self._closed = True
        if self._process is not None:
            self._process.terminate()  # wakes who waits
        if self._turn.acquire(timeout=2.0):
            try:
                self._end()
            finally:
                self._turn.release()

    def _ask(
        self, name: str, arguments: Mapping[str, Any], progress: Progress, stop: Callable[[], bool]
    ) -> Any:
        pipe = self._ready()
        self.state = "busy"
        try:
            pipe.send((name, dict(arguments)))
            answer = self._answer(pipe, progress, stop)
        except Stopped:
            self._end()
            raise
        except (EOFError, OSError) as error:
            self._end()
            raise _lost(error, closed=self._closed) from error
        self.state = "ready"
        return _opened(answer)

    def _answer(self, pipe: Connection, progress: Progress, stop: Callable[[], bool]) -> Any:
        """Listen until there is an answer."""
        limit, stopping = time.monotonic() + self._timeout_s, False
        while True:
            if pipe.poll(_LOOK_S):
                notice = pipe.recv()
                if notice[0] != "progress":
                    return notice[1]
                progress(*notice[1:])
                limit = limit if stopping else time.monotonic() + self._timeout_s
            if time.monotonic() > limit:
                raise Stopped if stopping else TimeoutError
            if not stopping and stop():
                stopping, limit = True, min(limit, time.monotonic() + GRACE_S)
                pipe.send((_STOP, {}))

    def _ready(self) -> Connection:
        if self._closed:
            raise ApiError(503)
        if self._process is not None and self._process.is_alive() and self._pipe is not None:
            return self._pipe
        self._end()
        self.state = "starting"
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe()
        arguments = (there, self._table, self._niceness)
        self._process = context.Process(target=serve, args=arguments, daemon=True)
        self._process.start()
        there.close()
        self._pipe = here
        return here

    def _end(self) -> None:
        process, pipe = self._process, self._pipe
        self._process = self._pipe = None
        self.state = "off"
        if process is not None:
            process.terminate()
            process.join(1.0)
            if process.is_alive():
                process.kill()
                process.join(1.0)
        if pipe is not None:
            pipe.close()


def serve(pipe: Connection, table: Callable[[], dict[str, Handler]], niceness: int) -> None:
    """Answer requests until the other end is closed. Runs in the worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's to handle
    if niceness:
        os.nice(niceness)
    known = table()
    while True:
        try:
            name, arguments = pipe.recv()
            if name != _STOP:  # else it came too late
                pipe.send(("answer", _answer(known[name], arguments, Caller(pipe))))
        except (EOFError, BrokenPipeError):
            return


def _answer(handler: Handler, arguments: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
    try:
        return {"value": handler(arguments, caller)}
    except LatelierError as error:
        problems = error.problems if isinstance(error, ConfigError) else ()
        return {
            "stopped": caller.stopped,
            "status": status_of(error),
            "what": error.what,
            "got": None if error.got is None else str(error.got),
            "expected": error.expected,
            "remedy": error.remedy,
            "problems": [(p.path, p.what, p.got, p.expected, p.remedy) for p in problems],
        }
    except Exception as error:
        if caller.stopped:
            return {"stopped": True}
        traceback.print_exc()
        return {"status": 500, "what": f"the computation failed: {type(error).__name__}"}


def _opened(answer: dict[str, Any]) -> Any:
    if "value" in answer:
        return answer["value"]
    if answer.get("stopped"):
        raise Stopped
    details = {name: answer.get(name) for name in ("got", "expected", "remedy")}
    if problems := answer.get("problems"):
        error = ConfigError(answer["what"], **details)
        error.problems = tuple(Problem(*problem) for problem in problems)
        raise error
    raise ApiError(answer["status"], answer["what"], **details)


def _lost(error: BaseException, *, closed: bool) -> ApiError:
    if closed:
        return ApiError(503)
    what = "took too long" if isinstance(error, TimeoutError) else "ended unexpectedly"
    return ApiError(
        503,
        f"the process that computes on demand {what}",
        remedy="Try again; a new one is started. If it needs too much memory, ask for less.",
    )
