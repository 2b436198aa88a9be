"""The VAE with the VampPrior: the prior is the mean posterior of learned pseudo-inputs."""

from __future__ import annotations

import math
from typing import cast, final

import torch
from torch import Tensor, nn

from latelier.config.errors import ConfigError
from latelier.losses import (
    LikelihoodType,
    Reduction,
    component_log_densities,
    gaussian_log_density,
)
from latelier.models.building import ShapedBySample
from latelier.models.noise import ObservationNoise
from latelier.models.outputs import VAEOutput
from latelier.models.precision import upcast
from latelier.models.result import LossResult
from latelier.models.variational import VariationalAutoencoder, measurements


@final
class PseudoInputs(ShapedBySample):
    """P learned examples; they start near the mean of the sample that `build` gets.

    Args:
        count: P.
    """

    def __init__(self, count: int) -> None:
        super().__init__()
        if count < 1:
            raise ConfigError("too few pseudo-inputs", got=count, expected="1 or more")
        self.count = count
        self.examples = cast(nn.Parameter, nn.UninitializedParameter())

    def take_shape(self, sample: Tensor) -> None:
        """See `ShapedBySample.take_shape`."""
        if isinstance(self.examples, nn.UninitializedParameter):
            noise = torch.randn(self.count, *sample.shape[1:]).to(sample)
            self.examples = nn.Parameter(sample.mean(0) + 0.1 * noise)

    def forward(self) -> Tensor:
        """Return the pseudo-inputs, [P, *shape]."""
        return self.examples


@final
class VampVAE(VariationalAutoencoder):
    """VAE with the VampPrior; train and eval behavior as in `VariationalAutoencoder`.

    Args:
        encoder: As there.
        decoder: As there.
        latent_dim: As there.
        pseudo_inputs: How many; each is one component of the prior. They are images, or vectors,
            that are learned, and start near the mean of the sample that `build` gets.
        noise: As there.

    Source:
        Tomczak & Welling, arXiv:1705.07120, eq. 9.
    """

    def __init__(
        self,
        encoder: nn.Module,
        decoder: nn.Module,
        latent_dim: int,
        pseudo_inputs: int = 50,
        noise: ObservationNoise | None = None,
    ) -> None:
        super().__init__(encoder, decoder, latent_dim, noise)
        self.pseudo = PseudoInputs(pseudo_inputs)

    def prior(self) -> tuple[Tensor, Tensor]:
        """Return the posteriors of the pseudo-inputs: means and log variances, [P, D] each."""
        mu, log_var = self.posterior(self.encoder(self.pseudo()))
        return mu, log_var

    def compute_loss(
        self,
        x: Tensor,
        output: VAEOutput,
        *,
        beta: float | Tensor = 1.0,
        likelihood: LikelihoodType | str = LikelihoodType.GAUSSIAN,
        recon_reduction: Reduction = "sum",
    ) -> LossResult:
        """Return −log p(x|z) + β · (log q(z|x) − log p(z)), averaged over samples and batch.

        Args:
            x: Targets, [B, *shape].
            output: What the model returned for them.
            beta: Weight β of the KL, which has no closed form here: it is estimated from the
                samples of z, and may come out negative.
            likelihood: What p(x|z) is; a `LikelihoodType` or its name.
            recon_reduction: How log p adds up over features.

        Returns:
            The objective; measured, in nats: ``elbo`` (β-weighted), ``log_likelihood``,
            ``kl_divergence`` (the estimate).

        Raises:
            ShapeError: If x_hat is not [B, S, *shape].
        """
        ll = self.log_likelihood(x, output, likelihood, recon_reduction).mean()
        kl = self._divergence(output).mean()
        elbo = ll - beta * kl
        return LossResult(-elbo, measurements(elbo, ll, kl))

    def _divergence(self, output: VAEOutput) -> Tensor:
        """Return log q(z|x) − log p(z) of every sample, [B · S]."""
        z = upcast(output.z)  # [B, S, D]
        mu = upcast(output.mu).unsqueeze(1).expand_as(z).flatten(0, 1)
        log_var = upcast(output.log_var).unsqueeze(1).expand_as(z).flatten(0, 1)
        z = z.flatten(0, 1)
        prior_mu, prior_log_var = (upcast(part) for part in self.prior())
        densities = component_log_densities(
            z, component_mu=prior_mu, component_log_var=prior_log_var
        )
        log_p = torch.logsumexp(densities, 1) - math.log(len(prior_mu))
        return gaussian_log_density(z, mu, log_var) - log_p
