"""The training loop: the one page that says what a run does, step by step."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from latelier.config import NonFiniteObjectiveError
from latelier.data import Batch
from latelier.models import LossResult
from latelier.timeline import Frame
from latelier.training.determinism import shielded
from latelier.training.device import autocast
from latelier.training.meter import Meter, Metrics
from latelier.training.optimizer import clip_gradients, set_rates
from latelier.training.session import Session
from latelier.training.signals import (
    ActionReached,
    EpochEnded,
    PhaseEnded,
    PhaseStarted,
    RunEnded,
    RunStarted,
    StepEnded,
    StepStarting,
)


def train(session: Session) -> str:
    """Train until the clock's end, or until the session is asked to stop.

    Returns:
        ``"completed"`` or ``"cancelled"``.

    Raises:
        NonFiniteObjectiveError: Before the update that would have used a NaN or an infinity.
    """
    clock, signals = session.clock, session.signals
    signals.emit(RunStarted(session, clock.step, clock.epoch))
    if clock.step == session.first_step:
        _end_epoch(session)
    while not clock.done and not session.stop():
        for batch in session.batches(clock.epoch + 1, start=clock.step_in_epoch):
            _update(session, batch)
            if session.stop():
                break
        if clock.at_epoch_end:
            _end_epoch(session)
    outcome = "completed" if clock.done else "cancelled"
    signals.emit(RunEnded(session, clock.step, clock.epoch, outcome))
    return outcome


def _update(session: Session, batch: Batch) -> None:
    """Make one optimizer update, driven by the timeline's frame at the current step."""
    clock, signals, optimizer = session.clock, session.signals, session.optimizer
    frame = session.timeline.at(clock.step)
    _announce(session, frame, batch)

    session.model.train()
    set_rates(optimizer, frame.props)
    with autocast(session.config.training, session.device):
        result = session.task.loss(batch, frame)
    _refuse_non_finite(clock.step, result, batch)
    optimizer.zero_grad(set_to_none=True)
    result.objective.backward()
    clip_gradients(optimizer, session.config.training.clip_norm)
    optimizer.step()
    clock.step += 1

    measured = {"loss": result.objective.detach(), **result.measured}
    session.meter.add(frame.step, measured, len(batch.indices))
    signals.emit(StepEnded(session, clock.step, clock.epoch, frame, batch, result))
    if frame.is_phase_end and signals.hears(PhaseEnded):
        _end_phase(session, frame)


def _announce(session: Session, frame: Frame, batch: Batch) -> None:
    moment = (session, frame.step, session.clock.epoch)
    if frame.is_phase_start:
        session.signals.emit(PhaseStarted(*moment, frame))
    for action in frame.actions:
        session.signals.emit(ActionReached(*moment, frame, action))
    session.signals.emit(StepStarting(*moment, frame, batch))


def _refuse_non_finite(step: int, result: LossResult, batch: Batch) -> None:
    if torch.isfinite(result.objective):
        return
    values = {"loss": float(result.objective.detach()), **result.diagnostics}
    bad = {name: value for name, value in values.items() if not -torch.inf < value < torch.inf}
    raise NonFiniteObjectiveError(step, bad, batch.indices.tolist())


@torch.no_grad()
def _end_phase(session: Session, frame: Frame) -> None:
    session.model.eval()
    validation = session.validation_batch()
    inference = session.model(validation.fed)
    moment = (session, session.clock.step, session.clock.epoch)
    session.signals.emit(PhaseEnded(*moment, frame, validation, inference))


def _end_epoch(session: Session) -> None:
    moment = (session, session.clock.step, session.clock.epoch)
    metrics, validation = session.meter.close_epoch(), _validate(session)
    session.signals.emit(EpochEnded(*moment, metrics, validation))


@torch.no_grad()
def _validate(session: Session) -> Metrics:
    """Measure the objective on held-out examples, in eval mode, without touching the run."""
    if not len(session.dataset.held_out):
        return {}
    session.model.eval()
    batch, frame, meter = session.validation_batch(), session.last_frame(), Meter()
    with shielded():  # a loss may draw random numbers in eval mode too
        for part in _parts(batch, session.config.training.batch_size):
            with autocast(session.config.training, session.device):
                result = session.task.loss(part, frame)
            measured = {"loss": result.objective, **result.measured}
            meter.add(session.clock.step, measured, len(part.indices))
    return meter.close_epoch()


def _parts(batch: Batch, size: int) -> Iterator[Batch]:
    for start in range(0, len(batch.indices), size):
        yield batch.part(slice(start, start + size))
