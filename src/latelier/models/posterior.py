"""The head that turns features into a diagonal Gaussian posterior q(z|x)."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor, nn

from latelier.config.errors import ConfigError
from latelier.losses import normal_like


@final
class FullyFactorizedGaussian(nn.Module):
    """Two linear layers, ``mu`` and ``log_var``, that take their input width from the first batch.

    Args:
        latent_dim: Size D of the latent vector.
    """

    def __init__(self, latent_dim: int) -> None:
        super().__init__()
        if latent_dim < 1:
            raise ConfigError("latent_dim is too small", got=latent_dim, expected="1 or more")
        self.latent_dim = latent_dim
        self.mu = nn.LazyLinear(latent_dim)
        self.log_var = nn.LazyLinear(latent_dim)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Map features [B, H] to mu and log_var, both [B, D]. log_var is not bounded."""
        return self.mu(features), self.log_var(features)


def reparameterize(mu: Tensor, log_var: Tensor) -> Tensor:
    """Draw z = μ + σ·ε with ε ~ N(0, I) from the global generator, in the shape of ``mu``.

    Source:
        Kingma & Welling, arXiv:1312.6114, §2.4.
    """
    return mu + torch.exp(0.5 * log_var) * normal_like(mu)
