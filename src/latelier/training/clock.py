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

    def go_to(self, step: int, epoch: int) -> None:  # noqa: ARG002
        """Stand at a step of the run; its epoch follows from it."""
        self.step = step


@dataclass
class WatchedClock:
    """The clock of a loop that is somebody else's: an epoch ends when the loop says so.

    Args:
        step: Updates done so far.
        epoch: Complete epochs so far.
        at_epoch_end: Whether an epoch ended at this step.
        length: Epochs that the loop will have; None where it did not say.
    """

    step: int = 0
    epoch: int = 0
    at_epoch_end: bool = True
    length: int | None = None

    @property
    def total_epochs(self) -> int:
        """Epochs of the whole run, as far as they are known."""
        return max(self.epoch, self.length or 0)

    @property
    def steps_per_epoch(self) -> int:
        """Updates of an epoch, on average so far; 1 before the first has ended."""
        return max(1, self.step // max(1, self.epoch))

    @property
    def total_steps(self) -> int:
        """Updates of the whole run, as far as they are known."""
        return max(self.step, self.total_epochs * self.steps_per_epoch)

    @property
    def step_in_epoch(self) -> int:
        """0 between epochs; inside one it is not known, and 1."""
        return 0 if self.at_epoch_end else 1

    @property
    def done(self) -> bool:
        """Always false: only the loop knows its end."""
        return False

    def go_to(self, step: int, epoch: int) -> None:
        """Stand at the end of an epoch."""
        self.step, self.epoch, self.at_epoch_end = step, epoch, True
