"""The autoencoder with a linear classifier on z."""

from __future__ import annotations

from typing import final

import torch.nn.functional as F
from torch import Tensor, nn

from latelier.config.errors import ConfigError
from latelier.losses import Reduction, expect_shape, squared_error
from latelier.models.base import Autoencoder, check_features
from latelier.models.outputs import (
    AEDecodeOutput,
    SupervisedAEEncodeOutput,
    SupervisedAEOutput,
)
from latelier.models.precision import upcast
from latelier.models.result import LossResult


@final
class SupervisedAE(Autoencoder):
    """Autoencoder that also tells the class from z.

    Args:
        encoder: Any module [B, *shape] → [B, latent_dim] that returns the code z itself.
        decoder: Any module [B, latent_dim] → [B, *shape]; its output is linear.
        latent_dim: Size D of the latent vector.
        classes: Number C of classes, at least 2.

    Example:
        >>> import torch
        >>> from torch import nn
        >>> x, labels = torch.zeros(4, 6), torch.tensor([0, 1, 2, 0])
        >>> model = SupervisedAE(nn.Linear(6, 2), nn.Linear(2, 6), latent_dim=2, classes=3).build(x)
        >>> model(x)
        SupervisedAEOutput(x_hat=[4, 6] float32, z=[4, 2] float32, logits=[4, 3] float32)
        >>> sorted(model.compute_loss(x, model(x), labels=labels).diagnostics)
        ['accuracy', 'class', 'recon']
    """

    def __init__(
        self, encoder: nn.Module, decoder: nn.Module, latent_dim: int, classes: int
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        if classes < 2:
            raise ConfigError("too few classes", got=classes, expected="2 or more")
        self.latent_dim = latent_dim
        self.classes = classes
        self.classifier = nn.Linear(latent_dim, classes)

    def _trace(self, sample: Tensor) -> Tensor:
        z = self.encoder(sample)
        check_features("the encoder", z, sample.shape[0], self.latent_dim)
        self.classifier(z)
        x_hat: Tensor = self.decoder(z)
        return x_hat

    def forward(self, x: Tensor) -> SupervisedAEOutput:
        """Reconstruct x [B, *shape] and classify its latent."""
        encoded = self.encode(x)
        return SupervisedAEOutput(self.decoder(encoded.z), encoded.z, encoded.logits)

    def encode(self, x: Tensor) -> SupervisedAEEncodeOutput:
        """Encode x [B, *shape] to z [B, D] and class logits [B, C]."""
        self._require_input(x)
        z = self.encoder(x)
        return SupervisedAEEncodeOutput(z, self.classifier(z))

    def decode(self, z: Tensor) -> AEDecodeOutput:
        """Decode z [B, D] to x_hat [B, *shape]."""
        self._require_latents(z)
        return AEDecodeOutput(self.decoder(z))

    def compute_loss(
        self,
        x: Tensor,
        output: SupervisedAEOutput,
        *,
        labels: Tensor,
        class_weight: float | Tensor = 1.0,
        recon_reduction: Reduction = "mean",
    ) -> LossResult:
        """Return squared error + class_weight · cross-entropy, averaged over the batch.

        Args:
            x: Targets, [B, *shape].
            output: What the model returned for them.
            labels: Class of each example, [B], int64 in 0 … C − 1.
            class_weight: Weight of the cross-entropy.
            recon_reduction: ``"mean"`` (the MSE over all elements) or ``"sum"`` over features.

        Returns:
            The objective; measured: ``recon`` and ``class`` (nats), both unweighted, and
            ``accuracy``, the part of the batch whose most probable class is its label.

        Raises:
            ShapeError: If x_hat is not shaped like x, or labels is not [B].
        """
        expect_shape("labels", labels, x.shape[:1], because=f"x is {list(x.shape)}.")
        recon = squared_error(upcast(x), upcast(output.x_hat), recon_reduction).mean()
        cross_entropy = F.cross_entropy(upcast(output.logits), labels)
        accuracy = (output.logits.detach().argmax(-1) == labels).float().mean()
        return LossResult(
            recon + class_weight * cross_entropy,
            {"recon": recon.detach(), "class": cross_entropy.detach(), "accuracy": accuracy},
        )
