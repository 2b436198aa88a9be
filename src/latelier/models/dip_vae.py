"""The DIP-VAE: the aggregate posterior's covariance is pulled to the identity."""

from __future__ import annotations

from typing import Literal, final

from torch import Tensor

from latelier.losses import LikelihoodType, Reduction, covariance, covariance_penalties
from latelier.models.outputs import VAEOutput
from latelier.models.precision import upcast
from latelier.models.result import LossResult
from latelier.models.variational import VariationalAutoencoder, measurements


@final
class DIPVAE(VariationalAutoencoder):
    """DIP-VAE; arguments, train and eval behavior as in `VariationalAutoencoder`.

    Source:
        Kumar et al., arXiv:1711.00848, eq. 6 and 7.
    """

    def prior(self) -> tuple[Tensor, Tensor]:
        """Return N(0, I); see `VariationalAutoencoder.prior`."""
        return self._standard_normal()

    def compute_loss(
        self,
        x: Tensor,
        output: VAEOutput,
        *,
        off_diagonal: float | Tensor = 10.0,
        diagonal: float | Tensor = 10.0,
        of: Literal["mean", "total"] = "total",
        likelihood: LikelihoodType | str = LikelihoodType.GAUSSIAN,
        recon_reduction: Reduction = "sum",
    ) -> LossResult:
        """Return −ELBO + λ_od · Σ_{i≠j} Cov²_ij + λ_d · Σ_i (Cov_ii − 1)².

        Args:
            x: Targets, [B, *shape].
            output: What the model returned for them.
            off_diagonal: λ_od.
            diagonal: λ_d.
            of: Which covariance over the batch: of ``"mean"`` μ(x) (DIP-VAE-I), or the ``"total"``
                one of z, Cov(μ) + E[σ²] (DIP-VAE-II).
            likelihood: What p(x|z) is; a `LikelihoodType` or its name.
            recon_reduction: How log p adds up over features.

        Returns:
            The objective; measured: ``elbo``, ``log_likelihood``, ``kl_divergence`` (nats), and the
            two penalties ``covariance_off_diagonal`` and ``covariance_diagonal``, unweighted.

        Raises:
            ShapeError: If x_hat is not [B, S, *shape].
        """
        ll, kl = self.elbo_terms(x, output, likelihood, recon_reduction)
        matrix = covariance(upcast(output.mu))
        if of == "total":
            matrix = matrix + upcast(output.log_var).exp().mean(0).diag()
        off, on = covariance_penalties(matrix)
        elbo = ll - kl
        penalties = {"covariance_off_diagonal": off, "covariance_diagonal": on}
        objective = off_diagonal * off + diagonal * on - elbo
        return LossResult(objective, measurements(elbo, ll, kl, **penalties))
