"""Carry out a prepared run: own its folder, train, record, and tell how it ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from latelier.config import LatelierError, NonFiniteObjectiveError, RunBusyError, RunError
from latelier.data import Dataset
from latelier.lab.analysis_recorder import AnalysisRecorder, is_due, measure_again
from latelier.lab.closing import write_closing, write_diagnoses, write_opening
from latelier.lab.fast_set import FastSet
from latelier.lab.fork import Origin, begin_at_origin, origin_of
from latelier.lab.full_recorder import FullSetRecorder
from latelier.lab.prepare import config_fingerprint, fingerprint
from latelier.lab.recorders import CheckpointRecorder, MetricsRecorder, MomentRecorder, epoch_row
from latelier.runs import Event, RunRecord, RunState, RunWriter
from latelier.runs.states import RESUMABLE
from latelier.training import (
    EpochEnded,
    Session,
    check_actions,
    execution,
    load_checkpoint,
    shielded,
    train,
)

Observer = Callable[[Event], None]

PATIENCE_SECONDS = 1.0
"""So long a run waits for its folder while somebody adds artifacts to it."""

_DIRECTIONS: dict[str, Callable[[float, float], float]] = {
    **dict.fromkeys(("loss", "recon", "class"), min),
    **dict.fromkeys(("elbo", "log_likelihood", "accuracy", "nmi", "ari"), max),
    **dict.fromkeys(("clustering_accuracy", "probe_accuracy", "knn_accuracy", "mig"), max),
}


@dataclass
class KeyMetrics:
    """The last value of every metric of an epoch, and the best of those that have a direction."""

    last: dict[str, float | None] = field(default_factory=dict)
    best: dict[str, float | None] = field(default_factory=dict)

    def update(self, row: Mapping[str, Any]) -> None:
        """Take the numbers of one epoch; what is not a number is passed over."""
        for name, value in row.items():
            if not isinstance(value, int | float):
                continue
            self.last[name] = value
            better = _DIRECTIONS.get(name.rpartition("/")[2])
            if better is not None:
                known = self.best.get(name)
                self.best[name] = value if known is None else better(known, value)


def execute(
    record: RunRecord,
    session: Session,
    *,
    resume_from: dict[str, int] | None = None,
    observers: Sequence[Observer] = (),
    stop: Callable[[], bool] | None = None,
) -> str:
    """Train a run that has a folder, recording everything there.

    Args:
        record: The run, created or resumable.
        session: The run in memory, not trained yet.
        resume_from: Keys of the checkpoint to go on from; None to begin at step 0.
        observers: Called with every event that is stored.
        stop: Asked at every step besides the run's own cancel flag.

    Returns:
        The state in which it ended: ``completed`` or ``cancelled``.

    Raises:
        RunBusyError: If another process owns the run; nothing is changed.
        TrainingError: If training cannot go on; the run is then ``failed`` and says why.
    """
    settings = session.config.training
    with (
        recording(record, session, resume_from=resume_from, observers=observers, stop=stop) as it,
        execution(settings, session.threads, session.config.seed),
    ):
        it.restore()
        it.open()
        it.finish(train(session))
    return it.outcome


@contextmanager
def recording(
    record: RunRecord,
    session: Session,
    *,
    resume_from: dict[str, int] | None = None,
    observers: Sequence[Observer] = (),
    stop: Callable[[], bool] | None = None,
) -> Iterator[Recording]:
    """Own a run while the block trains it; whatever ends the block is written down.

    The block calls `Recording.restore` and `Recording.open`, trains the session, and calls
    `Recording.finish`. An error that leaves the block makes the run ``failed``, and goes on.

    Args:
        record: See `execute`, like all others.
        session: The run in memory.
        resume_from: Keys of a checkpoint.
        observers: Called with every event.
        stop: Asked at every step.

    Raises:
        RunBusyError: If another process owns the run; nothing is changed.
    """
    with ExitStack() as stack:
        writer = _own(stack, record)
        for observer in observers:
            writer.listen(observer)
        session.stop = _stopper(record, stop)
        it = Recording(record, writer, session, resume_from)
        try:
            yield it
        except Exception as error:
            it.drop()
            _diagnosed(record, writer, session, error)
            _fail(writer, session, error)
            raise
        except KeyboardInterrupt:
            it.drop()
            _end(writer, session, RunState.CANCELLED, reason="interrupted by the keyboard")
            raise


def _own(stack: ExitStack, record: RunRecord) -> RunWriter:
    """Own a run; somebody who adds artifacts to one that does not run is done in a moment."""
    patience = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return stack.enter_context(record.own())
        except RunBusyError:
            if record.summary().state == RunState.RUNNING or time.monotonic() > patience:
                raise
            time.sleep(PATIENCE_SECONDS / 20)


def _stopper(record: RunRecord, stop: Callable[[], bool] | None) -> Callable[[], bool]:
    if stop is None:
        return record.cancel_requested
    return lambda: stop() or record.cancel_requested()


class Recording:
    """What stands around the training of a run that is owned: how it begins, and how it ends.

    Args:
        record: The run.
        writer: Its writer.
        session: The run in memory.
        resume_from: Keys of the checkpoint to go on from; None to begin at step 0.

    Attributes:
        outcome: The state in which it ended; empty before.
    """

    def __init__(
        self,
        record: RunRecord,
        writer: RunWriter,
        session: Session,
        resume_from: dict[str, int] | None,
    ) -> None:
        known = writer.summary
        self.outcome = ""
        self._record, self._writer, self._session = record, writer, session
        self._resume_from = resume_from
        self._metrics = KeyMetrics(dict(known.last_metrics), dict(known.best_metrics))
        self._analysis: tuple[FastSet, FullSetRecorder] | None = None
        self._origin: Origin | None = None

    def restore(self) -> None:
        """Put the session where the run goes on: a checkpoint, a fork's origin, or the start."""
        if self._resume_from is not None:
            path = self._record.path_of("checkpoint", **self._resume_from)
            load_checkpoint(self._session, path.parent)
            return
        self._origin = origin_of(self._record)
        if self._origin is not None:
            begin_at_origin(self._session, self._origin)

    def open(self) -> None:
        """Attach recorders, and write that the run begins. Leaves the random generators alone."""
        record, writer, session = self._record, self._writer, self._session
        resumed = self._resume_from is not None or writer.state in RESUMABLE
        analysis = _subscribe(record, writer, session, self._metrics, self._resume_from)
        self._analysis = analysis
        clock = session.clock
        if analysis is not None and clock.step > 0:
            source = record if self._origin is None else self._origin.record
            # The epoch that ended here is measured again, after the one before it.
            with shielded():  # the first import of a library may draw random numbers
                analysis[0].restore(source, clock.epoch - is_due(session))
        check_actions(session)
        _start(writer, session, resumed=resumed)
        if self._resume_from is None:
            write_opening(writer, session)
        elif analysis is not None and clock.step > session.first_step:
            measure_again(session, *analysis)
            _keep_scores(writer, session, self._metrics, analysis[0].scores)

    def finish(self, outcome: str) -> None:
        """Write what a run leaves behind, and how it ended: ``completed`` or ``cancelled``."""
        if outcome == RunState.COMPLETED:
            if self._analysis is not None:
                self._analysis[1].finish(self._session)
                self._analysis[0].put_factor_scores()
            write_closing(self._record, self._writer, self._session, self._metrics)
        self.drop()
        _diagnosed(self._record, self._writer, self._session)
        _end(self._writer, self._session, RunState(outcome))
        self.outcome = outcome

    def drop(self) -> None:
        """Let go of what of the full set has not begun, and say it; once."""
        analysis, self._analysis = self._analysis, None
        if analysis is not None:
            analysis[1].drop()


