"""`watch`: a run directory for a loop that is somebody else's. It records, and trains nothing."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from torch import nn

from latelier.config import ConfigError, LatelierError, RunCancelled, RunError
from latelier.lab.analysis_recorder import is_due
from latelier.lab.closing import write_diagnoses, write_last_pictures
from latelier.lab.execute import KeyMetrics, started_facts
from latelier.lab.fast_set import FastSet, score_everything
from latelier.lab.launch import create
from latelier.lab.prepare import given_model, prepare_watched, resolve_config
from latelier.lab.recorders import SECONDS_BETWEEN, CheckpointRecorder
from latelier.lab.run import Run
from latelier.lab.step_log import Number, StepLog
from latelier.lab.thumbnails import write_thumbnails
from latelier.models import MODELS, OwnModule, Part
from latelier.runs import RunState
from latelier.training import EpochEnded, RunEnded, Session, WatchedClock, undisturbed

OnCancel = Literal["raise", "ignore"]
_TAKEN = ("epoch", "step", "scope")


def watch(
    model: nn.Module | OwnModule,
    data: object,
    *,
    name: str = "",
    encode: Part | None = None,
    decode: Part | None = None,
    epochs: int | None = None,
    steps_per_epoch: int | None = None,
    on_cancel: OnCancel = "raise",
    runs_dir: str | Path = "runs",
    **sections: Any,
) -> Watch:
    """Record a model that a loop of your own trains: live page, curves, maps, checkpoints.

    Training is as without it, bit for bit: gradients, random generators, buffers and the mode of
    every part are left as they are, and no step waits for the device.

    Args:
        model: Any module that is ready to train, or a model of `latelier.models`.
        data: Examples to look at the model with, in any form that `fit` takes: as the model is fed
            them. They are not trained on here.
        name: Display name of the run.
        encode: How latents are had, as in `OwnModule`; the module's own by default.
        decode: How latents are decoded, as in `OwnModule`.
        epochs: How many epochs the loop will have, if that is known: for the progress bar.
        steps_per_epoch: Record an epoch every so many steps, for loops without epochs.
        on_cancel: What happens at the next step when somebody asks the run to stop. ``"raise"``:
            `RunCancelled`, which leaves the ``with`` quietly. ``"ignore"``: nothing; look at
            ``cancelled``.
        runs_dir: Folder of all runs; made when missing.
        **sections: Sections of the config by keyword: ``analysis={"every_epochs": 5}``,
            ``training={"checkpoints": {"keep_last": 3}}``, ``seed=1``.

    Returns:
        The recorder, to be entered with ``with``.

    Raises:
        ConfigError: If model, functions, data and settings do not fit; nothing was written.
        DataError: If the data cannot be used; nothing was written.

    Example:
        >>> with latelier.watch(model, images, name="mine") as run:  # doctest: +SKIP
        ...     for x in loader:
        ...         loss = train_one_step(x)
        ...         run.step(loss=loss)
    """
    if on_cancel not in ("raise", "ignore"):
        raise ConfigError("on_cancel", got=on_cancel, expected="raise or ignore")
    if steps_per_epoch is not None and steps_per_epoch < 1:
        raise ConfigError("steps_per_epoch", got=steps_per_epoch, expected="1 or more")
    ours = type(model) in {row.model for row in MODELS.values()} and encode is decode is None
    if not ours and isinstance(model, nn.Module):
        model = OwnModule(model, encode=encode, decode=decode)
    model = given_model(model)
    base: dict[str, Any] = {
        "name": name,
        "data": {"dataset": "given", "held_out": 0.0},
        "schedule": {"epochs": epochs},
        "training": {"batch_size": 1, "steps_per_epoch": steps_per_epoch},
    }
    for key, value in sections.items():
        known = base.get(key)
        base[key] = known | value if isinstance(known, dict) and isinstance(value, dict) else value
    session = prepare_watched(resolve_config(model, (), base), data, model, epochs=epochs)
    return Watch(
        session, Path(runs_dir), steps_per_epoch=steps_per_epoch, raises=on_cancel == "raise"
    )


class Watch:
    """A run that is being recorded; made by `watch`, entered with ``with``.

    Left without an error the run is completed; left by `RunCancelled` or the keyboard it is
    cancelled; left by another error it is failed, with its message. Errors go on to the caller,
    `RunCancelled` does not. Steps after the last epoch are recorded as a last, shorter one.
    """

    def __init__(
        self, session: Session, runs_dir: Path, *, steps_per_epoch: int | None, raises: bool
    ) -> None:
        assert isinstance(session.clock, WatchedClock)
        self._session, self._clock = session, session.clock
        self._runs_dir, self._every, self._raises = runs_dir, steps_per_epoch, raises
        self._log, self._metrics = StepLog(), KeyMetrics()
        self._fast_set: FastSet | None = None
        self._started = self._told = 0.0
        self._stack = ExitStack()

    @property
    def run(self) -> Run:
        """The recorded run."""
        return Run(self._record)

    @property
    def id(self) -> str:
        """The run id."""
        return self._record.id

    @property
    def path(self) -> Path:
        """The run's folder."""
        return self._record.path

    @property
    def cancelled(self) -> bool:
        """Whether somebody asked the run to stop."""
        return self._record.cancel_requested()

    def step(self, **measured: Number) -> None:
        """Count one update of the model, and keep what was measured.

        Args:
            **measured: Numbers or tensors of one element, such as ``loss=loss``. Tensors are
                copied on their device and read later.

        Raises:
            ConfigError: If a value is no number.
            RunCancelled: If somebody asked the run to stop, unless that is to be ignored.
        """
        self._require_open()
        self._log.add(self._clock.step, measured)
        self._clock.step += 1
        self._clock.at_epoch_end = False
        if self._every is not None and self._clock.step % self._every == 0:
            self._end_epoch({})
        elif (now := time.monotonic()) - self._told >= SECONDS_BETWEEN:
            self._told = now
            self._progress(self._flush())
        if self._raises and self.cancelled:
            raise RunCancelled(
                f"run {self.id} was asked to stop",
                got=f"at step {self._clock.step}",
                remedy="The `with` ends here; nothing is left to do.",
            )

    def epoch(self, **measured: Number) -> None:
        """End an epoch: its metrics, a checkpoint, and the latent space.

        Args:
            **measured: Numbers or tensors of one element. ``val_loss`` is recorded as
                ``val/loss``; the means of what steps measured come as ``train/…`` by themselves.

        Raises:
            ConfigError: If a value is no number, a name is taken, or epochs end by themselves.
            TrainingError: If weights or latents are not finite.
        """
        self._require_open()
        if self._every is not None:
            raise ConfigError(
                "epochs end by themselves",
                got=f"steps_per_epoch={self._every}",
                remedy="Leave out steps_per_epoch, or the call of epoch().",
            )
        taken = [name for name in measured if name in _TAKEN]
        if taken:
            raise ConfigError("a name is taken", got=taken[0], expected="another name")
        log = StepLog()
        log.add(0, measured)
        values = {name: column[0] for name, column in log.drain().items() if name != "step"}
        self._end_epoch(
            {f"val/{n[4:]}" if n.startswith("val_") else n: v for n, v in values.items()}
        )

    # Life

    def __enter__(self) -> Self:
        self._record = create(self._session.config, self._runs_dir)
        with self._leaving_on_error():
            self._writer = self._stack.enter_context(self._record.own())
            self._begin()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        with self._stack:
            try:
                if error is None:
                    self._finish()
                else:
                    self._leave(error)
            except BaseException as late:
                with contextlib.suppress(RunError):
                    self._leave(late)
                raise
        return isinstance(error, RunCancelled)

    @contextmanager
    def _leaving_on_error(self) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            self.__exit__(type(error), error, error.__traceback__)
            raise

    def _begin(self) -> None:
        session, writer = self._session, self._writer
        facts = started_facts(self._record, session)
        length = {"total_steps": None, "total_epochs": self._clock.length}
        facts |= {**length, "steps_per_epoch": self._every, "watched": True}
        writer.transition(RunState.RUNNING, step=0, epoch=0, **facts)
        self._started = self._told = time.monotonic()
        checkpoints = CheckpointRecorder(self._record, writer, session)
        self._checkpoints = checkpoints
        if session.config.analysis.enabled:
            with self._looking():
                self._fast_set = FastSet(session, writer, lambda: checkpoints.digest)
                write_thumbnails(writer, session)
        self._record_epoch({})

    def _finish(self) -> None:
        """Record what is left, score and draw; the run is completed, or cancelled if asked to."""
        if not self._clock.at_epoch_end:
            self._end_epoch({})
        if self.cancelled:
            self._settle(RunState.CANCELLED)
            return
        with self._looking():
            self._keep(score_everything(self._session))
            if self._session.config.analysis.enabled:
                write_diagnoses(self._record, self._writer)
            write_last_pictures(self._record, self._writer, self._session)
        length = {"total_steps": self._clock.step, "total_epochs": self._clock.epoch}
        self._writer.update_summary(**length)
        self._settle(RunState.COMPLETED)

    def _leave(self, error: BaseException) -> None:
        with contextlib.suppress(LatelierError):  # what ended the loop says more
            self._flush()
            if isinstance(error, RunCancelled | KeyboardInterrupt):
                with self._looking():
                    self._session.signals.emit(
                        RunEnded(self._session, self._clock.step, self._clock.epoch, "cancelled")
                    )
        if isinstance(error, RunCancelled):
            self._settle(RunState.CANCELLED)
        elif isinstance(error, KeyboardInterrupt):
            self._settle(RunState.CANCELLED, reason="interrupted by the keyboard")
        elif isinstance(error, Exception):
            known = isinstance(error, LatelierError)
            message = str(error) if known else f"{type(error).__name__}: {error}"
            self._settle(RunState.FAILED, reason="error", message=message)

    def _settle(self, state: RunState, **data: Any) -> None:
        if self._writer.state is RunState.RUNNING:
            clock = self._clock
            self._writer.transition(state, step=clock.step, epoch=clock.epoch, **data)

    # Recording

    def _end_epoch(self, measured: Mapping[str, Any]) -> None:
        loss = self._flush()
        self._clock.epoch += 1
        self._clock.at_epoch_end = True
        means = {f"train/{name}": value for name, value in self._log.close_epoch().items()}
        self._record_epoch({**means, **measured})
        self._progress(loss)

    def _record_epoch(self, row: Mapping[str, Any]) -> None:
        """Write metrics, checkpoint and fast set of an epoch that ended here."""
        clock, session = self._clock, self._session
        if row:
            self._write_row(row)
        with self._looking():
            session.signals.emit(EpochEnded(session, clock.step, clock.epoch, {}, {}))
            if self._fast_set is not None and is_due(session):
                self._fast_set.run(stop=lambda: self._raises and self.cancelled)
                if self._fast_set.scores:
                    self._write_row(self._fast_set.scores)
        self._keep({**row, **(self._fast_set.scores if self._fast_set else {})})

    def _write_row(self, row: Mapping[str, Any]) -> None:
        clock = self._clock
        data = {"scope": "epoch", **row}
        self._writer.event("train.metrics", data, step=clock.step, epoch=clock.epoch)

    def _keep(self, row: Mapping[str, Any]) -> None:
        self._metrics.update(row)
        self._writer.update_summary(
            step=self._clock.step,
            epoch=self._clock.epoch,
            last_metrics=self._metrics.last,
            best_metrics=self._metrics.best,
        )

    def _flush(self) -> float | None:
        """Write the steps since the last time; returns the last loss, if there was one."""
        columns = self._log.drain()
        if not columns:
            return None
        clock = self._clock
        named = {name if name == "step" else f"train/{name}": v for name, v in columns.items()}
        data = {"scope": "steps", **named}
        self._writer.event("train.metrics", data, step=clock.step, epoch=clock.epoch)
        losses: list[float | None] = columns.get("loss", [None])
        return losses[-1]

    def _progress(self, loss: float | None) -> None:
        clock = self._clock
        seconds = time.monotonic() - self._started
        data = {
            "total_epochs": clock.length,
            "loss": loss,
            "steps_per_s": round(clock.step / seconds, 2) if seconds > 0 else None,
        }
        self._writer.event("train.progress", data, step=clock.step, epoch=clock.epoch)

    @contextmanager
    def _looking(self) -> Iterator[None]:
        with undisturbed(self._session.model):
            yield

    def _require_open(self) -> None:
        if not hasattr(self, "_writer"):
            raise RunError(
                "the recorder is not entered yet", remedy="Write: with latelier.watch(…) as run:"
            )
