"""Tasks bind models to the loop. A new kind of model is one file here and one row in `TASKS`."""

from __future__ import annotations

from typing import Any

from torch import nn

from latelier.config import ConfigError, RunConfig
from latelier.data import Dataset
from latelier.training.tasks.autoencoders import AETask, SupervisedAETask, VAETask
from latelier.training.tasks.base import BATCH, Encoded, Task, in_batches
from latelier.training.tasks.gmvae import GMVAETask

TASKS: dict[str, type[Task[Any]]] = {
    "ae": AETask,
    "vae": VAETask,
    "supervised-ae": SupervisedAETask,
    "gmvae": GMVAETask,
}


def make_task(model: nn.Module, config: RunConfig, dataset: Dataset) -> Task[Any]:
    """Bind a model to the loop.

    Raises:
        ConfigError: If no task is known for the kind, or model, objective and data do not fit.
    """
    kind = config.model.kind
    if kind not in TASKS:
        raise ConfigError("model.kind has no task", got=kind, expected=", ".join(sorted(TASKS)))
    return TASKS[kind](model, config, dataset)


__all__ = ["BATCH", "TASKS", "Encoded", "Task", "in_batches", "make_task"]
