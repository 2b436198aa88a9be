"""The β-TCVAE: the total correlation inside the KL gets a weight of its own."""

from __future__ import annotations

from typing import final

from torch import Tensor

from latelier.losses import LikelihoodType, Reduction, decompose_kl
from latelier.models.outputs import VAEOutput
from latelier.models.precision import upcast
from latelier.models.result import LossResult
from latelier.models.variational import VariationalAutoencoder, measurements


@final
class BetaTCVAE(VariationalAutoencoder):
    """β-TCVAE; arguments, train and eval behavior as in `VariationalAutoencoder`.

    Source:
        Chen et al., arXiv:1802.04942, eq. 4.
    """

    def prior(self) -> tuple[Tensor, Tensor]:
        """Return N(0, I); see `VariationalAutoencoder.prior`."""
        return self._standard_normal()

    def compute_loss(
        self,
        x: Tensor,
        output: VAEOutput,
        *,
        examples: int,
        alpha: float | Tensor = 1.0,
        beta: float | Tensor = 6.0,
        gamma: float | Tensor = 1.0,
        likelihood: LikelihoodType | str = LikelihoodType.GAUSSIAN,
        recon_reduction: Reduction = "sum",
    ) -> LossResult:
        """Return −log p(x|z) + α · I(x; z) + β · TC(z) + γ · Σ_d KL(q(z_d) ‖ N(0, 1)).

        The three parts are estimated from the batch (`decompose_kl`), with the first sample of z.

        Args:
            x: Targets, [B, *shape].
            output: What the model returned for them.
            examples: Size N of the training set, which the estimates of q(z) need.
            alpha: Weight of the mutual information.
            beta: Weight of the total correlation.
            gamma: Weight of the dimensions' own KL.
            likelihood: What p(x|z) is; a `LikelihoodType` or its name.
            recon_reduction: How log p adds up over features.

        Returns:
            The objective; measured, averaged over the batch, in nats: ``elbo`` (unweighted),
            ``log_likelihood``, ``kl_divergence`` (exact), ``mutual_information``,
            ``total_correlation``, ``dimension_kl`` (estimates).

        Raises:
            ShapeError: If x_hat is not [B, S, *shape].
            ConfigError: If ``examples`` is less than B.
        """
        ll, kl = self.elbo_terms(x, output, likelihood, recon_reduction)
        z, mu, log_var = (upcast(part) for part in (output.z[:, 0], output.mu, output.log_var))
        parts = decompose_kl(z, mu, log_var, examples=examples)
        information, correlation, dimensions = parts
        objective = alpha * information + beta * correlation + gamma * dimensions - ll
        return LossResult(objective, measurements(ll - kl, ll, kl, **parts._asdict()))
