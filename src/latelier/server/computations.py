"""What is being computed on demand: two lanes, each a worker process and those who wait for it.

Equal requests that are under way share one computation. What is computed is in the run folders, so
nothing here outlives the server.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from latelier.config.errors import LatelierError
from latelier.server.errors import ApiError, error_fields
from latelier.server.worker import Stopped, Worker

LaneName = Literal["quick", "slow"]
State = Literal["waiting", "running", "done", "failed", "cancelled"]
OPEN = frozenset({"waiting", "running"})
MOST_WAITING = 16
MOST_LISTENING = 24
"""Requests that may wait for answers at once; each holds a thread of the server."""
MOST_KEPT = 64
"""Ended computations that can still be asked about."""

Job = tuple[str, Mapping[str, Any]]
"""Name and arguments of a request to a worker."""


@dataclass(eq=False)
class Computation:
    """One computation.

    Attributes:
        id: Its name here.
        run_id: The run it is for.
        what: A kind of artifact, or ``backfill``.
        keys: Keys of the artifact, or what is to be completed.
        job: What the worker is asked.
        kept: Whether it can be asked about when it has ended.
        state: Where it is in its life.
        done: Share that is done, from 0 to 1.
        message: What is being done.
        error: Why it failed.
        result: What came of it.
    """

    id: str
    run_id: str
    what: str
    keys: Mapping[str, Any]
    job: Job
    kept: bool
    state: State = "waiting"
    done: float = 0.0
    message: str = ""
    error: LatelierError | None = None
    result: Any = None
    unwanted: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def identity(self) -> tuple[Any, ...]:
        """What equal requests have in common."""
        keys = ((name, _hashable(value)) for name, value in self.keys.items())
        return self.run_id, self.what, *sorted(keys)

    def as_dict(self) -> dict[str, Any]:
        """As `schemas.ComputationInfo`."""
        return {
            "id": self.id,
            "run_id": self.run_id,
            "what": self.what,
            "keys": dict(self.keys),
            "state": self.state,
            "done": self.done,
            "message": self.message,
            "error": None if self.error is None else error_fields(self.error),
        }


class Lane:
    """Computations that one worker carries out, one after another in the order of the requests.

    Args:
        worker: The process.
        kept: Whether its computations can be asked about when they have ended.
    """

    def __init__(self, worker: Worker, *, kept: bool) -> None:
        self.worker, self.kept = worker, kept
        self.waiting: list[Computation] = []
        self.thread: threading.Thread | None = None


class Computations:
    """All computations of a server.

    Args:
        quick: Answers those who wait.
        slow: Does what takes long.
    """

    def __init__(self, quick: Worker, slow: Worker) -> None:
        self._lanes = {"quick": Lane(quick, kept=False), "slow": Lane(slow, kept=True)}
        self._changed = threading.Condition()
        self._known: OrderedDict[str, Computation] = OrderedDict()
        self._listening = threading.BoundedSemaphore(MOST_LISTENING)
        self._closed = False

    def ask(
        self, lane: LaneName, run_id: str, what: str, keys: Mapping[str, Any], job: Job
    ) -> Computation:
        """Begin a computation, or join an equal one that is under way.

        Args:
            lane: Which worker carries it out.
            run_id: The run it is for.
            what: A kind, or ``backfill``.
            keys: With the others, what tells it from other computations.
            job: What the worker is asked.

        Raises:
            ApiError: If too many wait already, or the server ends.
        """
        chosen = self._lanes[lane]
        asked = Computation(secrets.token_hex(8), run_id, what, dict(keys), job, chosen.kept)
        with self._changed:
            if self._closed:
                raise ApiError(503)
            if (same := self._under_way(asked.identity)) is not None:
                return same
            if len(chosen.waiting) >= MOST_WAITING:
                raise ApiError(429, "too many computations wait already", remedy="Try again later.")
            self._known[asked.id] = asked
            chosen.waiting.append(asked)
            if chosen.thread is None:
                chosen.thread = threading.Thread(
                    target=self._work, args=(chosen,), name=f"{lane} computations", daemon=True
                )
                chosen.thread.start()
            self._changed.notify_all()
        return asked

    def wait(self, computation: Computation) -> Any:
        """Wait for what comes of a computation.

        Raises:
            ApiError: If too many wait for answers, or it was cancelled.
            LatelierError: If it failed, as it failed.
        """
        if not self._listening.acquire(blocking=False):
            raise ApiError(429, remedy="Try again later.")
        try:
            computation.ended.wait()
        finally:
            self._listening.release()
        if computation.error is not None:
            raise computation.error
        if computation.state == "cancelled":
            raise ApiError(409, "the computation was cancelled", remedy="Ask again.")
        return computation.result

    def listing(self, run_id: str | None = None) -> list[Computation]:
        """Return those that are under way or ended lately, oldest first."""
        with self._changed:
            known = list(self._known.values())
        return [one for one in known if run_id in (None, one.run_id)]

    def find(self, computation_id: str) -> Computation:
        """Return a computation.

        Raises:
            ApiError: If it is not known, or no longer.
        """
        with self._changed:
            found = self._known.get(computation_id)
        if found is None:
            raise ApiError(
                404,
                "no such computation",
                got=computation_id,
                remedy="Ended ones are forgotten after a while; see what the run has by now.",
            )
        return found

    def cancel(self, computation: Computation) -> None:
        """Take back a computation, for all who wait for it; one that has ended stays as it is."""
        with self._changed:
            computation.unwanted.set()
            if computation.state == "waiting":
                for lane in self._lanes.values():
                    if computation in lane.waiting:
                        lane.waiting.remove(computation)
                self._settle(computation, "cancelled")
            elif computation.state == "running":
                computation.message = "stopping"

    def cancel_all_of(self, run_id: str) -> None:
        """Take back whatever is under way for a run."""
        for computation in self.listing(run_id):
            self.cancel(computation)

    def warm(self) -> None:
        """Make the quick worker ready before it is asked."""
        self._lanes["quick"].worker.warm()

    def close(self) -> None:
        """Take back everything and end the workers."""
        with self._changed:
            self._closed = True
            for computation in list(self._known.values()):
                self.cancel(computation)
            self._changed.notify_all()
        for lane in self._lanes.values():
            lane.worker.close()

    # Inside; with the lock held, but for the work itself

    def _under_way(self, identity: tuple[Any, ...]) -> Computation | None:
        for known in self._known.values():
            wanted = known.state in OPEN and not known.unwanted.is_set()
            if wanted and known.identity == identity:
                return known
        return None

    def _work(self, lane: Lane) -> None:
        """Carry out what a lane is asked, until the server ends."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or lane.waiting)
                if self._closed:
                    return
                computation = lane.waiting.pop(0)
                computation.state = "running"
            self._carry_out(computation, lane.worker)

    def _carry_out(self, computation: Computation, worker: Worker) -> None:
        def progress(done: float, message: str) -> None:
            """Note how much is done, and what is being done unless nobody wants it any more."""
            computation.done = done
            if not computation.unwanted.is_set():
                computation.message = message

        state: State = "failed"
        try:
            computation.result = worker.ask(
                *computation.job, progress=progress, stop=computation.unwanted.is_set
            )
            computation.done, state = 1.0, "done"
        except Stopped:
            state = "cancelled"
        except LatelierError as error:
            computation.error = error
        except Exception as error:  # what a worker cannot even start with
            computation.error = ApiError(500, f"the computation failed: {type(error).__name__}")
        with self._changed:
            self._settle(computation, state)

    def _settle(self, computation: Computation, state: State) -> None:
        computation.state, computation.message = state, ""
        if not computation.kept:
            self._known.pop(computation.id, None)
        ended = [known for known in self._known.values() if known.state not in OPEN]
        for known in ended[:-MOST_KEPT]:
            del self._known[known.id]
        computation.ended.set()


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
