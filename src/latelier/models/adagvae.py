"""The adaptive group VAE: pairs share the latent dimensions that did not change between them."""

from __future__ import annotations

from typing import Literal, final

import torch
from torch import Tensor

from latelier.config.errors import ConfigError, ShapeError
from latelier.losses import (
    LikelihoodType,
    Reduction,
    expect_shape,
    gaussian_kl_per_dimension,
)
from latelier.models.base import Autoencoder
from latelier.models.outputs import AdaGVAEOutput, VAEDecodeOutput, VAEEncodeOutput, VAEOutput
from latelier.models.precision import upcast
from latelier.models.result import LossResult
from latelier.models.vae import VAE
from latelier.models.variational import check_samples, draw

Averaging = Literal["gvae", "mlvae"]
Divergence = Literal["forward", "symmetric"]
Pair = tuple[Tensor, Tensor]


@final
class AdaGVAE(Autoencoder):
    """AdaGVAE around a VAE, which it trains on pairs; single examples go through the VAE.

    Args:
        vae: A `VAE`, built or not.
        averaging: How two posteriors become one in a shared dimension: ``"gvae"`` takes the means
            of μ and of σ², ``"mlvae"`` the product of the two densities.
        divergence: What decides which dimensions are shared: ``"forward"`` KL(q₁‖q₂), or the
            ``"symmetric"`` mean of both directions.

    Source:
        Locatello et al., arXiv:2002.02886, section 4; the product: Bouchacourt et al.,
        arXiv:1705.08841.

    Example:
        >>> import torch
        >>> from torch import nn
        >>> x1, x2 = torch.zeros(4, 6), torch.ones(4, 6)
        >>> model = AdaGVAE(VAE(nn.Linear(6, 5), nn.Linear(2, 6), latent_dim=2)).build(x1)
        >>> output = model((x1, x2), S=3)
        >>> output.output1.z.shape
        torch.Size([4, 3, 2])
        >>> sorted(model.compute_loss((x1, x2), output, beta=4.0).diagnostics)
        ['elbo', 'kl_divergence_x1', 'kl_divergence_x2', 'log_likelihood_x1', \
'log_likelihood_x2', 'shared']
    """

    def __init__(
        self, vae: VAE, *, averaging: Averaging = "gvae", divergence: Divergence = "forward"
    ) -> None:
        super().__init__()
        if not isinstance(vae, VAE):
            raise ConfigError(
                "AdaGVAE is made around a VAE",
                got=type(vae).__name__,
                expected="latelier.models.VAE",
                remedy="Write AdaGVAE(VAE(encoder, decoder, latent_dim)).",
            )
        _expect("averaging", averaging, ("gvae", "mlvae"))
        _expect("divergence", divergence, ("forward", "symmetric"))
        self.vae = vae
        self.latent_dim = vae.latent_dim
        self.averaging, self.divergence = averaging, divergence

    def _trace(self, sample: Tensor) -> Tensor:
        x_hat: Tensor = self.vae.build(sample)(sample).x_hat[:, 0]
        return x_hat

    def forward(self, x: Pair, S: int = 1) -> AdaGVAEOutput:  # noqa: N803  # the field's own name
        """Reconstruct both examples of each pair from S samples of their adapted posteriors.

        Both posteriors are sampled independently, also in the dimensions that they share. In eval
        mode z is the adapted mean, S times.

        Args:
            x: (x1, x2), both [B, *shape].
            S: Samples per example.

        Raises:
            ConfigError: If S < 1 (it is a ValueError).
            ShapeError: If x is no pair, or its halves differ in shape.
        """
        self._require_built()
        check_samples(S)
        x1, x2 = _pair(x)
        first, second = self.vae.encode(x1), self.vae.encode(x2)
        shared = self.shared(first, second)
        mu, log_var = self._average(first, second)
        outputs = []
        for encoded in (first, second):
            adapted_mu = torch.where(shared, mu, encoded.mu)
            adapted_log_var = torch.where(shared, log_var, encoded.log_var)
            z = draw(adapted_mu, adapted_log_var, S, noise=self.training)
            outputs.append(VAEOutput(self.vae.decode_samples(z), z, adapted_mu, adapted_log_var))
        return AdaGVAEOutput(*outputs)

    def shared(self, first: VAEEncodeOutput, second: VAEEncodeOutput) -> Tensor:
        """Tell which dimensions a pair shares, [B, D]: those whose divergence is below τ.

        δ_d is the divergence of the two posteriors in dimension d, and
        τ = ½ (max_d δ_d + min_d δ_d), pair by pair. No gradient passes through the choice.
        """
        parts = (first.mu, first.log_var, second.mu, second.log_var)
        mu1, log_var1, mu2, log_var2 = (upcast(part).detach() for part in parts)
        delta = gaussian_kl_per_dimension(mu1, log_var1, mu2, log_var2)
        if self.divergence == "symmetric":
            delta = 0.5 * (delta + gaussian_kl_per_dimension(mu2, log_var2, mu1, log_var1))
        threshold = 0.5 * (delta.amax(1, keepdim=True) + delta.amin(1, keepdim=True))
        return delta < threshold

    def _average(self, first: VAEEncodeOutput, second: VAEEncodeOutput) -> Pair:
        """Return one posterior for both, mean and log variance [B, D], in every dimension."""
        if self.averaging == "gvae":
            log_var = torch.logaddexp(first.log_var, second.log_var) - torch.log(
                first.log_var.new_tensor(2.0)
            )
            return 0.5 * (first.mu + second.mu), log_var
        # The product of two Gaussians: precisions add up, means are weighted by them.
        log_var = -torch.logaddexp(-first.log_var, -second.log_var)
        weighted = first.mu * torch.exp(-first.log_var) + second.mu * torch.exp(-second.log_var)
        return weighted * torch.exp(log_var), log_var

    def encode(self, x: Tensor, S: int = 1) -> VAEEncodeOutput:  # noqa: N803
        """Encode single examples x [B, *shape]; see `VAE.encode`."""
        self._require_built()
        return self.vae.encode(x, S)

    def decode(self, z: Tensor) -> VAEDecodeOutput:
        """Decode z [B, S, D]; see `VAE.decode`."""
        self._require_built()
        return self.vae.decode(z)

    def prior(self) -> Pair:
        """Return N(0, I); see `VariationalAutoencoder.prior`."""
        return self.vae.prior()

    def sample(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        """Decode n latents drawn from N(0, I), [n, *shape]; see `VAE.sample`."""
        self._require_built()
        return self.vae.sample(n, generator=generator)

    def compute_loss(
        self,
        x: Pair,
        output: AdaGVAEOutput,
        beta: float | Tensor = 1.0,
        likelihood: LikelihoodType | str = LikelihoodType.GAUSSIAN,
        *,
        recon_reduction: Reduction = "sum",
    ) -> LossResult:
        """Return the sum of both views' −(log p(x|z) − β · KL), averaged over the batch.

        Args:
            x: (x1, x2), both [B, *shape].
            output: What the model returned for them.
            beta: Weight β of the KL.
            likelihood: What p(x|z) is; a `LikelihoodType` or its name.
            recon_reduction: How log p adds up over features.

        Returns:
            The objective; measured, averaged over the batch: ``elbo`` (of both, β-weighted),
            ``log_likelihood_x1``, ``log_likelihood_x2``, ``kl_divergence_x1``,
            ``kl_divergence_x2`` (nats, without β), ``shared`` (share of equal dimensions).

        Raises:
            ShapeError: If x is no pair, or an x_hat is not [B, S, *shape].
        """
        x1, x2 = _pair(x)
        first = self.vae.elbo_terms(x1, output.output1, likelihood, recon_reduction)
        second = self.vae.elbo_terms(x2, output.output2, likelihood, recon_reduction)
        elbo = first[0] + second[0] - beta * (first[1] + second[1])
        equal = (output.output1.mu == output.output2.mu).to(elbo.dtype).mean()
        measured = {
            "elbo": elbo,
            "log_likelihood_x1": first[0],
            "log_likelihood_x2": second[0],
            "kl_divergence_x1": first[1],
            "kl_divergence_x2": second[1],
            "shared": equal,
        }
        return LossResult(-elbo, {name: value.detach() for name, value in measured.items()})


def _pair(x: object) -> Pair:
    """Return the two halves of a pair, or say what was given instead."""
    if isinstance(x, tuple | list) and len(x) == 2 and all(isinstance(p, Tensor) for p in x):
        first, second = x
        expect_shape("x2", second, first.shape, because=f"x1 is {list(first.shape)}.")
        return first, second
    raise ShapeError(
        "AdaGVAE takes pairs",
        got=f"a tensor {list(x.shape)}" if isinstance(x, Tensor) else type(x).__name__,
        expected="(x1, x2), two tensors of one shape",
        remedy="For single examples use encode, decode, or model.vae.",
    )


def _expect(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ConfigError(f"{name} is unknown", got=repr(value), expected=" or ".join(choices))
