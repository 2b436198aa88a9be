"""What autoencoders with a diagonal Gaussian posterior share; they differ in the objective."""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import Tensor, nn

from latelier.config.errors import ConfigError
from latelier.losses import (
    LikelihoodType,
    Reduction,
    expect_shape,
    kl_divergence_diag_gaussian,
    reduced_log_likelihood,
)
from latelier.models.base import Autoencoder, check_features
from latelier.models.noise import ObservationNoise
from latelier.models.outputs import VAEDecodeOutput, VAEEncodeOutput, VAEOutput
from latelier.models.posterior import FullyFactorizedGaussian, reparameterize
from latelier.models.precision import upcast


class VariationalAutoencoder(Autoencoder):
    """Encoder [B, *shape] → [B, H], Gaussian heads, decoder [N, D] → [N, *shape].

    A member of the family is a final subclass that says what its prior is and what it minimizes.
    The heads mu and log_var belong to the model and take their width H from `build`.

    Args:
        encoder: Any module that returns one feature vector per example.
        decoder: Any module; its output is linear (a mean), or a logit under Bernoulli. It gets
            the S samples of an example as S rows.
        latent_dim: Size D of the latent vector.
        noise: Scale of p(x|z); 1, with its constant left out, when None.

    Source:
        Kingma & Welling, arXiv:1312.6114.
    """

    def __init__(
        self,
        encoder: nn.Module,
        decoder: nn.Module,
        latent_dim: int,
        noise: ObservationNoise | None = None,
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.latent_dim = latent_dim
        self.posterior = FullyFactorizedGaussian(latent_dim)
        self.noise = noise or ObservationNoise()

    @abstractmethod
    def prior(self) -> tuple[Tensor, Tensor]:
        """Return means and log variances of the prior's equally likely components, [P, D] each."""

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
        x_hat = self.decode_samples(encoded.z)
        return VAEOutput(x_hat, encoded.z, encoded.mu, encoded.log_var)

    def encode(self, x: Tensor, S: int = 1) -> VAEEncodeOutput:  # noqa: N803
        """Encode x [B, *shape] to q(z|x), and to S samples of z (train) or S means (eval).

        Raises:
            ConfigError: If S < 1 (it is a ValueError).
        """
        self._require_input(x)
        check_samples(S)
        mu, log_var = self.posterior(self.encoder(x))
        return VAEEncodeOutput(draw(mu, log_var, S, noise=self.training), mu, log_var)

    def decode(self, z: Tensor) -> VAEDecodeOutput:
        """Decode z [B, S, D] to x_hat [B, S, *shape].

        Raises:
            ShapeError: If z has no S axis; it is not guessed. One latent per example is z[:, None].
        """
        self._require_latents(z, "B S D")
        return VAEDecodeOutput(self.decode_samples(z))

    def decode_samples(self, z: Tensor) -> Tensor:
        """Decode z [B, S, D] to decoder outputs [B, S, *shape], all samples in one batch."""
        x_hat: Tensor = self.decoder(z.flatten(0, 1))
        return x_hat.reshape(*z.shape[:2], *x_hat.shape[1:])

    def sample(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        """Decode n latents drawn from the prior.

        Args:
            n: How many.
            generator: Source of the random numbers, on the model's device; the global one if None.

        Returns:
            Decoder outputs, [n, *shape]: means, or logits.
        """
        self._require_built()
        mu, log_var = self.prior()
        noise = torch.randn(
            n, self.latent_dim, generator=generator, device=mu.device, dtype=mu.dtype
        )
        if len(mu) > 1:
            component = torch.randint(len(mu), (n,), generator=generator, device=mu.device)
            mu, log_var = mu[component], log_var[component]
        x_hat: Tensor = self.decoder(mu + torch.exp(0.5 * log_var) * noise)
        return x_hat

    def log_likelihood(
        self,
        x: Tensor,
        output: VAEOutput,
        likelihood: LikelihoodType | str,
        recon_reduction: Reduction,
    ) -> Tensor:
        """Return log p(x|z) of every sample, [B, S], reduced over features.

        Raises:
            ShapeError: If x_hat is not [B, S, *shape].
            ConfigError: If the likelihood or the reduction is unknown, or has no scale to set.
        """
        x, x_hat = upcast(x), upcast(output.x_hat)
        expected = (x.shape[0], output.z.shape[1], *x.shape[1:])  # [B, S, *shape]
        expect_shape("x_hat", x_hat, expected, because=f"x is {list(x.shape)}.")
        targets = x.unsqueeze(1).expand_as(x_hat)
        unit = reduced_log_likelihood(targets, x_hat, likelihood, recon_reduction, axes=2)
        features = x[0].numel() if recon_reduction == "sum" else 1
        scaled: Tensor = self.noise(unit, likelihood, features)
        return scaled

    def elbo_terms(
        self,
        x: Tensor,
        output: VAEOutput,
        likelihood: LikelihoodType | str,
        recon_reduction: Reduction,
    ) -> tuple[Tensor, Tensor]:
        """Return mean_B mean_S log p(x|z), and mean_B KL(q(z|x) ‖ N(0, I)) in nats.

        Raises:
            ShapeError: If x_hat is not [B, S, *shape].
        """
        recon = self.log_likelihood(x, output, likelihood, recon_reduction)  # [B, S]
        divergence = kl_divergence_diag_gaussian(upcast(output.mu), upcast(output.log_var))  # [B]
        return recon.mean(1).mean(), divergence.mean()

    def _standard_normal(self) -> tuple[Tensor, Tensor]:
        """Return the prior N(0, I) on the model's device: zeros [1, D], twice."""
        zeros = self.posterior.mu.weight.new_zeros(1, self.latent_dim)
        return zeros, zeros


def check_samples(S: int) -> None:  # noqa: N803
    """Raise `ConfigError` (a ValueError) unless at least one sample is asked for."""
    if not hasattr(S, "__index__"):
        raise ConfigError(
            "the number of samples S is no whole number", got=repr(S), expected="1 or more"
        )
    if S < 1:
        raise ConfigError(
            "the number of samples S is too small",
            got=S,
            expected="1 or more",
            remedy="Pass S=1, or leave it out.",
        )


def draw(mu: Tensor, log_var: Tensor, S: int, *, noise: bool) -> Tensor:  # noqa: N803
    """Return [B, S, D]: S samples of N(μ, σ²) per row of mu [B, D], or the mean S times."""
    z = mu.unsqueeze(1).expand(-1, S, -1)
    return reparameterize(z, log_var.unsqueeze(1)) if noise else z


def measurements(elbo: Tensor, ll: Tensor, kl: Tensor, **others: Tensor) -> dict[str, Tensor]:
    """Return what members of the family measure, detached: the ELBO, its two terms, and others."""
    named = {"elbo": elbo, "log_likelihood": ll, "kl_divergence": kl, **others}
    return {name: value.detach() for name, value in named.items()}
