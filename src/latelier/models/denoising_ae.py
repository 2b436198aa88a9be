"""The denoising autoencoder: a clean example from the code of a corrupted one."""

from __future__ import annotations

from typing import Literal, final

from torch import Tensor, nn

from latelier.config.errors import ConfigError
from latelier.losses import LikelihoodType, Reduction, normal_like, uniform_like
from latelier.models.base import Autoencoder, check_features
from latelier.models.deterministic import mean_log_likelihood
from latelier.models.outputs import AEDecodeOutput, AEEncodeOutput, AEOutput
from latelier.models.result import LossResult

Corruption = Literal["gaussian", "mask"]


@final
class DenoisingAE(Autoencoder):
    """Denoising autoencoder of an encoder [B, *shape] → [B, D] and a decoder back.

    Args:
        encoder: Any module that returns the code z itself.
        decoder: Any module; its output is linear (a mean), or a logit under Bernoulli.
        corruption: ``"gaussian"`` adds noise, ``"mask"`` sets features to zero.

    Source:
        Vincent et al., JMLR 11 (2010).
    """

    def __init__(
        self, encoder: nn.Module, decoder: nn.Module, corruption: Corruption = "gaussian"
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        if corruption not in ("gaussian", "mask"):
            raise ConfigError(
                "the corruption is unknown", got=repr(corruption), expected="'gaussian' or 'mask'"
            )
        self.corruption = corruption

    def _trace(self, sample: Tensor) -> Tensor:
        z = self.encoder(sample)
        check_features("the encoder", z, sample.shape[0])
        self.latent_dim = z.shape[1]
        x_hat: Tensor = self.decoder(z)
        return x_hat

    def forward(self, x: Tensor, noise: float | Tensor = 0.3) -> AEOutput:
        """Reconstruct x [B, *shape]: from a corrupted copy in train mode, from x in eval mode.

        Args:
            x: Clean examples.
            noise: Standard deviation of the added noise, or the share of features that is masked.
        """
        z = self.encode(self.corrupt(x, noise) if self.training else x).z
        return AEOutput(self.decoder(z), z)

    def corrupt(self, x: Tensor, noise: float | Tensor) -> Tensor:
        """Return a corrupted copy of x; random numbers come from the global generator."""
        if self.corruption == "gaussian":
            return x + noise * normal_like(x)
        return x * (uniform_like(x) >= noise)

    def encode(self, x: Tensor) -> AEEncodeOutput:
        """Encode x [B, *shape] as it is to z [B, D]."""
        self._require_input(x)
        return AEEncodeOutput(self.encoder(x))

    def decode(self, z: Tensor) -> AEDecodeOutput:
        """Decode z [B, D] to x_hat [B, *shape]."""
        self._require_latents(z)
        return AEDecodeOutput(self.decoder(z))

    def compute_loss(
        self,
        x: Tensor,
        output: AEOutput,
        *,
        likelihood: LikelihoodType | str = LikelihoodType.GAUSSIAN,
        recon_reduction: Reduction = "sum",
    ) -> LossResult:
        """Return −log p(x|z) of the clean x, averaged over the batch.

        Args:
            x: Clean targets, [B, *shape].
            output: What the model returned for them.
            likelihood: What p(x|z) is; a `LikelihoodType` or its name.
            recon_reduction: How log p adds up over features.

        Returns:
            The objective; measured: ``log_likelihood``, its negative.

        Raises:
            ShapeError: If x_hat is not shaped like x.
        """
        ll = mean_log_likelihood(x, output.x_hat, likelihood, recon_reduction)
        return LossResult(-ll, {"log_likelihood": ll.detach()})