def _subscribe(
    record: RunRecord,
    writer: RunWriter,
    session: Session,
    metrics: KeyMetrics,
    resume_from: dict[str, int] | None,
) -> tuple[FastSet, FullSetRecorder] | None:
    """Attach the recorders, in the order in which they write: actions, metrics, checkpoint, map.

    Metrics come before the checkpoint that resuming begins with: they are not measured again.
    """
    MomentRecorder(writer, session)
    measured = MetricsRecorder(writer, session)
    checkpoints = CheckpointRecorder(record, writer, session, before=measured.flush)
    if resume_from is not None:
        checkpoints.take_up(resume_from, session.clock.step)

    def keep(signal: EpochEnded, scores: dict[str, float] | None = None) -> None:
        """Take the numbers of an epoch, and write down its scores."""
        metrics.update(epoch_row(signal))
        _keep_scores(writer, session, metrics, scores or {})

    if not session.config.analysis.enabled:
        session.signals.subscribe(EpochEnded, keep)
        return None

    def digest() -> str | None:
        """Return the hash of the checkpoint of this very step, if there is one."""
        return checkpoints.digest if checkpoints.step == session.clock.step else None

    fast_set = FastSet(session, writer, digest)
    full_set = FullSetRecorder(session, writer, digest, fast_set.points)
    AnalysisRecorder(session, fast_set, full_set, keep)
    return fast_set, full_set


