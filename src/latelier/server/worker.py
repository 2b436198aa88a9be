"""On-demand compute in a warm process: a typed request, an answer, and a crash is only an error."""

from __future__ import annotations

import multiprocessing
import signal
import threading
import traceback
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from typing import Any, Literal

from latelier.config.errors import ConfigError, LatelierError, Problem
from latelier.server.errors import ApiError, status_of

State = Literal["off", "starting", "ready", "busy"]
Handler = Callable[[Mapping[str, Any]], Any]
TIMEOUT_S = 120.0
MOST_WAITING = 8


def handlers() -> dict[str, Handler]:
    """What the worker can be asked; a new request is a line here. Imports torch."""
    from latelier.lab.cost import estimate_cost

    return {"cost": lambda arguments: estimate_cost(arguments["config"])}


class Worker:
    """A process that answers one request at a time; made at the first, and again after a crash.

    Args:
        timeout_s: Seconds after which a request is given up and the process ended.
        table: Makes the table of requests, in the process.
    """

    def __init__(
        self, *, timeout_s: float = TIMEOUT_S, table: Callable[[], dict[str, Handler]] = handlers
    ) -> None:
        self._timeout_s, self._table = timeout_s, table
        self._turn = threading.Lock()
        self._waiting = threading.BoundedSemaphore(MOST_WAITING)
        self._process: Any = None
        self._pipe: Connection | None = None
        self._closed = False
        self.state: State = "off"

    def ask(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Send a request and wait for its answer.

        Args:
            name: A name of the table.
            arguments: Plain values.

        Raises:
            ApiError: If the request failed, took too long, ended the process, or too many wait.
        """
        if not self._waiting.acquire(blocking=False):
            raise ApiError(429, "too many computations wait already", remedy="Try again later.")
        try:
            with self._turn:
                return self._ask(name, arguments)
        finally:
            self._waiting.release()

    def close(self) -> None:
        """End the process."""
        self._closed = True
        self._end()

    def _ask(self, name: str, arguments: Mapping[str, Any]) -> Any:
        pipe = self._ready()
        self.state = "busy"
        try:
            pipe.send((name, dict(arguments)))
            if not pipe.poll(self._timeout_s):
                raise TimeoutError
            answer = pipe.recv()
        except (EOFError, OSError) as error:
            self._end()
            raise _lost(error) from error
        self.state = "ready"
        return _opened(answer)

    def _ready(self) -> Connection:
        if self._closed:
            raise ApiError(503)
        if self._process is not None and self._process.is_alive() and self._pipe is not None:
            return self._pipe
        self.state = "starting"
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe()
        self._process = context.Process(target=serve, args=(there, self._table), daemon=True)
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


def serve(pipe: Connection, table: Callable[[], dict[str, Handler]]) -> None:
    """Answer requests until the other end is closed. Runs in the worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's to handle
    known = table()
    while True:
        try:
            name, arguments = pipe.recv()
        except EOFError:
            return
        pipe.send(_answer(known, name, arguments))


def _answer(known: dict[str, Handler], name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return {"value": known[name](arguments)}
    except LatelierError as error:
        problems = error.problems if isinstance(error, ConfigError) else ()
        return {
            "status": status_of(error),
            "what": error.what,
            "got": None if error.got is None else str(error.got),
            "expected": error.expected,
            "remedy": error.remedy,
            "problems": [(p.path, p.what, p.got, p.expected, p.remedy) for p in problems],
        }
    except Exception as error:
        traceback.print_exc()
        return {"status": 500, "what": f"the computation failed: {type(error).__name__}"}


def _opened(answer: dict[str, Any]) -> Any:
    if "value" in answer:
        return answer["value"]
    details = {name: answer.get(name) for name in ("got", "expected", "remedy")}
    if problems := answer.get("problems"):
        error = ConfigError(answer["what"], **details)
        error.problems = tuple(Problem(*problem) for problem in problems)
        raise error
    raise ApiError(answer["status"], answer["what"], **details)


def _lost(error: BaseException) -> ApiError:
    what = "took too long" if isinstance(error, TimeoutError) else "ended unexpectedly"
    return ApiError(
        503,
        f"the process that computes on demand {what}",
        remedy="Try again; a new one is started. If it needs too much memory, ask for less.",
    )
