"""The recorder of the latent space: the fast set at its cadence, and snapshots in between."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from latelier.lab.fast_set import FastSet
from latelier.training import EpochEnded, Session, StepEnded, shielded


class AnalysisRecorder:
    """Run the fast set when epochs end, and now and then while the first one lasts.

    Args:
        session: The run in memory.
        fast_set: What is measured.
        on_scores: Called with the scores after each epoch; with none where none were measured.
    """

    def __init__(
        self,
        session: Session,
        fast_set: FastSet,
        on_scores: Callable[[EpochEnded, dict[str, float]], None],
    ) -> None:
        self._fast_set, self._on_scores = fast_set, on_scores
        self._settings = session.config.analysis
        session.signals.subscribe(EpochEnded, self.epoch_ended)
        self._frames = snapshot_steps(self._settings.snapshots, session.clock.steps_per_epoch)
        if self._frames:
            session.signals.subscribe(StepEnded, self.step_ended)

    def epoch_ended(self, signal: EpochEnded) -> None:
        """Measure the latent space of this epoch."""
        scores: dict[str, float] = {}
        if is_due(signal.session):
            with shielded():
                self._fast_set.run(stop=signal.session.stop)
            scores = self._fast_set.scores
        self._on_scores(signal, scores)

    def step_ended(self, signal: StepEnded) -> None:
        """Record a frame of the map at a log-spaced step of the first epoch."""
        if signal.step in self._frames:
            with shielded():
                self._fast_set.run(snapshot=True)


def is_due(session: Session) -> bool:
    """Tell whether an epoch ended at this step, and the cadence or the run's end wants its map."""
    clock = session.clock
    on_time = clock.epoch % session.config.analysis.every_epochs == 0
    return clock.at_epoch_end and (on_time or clock.done)


def measure_again(session: Session, fast_set: FastSet) -> None:
    """Measure what belongs to the step that a run goes on from: it may have been cut off there."""
    clock, settings = session.clock, session.config.analysis
    with shielded():
        if is_due(session):
            fast_set.run(stop=session.stop)
        elif clock.step in snapshot_steps(settings.snapshots, clock.steps_per_epoch):
            fast_set.run(snapshot=True)


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
