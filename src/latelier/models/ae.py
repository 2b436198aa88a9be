"""The plain autoencoder: z = f(x), x̂ = g(z), without noise."""

from __future__ import annotations

from typing import final

from torch import Tensor, nn

from latelier.losses import LikelihoodType, Reduction, reduced_log_likelihood
from latelier.models.base import Autoencoder, check_features
from latelier.models.outputs import AEDecodeOutput, AEEncodeOutput, AEOutput
from latelier.models.precision import upcast
from latelier.models.result import LossResult


@final
class AE(Autoencoder):
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

    def __init__(self, encoder: nn.Module, decoder: nn.Module) -> None:
        super().__init__(encoder, decoder)

    def _trace(self, sample: Tensor) -> Tensor:
        z = self.encoder(sample)
        check_features("the encoder", z, sample.shape[0])
        self.latent_dim = z.shape[1]
        x_hat: Tensor = self.decoder(z)
        return x_hat

    def forward(self, x: Tensor) -> AEOutput:
        """Reconstruct x [B, *shape]; train and eval mode agree but for layers of the networks."""
        z = self.encode(x).z
        return AEOutput(self.decoder(z), z)

    def encode(self, x: Tensor) -> AEEncodeOutput:
        """Encode x [B, *shape] to z [B, D]."""
        self._require_built()
        return AEEncodeOutput(self.encoder(x))

    def decode(self, z: Tensor) -> AEDecodeOutput:
        """Decode z [B, D] to x_hat [B, *shape]."""
        self._require_built()
        return AEDecodeOutput(self.decoder(z))

    def compute_loss(
        self,
        x: Tensor,
        output: AEOutput,
        *,
        likelihood: LikelihoodType | str = LikelihoodType.GAUSSIAN,
        recon_reduction: Reduction = "sum",
    ) -> LossResult:
        """Return −log p(x|z), reduced over features and averaged over the batch.

        Args:
            x: Targets, [B, *shape].
            output: What the model returned for them.
            likelihood: ``"gaussian"`` of unit variance, or ``"bernoulli"`` on logits.
            recon_reduction: ``"sum"`` (the likelihood of the example, in nats) or ``"mean"`` (per
                feature) over the features.

        Returns:
            The objective; measured: ``log_likelihood``, its negative.

        Raises:
            ShapeError: If x_hat is not shaped like x.
        """
        ll = reduced_log_likelihood(upcast(x), upcast(output.x_hat), likelihood, recon_reduction)
        mean = ll.mean()
        return LossResult(-mean, {"log_likelihood": mean.detach()})
