"""The task of a module of the user's own, trained on a loss function of the user's own."""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor, nn

from latelier.config import RunConfig, TrainingError
from latelier.data import Batch, Dataset
from latelier.losses import gaussian_kl_per_dimension, squared_error
from latelier.models import LossResult, OwnModule
from latelier.timeline import Frame
from latelier.training.clock import Clock
from latelier.training.plan import Plan, learning_rate
from latelier.training.tasks.base import Encoded, Prior, Task


class ModuleTask(Task[nn.Module]):
    """Minimize what the user's function returns; offer what the user's module can do."""

    capabilities = frozenset({"encode", "decode", "posterior"})
    own: OwnModule
    _names: tuple[tuple[str, int], ...] | None

    @classmethod
    def of(cls, own: OwnModule, config: RunConfig, dataset: Dataset) -> Self:
        """Bind a module that was probed; its capabilities are those that were found."""
        task = cls(own.module, config, dataset)
        found = {"encode": True, "decode": own.decode is not None, "posterior": own.has_posterior}
        task.capabilities = frozenset(name for name, there in found.items() if there)
        task.own = own
        task._names = None
        return task

    def check_trainable(self) -> None:
        """See `Task.check_trainable`."""
        self.own.require_loss()

    def plan(self, clock: Clock) -> Plan:
        """See `Task.plan`: the learning rate is all that varies."""
        return Plan({"lr": learning_rate(self.config.schedule, clock.total_steps)})

    def loss(self, batch: Batch, frame: Frame) -> LossResult:  # noqa: ARG002
        """See `Task.loss`.

        Raises:
            TrainingError: If the measurements are not those of the first batch.
        """
        result = self.own.result(self.model, batch)
        names = tuple((name, value.numel()) for name, value in result.measured.items())
        self._names = self._names or names
        if names != self._names:
            raise TrainingError(
                "the loss function measures something else than before",
                got=_listed(names),
                expected=f"{_listed(self._names)}, as for the first batch",
                remedy="Return the same names for every batch, in the same order; NaN where one "
                "has no value.",
            )
        return result

    def encode(self, inputs: Tensor) -> Encoded:
        """See `Task.encode`.

        Raises:
            TrainingError: If latents are not finite.
        """
        codes = self.own.codes(self.model, inputs)
        if not torch.isfinite(codes.z).all():
            raise TrainingError(
                "encode returns latents that are not finite",
                got=f"{int((~torch.isfinite(codes.z)).sum())} of {codes.z.numel()} numbers",
                remedy="Lower the learning rate, or clip gradients (training.clip_norm).",
            )
        return Encoded(codes.z, log_var=codes.log_var)

    def decode(self, z: Tensor) -> Tensor:
        """See `Task.decode`."""
        return self.own.reconstruction(self.model, z, self.dataset.shape)

    def prior(self, frame: Frame) -> Prior | None:  # noqa: ARG002
        """See `Task.prior`. What the loss pulls latents to is known to the loss alone."""
        return None

    def anatomy(self, inputs: Tensor, encoded: Encoded, frame: Frame) -> dict[str, Tensor]:  # noqa: ARG002
        """See `Task.anatomy`: squared error summed over features, and the KL to N(0, I), whatever
        the loss function makes of them. Empty where nothing decodes.
        """
        if self.own.decode is None:
            return {}
        parts = {"recon": squared_error(inputs, self.decode(encoded.z), "sum")}
        if encoded.log_var is not None:
            parts["kl"] = gaussian_kl_per_dimension(encoded.z, encoded.log_var)
        return parts


def _listed(names: tuple[tuple[str, int], ...]) -> str:
    shown = (name if size == 1 else f"{name} [{size}]" for name, size in names)
    return ", ".join(shown) or "nothing"
