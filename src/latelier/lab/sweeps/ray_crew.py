"""The workers of a sweep on Ray, and the runs that they have, had, and will have.

Home asks each worker a few times per second how it is doing. A run whose worker is lost goes back
into the queue, and on from the last checkpoint that home has.
"""

from __future__ import annotations

import contextlib
import secrets
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from latelier.config.errors import ConfigError, RunBusyError, RunError
from latelier.lab.queued import tell_failure
from latelier.lab.sweeps.executor import Work
from latelier.lab.sweeps.ray_cluster import Cluster, Share, WorkerLost, different_versions
from latelier.lab.sweeps.ray_home import Home
from latelier.lab.sweeps.ray_parcels import pack_whole
from latelier.lab.sweeps.ray_worker import Greeting, Probe, Progress
from latelier.runs import RunRecord, RunState
from latelier.runs.atomic import temporary_sibling, write_bytes
from latelier.runs.requests import withdraw_cancel

LOSSES = 3
"""So many workers a variant may lose without a new checkpoint in between."""

_POLL_SECONDS = 0.2
_LOOK_SECONDS = 0.3
_ROOM_SECONDS = 20.0
_PARTING_SECONDS = 2.0


@dataclass(eq=False)
class Hand:
    """A worker, as home sees it.

    Attributes:
        worker: What the cluster knows it by.
        asked: The answer that is awaited; None while it waits for a run.
        probe: What it looks for in the folder of runs.
        name: For people; empty until it has greeted.
        in_place: Whether it writes into the folder of runs.
        record: The run that it has.
        home: Where what it sends is written; None if it writes in place.
    """

    worker: Any
    asked: Any
    probe: Probe
    name: str = ""
    in_place: bool = False
    record: RunRecord | None = None
    home: Home | None = None


@dataclass
class Losses:
    """How often a run has lost its worker since its newest checkpoint."""

    counts: Counter[str] = field(default_factory=Counter)
    newest: dict[str, dict[str, int] | None] = field(default_factory=dict)

    def add(self, record: RunRecord) -> int:
        """Count one more; returns how many there are."""
        found = record.checkpoints()
        checkpoint = found[-1] if found else None
        if self.newest.get(record.id) != checkpoint:
            self.counts[record.id] = 0
        self.newest[record.id] = checkpoint
        self.counts[record.id] += 1
        return self.counts[record.id]


