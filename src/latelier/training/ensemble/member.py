"""One run of an ensemble: its random numbers, and its share of what is measured for all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor

from latelier.data import Batch
from latelier.models import LossResult
from latelier.timeline import Frame
from latelier.training.determinism import (
    Generators,
    seed_everything,
    set_random_state,
    shielded,
)
from latelier.training.session import Session
from latelier.training.signals import Signal, StepEnded, StepStarting
from latelier.training.tasks import RegularizedTask


class Member:
    """A session among others that train with it.

    Args:
        session: The run in memory.
        random: State of the process's random generators as the run left them, or as its seed gives
            them when it begins.

    Attributes:
        session: The run in memory.
        generator: The member's own generator, which continues that of the process.
        absent: Measurements that the common task makes and this member's own does not.
    """

    def __init__(self, session: Session, random: Mapping[str, Tensor] | None = None) -> None:
        self.session = session
        with shielded():
            if random is None:
                seed_everything(session.config.seed)
            else:
                set_random_state(random)
            self._random = Generators.now()
        self.generator = torch.Generator(session.device)
        if session.device.type == "cpu":
            self.generator.set_state(self._random.torch)
        else:
            self.generator.manual_seed(session.config.seed)
        self.absent = _terms_not_in_force(session)

    @contextmanager
    def awake(self) -> Iterator[Session]:
        """Let the block find the process's random generators as if the member trained alone."""
        with shielded():
            state = self._random
            if self.session.device.type == "cpu":
                state = state._replace(torch=self.generator.get_state())
            state.restore()
            try:
                yield self.session
            finally:
                self._random = Generators.now()
                if self.session.device.type == "cpu":
                    self.generator.set_state(self._random.torch)

    def hears(self, signal: type[Signal]) -> bool:
        """Whether anybody subscribed to a signal of this member."""
        return self.session.signals.hears(signal)

    def is_told(self, frame: Frame) -> bool:
        """Whether somebody is to be told before this step."""
        return frame.is_phase_start or bool(frame.actions) or self.hears(StepStarting)

    def saves_at(self, step: int) -> bool:
        """Whether a checkpoint inside an epoch is due, which holds the random generators."""
        every = self.session.config.training.checkpoints.every_steps
        return every is not None and step % every == 0

    def stand_alone(self) -> None:
        """Let go of what is shared: weights, moments and measurements become the member's own."""
        session = self.session
        session.meter.follow(None)
        with torch.no_grad():
            for tensor in (*session.model.parameters(), *session.model.buffers()):
                tensor.data = tensor.data.clone()
            for state in session.optimizer.state.values():
                state.update({name: value.clone() for name, value in state.items()})

    def step_ended(self, frame: Frame, batch: Batch, result: LossResult) -> None:
        """Tell those who follow every step."""
        session = self.session
        signal = StepEnded(session, session.clock.step, session.clock.epoch, frame, batch, result)
        if self.saves_at(session.clock.step):
            with self.awake():
                session.signals.emit(signal)
        else:
            session.signals.emit(signal)


def _terms_not_in_force(session: Session) -> frozenset[str]:
    named = {f"reg-{section.name}" for section in session.config.regularizers}
    task = session.task
    own = {term.name for term in task.terms} if isinstance(task, RegularizedTask) else set()
    return frozenset(named - own)
