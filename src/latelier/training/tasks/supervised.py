"""The task of the autoencoder with a classifier."""

from __future__ import annotations

from torch import Tensor

from latelier.config import ConfigError, SupervisedAEObjective
from latelier.data import Batch
from latelier.losses import squared_error
from latelier.models import LossResult, SupervisedAE
from latelier.timeline import Frame, Track
from latelier.training.clock import Clock
from latelier.training.plan import Plan, learning_rate
from latelier.training.tasks.base import Encoded, Task


class SupervisedAETask(Task[SupervisedAE]):
    """Minimize MSE + class_weight · cross-entropy."""

    capabilities = frozenset({"encode", "decode", "classify"})
    objective: SupervisedAEObjective

    def check(self) -> None:
        """See `Task.check`."""
        assert isinstance(self.config.objective, SupervisedAEObjective)
        self.objective = self.config.objective
        if self.dataset.labels is None:
            raise ConfigError(
                "model.kind supervised-ae needs labels",
                got=f"the data set {self.dataset.name} without labels",
                remedy="Choose a labelled data set, or model.kind=ae.",
            )

    def plan(self, clock: Clock) -> Plan:
        """See `Task.plan`."""
        return Plan(
            {
                "lr": learning_rate(self.config.schedule, clock.total_steps),
                "class_weight": Track.constant("class_weight", self.objective.class_weight),
            }
        )

    def loss(self, batch: Batch, frame: Frame) -> LossResult:
        """See `Task.loss`."""
        assert batch.labels is not None
        return self.model.compute_loss(
            batch.targets,
            self.model(batch.inputs),
            labels=batch.labels,
            class_weight=frame.props["class_weight"],
            recon_reduction=self.objective.recon_reduction,
        )

    def encode(self, inputs: Tensor) -> Encoded:
        """See `Task.encode`."""
        output = self.model.encode(inputs)
        return Encoded(output.z, logits=output.logits)

    def decode(self, z: Tensor) -> Tensor:
        """See `Task.decode`."""
        return self.model.decode(z).x_hat

    def prior(self, frame: Frame) -> None:
        """See `Task.prior`. A code is drawn to nothing."""

    def anatomy(self, inputs: Tensor, encoded: Encoded, frame: Frame) -> dict[str, Tensor]:  # noqa: ARG002
        """See `Task.anatomy`."""
        x_hat = self.model.decode(encoded.z).x_hat
        return {"recon": squared_error(inputs, x_hat, self.objective.recon_reduction)}
