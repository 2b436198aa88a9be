"""The training loop of many runs at once: the steps of `training.loop`, on stacked tensors."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from latelier.config import NonFiniteObjectiveError
from latelier.data import Batch
from latelier.models import LossResult
from latelier.timeline import Frame
from latelier.training.clock import Clock, WatchedClock
from latelier.training.ensemble.member import Member
from latelier.training.ensemble.stack import Stack
from latelier.training.ensemble.table import RowOf
from latelier.training.loop import announce, end_epoch, end_phase
from latelier.training.session import Session
from latelier.training.signals import PhaseEnded, RunEnded, RunStarted, StepEnded

Ended = Callable[[Session, str | Exception], None]

SECONDS_BETWEEN = 0.1
"""So often every member is asked whether it is to stop; asking looks at a file each."""


def train_together(
    members: Sequence[Member],
    ended: Ended,
    tick: Callable[[], None] = lambda: None,
) -> None:
    """Train runs of one shape in lockstep, until each has ended by itself.

    A member that is asked to stop, whose objective is not finite, or whose recorder fails, leaves
    alone; the others go on as if it had never been there.

    Args:
        members: Runs with equal `shape_of`, at the same step.
        ended: Called once for each when it leaves: with ``"completed"``, ``"cancelled"`` or the
            error that ended it, while the process's random generators are the member's.
        tick: Called a few times per second.

    Raises:
        ApartError: If the runs cannot be computed as one; none has begun then.
    """
    ensemble = Ensemble(members, ended, tick)
    ensemble.begin()
    while ensemble.members and not ensemble.clock.done:
        ensemble.train_epoch()
    for member in list(ensemble.members):
        ensemble.end(member, "completed")


class Ensemble:
    """Runs that train together, fewer and fewer.

    Args:
        members: See `train_together`.
        ended: See `train_together`.
        tick: See `train_together`.

    Attributes:
        members: Those that have not left.
    """

    def __init__(self, members: Sequence[Member], ended: Ended, tick: Callable[[], None]) -> None:
        self.members = list(members)
        self._tick = tick
        self._ended = ended
        self._asked = self._listened = time.monotonic()
        self._stack = Stack(members)
        for member in members:
            member.session.signals.patience = 1 + len(members) / 8

    @property
    def clock(self) -> Clock | WatchedClock:
        """The clock that all have in common."""
        return (self.members or self._stack.members)[0].session.clock

    # Coming and leaving

    def begin(self) -> None:
        """Tell that the runs begin; record the state before the first update."""
        self._each(_begin)
        if self.members and self.clock.step == self.members[0].session.first_step:
            self._each(end_epoch)

    def end(self, member: Member, outcome: str) -> None:
        """Let a member leave as completed or cancelled."""
        if self._with(member, _finish, outcome):
            self._leave(member, outcome)

    def _leave(self, member: Member, outcome: str | Exception) -> None:
        member.stand_alone()
        self.members.remove(member)
        with member.awake():
            self._ended(member.session, outcome)

    def _with(self, member: Member, act: Callable[..., object], *arguments: object) -> bool:
        """Do something with a member's session; what goes wrong is its own and nobody else's."""
        try:
            with member.awake():
                act(member.session, *arguments)
        except Exception as error:
            self._leave(member, error)
            return False
        return True

    def _each(self, act: Callable[[Session], object]) -> None:
        for member in list(self.members):
            self._with(member, act)

    # Updates

    def train_epoch(self) -> None:
        """Make the updates that are left of an epoch; begin again where a member has left."""
        stack = self._current_stack()
        for batches in stack.batches(self.clock.epoch + 1, self.clock.step_in_epoch):
            self._update(stack, batches)
            self._release_stopped()
            if self.members != stack.members:
                break
        if self.members and self.clock.at_epoch_end:
            self._each(end_epoch)

    def _current_stack(self) -> Stack:
        if self._stack.members != self.members:
            self._stack = Stack(self.members, self._stack)
        return self._stack

    def _update(self, stack: Stack, batches: Sequence[Batch]) -> None:
        """Make one optimizer update of every member."""
        step = self.clock.step
        frames, frame = stack.schedule.at(step)
        self._announce(stack, frames, batches)
        found = stack.evaluate(batches, frame)
        measured = {"loss": found.objectives, **found.measured}
        self._refuse_non_finite(stack, step, measured, batches)
        stack.step(found.gradient, frames)
        for member in self.members:
            member.session.clock.step += 1
        stack.table.add(step, measured, len(batches[0].indices))
        self._tell(stack, frames, batches, measured)

    def _announce(self, stack: Stack, frames: Sequence[Frame], batches: Sequence[Batch]) -> None:
        for member, frame, batch in zip(stack.members, frames, batches, strict=True):
            if member in self.members and member.is_told(frame):
                self._with(member, announce, frame, batch)
        if frames[0].actions:
            stack.take_state()

    def _refuse_non_finite(
        self,
        stack: Stack,
        step: int,
        measured: Mapping[str, Tensor],
        batches: Sequence[Batch],
    ) -> None:
        finite = torch.isfinite(measured["loss"])
        if finite.all():
            return
        for row, (member, batch) in enumerate(zip(stack.members, batches, strict=True)):
            if member in self.members and not finite[row]:
                values = {n: float(v[row]) for n, v in measured.items() if v.ndim == 1}
                bad = {
                    name: value
                    for name, value in values.items()
                    if name not in member.absent and not -torch.inf < value < torch.inf
                }
                self._leave(member, NonFiniteObjectiveError(step, bad, batch.indices.tolist()))

    def _tell(
        self,
        stack: Stack,
        frames: Sequence[Frame],
        batches: Sequence[Batch],
        measured: Mapping[str, Tensor],
    ) -> None:
        if not (any(frame.is_phase_end for frame in frames) or self._is_heard(stack)):
            return
        for row, member in enumerate(stack.members):
            if member not in self.members:
                continue
            if member.session.signals.awaits(StepEnded, member.session.clock.step):
                objective = measured["loss"][row]
                result = LossResult(objective, RowOf(measured, row, member.absent))
                self._step_ended(member, frames[row], batches[row], result)
            if frames[row].is_phase_end and member.hears(PhaseEnded):
                self._with(member, end_phase, frames[row])

    def _is_heard(self, stack: Stack) -> bool:
        """Whether anybody may hear that this step has ended; only then all members are asked."""
        step, now = self.clock.step, time.monotonic()
        cadences = [cadence for cadence in stack.cadences() if cadence.allows(step)]
        if all(cadence.seconds is not None for cadence in cadences):
            if not cadences or now - self._listened < SECONDS_BETWEEN:
                return False
            self._listened = now
        return True

    def _step_ended(self, member: Member, frame: Frame, batch: Batch, result: LossResult) -> None:
        try:
            member.step_ended(frame, batch, result)
        except Exception as error:
            self._leave(member, error)

    def _release_stopped(self) -> None:
        now = time.monotonic()
        if now - self._asked < SECONDS_BETWEEN or self.clock.done:
            return
        self._asked = now
        self._tick()
        for member in list(self.members):
            if member.session.stop():
                if self.clock.at_epoch_end and not self._with(member, end_epoch):
                    continue
                self.end(member, "cancelled")


def _begin(session: Session) -> None:
    session.signals.emit(RunStarted(session, session.clock.step, session.clock.epoch))


def _finish(session: Session, outcome: str) -> None:
    session.signals.emit(RunEnded(session, session.clock.step, session.clock.epoch, outcome))
