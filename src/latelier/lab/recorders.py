"""Recorders turn the signals of a run into stored events. They observe and change nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from latelier.runs import RunRecord, RunWriter
from latelier.training import (
    ActionReached,
    Checkpointed,
    EpochEnded,
    PhaseStarted,
    RunEnded,
    Session,
    StepEnded,
    save_checkpoint,
)
from latelier.training.signals import Handler

SECONDS_BETWEEN = 0.5
"""Progress and step metrics are written at most twice a second."""

_SCHEDULED = ("cat_kl_weight", "entropy_bonus_weight")
_PLAIN = ("qc_entropy_mean", "qc_neff", "qc_pmax", "qc_argmax_counts")


class MetricsRecorder:
    """Write `train.metrics` and `train.progress`: every step's values, in batches, and epochs."""

    def __init__(self, writer: RunWriter, session: Session) -> None:
        self._writer = writer
        self._started = (time.monotonic(), session.clock.step)
        session.signals.subscribe(StepEnded, self.step_ended, seconds=SECONDS_BETWEEN)
        session.signals.subscribe(EpochEnded, self.epoch_ended)
        session.signals.subscribe(RunEnded, self.run_ended)

    def step_ended(self, signal: StepEnded) -> None:
        """Write what gathered since the last time, at most twice a second."""
        loss = self.flush(signal.session)
        self._progress(signal.session, loss)

    def epoch_ended(self, signal: EpochEnded) -> None:
        """Write the epoch's aggregates."""
        loss = self.flush(signal.session)
        row = epoch_row(signal)
        if len(row) > 1:
            self._writer.event("train.metrics", row, step=signal.step, epoch=signal.epoch)
        self._progress(signal.session, loss)

    def run_ended(self, signal: RunEnded) -> None:
        """Write the last steps of a run that ends inside an epoch."""
        self.flush(signal.session)

    def flush(self, session: Session) -> float | None:
        """Write the steps since the last time; returns the last loss, None if there were none."""
        columns = session.meter.drain()
        if not columns:
            return None
        named = {name if name == "step" else f"train/{name}": v for name, v in columns.items()}
        data = {"scope": "steps", **named}
        self._writer.event(
            "train.metrics", data, step=session.clock.step, epoch=session.clock.epoch
        )
        return columns["loss"][-1]

    def _progress(self, session: Session, loss: float | None) -> None:
        clock = session.clock
        seconds = time.monotonic() - self._started[0]
        rate = (clock.step - self._started[1]) / seconds if seconds > 0 else 0.0
        data = {
            "total_steps": clock.total_steps,
            "total_epochs": clock.total_epochs,
            "loss": loss,
            "steps_per_s": round(rate, 2),
            "examples_per_s": round(rate * session.config.training.batch_size, 1),
            "eta_s": round((clock.total_steps - clock.step) / rate, 1) if rate else None,
            "phase": session.last_frame().phase,
        }
        self._writer.event("train.progress", data, step=clock.step, epoch=clock.epoch)


def epoch_row(signal: EpochEnded) -> dict[str, Any]:
    """Return one epoch's metrics under their stored names.

    Training means are `train/<name>`, held-out ones `val/<name>`; the mixture's diagnostics keep
    the plain names of the run contract; `train/lr` is the rate of the last update.
    """
    row: dict[str, Any] = {"scope": "epoch"}
    row |= {name if name in _PLAIN else f"train/{name}": v for name, v in signal.metrics.items()}
    row |= {f"val/{name}": v for name, v in signal.validation.items() if not isinstance(v, list)}
    props = signal.session.last_frame().props
    row |= {name: props[name] for name in _SCHEDULED if name in props}
    row["train/lr"] = props["lr"]
    return row


class MomentRecorder:
    """Perform the task's actions, and write down phases and actions."""

    def __init__(self, writer: RunWriter, session: Session) -> None:
        self._writer = writer
        session.signals.subscribe(PhaseStarted, self.phase_started)
        for name, act in session.task.actions.items():
            session.signals.subscribe(ActionReached, self._performing(act), name=name)

    def phase_started(self, signal: PhaseStarted) -> None:
        """Write the name of the phase that begins."""
        data = {"phase": signal.name}
        self._writer.event("phase.started", data, step=signal.step, epoch=signal.epoch)

    def _performing(self, act: Callable[[Session], dict[str, Any]]) -> Handler[ActionReached]:
        def perform(signal: ActionReached) -> None:
            """Do what the action says, and write down that and what came of it."""
            data = {"action": signal.name, **act(signal.session)}
            self._writer.event("action.performed", data, step=signal.step, epoch=signal.epoch)

        return perform


class CheckpointRecorder:
    """Write checkpoints at their cadence, and drop those that the config does not keep.

    Args:
        record: The run.
        writer: Where checkpoints go.
        session: The run in memory.
        before: Called before each: what resuming from it would not measure again must be written.

    Attributes:
        digest: Digest of the newest checkpoint; None before the first.
        step: Its step.
    """

    def __init__(
        self,
        record: RunRecord,
        writer: RunWriter,
        session: Session,
        before: Callable[[Session], object] = lambda session: None,  # noqa: ARG005
    ) -> None:
        self._record, self._writer, self._before = record, writer, before
        self._settings = session.config.training.checkpoints
        self.digest: str | None = None
        self.step = -1
        session.signals.subscribe(EpochEnded, self.epoch_ended)
        session.signals.subscribe(RunEnded, self.run_ended)
        if self._settings.every_steps is not None:
            session.signals.subscribe(StepEnded, self.step_ended, every=self._settings.every_steps)

    def take_up(self, keys: dict[str, int], step: int) -> None:
        """Know the checkpoint from which a run goes on as its newest."""
        self.digest = self._record.read_json("checkpoint", **keys)["digest"]
        self.step = step

    def epoch_ended(self, signal: EpochEnded) -> None:
        """Save at the cadence's epochs (epoch 0 is one), and at the last."""
        first = signal.step == signal.session.first_step  # a fork stands on its own from there
        if signal.epoch % self._settings.every_epochs == 0 or first or signal.session.clock.done:
            self._save(signal.session)

    def step_ended(self, signal: StepEnded) -> None:
        """Save within an epoch."""
        if not signal.session.clock.at_epoch_end:
            self._save(signal.session)

    def run_ended(self, signal: RunEnded) -> None:
        """Save where a cancelled run stops, so that resuming loses nothing."""
        if self.step != signal.step:
            self._save(signal.session)

    def _save(self, session: Session) -> None:
        clock = session.clock
        inside = not clock.at_epoch_end
        self._before(session)
        where = self._writer.checkpoint(epoch=clock.epoch, step=clock.step, mid_epoch=inside)
        with where as folder:
            self.digest = save_checkpoint(session, folder)
        self.step = clock.step
        self._drop_old()
        keys = {"epoch": clock.epoch} | ({"step": clock.step} if inside else {})
        path = self._record.path_of("checkpoint", **keys).parent
        session.signals.emit(Checkpointed(session, clock.step, clock.epoch, path, self.digest))

    def _drop_old(self) -> None:
        if self._settings.keep_last is None:
            return
        for keys in self._record.checkpoints()[: -self._settings.keep_last]:
            self._writer.drop_checkpoint(**keys)
