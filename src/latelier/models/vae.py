"""The variational autoencoder with a diagonal Gaussian posterior and the prior N(0, I)."""

from __future__ import annotations

from typing import final

from torch import Tensor

from latelier.losses import LikelihoodType, Reduction
from latelier.models.outputs import VAEOutput
from latelier.models.result import LossResult
from latelier.models.variational import VariationalAutoencoder, measurements


@final
class VAE(VariationalAutoencoder):
    """VAE of a given encoder [B, *shape] → [B, H] and decoder [N, D] → [N, *shape].

    Arguments, train and eval behavior: see `VariationalAutoencoder`.

    Source:
        Kingma & Welling, arXiv:1312.6114; β: Higgins et al., ICLR 2017.

    Example:
        >>> import torch
        >>> from torch import nn
        >>> x = torch.zeros(4, 6)
        >>> model = VAE(nn.Linear(6, 5), nn.Linear(2, 6), latent_dim=2).build(x)
        >>> model(x, S=3)
        VAEOutput(x_hat=[4, 3, 6] float32, z=[4, 3, 2] float32, mu=[4, 2] float32, \
log_var=[4, 2] float32)
        >>> sorted(model.compute_loss(x, model(x), beta=4.0).diagnostics)
        ['elbo', 'kl_divergence', 'log_likelihood']
    """

    def prior(self) -> tuple[Tensor, Tensor]:
        """Return N(0, I); see `VariationalAutoencoder.prior`."""
        return self._standard_normal()

    def compute_loss(
        self,
        x: Tensor,
        output: VAEOutput,
        beta: float | Tensor = 1.0,
        likelihood: LikelihoodType | str = LikelihoodType.GAUSSIAN,
        *,
        recon_reduction: Reduction = "sum",
    ) -> LossResult:
        """Return −mean_B(mean_S log p(x|z) − β·KL(q(z|x) ‖ N(0, I))).

        Args:
            x: Targets, [B, *shape].
            output: What the model returned for them; its x_hat is [B, S, *shape].
            beta: Weight β of the KL.
            likelihood: What p(x|z) is; a `LikelihoodType` or its name.
            recon_reduction: How log p adds up over features. With ``"mean"`` the sum below is no
                ELBO, and β weighs as much more as there are features.

        Returns:
            The objective; measured, all averaged over the batch: ``elbo`` (β-weighted, the
            objective's negative), ``log_likelihood``, ``kl_divergence`` (in nats, without β).

        Raises:
            ShapeError: If x_hat is not [B, S, *shape].
        """
        ll, kl = self.elbo_terms(x, output, likelihood, recon_reduction)
        elbo = ll - beta * kl
        return LossResult(-elbo, measurements(elbo, ll, kl))