def _keep_scores(
    writer: RunWriter, session: Session, metrics: KeyMetrics, scores: dict[str, float]
) -> None:
    metrics.update(scores)
    if scores:
        clock = session.clock
        data = {"scope": "epoch", **scores}
        writer.event("train.metrics", data, step=clock.step, epoch=clock.epoch)
    writer.update_summary(last_metrics=metrics.last, best_metrics=metrics.best)


def _start(writer: RunWriter, session: Session, *, resumed: bool) -> None:
    clock = session.clock
    data = started_facts(writer.record, session)
    if resumed:
        data["from_step"] = clock.step
    writer.transition(RunState.RUNNING, step=clock.step, epoch=clock.epoch, **data)


def started_facts(record: RunRecord, session: Session) -> dict[str, Any]:
    """Return what a run tells about itself when it begins: the data of ``run.started``."""
    clock = session.clock
    return {
        "total_steps": clock.total_steps,
        "total_epochs": clock.total_epochs,
        "steps_per_epoch": clock.steps_per_epoch,
        "device": str(session.device),
        "threads": session.threads,
        "parameters": sum(p.numel() for p in session.model.parameters()),
        "capabilities": sorted(session.task.capabilities),
        "data": _described(session.dataset),
        "data_sha256": fingerprint(session.dataset),
        "config_sha256": config_fingerprint(record.config()),
    }


def _described(dataset: Dataset) -> dict[str, Any]:
    """Say what the examples are: it decides which artifacts the run can have."""
    return {
        "shape": list(dataset.shape),
        "image": dataset.is_image,
        "value_range": list(dataset.value_range),
        "classes": dataset.classes,
        "label_names": None if dataset.label_names is None else list(dataset.label_names),
        "factors": None if dataset.factors is None else list(dataset.factors.names),
        "concepts": None if dataset.concepts is None else list(dataset.concepts.names),
    }


def _end(writer: RunWriter, session: Session, state: RunState, **data: Any) -> None:
    if writer.state is RunState.RUNNING:
        clock = session.clock
        writer.transition(state, step=clock.step, epoch=clock.epoch, **data)


def _diagnosed(
    record: RunRecord, writer: RunWriter, session: Session, failure: Exception | None = None
) -> None:
    """Write the diagnoses; what goes wrong with them changes nothing about how a run ends."""
    if not session.config.analysis.enabled or writer.state is not RunState.RUNNING:
        return
    broken = session.clock.step if isinstance(failure, NonFiniteObjectiveError) else None
    try:
        write_diagnoses(record, writer, non_finite_step=broken)
    except Exception as error:
        message = f"The diagnoses were not made: {type(error).__name__}: {error}"
        clock = session.clock
        with suppress(RunError):
            data = {"message": message, "code": "diagnoses_failed"}
            writer.event("log.warning", data, step=clock.step, epoch=clock.epoch)


def _fail(writer: RunWriter, session: Session, error: Exception) -> None:
    reason = "non_finite" if isinstance(error, NonFiniteObjectiveError) else "error"
    known = isinstance(error, LatelierError)
    message = str(error) if known else f"{type(error).__name__}: {error}"
    if writer.state in {RunState.RUNNING, RunState.CREATED}:
        clock = session.clock
        details = {}
        if isinstance(error, NonFiniteObjectiveError):
            details = {"terms": sorted(error.terms), "batch_indices": error.batch_indices}
        writer.transition(
            RunState.FAILED,
            step=clock.step,
            epoch=clock.epoch,
            reason=reason,
            message=message,
            **details,
        )
