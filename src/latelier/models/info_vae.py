"""The InfoVAE: the KL of each posterior is traded for the distance of their mean to the prior."""

from __future__ import annotations

from typing import final

from torch import Tensor

from latelier.losses import Kernel, LikelihoodType, Reduction, normal_like, squared_mmd
from latelier.models.outputs import VAEOutput
from latelier.models.precision import upcast
from latelier.models.result import LossResult
from latelier.models.variational import VariationalAutoencoder, measurements


@final
class InfoVAE(VariationalAutoencoder):
    """InfoVAE; arguments, train and eval behavior as in `VariationalAutoencoder`.

    Source:
        Zhao et al., arXiv:1706.02262, eq. 6, with the MMD as the divergence.
    """

    def prior(self) -> tuple[Tensor, Tensor]:
        """Return N(0, I); see `VariationalAutoencoder.prior`."""
        return self._standard_normal()

    def compute_loss(
        self,
        x: Tensor,
        output: VAEOutput,
        *,
        alpha: float | Tensor = 0.0,
        mmd_weight: float | Tensor = 100.0,
        kernel: Kernel = "imq",
        likelihood: LikelihoodType | str = LikelihoodType.GAUSSIAN,
        recon_reduction: Reduction = "sum",
    ) -> LossResult:
        """Return −log p(x|z) + (1 − α) · KL + (α + λ − 1) · MMD²(q(z), N(0, I)).

        The MMD compares the first sample of z with as many draws from the prior.

        Args:
            x: Targets, [B, *shape].
            output: What the model returned for them.
            alpha: α: 0 keeps the KL, 1 drops it.
            mmd_weight: λ.
            kernel: Kernel of the MMD.
            likelihood: What p(x|z) is; a `LikelihoodType` or its name.
            recon_reduction: How log p adds up over features.

        Returns:
            The objective; measured: ``elbo``, ``log_likelihood``, ``kl_divergence`` (nats),
            ``mmd`` (squared, unweighted).

        Raises:
            ShapeError: If x_hat is not [B, S, *shape], or the batch has one example only.
        """
        ll, kl = self.elbo_terms(x, output, likelihood, recon_reduction)
        z = upcast(output.z[:, 0])
        mmd = squared_mmd(z, normal_like(z), kernel)
        objective = (1 - alpha) * kl + (alpha + mmd_weight - 1) * mmd - ll
        return LossResult(objective, measurements(ll - kl, ll, kl, mmd=mmd))
