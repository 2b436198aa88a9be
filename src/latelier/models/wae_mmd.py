"""The Wasserstein autoencoder with the MMD: deterministic codes that fill the prior."""

from __future__ import annotations

from typing import final

from torch import Tensor

from latelier.losses import Kernel, LikelihoodType, Reduction, normal_like, squared_mmd
from latelier.models.deterministic import DeterministicAutoencoder, mean_log_likelihood
from latelier.models.outputs import AEOutput
from latelier.models.precision import upcast
from latelier.models.result import LossResult


@final
class WAEMMD(DeterministicAutoencoder):
    """WAE-MMD; arguments, forward, encode and decode as in `DeterministicAutoencoder`.

    Source:
        Tolstikhin et al., arXiv:1711.01558, algorithm 2.
    """

    def compute_loss(
        self,
        x: Tensor,
        output: AEOutput,
        *,
        mmd_weight: float | Tensor = 100.0,
        kernel: Kernel = "imq",
        likelihood: LikelihoodType | str = LikelihoodType.GAUSSIAN,
        recon_reduction: Reduction = "sum",
    ) -> LossResult:
        """Return −log p(x|z) + λ · MMD²(codes of the batch, as many draws from N(0, I)).

        Args:
            x: Targets, [B, *shape].
            output: What the model returned for them.
            mmd_weight: λ.
            kernel: Kernel of the MMD.
            likelihood: What p(x|z) is; a `LikelihoodType` or its name.
            recon_reduction: How log p adds up over features.

        Returns:
            The objective; measured: ``log_likelihood``, ``mmd`` (squared, unweighted).

        Raises:
            ShapeError: If x_hat is not shaped like x, or the batch has one example only.
        """
        ll = mean_log_likelihood(x, output.x_hat, likelihood, recon_reduction)
        z = upcast(output.z)
        mmd = squared_mmd(z, normal_like(z), kernel)
        measured = {"log_likelihood": ll.detach(), "mmd": mmd.detach()}
        return LossResult(mmd_weight * mmd - ll, measured)
