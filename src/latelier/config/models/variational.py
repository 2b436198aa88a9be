"""Configuration of the autoencoders with a Gaussian posterior."""

from __future__ import annotations

from typing import Literal

from latelier.config.base import setting
from latelier.config.models.sections import LikelihoodSection, ModelSection


class VariationalSection(ModelSection):
    """What every model with a Gaussian posterior has: samples, and noise of p(x|z)."""

    samples: int = setting(
        1, "Monte Carlo samples S of z per example in training.", unit="samples", ge=1, le=256
    )
    decoder_noise: Literal["unit", "fixed", "learned"] = setting(
        "unit",
        "Scale of p(x|z) under a 'gaussian' or 'laplace' likelihood: 1 with the constant left out, "
        "a fixed decoder_scale, or one learned number that starts there.",
    )
    decoder_scale: float = setting(
        1.0, "That scale; read when decoder_noise is not 'unit'.", gt=0, le=1000
    )


class VAEModel(VariationalSection):
    """Variational autoencoder with a diagonal Gaussian posterior and the prior N(0, I)."""

    kind: Literal["vae"] = "vae"


class VAEObjective(LikelihoodSection):
    """−ELBO with the KL divergence weighted by β."""

    kind: Literal["vae"] = "vae"
    beta: float = setting(1.0, "Weight β of KL(q(z|x) ‖ N(0, I)).", ge=0)


class BetaVAEModel(VariationalSection):
    """β-VAE: a VAE whose KL is weighted strongly, or held at a capacity."""

    kind: Literal["beta-vae"] = "beta-vae"


class BetaVAEObjective(LikelihoodSection):
    """−log p(x|z) + β · |KL − C|."""

    kind: Literal["beta-vae"] = "beta-vae"
    beta: float = setting(4.0, "Weight β, a timeline column.", ge=0)
    beta_warmup_epochs: int = setting(
        0, "Ramp β up from 0 over so many epochs; 0 for none.", unit="epochs", ge=0
    )
    capacity: float = setting(
        0.0, "C: nats that the KL is held at, a timeline column; 0 is the plain β-VAE.", ge=0
    )
    capacity_epochs: int = setting(
        10, "Ramp C up from 0 over so many epochs; read when capacity > 0.", unit="epochs", ge=1
    )


class BetaTCVAEModel(VariationalSection):
    """β-TCVAE: the KL taken apart, its total correlation weighted."""

    kind: Literal["beta-tcvae"] = "beta-tcvae"


class BetaTCVAEObjective(LikelihoodSection):
    """−log p(x|z) + α · I(x; z) + β · TC(z) + γ · Σ KL(q(z_d) ‖ p(z_d))."""

    kind: Literal["beta-tcvae"] = "beta-tcvae"
    alpha: float = setting(1.0, "Weight α of the mutual information.", ge=0)
    beta: float = setting(6.0, "Weight β of the total correlation, a timeline column.", ge=0)
    gamma: float = setting(1.0, "Weight γ of the dimensions' own KL.", ge=0)


class FactorVAEModel(VariationalSection):
    """FactorVAE: total correlation estimated by a discriminator."""

    kind: Literal["factor-vae"] = "factor-vae"
    discriminator_width: int = setting(
        256, "Width of the discriminator's hidden layers.", unit="units", ge=1, le=65536
    )
    discriminator_depth: int = setting(
        3, "Hidden layers of the discriminator.", unit="layers", ge=1, le=16
    )


class FactorVAEObjective(LikelihoodSection):
    """−ELBO + γ · TC(z)."""

    kind: Literal["factor-vae"] = "factor-vae"
    gamma: float = setting(10.0, "Weight γ of the total correlation, a timeline column.", ge=0)
    discriminator_lr: float = setting(
        1e-4, "Learning rate of the discriminator, a timeline column.", gt=0
    )


class DIPVAEModel(VariationalSection):
    """DIP-VAE: the covariance of the aggregate posterior is pulled to the identity."""

    kind: Literal["dip-vae"] = "dip-vae"


class DIPVAEObjective(LikelihoodSection):
    """−ELBO + λ_od · Σ_{i≠j} Cov²_ij + λ_d · Σ_i (Cov_ii − 1)²."""

    kind: Literal["dip-vae"] = "dip-vae"
    covariance: Literal["mean", "total"] = setting(
        "total", "'mean': covariance of μ(x) (DIP-VAE-I); 'total': of z itself (DIP-VAE-II)."
    )
    off_diagonal: float = setting(10.0, "Weight λ_od of the covariances, a timeline column.", ge=0)
    diagonal: float = setting(
        10.0, "Weight λ_d of the variances; about 10 times λ_od suits 'mean'.", ge=0
    )


class InfoVAEModel(VariationalSection):
    """InfoVAE: the KL of each posterior is traded for the distance of their mean to the prior."""

    kind: Literal["info-vae"] = "info-vae"


class InfoVAEObjective(LikelihoodSection):
    """−log p(x|z) + (1 − α) · KL + (α + λ − 1) · MMD²(q(z), N(0, I))."""

    kind: Literal["info-vae"] = "info-vae"
    alpha: float = setting(0.0, "α: 0 keeps the KL, 1 drops it (MMD-VAE).", le=1)
    mmd_weight: float = setting(100.0, "λ of the paper, a timeline column; at least 1 − α.", ge=0)
    kernel: Literal["imq", "rbf"] = setting(
        "imq", "Kernel of the MMD: inverse multiquadratic, or Gaussian; seven scales are summed."
    )


class IWAEModel(VariationalSection):
    """Importance-weighted autoencoder: a VAE trained on a tighter bound."""

    kind: Literal["iwae"] = "iwae"
    samples: int = setting(
        5, "Importance samples per example in training.", unit="samples", ge=1, le=256
    )


class IWAEObjective(LikelihoodSection):
    """−log mean_S p(x, z_s) / q(z_s|x)."""

    kind: Literal["iwae"] = "iwae"


class VampVAEModel(VariationalSection):
    """VAE with the VampPrior: a mixture of the posteriors of learned pseudo-inputs."""

    kind: Literal["vamp-vae"] = "vamp-vae"
    pseudo_inputs: int = setting(
        50, "Pseudo-inputs, each one component of the prior.", unit="components", ge=1, le=4096
    )


class VampVAEObjective(LikelihoodSection):
    """−log p(x|z) + β · (log q(z|x) − log p(z))."""

    kind: Literal["vamp-vae"] = "vamp-vae"
    beta: float = setting(1.0, "Weight β of the KL, a timeline column.", ge=0)


class AdaGVAEModel(VariationalSection):
    """AdaGVAE: a VAE trained on pairs, which share the latent dimensions that did not change."""

    kind: Literal["adagvae"] = "adagvae"
    averaging: Literal["gvae", "mlvae"] = setting(
        "gvae",
        "How two posteriors become one in a shared dimension: 'gvae' averages means and "
        "variances, 'mlvae' multiplies the densities.",
    )
    divergence: Literal["forward", "symmetric"] = setting(
        "forward", "KL(q₁‖q₂), or the mean of both directions, decides what is shared."
    )


class AdaGVAEObjective(LikelihoodSection):
    """−ELBO of both examples of a pair, with the KL weighted by β."""

    kind: Literal["adagvae"] = "adagvae"
    beta: float = setting(1.0, "Weight β of the KL, a timeline column.", ge=0)
