"""The variational autoencoder with a diagonal Gaussian posterior and the prior N(0, I)."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor, nn

from latelier.config.errors import ConfigError
from latelier.losses import (
    LikelihoodType,
    Reduction,
    expect_rank,
    expect_shape,
    kl_divergence_diag_gaussian,
    reduced_log_likelihood,
)
from latelier.models.base import Autoencoder, check_features
from latelier.models.outputs import VAEDecodeOutput, VAEEncodeOutput, VAEOutput
from latelier.models.posterior import FullyFactorizedGaussian, reparameterize
from latelier.models.precision import upcast
from latelier.models.result import LossResult


@final
class VAE(Autoencoder):
    """VAE of a given encoder [B, *shape] → [B, H] and decoder [N, D] → [N, *shape].

    The heads mu and log_var belong to the model and take their width H from `build`.

    Args:
        encoder: Any module that returns one feature vector per example.
        decoder: Any module; its output is linear (a mean), or a logit under Bernoulli. It gets
            the S samples of an example as S rows.
        latent_dim: Size D of the latent vector.

    Source:
        Kingma & Welling, arXiv:1312.6114; β: Higgins et al., ICLR 2017.

    Example:
        >>> import torch
        >>> from torch import nn
        >>> x = torch.zeros(4, 6)
        >>> model = VAE(nn.Linear(6, 5), nn.Linear(2, 6), latent_dim=2).build(x)
        >>> model(x, S=3)
        VAEOutput(x_hat=[4, 3, 6] float32, z=[4, 3, 2] float32, mu=[4, 2] float32, \
log_var=[4, 2] float32)
        >>> sorted(model.compute_loss(x, model(x), beta=4.0).diagnostics)
        ['elbo', 'kl_divergence', 'log_likelihood']
    """

    def __init__(self, encoder: nn.Module, decoder: nn.Module, latent_dim: int) -> None:
        super().__init__(encoder, decoder)
        self.latent_dim = latent_dim
        self.posterior = FullyFactorizedGaussian(latent_dim)

    def _trace(self, sample: Tensor) -> Tensor:
        features = self.encoder(sample)
        check_features("the encoder", features, sample.shape[0])
        mu, _ = self.posterior(features)
        x_hat: Tensor = self.decoder(mu)
        return x_hat

    def forward(self, x: Tensor, S: int = 1) -> VAEOutput:  # noqa: N803  # the field's own name
        """Reconstruct x [B, *shape] from S samples of z.

        In train mode z is drawn from q(z|x) by reparameterization; in eval mode it is the mean,
        S times. The S axis is there for S = 1 too.

        Raises:
            ConfigError: If S < 1 (it is a ValueError).
        """
        encoded = self.encode(x, S)
        return VAEOutput(self._decode(encoded.z), encoded.z, encoded.mu, encoded.log_var)

    def encode(self, x: Tensor, S: int = 1) -> VAEEncodeOutput:  # noqa: N803
        """Encode x [B, *shape] to q(z|x), and to S samples of z (train) or S means (eval).

        Raises:
            ConfigError: If S < 1 (it is a ValueError).
        """
        self._require_built()
        if S < 1:
            raise ConfigError("the number of samples S is too small", got=S, expected="1 or more")
        mu, log_var = self.posterior(self.encoder(x))
        z = mu.unsqueeze(1).expand(-1, S, -1)
        if self.training:
            z = reparameterize(z, log_var.unsqueeze(1))
        return VAEEncodeOutput(z, mu, log_var)

    def decode(self, z: Tensor) -> VAEDecodeOutput:
        """Decode z [B, S, D] to x_hat [B, S, *shape].

        Raises:
            ShapeError: If z has no S axis; it is not guessed. One latent per example is z[:, None].
        """
        self._require_built()
        expect_rank("z", z, "B S D")
        return VAEDecodeOutput(self._decode(z))

    def _decode(self, z: Tensor) -> Tensor:
        x_hat: Tensor = self.decoder(z.flatten(0, 1))
        return x_hat.reshape(*z.shape[:2], *x_hat.shape[1:])

    def sample(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        """Decode n latents drawn from the prior N(0, I).

        Args:
            n: How many.
            generator: Source of the random numbers, on the model's device; the global one if None.

        Returns:
            Decoder outputs, [n, *shape]: means, or logits.
        """
        self._require_built()
        like = self.posterior.mu.bias
        z = torch.randn(
            n, self.latent_dim, generator=generator, device=like.device, dtype=like.dtype
        )
        x_hat: Tensor = self.decoder(z)
        return x_hat

    def compute_loss(
        self,
        x: Tensor,
        output: VAEOutput,
        *,
        beta: float | Tensor = 1.0,
        likelihood: LikelihoodType | str = LikelihoodType.GAUSSIAN,
        recon_reduction: Reduction = "sum",
    ) -> LossResult:
        """Return −mean_B(mean_S log p(x|z) − β·KL(q(z|x) ‖ N(0, I))).

        Args:
            x: Targets, [B, *shape].
            output: What the model returned for them; its x_hat is [B, S, *shape].
            beta: Weight β of the KL.
            likelihood: ``"gaussian"`` of unit variance, or ``"bernoulli"`` on logits.
            recon_reduction: How log p adds up over features. With ``"mean"`` the sum below is no
                ELBO, and β weighs as much more as there are features.

        Returns:
            The objective; measured, all averaged over the batch: ``elbo`` (β-weighted, the
            objective's negative), ``log_likelihood``, ``kl_divergence`` (in nats, without β).

        Raises:
            ShapeError: If x_hat is not [B, S, *shape].
        """
        x, x_hat = upcast(x), upcast(output.x_hat)
        expected = (x.shape[0], output.z.shape[1], *x.shape[1:])  # [B, S, *shape]
        expect_shape("x_hat", x_hat, expected, because=f"x is {list(x.shape)}.")
        targets = x.unsqueeze(1).expand_as(x_hat)
        recon = reduced_log_likelihood(
            targets, x_hat, likelihood, recon_reduction, axes=2
        )  # [B, S]
        divergence = kl_divergence_diag_gaussian(upcast(output.mu), upcast(output.log_var))  # [B]
        ll, kl = recon.mean(1).mean(), divergence.mean()
        elbo = ll - beta * kl
        measured = {"elbo": elbo, "log_likelihood": ll, "kl_divergence": kl}
        return LossResult(-elbo, {name: value.detach() for name, value in measured.items()})
