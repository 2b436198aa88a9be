"""The training loop: the one page that says what a run does, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from latelier.config import NonFiniteObjectiveError
from latelier.data import Batch
from latelier.timeline import Frame
from latelier.training.determinism import shielded
from latelier.training.device import autocast
from latelier.training.meter import Meter, Metrics
from latelier.training.optimizer import (
    clear_gradients,
    clip_gradients,
    drop_subnormals,
    set_rates,
    update,
)
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
    clock, signals, runtime = session.clock, session.signals, session.runtime
    runtime.align(session.model)
    signals.emit(RunStarted(session, clock.step, clock.epoch))
    if clock.step == session.first_step:
        end_epoch(session)
    while not clock.done and not runtime.agree(session.stop()):
        for batch in session.batches(clock.epoch + 1, start=clock.step_in_epoch):
            _update(session, batch)
            if runtime.agree(session.stop()):
                break
        if clock.at_epoch_end:
            end_epoch(session)
    outcome = "completed" if clock.done else "cancelled"
    signals.emit(RunEnded(session, clock.step, clock.epoch, outcome))
    return outcome


def _update(session: Session, batch: Batch) -> None:
    """Make one optimizer update, driven by the timeline's frame at the current step."""
    clock, signals, optimizer = session.clock, session.signals, session.optimizer
    frame, runtime = session.timeline.at(clock.step), session.runtime
    announce(session, frame, batch)
    part = runtime.part(batch)

    if not session.model.training:  # asked first: train() walks through all modules
        session.model.train()
    set_rates(optimizer, frame.props)
    with autocast(session.config.training, session.device):
        result = session.task.loss(part, frame)
    measured = runtime.measured(result, part, batch)
    _refuse_non_finite(clock.step, measured, batch)
    clear_gradients(optimizer)
    runtime.backward(result.objective, optimizer, part, batch)
    clip_gradients(optimizer, session.config.training.clip_norm)
    update(optimizer)
    clock.step += 1

    session.meter.add(frame.step, measured, len(batch.indices))
    signals.emit(StepEnded(session, clock.step, clock.epoch, frame, batch, result))
    if frame.is_phase_end and signals.hears(PhaseEnded):
        end_phase(session, frame)


def announce(session: Session, frame: Frame, batch: Batch) -> None:
    """Tell that a step is about to be made, and the phase and the actions that it begins with."""
    moment = (session, frame.step, session.clock.epoch)
    if frame.is_phase_start:
        session.signals.emit(PhaseStarted(*moment, frame))
    for action in frame.actions:
        session.signals.emit(ActionReached(*moment, frame, action))
    if frame.actions:
        session.runtime.align(session.model)
    session.signals.emit(StepStarting(*moment, frame, batch))


def _refuse_non_finite(step: int, measured: Mapping[str, Tensor], batch: Batch) -> None:
    if torch.isfinite(measured["loss"]):
        return
    values = {name: float(value) for name, value in measured.items() if value.numel() == 1}
    bad = {name: value for name, value in values.items() if not -torch.inf < value < torch.inf}
    raise NonFiniteObjectiveError(step, bad, batch.indices.tolist())


@torch.no_grad()
def end_phase(session: Session, frame: Frame) -> None:
    """Tell that a phase is over, with what the model makes of held-out examples."""
    session.model.eval()
    validation = session.validation_batch()
    inference = session.model(validation.fed)
    moment = (session, session.clock.step, session.clock.epoch)
    session.signals.emit(PhaseEnded(*moment, frame, validation, inference))


def end_epoch(session: Session) -> None:
    """Close the epoch's measurements, measure held-out examples, and tell."""
    drop_subnormals(session.optimizer)
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
