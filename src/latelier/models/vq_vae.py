"""The VQ-VAE: each piece of the encoder's vector is replaced by the nearest code of a codebook."""

from __future__ import annotations

from typing import final

from torch import Tensor, nn

from latelier.config.errors import ConfigError, ShapeError
from latelier.losses import LikelihoodType, Reduction
from latelier.models.base import Autoencoder, check_features
from latelier.models.codebook import Codebook
from latelier.models.deterministic import mean_log_likelihood
from latelier.models.outputs import AEDecodeOutput, VQVAEEncodeOutput, VQVAEOutput
from latelier.models.precision import upcast
from latelier.models.result import LossResult


@final
class VQVAE(Autoencoder):
    """VQ-VAE of an encoder [B, *shape] → [B, D] and a decoder [B, D] → [B, *shape].

    The vector is cut into D / code_dim pieces, and all pieces share one codebook.

    Args:
        encoder: Any module that returns the vector to quantize.
        decoder: Any module; its output is linear (a mean), or a logit under Bernoulli.
        codes: Codes in the codebook, K.
        code_dim: Size E of a code; D is a multiple of it.
        ema_decay: Decay of the moving averages that the codes are.
        revive_below: Average uses per batch below which a code starts anew; 0 for never.

    Source:
        van den Oord et al., arXiv:1711.00937, eq. 3 and app. A.1.
    """

    def __init__(
        self,
        encoder: nn.Module,
        decoder: nn.Module,
        codes: int,
        code_dim: int,
        ema_decay: float = 0.99,
        revive_below: float = 0.5,
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.codebook = Codebook(codes, code_dim, ema_decay=ema_decay, revive_below=revive_below)

    def _trace(self, sample: Tensor) -> Tensor:
        z_e = self.encoder(sample)
        check_features("the encoder", z_e, sample.shape[0])
        self.latent_dim = z_e.shape[1]
        if self.latent_dim % self.codebook.code_dim:
            raise ShapeError(
                "the encoder's vector cannot be cut into codes",
                got=f"{self.latent_dim} dimensions",
                expected=f"a multiple of code_dim {self.codebook.code_dim}",
            )
        x_hat: Tensor = self.decoder(z_e)
        return x_hat

    def forward(self, x: Tensor) -> VQVAEOutput:
        """Reconstruct x [B, *shape] from quantized codes.

        In train mode the codebook follows the pieces of the batch (it learns by moving averages,
        not by gradient), and starts from the first batch's.
        """
        encoded = self.encode(x)
        if self.training:
            self.codebook.follow(encoded.z_e, encoded.tokens)
        straight = encoded.z_e + (encoded.z - encoded.z_e).detach()
        return VQVAEOutput(self.decoder(straight), encoded.z, encoded.z_e, encoded.tokens)

    def encode(self, x: Tensor) -> VQVAEEncodeOutput:
        """Encode x [B, *shape] to z_e [B, D], its codes z [B, D], and tokens [B, D / code_dim]."""
        self._require_input(x)
        z_e = self.encoder(x)
        if self.training:
            self.codebook.start(z_e)
        z, tokens = self.codebook(z_e)
        return VQVAEEncodeOutput(z, z_e, tokens)

    def decode(self, z: Tensor) -> AEDecodeOutput:
        """Decode z [B, D], quantized or not, to x_hat [B, *shape]."""
        self._require_latents(z)
        return AEDecodeOutput(self.decoder(z))

    def decode_tokens(self, tokens: Tensor) -> AEDecodeOutput:
        """Decode tokens [B, D / code_dim] to x_hat [B, *shape].

        Raises:
            ConfigError: If a token is outside the codebook.
        """
        low, high = (int(bound) for bound in tokens.aminmax())
        if low < 0 or high >= self.codebook.codes:
            raise ConfigError(
                "a token is outside the codebook",
                got=f"{low} to {high}",
                expected=f"0 to {self.codebook.codes - 1}",
            )
        return self.decode(self.codebook.look_up(tokens))

    def compute_loss(
        self,
        x: Tensor,
        output: VQVAEOutput,
        *,
        commitment: float | Tensor = 0.25,
        likelihood: LikelihoodType | str = LikelihoodType.GAUSSIAN,
        recon_reduction: Reduction = "sum",
    ) -> LossResult:
        """Return −log p(x|z) + commitment · Σ_d (z_e − sg(z))², averaged over the batch.

        Args:
            x: Targets, [B, *shape].
            output: What the model returned for them.
            commitment: Weight of the commitment term, summed over dimensions.
            likelihood: What p(x|z) is; a `LikelihoodType` or its name.
            recon_reduction: How log p adds up over features.

        Returns:
            The objective; measured: ``log_likelihood``, ``commitment`` (unweighted),
            ``perplexity`` (exp of the entropy of the codes in the batch, 1 … K).

        Raises:
            ShapeError: If x_hat is not shaped like x.
        """
        ll = mean_log_likelihood(x, output.x_hat, likelihood, recon_reduction)
        distance = (upcast(output.z_e) - upcast(output.z).detach()).square().sum(1).mean()
        measured = {"log_likelihood": ll, "commitment": distance}
        measured = {name: value.detach() for name, value in measured.items()}
        measured["perplexity"] = self.codebook.perplexity(output.tokens)
        return LossResult(commitment * distance - ll, measured)
