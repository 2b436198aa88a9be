"""Tasks of the autoencoders with a Gaussian posterior: what differs is their objective."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, TypeVar

import torch
from torch import Tensor

from latelier.config import (
    ConfigError,
    LikelihoodSection,
    VariationalSection,
)
from latelier.data import Batch
from latelier.losses import LikelihoodType, gaussian_kl_per_dimension, observation_mean
from latelier.models import (
    AdaGVAE,
    LossResult,
    VariationalAutoencoder,
)
from latelier.timeline import Frame, Track
from latelier.training.clock import Clock
from latelier.training.plan import Plan, learning_rate
from latelier.training.tasks.base import Encoded, Prior, Task
from latelier.training.tasks.likelihoods import check_range, negative_log_likelihood

V = TypeVar("V", bound=VariationalAutoencoder | AdaGVAE)


class VariationalTask(Task[V]):
    """Minimize the model's own `compute_loss`, whose weights are timeline columns."""

    capabilities = frozenset({"encode", "decode", "posterior", "sample"})

    def check(self) -> None:
        """See `Task.check`."""
        assert isinstance(self.config.objective, LikelihoodSection)
        assert isinstance(self.config.model, VariationalSection)
        self.objective = self.config.objective
        self.samples = self.config.model.samples
        check_range(self, self.objective.likelihood)
        self._check_noise(self.config.model, self.objective.likelihood)

    def _check_noise(self, model: VariationalSection, likelihood: str) -> None:
        if model.decoder_noise != "unit" and not LikelihoodType(likelihood).has_scale:
            raise ConfigError(
                f"a {likelihood} likelihood has no scale",
                got=f"model.decoder_noise={model.decoder_noise}",
                expected="unit",
                remedy="Set model.decoder_noise=unit, or objective.likelihood=gaussian.",
            )

    @abstractmethod
    def columns(self, clock: Clock) -> Mapping[str, Track]:
        """Return the timeline columns that `compute_loss` takes by name."""

    @abstractmethod
    def rates(self) -> Mapping[str, Track]:
        """Return the columns of learning rates besides ``lr``; see `Task.rate_columns`."""

    @abstractmethod
    def options(self) -> Mapping[str, Any]:
        """Return what `compute_loss` takes besides those, likelihood and reduction."""

    def plan(self, clock: Clock) -> Plan:
        """See `Task.plan`."""
        weights = self.columns(clock)
        self._weights = tuple(weights)
        rate = learning_rate(self.config.schedule, clock.total_steps)
        return Plan({"lr": rate, **self.rates(), **weights})

    def loss(self, batch: Batch, frame: Frame) -> LossResult:
        """See `Task.loss`."""
        return self.model.compute_loss(
            batch.targets,
            self.model(batch.fed, S=self.samples),
            likelihood=self.objective.likelihood,
            recon_reduction=self.objective.recon_reduction,
            **{name: frame.props[name] for name in self._weights},
            **self.options(),
        )

    def encode(self, inputs: Tensor) -> Encoded:
        """See `Task.encode`."""
        output = self.model.encode(inputs)
        return Encoded(output.mu, log_var=output.log_var)

    def decode(self, z: Tensor) -> Tensor:
        """See `Task.decode`."""
        x_hat = self.model.decode(z[:, None]).x_hat[:, 0]
        return observation_mean(x_hat, self.objective.likelihood)

    @torch.no_grad()
    def prior(self, frame: Frame) -> Prior:  # noqa: ARG002
        """See `Task.prior`."""
        mu, log_var = self.model.prior()
        return Prior(mu.detach().clone(), log_var.detach().clone())

    def anatomy(self, inputs: Tensor, encoded: Encoded, frame: Frame) -> dict[str, Tensor]:  # noqa: ARG002
        """See `Task.anatomy`. The reconstruction is that of the posterior mean, at unit scale;
        the KL is the one to N(0, I), also where the prior is another.
        """
        assert encoded.log_var is not None
        x_hat = self.model.decode(encoded.z[:, None]).x_hat[:, 0]
        return {
            "recon": negative_log_likelihood(inputs, x_hat, self.objective.likelihood),
            "kl": gaussian_kl_per_dimension(encoded.z, encoded.log_var),
        }
