"""What tasks with a likelihood p(x|z) share: its range, its value per example, its mean."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from latelier.config import DataError
from latelier.losses import LikelihoodType, reduced_log_likelihood
from latelier.training.tasks.base import Task


def check_range(task: Task[Any], likelihood: str) -> None:
    """Refuse targets outside [0, 1] under a likelihood on logits, before anything trains."""
    low, high = task.dataset.value_range
    if LikelihoodType(likelihood).is_on_logits and (low < 0 or high > 1):
        raise DataError(
            f"a {likelihood} likelihood needs data in [0, 1]",
            got=f"values from {low:g} to {high:g} in {task.dataset.name}",
            expected="0 to 1",
            remedy="Rescale the data, or set objective.likelihood=gaussian.",
        )


def negative_log_likelihood(x: Tensor, x_hat: Tensor, likelihood: str) -> Tensor:
    """Sum −log p(x|z) over features: [B, *shape] twice → [B], in nats, at unit scale."""
    return -reduced_log_likelihood(x, x_hat, likelihood, "sum")
