"""Tasks bind models to the loop. A new kind of model is one file here and one row in `TASKS`."""

from __future__ import annotations

from typing import Any

from torch import nn

from latelier.config import ConfigError, RunConfig
from latelier.data import Dataset
from latelier.models import OwnModule
from latelier.training.tasks.base import BATCH, Encoded, Prior, Sharing, Task, in_batches
from latelier.training.tasks.deterministic import (
    AETask,
    DenoisingAETask,
    SparseAETask,
    WAEMMDTask,
)
from latelier.training.tasks.gmvae import GMVAETask
from latelier.training.tasks.module import ModuleTask
from latelier.training.tasks.quantized import VQVAETask
from latelier.training.tasks.regularized import RegularizedTask
from latelier.training.tasks.supervised import SupervisedAETask
from latelier.training.tasks.variational_family import (
    AdaGVAETask,
    BetaTCVAETask,
    BetaVAETask,
    DIPVAETask,
    FactorVAETask,
    InfoVAETask,
    IWAETask,
    VAETask,
    VampVAETask,
)

TASKS: dict[str, type[Task[Any]]] = {
    "ae": AETask,
    "vae": VAETask,
    "supervised-ae": SupervisedAETask,
    "gmvae": GMVAETask,
    "sparse-ae": SparseAETask,
    "denoising-ae": DenoisingAETask,
    "wae-mmd": WAEMMDTask,
    "beta-vae": BetaVAETask,
    "beta-tcvae": BetaTCVAETask,
    "factor-vae": FactorVAETask,
    "dip-vae": DIPVAETask,
    "info-vae": InfoVAETask,
    "iwae": IWAETask,
    "vamp-vae": VampVAETask,
    "vq-vae": VQVAETask,
    "adagvae": AdaGVAETask,
    "module": ModuleTask,
}


def make_task(model: nn.Module | OwnModule, config: RunConfig, dataset: Dataset) -> Task[Any]:
    """Bind a model to the loop.

    Raises:
        ConfigError: If no task is known for the kind, or model, objective and data do not fit.
    """
    kind = config.model.kind
    if kind not in TASKS:
        raise ConfigError("model.kind has no task", got=kind, expected=", ".join(sorted(TASKS)))
    task = TASKS[kind]
    if task.takes_pairs != (config.data.pairs != "off"):
        raise ConfigError(
            f"model.kind {kind} is trained on {'pairs' if task.takes_pairs else 'single examples'}",
            got=f"data.pairs={config.data.pairs}",
            expected="fixed or uniform, with data.dataset=factors" if task.takes_pairs else "off",
        )
    bound: Task[Any]
    if isinstance(model, OwnModule):
        bound = ModuleTask.of(model, config, dataset)
    else:
        bound = task(model, config, dataset)
    return RegularizedTask(bound) if config.regularizers else bound


__all__ = [
    "BATCH",
    "TASKS",
    "Encoded",
    "Prior",
    "RegularizedTask",
    "Sharing",
    "Task",
    "in_batches",
    "make_task",
]
