"""Tasks of the plain, variational and supervised autoencoders."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from latelier.config import (
    AEObjective,
    ConfigError,
    DataError,
    SupervisedAEObjective,
    VAEModel,
    VAEObjective,
)
from latelier.data import Batch
from latelier.losses import gaussian_kl_per_dimension, log_likelihood, squared_error
from latelier.models import AE, VAE, LossResult, SupervisedAE
from latelier.timeline import Frame, Track
from latelier.training.clock import Clock
from latelier.training.plan import Plan, learning_rate
from latelier.training.tasks.base import Encoded, Task


def check_range(task: Task[Any], likelihood: str) -> None:
    """Refuse targets outside [0, 1] under a Bernoulli likelihood, before anything trains."""
    low, high = task.dataset.value_range
    if likelihood == "bernoulli" and (low < 0 or high > 1):
        raise DataError(
            "a Bernoulli likelihood needs data in [0, 1]",
            got=f"values from {low:g} to {high:g} in {task.dataset.name}",
            expected="0 to 1",
            remedy="Rescale the data, or set objective.likelihood=gaussian.",
        )


def negative_log_likelihood(x: Tensor, x_hat: Tensor, likelihood: str) -> Tensor:
    """Sum −log p(x|z) over features: [B, *shape] twice → [B], in nats."""
    return -log_likelihood(x, x_hat, likelihood=likelihood).flatten(1).sum(1)


class AETask(Task[AE]):
    """Minimize −log p(x|z)."""

    capabilities = frozenset({"encode", "decode"})
    objective: AEObjective

    def check(self) -> None:
        """See `Task.check`."""
        assert isinstance(self.config.objective, AEObjective)
        self.objective = self.config.objective
        check_range(self, self.objective.likelihood)

    def plan(self, clock: Clock) -> Plan:
        """See `Task.plan`."""
        return Plan({"lr": learning_rate(self.config.schedule, clock.total_steps)})

    def loss(self, batch: Batch, frame: Frame) -> LossResult:  # noqa: ARG002  # no column but lr
        """See `Task.loss`."""
        return self.model.compute_loss(
            batch.targets,
            self.model(batch.inputs),
            likelihood=self.objective.likelihood,
            recon_reduction=self.objective.recon_reduction,
        )

    def encode(self, inputs: Tensor) -> Encoded:
        """See `Task.encode`."""
        return Encoded(self.model.encode(inputs).z)

    def decode(self, z: Tensor) -> Tensor:
        """See `Task.decode`."""
        x_hat = self.model.decode(z).x_hat
        return torch.sigmoid(x_hat) if self.objective.likelihood == "bernoulli" else x_hat

    def anatomy(self, inputs: Tensor, encoded: Encoded, frame: Frame) -> dict[str, Tensor]:  # noqa: ARG002
        """See `Task.anatomy`."""
        x_hat = self.model.decode(encoded.z).x_hat
        return {"recon": negative_log_likelihood(inputs, x_hat, self.objective.likelihood)}


class VAETask(Task[VAE]):
    """Minimize −ELBO with β on the KL term."""

    capabilities = frozenset({"encode", "decode", "posterior", "sample"})
    objective: VAEObjective

    def check(self) -> None:
        """See `Task.check`."""
        assert isinstance(self.config.objective, VAEObjective)
        assert isinstance(self.config.model, VAEModel)
        self.objective = self.config.objective
        self.samples = self.config.model.samples
        check_range(self, self.objective.likelihood)

    def plan(self, clock: Clock) -> Plan:
        """See `Task.plan`."""
        return Plan(
            {
                "lr": learning_rate(self.config.schedule, clock.total_steps),
                "beta": Track.constant("beta", self.objective.beta),
            }
        )

    def loss(self, batch: Batch, frame: Frame) -> LossResult:
        """See `Task.loss`."""
        return self.model.compute_loss(
            batch.targets,
            self.model(batch.inputs, S=self.samples),
            beta=frame.props["beta"],
            likelihood=self.objective.likelihood,
            recon_reduction=self.objective.recon_reduction,
        )

    def encode(self, inputs: Tensor) -> Encoded:
        """See `Task.encode`."""
        output = self.model.encode(inputs)
        return Encoded(output.mu, log_var=output.log_var)

    def decode(self, z: Tensor) -> Tensor:
        """See `Task.decode`."""
        x_hat = self.model.decode(z[:, None]).x_hat[:, 0]
        return torch.sigmoid(x_hat) if self.objective.likelihood == "bernoulli" else x_hat

    def anatomy(self, inputs: Tensor, encoded: Encoded, frame: Frame) -> dict[str, Tensor]:  # noqa: ARG002
        """See `Task.anatomy`. The reconstruction is that of the posterior mean."""
        assert encoded.log_var is not None
        x_hat = self.model.decode(encoded.z[:, None]).x_hat[:, 0]
        return {
            "recon": negative_log_likelihood(inputs, x_hat, self.objective.likelihood),
            "kl": gaussian_kl_per_dimension(encoded.z, encoded.log_var),
        }


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

    def anatomy(self, inputs: Tensor, encoded: Encoded, frame: Frame) -> dict[str, Tensor]:  # noqa: ARG002
        """See `Task.anatomy`."""
        x_hat = self.model.decode(encoded.z).x_hat
        return {"recon": squared_error(inputs, x_hat, self.objective.recon_reduction)}
