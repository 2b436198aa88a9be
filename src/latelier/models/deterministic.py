"""What autoencoders without a posterior share: z = f(x), x̂ = g(z)."""

from __future__ import annotations

from torch import Tensor, nn

from latelier.losses import LikelihoodType, Reduction, reduced_log_likelihood
from latelier.models.base import Autoencoder, check_features
from latelier.models.outputs import AEDecodeOutput, AEEncodeOutput, AEOutput
from latelier.models.precision import upcast


class DeterministicAutoencoder(Autoencoder):
    """Encoder [B, *shape] → [B, D] and decoder [B, D] → [B, *shape], without noise.

    A member of the family is a final subclass that says what it minimizes.

    Args:
        encoder: Any module that returns the code z itself.
        decoder: Any module; its output is linear (a mean), or a logit under Bernoulli.
    """

    def __init__(self, encoder: nn.Module, decoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder

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
        self._require_input(x)
        return AEEncodeOutput(self.encoder(x))

    def decode(self, z: Tensor) -> AEDecodeOutput:
        """Decode z [B, D] to x_hat [B, *shape]."""
        self._require_latents(z)
        return AEDecodeOutput(self.decoder(z))


def mean_log_likelihood(
    x: Tensor, x_hat: Tensor, likelihood: LikelihoodType | str, recon_reduction: Reduction
) -> Tensor:
    """Return mean_B log p(x|z), reduced over features: a scalar.

    Raises:
        ShapeError: If x_hat is not shaped like x.
    """
    return reduced_log_likelihood(upcast(x), upcast(x_hat), likelihood, recon_reduction).mean()
