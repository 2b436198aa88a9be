"""The plain autoencoder: z = f(x), x̂ = g(z), without noise."""

from __future__ import annotations

from typing import final

from torch import Tensor

from latelier.losses import LikelihoodType, Reduction
from latelier.models.deterministic import DeterministicAutoencoder, mean_log_likelihood
from latelier.models.outputs import AEOutput
from latelier.models.result import LossResult


@final
class AE(DeterministicAutoencoder):
    """Autoencoder of a given encoder [B, *shape] → [B, D] and decoder [B, D] → [B, *shape].

    Args:
        encoder: Any module that returns the code z itself.
        decoder: Any module; its output is linear (a mean), or a logit under Bernoulli.

    Example:
        >>> import torch
        >>> from torch import nn
        >>> x = torch.zeros(4, 6)
        >>> model = AE(nn.Linear(6, 2), nn.Linear(2, 6)).build(x)
        >>> model(x)
        AEOutput(x_hat=[4, 6] float32, z=[4, 2] float32)
        >>> sorted(model.compute_loss(x, model(x)).diagnostics)
        ['log_likelihood']
    """

    def compute_loss(
        self,
        x: Tensor,
        output: AEOutput,
        likelihood: LikelihoodType | str = LikelihoodType.GAUSSIAN,
        *,
        recon_reduction: Reduction = "sum",
        recon_weight: float = 1.0,
    ) -> LossResult:
        """Return −recon_weight · log p(x|z), reduced over features and averaged over the batch.

        Args:
            x: Targets, [B, *shape].
            output: What the model returned for them.
            likelihood: What p(x|z) is; a `LikelihoodType` or its name.
            recon_reduction: ``"sum"`` (the likelihood of the example, in nats) or ``"mean"`` (per
                feature) over the features.
            recon_weight: Its weight. A Gaussian's −log p is ½ · squared error: with ``"mean"``, 2
                makes the objective the plain mean squared error.

        Returns:
            The objective; measured: ``log_likelihood``, not weighted.

        Raises:
            ShapeError: If x_hat is not shaped like x.
        """
        ll = mean_log_likelihood(x, output.x_hat, likelihood, recon_reduction)
        return LossResult(-recon_weight * ll, {"log_likelihood": ll.detach()})
