"""The VAE whose prior is a mixture of Gaussians with learned means and variances."""

from __future__ import annotations

import math
from typing import final

import torch
from torch import Tensor, nn

from latelier.config.errors import ConfigError
from latelier.losses import (
    Reduction,
    categorical_kl_to_uniform,
    component_log_densities,
    entropy_from_log_probs,
    expect_rank,
    expect_shape,
    expected_gaussian_kl,
    kl_divergence_diag_gaussian,
    squared_error,
)
from latelier.models.base import Autoencoder, check_features
from latelier.models.outputs import GMVAEDecodeOutput, GMVAEEncodeOutput, GMVAEOutput
from latelier.models.posterior import FullyFactorizedGaussian, reparameterize
from latelier.models.precision import upcast
from latelier.models.result import LossResult
from latelier.models.softmax_fit import fit_softmax


@final
class GMVAE(Autoencoder):
    """Gaussian-mixture VAE: c uniform over K components, p(z|c) = N(μ_c, σ_c²), p(x|z).

    q(c|x) and q(z|x) are heads on the same features. Expectations over c are exact sums.

    Args:
        encoder: Any module [B, *shape] → [B, H].
        decoder: Any module [B, D] → [B, *shape]; its output is linear.
        latent_dim: Size D of the latent vector.
        components: Number K of mixture components.

    Example:
        >>> import torch
        >>> from torch import nn
        >>> x = torch.zeros(4, 6)
        >>> model = GMVAE(nn.Linear(6, 5), nn.Linear(2, 6), latent_dim=2, components=3).build(x)
        >>> model(x)
        GMVAEOutput(x_hat=[4, 6] float32, z=[4, 2] float32, mu=[4, 2] float32, \
log_var=[4, 2] float32, logits=[4, 3] float32)
        >>> model.sample(7, component=1).shape
        torch.Size([7, 6])
    """

    def __init__(
        self, encoder: nn.Module, decoder: nn.Module, latent_dim: int, components: int
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        if components < 1:
            raise ConfigError("too few components", got=components, expected="1 or more")
        self.latent_dim = latent_dim
        self.components = components
        self.posterior = FullyFactorizedGaussian(latent_dim)
        self.categorical = nn.LazyLinear(components)
        self.component_mu = nn.Parameter(torch.randn(components, latent_dim))
        self.component_log_var = nn.Parameter(torch.zeros(components, latent_dim))

    def _trace(self, sample: Tensor) -> Tensor:
        features = self.encoder(sample)
        check_features("the encoder", features, sample.shape[0])
        self.categorical(features)
        mu, _ = self.posterior(features)
        x_hat: Tensor = self.decoder(mu)
        return x_hat

    def forward(self, x: Tensor) -> GMVAEOutput:
        """Reconstruct x [B, *shape] from one z: drawn from q(z|x) in train mode, μ in eval mode."""
        encoded = self.encode(x)
        return GMVAEOutput(
            self.decoder(encoded.z), encoded.z, encoded.mu, encoded.log_var, encoded.logits
        )

    def encode(self, x: Tensor) -> GMVAEEncodeOutput:
        """Encode x [B, *shape] to q(z|x), z and q(c|x); z is a sample (train) or μ (eval)."""
        features = self.features(x)
        mu, log_var = self.posterior(features)
        z = reparameterize(mu, log_var) if self.training else mu
        return GMVAEEncodeOutput(z, mu, log_var, self.categorical(features))

    def features(self, x: Tensor) -> Tensor:
        """Return the encoder's features of x [B, *shape], [B, H]: what the heads read."""
        self._require_input(x)
        features: Tensor = self.encoder(x)
        return features

    def decode(self, z: Tensor) -> GMVAEDecodeOutput:
        """Decode z [B, D] to x_hat [B, *shape]."""
        self._require_latents(z)
        return GMVAEDecodeOutput(self.decoder(z))

    def component_posterior(self, z: Tensor) -> Tensor:
        """Return p(c|z), [B, K], of latents [B, D] under the mixture itself (not the encoder)."""
        densities = component_log_densities(
            z, component_mu=self.component_mu, component_log_var=self.component_log_var
        )
        return torch.softmax(densities, -1)

    def sample_latents(
        self, n: int, *, component: int | None = None, generator: torch.Generator | None = None
    ) -> Tensor:
        """Draw n latents from p(z|c), or from the whole prior.

        Args:
            n: How many.
            component: The component c, 0 … K − 1; None draws c uniformly for each latent.
            generator: Source of the random numbers, on the model's device; the global one if None.

        Returns:
            Latents, [n, D].

        Raises:
            ConfigError: If there is no such component.
        """
        mu, device = self.component_mu, self.component_mu.device
        if component is None:
            c = torch.randint(self.components, (n,), generator=generator, device=device)
        elif 0 <= component < self.components:
            c = torch.full((n,), component, device=device)
        else:
            raise ConfigError(
                "there is no such component",
                got=component,
                expected=f"0 to {self.components - 1}, or None for the whole prior",
            )
        noise = torch.randn(n, self.latent_dim, generator=generator, device=device, dtype=mu.dtype)
        return mu[c] + torch.exp(0.5 * self.component_log_var[c]) * noise

    def sample(
        self, n: int, *, component: int | None = None, generator: torch.Generator | None = None
    ) -> Tensor:
        """Decode n latents of `sample_latents`; returns [n, *shape]."""
        self._require_built()
        x_hat: Tensor = self.decoder(
            self.sample_latents(n, component=component, generator=generator)
        )
        return x_hat

    @torch.no_grad()
    def initialize_mixture(self, component_mu: Tensor, component_log_var: Tensor) -> None:
        """Set the components, for instance to a mixture fitted to latents.

        Args:
            component_mu: Means, [K, D].
            component_log_var: Log variances, [K, D].

        Raises:
            ShapeError: If either is not [K, D].
        """
        shape = (self.components, self.latent_dim)
        because = f"There are {shape[0]} components of {shape[1]} dimensions."
        expect_shape("component_mu", component_mu, shape, because=because)
        expect_shape("component_log_var", component_log_var, shape, because=because)
        self.component_mu.copy_(component_mu)
        self.component_log_var.copy_(component_log_var)

    def fit_categorical_head(
        self, features: Tensor, responsibilities: Tensor, *, steps: int = 200, lr: float = 0.1
    ) -> float:
        """Replace the head of q(c|x) by one that reproduces given responsibilities.

        Multinomial logistic regression on all rows at once, from zero weights; no random numbers,
        so it is deterministic. Nothing but the head changes.

        Args:
            features: What the head reads, [N, H], from `features` in eval mode.
            responsibilities: Targets for q(c|x), [N, K]; rows sum to 1.
            steps: Updates of Adam.
            lr: Its learning rate, on standardized features.

        Returns:
            Mean KL(responsibilities ‖ q(c|x)) over the rows after the fit, in nats.

        Raises:
            ShapeError: If the shapes disagree on N, H or K.
        """
        self._require_built()
        expect_rank("features", features, "N H")
        expect_shape(
            "features",
            features,
            (features.shape[0], self.categorical.in_features),
            because="Take them from model.features(x).",
        )
        expect_shape(
            "responsibilities",
            responsibilities,
            (features.shape[0], self.components),
            because=f"features is {list(features.shape)}.",
        )
        weight, bias, divergence = fit_softmax(features, responsibilities, steps=steps, lr=lr)
        with torch.no_grad():
            self.categorical.weight.copy_(weight)
            self.categorical.bias.copy_(bias)
        return divergence

    def compute_loss(
        self,
        x: Tensor,
        output: GMVAEOutput,
        *,
        kld_weight: float | Tensor = 1.0,
        cat_kl_weight: float | Tensor = 1.0,
        entropy_bonus_weight: float | Tensor = 0.0,
        mixture: float | Tensor = 1.0,
        recon_reduction: Reduction = "mean",
    ) -> LossResult:
        """Return recon + kld_weight · (m · w_cat · kld_c + kld_z) − w_ent · H(q̄), in that order.

        kld_c = KL(q(c|x) ‖ uniform); kld_z = m · E_q(c|x)[KL(q(z|x) ‖ p(z|c))] +
        (1 − m) · KL(q(z|x) ‖ N(0, I)), with m = ``mixture``; each averaged over the batch. H(q̄) is
        the entropy of the batch mean of q(c|x), which is high while all components are in use.

        Args:
            x: Targets, [B, *shape].
            output: What the model returned for them.
            kld_weight: Weight of both KL terms.
            cat_kl_weight: w_cat, the further weight of kld_c.
            entropy_bonus_weight: w_ent, the weight of H(q̄), in nats.
            mixture: m. 1 is the GM-VAE; 0 is a VAE with the prior N(0, I), the warm-up, in which
                neither the components nor q(c|x) get a gradient from the KL terms.
            recon_reduction: ``"mean"`` (the MSE over all elements) or ``"sum"`` over features.
                With ``"mean"``, kld_weight = 1 is as much as β = F/2 of an ELBO over F features.

        Returns:
            The objective; measured: ``recon``, ``kld_c`` and ``kld_z`` (nats), all unweighted,
            kld_c also without m; ``cat_kl_weight``, ``entropy_bonus_weight``; and the health of
            q(c|x): ``qc_entropy_mean`` (mean entropy of a row, nats), ``qc_neff`` (exp H(q̄), 1 …
            K), ``qc_pmax`` (mean of the largest probability of a row), ``qc_argmax_counts`` [K]
            (how often each component is the most probable one).

        Raises:
            ShapeError: If shapes disagree; the message names the tensor.
        """
        recon = squared_error(upcast(x), upcast(output.x_hat), recon_reduction).mean()
        log_q = torch.log_softmax(upcast(output.logits), -1)  # log q(c|x), [B, K]
        log_mean_q = torch.logsumexp(log_q, 0) - math.log(log_q.shape[0])  # log q̄, [K]
        bonus = entropy_from_log_probs(log_mean_q)
        kld_c = categorical_kl_to_uniform(log_q).mean()
        kld_z = self._latent_kl(output, log_q.exp(), mixture).mean()
        kl = mixture * cat_kl_weight * kld_c + kld_z
        return LossResult(
            recon + kld_weight * kl - entropy_bonus_weight * bonus,
            {
                "recon": recon.detach(),
                "kld_c": kld_c.detach(),
                "kld_z": kld_z.detach(),
                "cat_kl_weight": _as_scalar(cat_kl_weight, recon),
                "entropy_bonus_weight": _as_scalar(entropy_bonus_weight, recon),
                **_assignment_health(log_q.detach(), bonus.detach()),
            },
        )

    def _latent_kl(
        self, output: GMVAEOutput, responsibilities: Tensor, mixture: float | Tensor
    ) -> Tensor:
        """kld_z of every example, [B]; the two plain cases do not compute the other's term."""
        mu, log_var = upcast(output.mu), upcast(output.log_var)
        if isinstance(mixture, float | int) and mixture == 0:
            return kl_divergence_diag_gaussian(mu, log_var)
        to_components = expected_gaussian_kl(
            responsibilities,
            mu,
            log_var,
            component_mu=upcast(self.component_mu),
            component_log_var=upcast(self.component_log_var),
        )
        if isinstance(mixture, float | int) and mixture == 1:
            return to_components
        to_normal = kl_divergence_diag_gaussian(mu, log_var)
        return mixture * to_components + (1 - mixture) * to_normal


def _assignment_health(log_q: Tensor, mean_entropy: Tensor) -> dict[str, Tensor]:
    """Measure q(c|x) of a batch from its logs [B, K] and the entropy of its mean."""
    pmax, winner = log_q.max(-1)
    categories = torch.arange(log_q.shape[1], device=log_q.device)
    return {
        "qc_entropy_mean": entropy_from_log_probs(log_q).mean(),
        "qc_neff": mean_entropy.exp(),
        "qc_pmax": pmax.exp().mean(),
        "qc_argmax_counts": (winner.unsqueeze(-1) == categories).sum(0),
    }


def _as_scalar(weight: float | Tensor, like: Tensor) -> Tensor:
    return weight.detach() if isinstance(weight, Tensor) else like.new_full((), weight)
