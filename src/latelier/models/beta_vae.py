"""The β-VAE, with the capacity that its KL may be held at."""

from __future__ import annotations

from typing import final

from torch import Tensor

from latelier.losses import LikelihoodType, Reduction
from latelier.models.outputs import VAEOutput
from latelier.models.result import LossResult
from latelier.models.variational import VariationalAutoencoder, measurements


@final
class BetaVAE(VariationalAutoencoder):
    """β-VAE; arguments, train and eval behavior as in `VariationalAutoencoder`.

    Source:
        Higgins et al., ICLR 2017; the capacity: Burgess et al., arXiv:1804.03599, eq. 8.
    """

    def prior(self) -> tuple[Tensor, Tensor]:
        """Return N(0, I); see `VariationalAutoencoder.prior`."""
        return self._standard_normal()

    def compute_loss(
        self,
        x: Tensor,
        output: VAEOutput,
        *,
        beta: float | Tensor = 4.0,
        capacity: float | Tensor = 0.0,
        likelihood: LikelihoodType | str = LikelihoodType.GAUSSIAN,
        recon_reduction: Reduction = "sum",
    ) -> LossResult:
        """Return −log p(x|z) + β · |KL(q(z|x) ‖ N(0, I)) − C|, averaged over the batch.

        Args:
            x: Targets, [B, *shape].
            output: What the model returned for them.
            beta: Weight β (γ in the paper on capacities).
            capacity: C in nats; at 0 this is the plain β-VAE, for a KL is never negative.
            likelihood: What p(x|z) is; a `LikelihoodType` or its name.
            recon_reduction: How log p adds up over features.

        Returns:
            The objective; measured: ``elbo`` (β-weighted, without C), ``log_likelihood``,
            ``kl_divergence``, ``capacity_gap`` (KL − C), averaged over the batch, in nats.

        Raises:
            ShapeError: If x_hat is not [B, S, *shape].
        """
        ll, kl = self.elbo_terms(x, output, likelihood, recon_reduction)
        gap = kl - capacity
        objective = beta * gap.abs() - ll
        return LossResult(objective, measurements(ll - beta * kl, ll, kl, capacity_gap=gap))