class Crew:
    """The workers of a sweep, and the runs that they have, had, and will have.

    Args:
        cluster: Where they work.
        share: How many, and what each gets.
        work: The runs.
        in_place: As in `RayExecutor`.
        allow_code: Import and call the networks that the configurations name, if they name any.
    """

    def __init__(
        self,
        cluster: Cluster,
        share: Share,
        work: Work,
        *,
        in_place: bool,
        allow_code: bool = False,
    ) -> None:
        self._cluster, self._share, self._work = cluster, share, work
        self._in_place, self._allow_code = in_place, allow_code
        self._waiting = deque(work.records)
        self._hands: list[Hand] = []
        self._orphans: list[RunRecord] = []
        self._losses = Losses()
        self._unborn = 0
        self._refusal: ConfigError | None = None
        self._hopeless: set[str] = set()
        self._until: float | None = None
        self._patience: float | None = time.monotonic() + _ROOM_SECONDS

    def carry_out(self) -> None:
        """Return when every run has ended, or the sweep was stopped and its runs are at rest."""
        while self._busy():
            self._heed_stop()
            self._hire()
            self._hand_out()
            asked = {hand.asked: hand for hand in self._hands if hand.asked is not None}
            for ref in self._cluster.answered(list(asked), _POLL_SECONDS):
                self._take(asked[ref])
            self._take_back()
            self._work.tick()

    def dismiss(self) -> None:
        """Let every worker go; what one still has is interrupted, and can be resumed."""
        self._until = self._until or time.monotonic()
        for hand in list(self._hands):
            self._lose(hand)
        patience = time.monotonic() + _PARTING_SECONDS
        while self._orphans and time.monotonic() < patience:
            time.sleep(_POLL_SECONDS)
            self._take_back()

    def _busy(self) -> bool:
        at_work = self._orphans or any(hand.record for hand in self._hands)
        return bool(at_work or (self._waiting and self._until is None))

    # Runs go out

    def _hire(self) -> None:
        if self._until is not None:
            return
        if self._refusal is not None:
            if not self._hands:
                raise self._refusal
            return
        busy = sum(hand.record is not None for hand in self._hands)
        wanted = min(self._share.workers, busy + len(self._waiting) + len(self._orphans))
        while len(self._hands) < wanted:
            probe = self._probe()
            worker = self._cluster.hire(self._share)
            asked = self._cluster.ask(worker, "greet", probe)
            self._hands.append(Hand(worker, asked, probe))
        if self._patience is not None and time.monotonic() > self._patience:
            self._patience = None
            self._work.say("Waiting for workers of the Ray cluster.")

    def _probe(self) -> Probe:
        path = temporary_sibling(self._work.records[0].path.parent / "probe")
        probe = Probe(str(path), secrets.token_bytes(16), secrets.token_bytes(16))
        write_bytes(path, probe.question)
        return probe

    def _hand_out(self) -> None:
        for hand in self._hands:
            while hand.name and hand.record is None and self._waiting:
                self._begin(hand, self._waiting.popleft())

    def _begin(self, hand: Hand, record: RunRecord) -> None:
        """Give a run to a worker. One that is completed, or that another process has, ends here."""
        try:
            record.reconcile()
            if record.summary().state == RunState.COMPLETED:
                self._work.ended(record)
                return
            if record.summary().state != RunState.CREATED:
                withdraw_cancel(record)
            hand.home = None if hand.in_place else Home(record)
        except RunError as error:  # another process has it, or its files are damaged
            self._work.say(str(error))
            self._work.ended(record)
            return
        packed = None if hand.home is None else pack_whole(record)
        hand.record = record
        told = (str(record.path), packed, self._allow_code)
        hand.asked = self._cluster.ask(hand.worker, "begin", *told)
        how = "and sends it home" if hand.home else "in place"
        self._work.say(f"{hand.name} trains {record.id} {how}.")

    # Answers come in

    def _take(self, hand: Hand) -> None:
        try:
            answer = self._cluster.answer(hand.asked)
        except WorkerLost as error:
            self._mourn(hand, error)
            return
        hand.asked = None
        if isinstance(answer, Greeting):
            self._welcome(hand, answer)
        elif hand.record is not None:
            self._advance(hand, hand.record, answer)

    def _welcome(self, hand: Hand, greeting: Greeting) -> None:
        self._patience, self._unborn = None, 0
        differing = self._cluster.differing(greeting.versions)
        if differing:  # it came later, or its files were changed since the sweep began
            self._refusal = different_versions(f"{greeting.host}: {differing}")
            self._work.say(f"A worker is not used: {self._refusal.got}")
            self._lose(hand)
            return
        hand.name = f"Worker {greeting.pid} on {greeting.host}"
        hand.in_place = self._in_place and greeting.answered and _is_answered(hand.probe)
        _forget(hand.probe)

    def _advance(self, hand: Hand, record: RunRecord, progress: Progress) -> None:
        try:
            if hand.home is not None and progress.parcel is not None:
                hand.home.take_in(progress.parcel)
        except RunError as error:  # a full disk, or the run was thrown away
            self._work.say(str(error))
            self._hopeless.add(record.id)
            self._lose(hand)
            return
        if not progress.ended:
            stop = self._until is not None or record.cancel_requested()
            hand.asked = self._cluster.ask(hand.worker, "look", stop, _LOOK_SECONDS)
            return
        _release(hand)
        record.reconcile()  # a worker whose disk is full cannot write how its run ended
        if progress.trouble and record.summary().state != RunState.FAILED:
            self._work.say(f"{record.id}: {progress.trouble}")
        self._work.ended(record)

    # Workers that are lost

    def _mourn(self, hand: Hand, error: WorkerLost) -> None:
        """Let somebody else go on with what a lost worker had."""
        if hand.name:
            self._work.say(f"{hand.name} is lost. {error.got}")
        else:
            self._unborn += 1
            if self._unborn > LOSSES:
                raise RunError(
                    "the workers of the Ray cluster end as soon as they begin",
                    got=str(error.got),
                    remedy="See the logs of the cluster, and its memory.",
                ) from error
        self._lose(hand)

    def _lose(self, hand: Hand) -> None:
        record = hand.record
        self._hands.remove(hand)
        self._cluster.dismiss(hand.worker)
        _forget(hand.probe)
        _release(hand)
        if record is not None:
            self._orphans.append(record)

    def _take_back(self) -> None:
        """Put runs whose worker is lost into the queue again, once nobody writes them any more.

        A worker that the cluster has given up may still be there for a while, on another machine.
        """
        for record in list(self._orphans):
            try:
                with record.own() as writer:  # writes down that it was interrupted
                    again = writer.state is not RunState.COMPLETED and self._goes_on(record)
            except RunBusyError:
                continue
            except RunError as error:
                self._work.say(str(error))
                again = False
            self._orphans.remove(record)
            if again:
                self._waiting.appendleft(record)
            else:
                self._end(record)

    def _goes_on(self, record: RunRecord) -> bool:
        stopped = self._until is not None or record.cancel_requested()
        return not stopped and record.id not in self._hopeless and self._losses.add(record) < LOSSES

    def _end(self, record: RunRecord) -> None:
        """Say that a run has ended without a worker's word for it."""
        if self._losses.counts[record.id] >= LOSSES:
            lost = f"it lost {LOSSES} workers one after another at the same place"
            self._work.say(f"{record.id} is left where it is: {lost}.")
            with contextlib.suppress(RunError):
                if record.summary().state == RunState.CREATED:
                    tell_failure(record, lost)
        self._work.ended(record)

    # The end

    def _heed_stop(self) -> None:
        """Ask runs to stop once the sweep was stopped, and end what takes too long."""
        if self._until is None and self._work.stop():
            self._until = time.monotonic() + self._work.grace
            self._waiting.clear()
            for hand in self._hands:
                if hand.record is not None:
                    with contextlib.suppress(RunError):  # it has just ended
                        hand.record.request_cancel()
        if self._until is None or time.monotonic() < self._until:
            return
        for hand in [hand for hand in self._hands if hand.record is not None]:
            self._work.say(f"{hand.name} has not stopped in time and is ended.")
            self._lose(hand)


def _is_answered(probe: Probe) -> bool:
    return Path(probe.path).read_bytes() == probe.answer


def _forget(probe: Probe) -> None:
    Path(probe.path).unlink(missing_ok=True)


def _release(hand: Hand) -> None:
    hand.record = None
    if hand.home is not None:
        hand.home.close()
        hand.home = None
