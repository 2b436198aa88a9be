"""Members as one: their weights, optimizer, schedule, data and measurements, stacked.

Shapes: M members, B examples in a batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace

import torch
from torch import Tensor

from latelier.config.errors import LatelierError
from latelier.data import Batch, with_partners
from latelier.timeline import Frame
from latelier.training.determinism import shielded
from latelier.training.ensemble.alike import ApartError
from latelier.training.ensemble.member import Member
from latelier.training.ensemble.objective import Arguments, Evaluation, StackedObjective
from latelier.training.ensemble.optimizers import StackedOptimizer
from latelier.training.ensemble.schedule import Schedule
from latelier.training.ensemble.table import StackedTable
from latelier.training.ensemble.traced import TracedObjective
from latelier.training.ensemble.weights import StackedWeights
from latelier.training.session import Session
from latelier.training.signals import Cadence, StepEnded

_PROBED = 2  # rows


class Stack:
    """Runs of one shape at the same step, ready to make updates together.

    Making one leaves each member's weights and moments as they are, as views of the stack's.

    Args:
        members: The runs.
        larger: The ensemble that they are what is left of.

    Attributes:
        members: The runs, by row.
        traced: Plays back what the objective computes; None where it cannot be recorded.

    Raises:
        ApartError: If the runs cannot be computed as one.
    """

    def __init__(self, members: Sequence[Member], larger: Stack | None = None) -> None:
        self.members = list(members)
        self._sessions = [member.session for member in members]
        first = self._sessions[0]
        self.objective: StackedObjective = (
            StackedObjective(self._sessions) if larger is None else larger.objective
        )
        self.weights = StackedWeights([session.model for session in self._sessions])
        self._optimizer = StackedOptimizer(
            first.config.training, self.weights, [session.optimizer for session in self._sessions]
        )
        self.schedule = Schedule(self._sessions, self._optimizer.columns)
        self._streams = self._same_data()
        self.state: dict[str, Tensor] = {}
        self.take_state()
        self.table = StackedTable([member.absent for member in members])
        for row, session in enumerate(self._sessions):
            session.meter.follow(self.table.share(row))
        self._cadences: set[Cadence] = set()
        self._subscribed = -1
        self.traced: TracedObjective | None = None
        self._choose()

    def _same_data(self) -> list[int]:
        """Return for each member the row of the first one that is fed the same batches."""
        keys = [
            (
                session.config.seed,
                session.config.data.model_dump_json(),
                timeline if session.config.data.sampling == "curriculum" else None,
            )
            for session, timeline in zip(self._sessions, self.schedule.of, strict=True)
        ]
        return [keys.index(key) for key in keys]

    @property
    def differ(self) -> bool:
        """Whether members are fed different batches."""
        return len(set(self._streams)) > 1

    def batches(self, epoch: int, start: int) -> Iterator[list[Batch]]:
        """Yield each member's batch of the steps that are left of an epoch."""
        rows = sorted(set(self._streams))
        streams = [self._sessions[row].batches(epoch, start) for row in rows]
        for found in zip(*streams, strict=True):
            by_row = dict(zip(rows, found, strict=True))
            yield [by_row[row] for row in self._streams]

    def joined(self, batches: Sequence[Batch]) -> Batch:
        """Return the batch that all are fed, or a stack of theirs, [M, B, …]."""
        if not self.differ:
            return batches[0]
        there = [f.name for f in fields(Batch) if getattr(batches[0], f.name) is not None]
        return replace(
            batches[0], **{n: torch.stack([getattr(batch, n) for batch in batches]) for n in there}
        )

    def take_state(self) -> None:
        """Stack what members' tasks hold besides their models: an action may have changed it."""
        states = [session.task.state() for session in self._sessions]
        names = sorted({name for state in states for name in state})
        self.state = {}
        for name in names:
            there = [state[name] for state in states if name in state]
            known = self.objective.state.get(name)
            if known is None or any(not torch.equal(value, known) for value in there):
                # A member whose term is not in force has none; its weight is 0 and any will do.
                self.state[name] = torch.stack([state.get(name, there[0]) for state in states])

    def evaluate(self, batches: Sequence[Batch], frame: Frame) -> Evaluation:
        """Return every member's objective, what was measured, and the gradient."""
        batch = self.joined(batches)
        arguments = Arguments.of(batch, frame, self.state, differ=self.differ)
        if self.traced is not None:
            return self.traced.evaluate(arguments)
        generators = [member.generator for member in self.members]
        return self.objective.evaluate(self.weights, arguments, generators)

    def cadences(self) -> set[Cadence]:
        """Return when the end of a step is heard by anybody."""
        signals = [session.signals for session in self._sessions]
        subscribed = sum(one.count for one in signals)
        if subscribed != self._subscribed:
            self._subscribed = subscribed
            self._cadences = set[Cadence]().union(*(one.cadences(StepEnded) for one in signals))
        return self._cadences

    def step(self, gradient: Tensor, frames: Sequence[Frame]) -> None:
        """Make one update of every member's weights."""
        self._optimizer.step(gradient, self.schedule.rates(frames))

    def _choose(self) -> None:
        """Try how the loss can be computed: played back, or else step by step.

        Raises:
            ApartError: If it cannot be computed for many at once.
        """
        if self._sessions[0].clock.done:
            return
        if not self.weights.buffers():
            self.traced = TracedObjective(self.objective, self.weights)
            try:
                self._probe()
            except Exception:  # whatever it is: without a recording it may work, or will be said
                self.traced, self.schedule.as_tensors = None, False
            else:
                return
        try:
            self._probe()
        except LatelierError:
            raise
        except Exception as error:
            raise ApartError(
                "the loss cannot be computed for many members at once",
                got=f"{type(error).__name__}: {str(error).strip().splitlines()[0]}",
                expected="a model and a loss without branches on what they compute",
                remedy="Train these variants with the executor local.",
            ) from error

    def _probe(self) -> None:
        """Evaluate a batch of examples, without a trace."""
        _, frame = self.schedule.at(self._sessions[0].clock.step)
        states = [member.generator.get_state() for member in self.members]
        buffers = [(buffer, buffer.clone()) for _, buffer in self.weights.buffers()]
        try:
            with shielded():
                self.evaluate([_examples(session) for session in self._sessions], frame)
        finally:
            for member, state in zip(self.members, states, strict=True):
                member.generator.set_state(state)
            for buffer, before in buffers:
                buffer.copy_(before)


def _examples(session: Session) -> Batch:
    config = session.config
    rows = session.dataset.train[: config.training.batch_size]
    batch = session.dataset.examples(rows)
    return with_partners(session.dataset, config.data, batch, seed=config.seed).to(session.device)
