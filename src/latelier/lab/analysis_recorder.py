"""The recorder of the latent space: fast set and full set at their cadences, snapshots between."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from latelier.lab.fast_set import FastSet
from latelier.lab.full_recorder import FullSetRecorder
from latelier.training import EpochEnded, Session, StepEnded, shielded


class AnalysisRecorder:
    """Run the fast set when epochs end, and now and then while the first one lasts.

    Args:
        session: The run in memory.
        fast_set: What is measured.
        full_set: Takes up epochs after their fast set.
        on_scores: Called with the scores after each epoch; with none where none were measured.
    """

    def __init__(
        self,
        session: Session,
        fast_set: FastSet,
        full_set: FullSetRecorder,
        on_scores: Callable[[EpochEnded, dict[str, float]], None],
    ) -> None:
        self._fast_set, self._full_set, self._on_scores = fast_set, full_set, on_scores
        self._settings = session.config.analysis
        session.signals.subscribe(EpochEnded, self.epoch_ended)
        self._frames = frame_steps(session)
        if self._frames:
            session.signals.subscribe(StepEnded, self.step_ended, at=self._frames)

    def epoch_ended(self, signal: EpochEnded) -> None:
        """Measure the latent space of this epoch."""
        scores: dict[str, float] = {}
        if is_due(signal.session):
            with shielded():
                self._fast_set.run(stop=signal.session.stop)
            scores = self._fast_set.scores
        self._on_scores(signal, scores)
        self._full_set.epoch_ended(signal.session)

    def step_ended(self, signal: StepEnded) -> None:  # noqa: ARG002
        """Record a frame of the map at a step inside an epoch."""
        with shielded():
            self._fast_set.run(snapshot=True)


def is_due(session: Session) -> bool:
    """Tell whether an epoch ended at this step, and the cadence or the run's end wants its map."""
    clock = session.clock
    on_time = clock.epoch % session.config.analysis.every_epochs == 0
    return clock.at_epoch_end and (on_time or clock.done)


def measure_again(session: Session, fast_set: FastSet, full_set: FullSetRecorder) -> None:
    """Measure what belongs to the step that a run goes on from: it may have been cut off there."""
    with shielded():
        if is_due(session):
            fast_set.run(stop=session.stop)
            full_set.epoch_ended(session)
        elif session.clock.step in frame_steps(session):
            fast_set.run(snapshot=True)


def frame_steps(session: Session) -> frozenset[int]:
    """Return the steps inside epochs at which a frame is recorded, as the settings say."""
    settings, clock = session.config.analysis, session.clock
    regular: frozenset[int] = frozenset()
    if settings.every_steps is not None:
        steps = range(settings.every_steps, clock.total_steps, settings.every_steps)
        regular = frozenset(step for step in steps if step % clock.steps_per_epoch)
    return regular | snapshot_steps(settings.snapshots, clock.steps_per_epoch)


def snapshot_steps(count: int, steps_per_epoch: int) -> frozenset[int]:
    """Return up to ``count`` different steps inside the first epoch, evenly spaced in log(step).

    Example:
        >>> sorted(snapshot_steps(4, 100))
        [1, 5, 21, 99]
    """
    if count == 0 or steps_per_epoch < 2:
        return frozenset()
    grid = np.geomspace(1, steps_per_epoch - 1, count).round().astype(int)
    return frozenset(int(step) for step in grid)
