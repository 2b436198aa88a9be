"""The clock of a run: steps are counted, epochs are derived."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Clock:
    """Optimizer updates done so far, and how many make an epoch and a run.

    Args:
        steps_per_epoch: Updates that make one epoch, at least 1.
        total_steps: Updates of the whole run.
        step: Updates done so far.
    """

    steps_per_epoch: int
    total_steps: int
    step: int = 0

    @property
    def epoch(self) -> int:
        """Complete epochs so far; the last step of a run completes its last, shorter epoch."""
        if self.step == self.total_steps:
            return self.total_epochs
        return self.step // self.steps_per_epoch

    @property
    def total_epochs(self) -> int:
        """Epochs of the whole run, a last shorter one included."""
        return -(-self.total_steps // self.steps_per_epoch)

    @property
    def step_in_epoch(self) -> int:
        """Updates done in the epoch under way; 0 between epochs."""
        return 0 if self.step == self.total_steps else self.step % self.steps_per_epoch

    @property
    def at_epoch_end(self) -> bool:
        """Whether an epoch ends (or the run stands before its first) at this step."""
        return self.step_in_epoch == 0

    @property
    def done(self) -> bool:
        """Whether no update is left."""
        return self.step >= self.total_steps
