"""The FactorVAE: a discriminator estimates the total correlation that is penalized."""

from __future__ import annotations

from itertools import pairwise
from typing import final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from latelier.config.errors import ConfigError
from latelier.losses import LikelihoodType, Reduction, permute_dimensions
from latelier.models.noise import ObservationNoise
from latelier.models.outputs import VAEOutput
from latelier.models.precision import upcast
from latelier.models.result import LossResult
from latelier.models.variational import VariationalAutoencoder, measurements


@final
class FactorVAE(VariationalAutoencoder):
    """FactorVAE; train and eval behavior as in `VariationalAutoencoder`.

    Autoencoder and discriminator learn in one backward pass: each sees the other detached, so the
    sum of their losses gives each its own gradient.

    Args:
        encoder: As there.
        decoder: As there.
        latent_dim: As there.
        discriminator_width: Hidden units per layer of the discriminator.
        discriminator_depth: Hidden layers of the discriminator.
        noise: As there.

    Source:
        Kim & Mnih, arXiv:1802.05983, eq. 2 and algorithm 2 (with one batch for both halves).
    """

    def __init__(
        self,
        encoder: nn.Module,
        decoder: nn.Module,
        latent_dim: int,
        discriminator_width: int = 256,
        discriminator_depth: int = 3,
        noise: ObservationNoise | None = None,
    ) -> None:
        super().__init__(encoder, decoder, latent_dim, noise)
        if discriminator_depth < 1:
            raise ConfigError("the discriminator has no layer", got=discriminator_depth)
        widths = [latent_dim] + [discriminator_width] * discriminator_depth
        layers: list[nn.Module] = []
        for before, after in pairwise(widths):
            layers += [nn.Linear(before, after), nn.LeakyReLU(0.2)]
        self.discriminator = nn.Sequential(*layers, nn.Linear(discriminator_width, 1))

    def prior(self) -> tuple[Tensor, Tensor]:
        """Return N(0, I); see `VariationalAutoencoder.prior`."""
        return self._standard_normal()

    def compute_loss(
        self,
        x: Tensor,
        output: VAEOutput,
        *,
        gamma: float | Tensor = 10.0,
        likelihood: LikelihoodType | str = LikelihoodType.GAUSSIAN,
        recon_reduction: Reduction = "sum",
    ) -> LossResult:
        """Return −ELBO + γ · TC(z), and the discriminator's cross-entropy added to it.

        TC(z) = E[log D(z) − log(1 − D(z))], with the first sample of z.

        Args:
            x: Targets, [B, *shape].
            output: What the model returned for them.
            gamma: Weight γ of the total correlation.
            likelihood: What p(x|z) is; a `LikelihoodType` or its name.
            recon_reduction: How log p adds up over features.

        Returns:
            The objective; measured: ``elbo``, ``log_likelihood``, ``kl_divergence``,
            ``total_correlation`` (nats), ``discriminator`` (its cross-entropy) and
            ``discriminator_accuracy``.

        Raises:
            ShapeError: If x_hat is not [B, S, *shape].
        """
        ll, kl = self.elbo_terms(x, output, likelihood, recon_reduction)
        elbo = ll - kl
        z = output.z[:, 0]
        correlation = upcast(self._frozen(z)).mean()
        cross_entropy, accuracy = self._discriminate(z.detach())
        others = {
            "total_correlation": correlation,
            "discriminator": cross_entropy,
            "discriminator_accuracy": accuracy,
        }
        objective = gamma * correlation - elbo + cross_entropy
        return LossResult(objective, measurements(elbo, ll, kl, **others))

    def _frozen(self, z: Tensor) -> Tensor:
        """Return the discriminator's logit log D/(1 − D) of z [B, D]; its weights learn nothing."""
        weights = {name: p.detach() for name, p in self.discriminator.named_parameters()}
        logits: Tensor = torch.func.functional_call(self.discriminator, weights, (z,))
        return logits

    def _discriminate(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Return the cross-entropy of telling z from its permutation, and the accuracy."""
        logits = upcast(self.discriminator(torch.cat([z, permute_dimensions(z)])))
        joint = torch.arange(len(logits), device=z.device).unsqueeze(1) < len(z)
        cross_entropy = F.binary_cross_entropy_with_logits(logits, joint.to(logits.dtype))
        return cross_entropy, ((logits > 0) == joint).to(logits.dtype).mean()
