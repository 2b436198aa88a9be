"""The sparse autoencoder: a penalty keeps most entries of a code near zero."""

from __future__ import annotations

from typing import Literal, final

import torch
from torch import Tensor

from latelier.losses import LikelihoodType, Reduction, activity_kl
from latelier.models.deterministic import DeterministicAutoencoder, mean_log_likelihood
from latelier.models.outputs import AEOutput
from latelier.models.precision import upcast
from latelier.models.result import LossResult


@final
class SparseAE(DeterministicAutoencoder):
    """Sparse autoencoder; arguments, forward, encode, decode as in `DeterministicAutoencoder`.

    Source:
        The KL penalty: Ng, Sparse autoencoder, CS294A lecture notes (2011).
    """

    def compute_loss(
        self,
        x: Tensor,
        output: AEOutput,
        *,
        sparsity_weight: float | Tensor = 1.0,
        penalty: Literal["l1", "kl"] = "l1",
        activity: float = 0.05,
        likelihood: LikelihoodType | str = LikelihoodType.GAUSSIAN,
        recon_reduction: Reduction = "sum",
    ) -> LossResult:
        """Return −log p(x|z) + weight · penalty(z), averaged over the batch.

        Args:
            x: Targets, [B, *shape].
            output: What the model returned for them.
            sparsity_weight: Weight of the penalty.
            penalty: ``"l1"``: Σ_d |z_d|; ``"kl"``: Σ_d KL(activity ‖ batch mean of σ(z_d)).
            activity: Target activity of the KL penalty, between 0 and 1.
            likelihood: What p(x|z) is; a `LikelihoodType` or its name.
            recon_reduction: How log p adds up over features.

        Returns:
            The objective; measured: ``log_likelihood``, ``sparsity`` (the penalty, unweighted).

        Raises:
            ShapeError: If x_hat is not shaped like x.
        """
        ll = mean_log_likelihood(x, output.x_hat, likelihood, recon_reduction)
        z = upcast(output.z)
        if penalty == "l1":
            sparsity = z.abs().sum(1).mean()
        else:
            sparsity = activity_kl(torch.sigmoid(z).mean(0), activity)
        measured = {"log_likelihood": ll.detach(), "sparsity": sparsity.detach()}
        return LossResult(sparsity_weight * sparsity - ll, measured)
