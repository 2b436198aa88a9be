"""Histories: copies of what training does at each step, in memory, for experiments from Python.

A run's own record is on disk (metrics, checkpoints); these are for looking closely at a short one.
Each is a handler to subscribe: ``session.signals.subscribe(StepEnded, BatchHistory())``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from torch import Tensor

from latelier.data import Batch
from latelier.training.signals import Signal, StepEnded, StepStarting


@dataclass
class ModelHistory:
    """Copies of a model's weights and buffers, on the CPU.

    Attributes:
        states: Step and state dictionary of each signal heard.
    """

    states: list[tuple[int, dict[str, Tensor]]] = field(default_factory=list)

    def __call__(self, signal: Signal) -> None:
        """Copy what the model is now."""
        state = signal.session.model.state_dict()
        copy = {name: value.detach().cpu().clone() for name, value in state.items()}
        self.states.append((signal.step, copy))


@dataclass
class BatchHistory:
    """Copies of the batches that were trained on, on the CPU.

    Attributes:
        batches: Steps done before each batch, and the batch.
    """

    batches: list[tuple[int, Batch]] = field(default_factory=list)

    def __call__(self, signal: StepEnded | StepStarting) -> None:
        """Copy the batch, graded labels as they were drawn included."""
        self.batches.append((signal.frame.step, signal.batch.copied()))


@dataclass
class MetricsHistory:
    """The objective and every term of each step.

    Attributes:
        rows: Steps done before each update, the objective, and what was measured; NaN for a term
            that was not there.
    """

    rows: list[tuple[int, float, dict[str, float]]] = field(default_factory=list)

    def __call__(self, signal: StepEnded) -> None:
        """Take the numbers of one update."""
        result = signal.result
        self.rows.append(
            (signal.frame.step, float(result.objective.detach()), dict(result.diagnostics))
        )
