"""Configuration of models, their networks and their objectives; one pair of classes per kind."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from latelier.config.base import FROM_LIST, Frozen, setting

Activation = Literal["gelu", "relu", "silu", "tanh", "leaky-relu"]
Likelihood = Literal["gaussian", "bernoulli"]
Reduction = Literal["sum", "mean"]
Width = Annotated[int, Field(ge=1, le=65536)]
Channels = Annotated[int, Field(ge=1, le=4096)]


class MLPNet(Frozen):
    """Fully connected encoder; the decoder mirrors it."""

    kind: Literal["mlp"] = "mlp"
    hidden: Annotated[tuple[Width, ...], FROM_LIST] = setting(
        (256, 128), "Widths of the encoder's hidden layers, from the input on.", unit="units"
    )
    activation: Activation = setting("gelu", "Nonlinearity after each hidden layer.")


class ConvNet(Frozen):
    """Convolutional encoder of 3×3 kernels, halving the image per layer; the decoder mirrors it."""

    kind: Literal["conv"] = "conv"
    channels: Annotated[tuple[Channels, ...], FROM_LIST] = setting(
        (16, 32), "Channels after each strided 3×3 convolution.", unit="channels", min_length=1
    )
    hidden: int = setting(
        128, "Width of the fully connected layer beside the latents.", unit="units", ge=1, le=65536
    )
    activation: Activation = setting("gelu", "Nonlinearity after each layer.")


class CustomNet(Frozen):
    """Networks of the user's own, given from Python. They are code and not stored with the run."""

    kind: Literal["custom"] = "custom"
    encoder: str = setting("", "Where the encoder's class is defined, as 'module:Class'.")
    decoder: str = setting("", "Where the decoder's class is defined, as 'module:Class'.")


NetConfig = Annotated[MLPNet | ConvNet | CustomNet, Field(discriminator="kind")]


class _Model(Frozen):
    latent_dim: int = setting(
        10, "Size D of the latent vector z.", unit="dimensions", ge=1, le=4096
    )
    net: NetConfig = setting(ConvNet(), "Encoder and decoder networks.")


class AEModel(_Model):
    """Autoencoder: x → z → x̂, without noise."""

    kind: Literal["ae"] = "ae"


class VAEModel(_Model):
    """Variational autoencoder with a diagonal Gaussian posterior and the prior N(0, I)."""

    kind: Literal["vae"] = "vae"
    samples: int = setting(
        1, "Monte Carlo samples S of z per example in training.", unit="samples", ge=1, le=256
    )


class SupervisedAEModel(_Model):
    """Autoencoder with a classifier on z."""

    kind: Literal["supervised-ae"] = "supervised-ae"


class GMVAEModel(_Model):
    """VAE whose prior is a mixture of Gaussians with learned means and variances."""

    kind: Literal["gmvae"] = "gmvae"
    components: int = setting(
        10, "Mixture components K of the prior.", unit="components", ge=2, le=1024
    )
    component_init: Literal["random", "fitted"] = setting(
        "fitted",
        "Where the components start: 'random' draws them from N(0, I) and trains the mixture from "
        "the first step; 'fitted' warms up as a VAE and then fits a mixture to the latents.",
    )
    warmup_epochs: int = setting(
        10,
        "Length of the VAE warm-up before the mixture is fitted; read when component_init is "
        "'fitted'.",
        unit="epochs",
        ge=1,
    )


ModelConfig = Annotated[
    AEModel | VAEModel | SupervisedAEModel | GMVAEModel, Field(discriminator="kind")
]

MODEL_KINDS = ("ae", "vae", "supervised-ae", "gmvae")


class _Objective(Frozen):
    recon_reduction: Reduction = setting(
        "sum",
        "How reconstruction errors add up over the features of one example: 'sum' (the ELBO's "
        "scale) or 'mean' (independent of the image size; KL weights then mean much more).",
    )


class AEObjective(_Objective):
    """−log p(x|z), averaged over the batch."""

    kind: Literal["ae"] = "ae"
    likelihood: Likelihood = setting(
        "gaussian",
        "p(x|z): 'gaussian' with unit variance, or 'bernoulli' on logits (data in [0, 1]).",
    )


class VAEObjective(_Objective):
    """−ELBO with the KL divergence weighted by β."""

    kind: Literal["vae"] = "vae"
    likelihood: Likelihood = setting(
        "gaussian",
        "p(x|z): 'gaussian' with unit variance, or 'bernoulli' on logits (data in [0, 1]).",
    )
    beta: float = setting(1.0, "Weight β of KL(q(z|x) ‖ N(0, I)).", ge=0)


class SupervisedAEObjective(_Objective):
    """MSE(x̂, x) + class_weight · cross-entropy(logits, label)."""

    kind: Literal["supervised-ae"] = "supervised-ae"
    recon_reduction: Reduction = setting(
        "mean", "'mean' is the mean squared error over all elements; 'sum' adds over the features."
    )
    class_weight: float = setting(1.0, "Weight of the classifier's cross-entropy.", ge=0)


class GMVAEObjective(_Objective):
    """recon + kld_weight · (w_cat · KL_c + KL_z) − w_ent · H(q̄(c))."""

    kind: Literal["gmvae"] = "gmvae"
    recon_reduction: Reduction = setting(
        "mean",
        "'mean' is the mean squared error over all elements, 'sum' adds over the features. With "
        "'mean' on 28×28 pixels a kld_weight of 1 equals β = 392 of an ELBO: latents collapse.",
    )
    kld_weight: float = setting(1.0, "Weight of both KL terms.", ge=0)
    categorical_kl_anneal: bool = setting(False, "Ramp the weight of the categorical KL up from 0.")
    categorical_kl_anneal_epochs: int = setting(
        10, "Length of that ramp; read when categorical_kl_anneal is on.", unit="epochs", ge=1
    )
    categorical_kl_max_weight: float = setting(
        1.0, "Weight at the ramp's end; read when categorical_kl_anneal is on.", ge=0
    )
    entropy_bonus_enable: bool = setting(
        False, "Reward the entropy of the batch mean of q(c|x), so that components stay alive."
    )
    entropy_bonus_weight: float = setting(
        1.0, "Weight of the bonus at its start; read when entropy_bonus_enable is on.", ge=0
    )
    entropy_bonus_epochs: int = setting(
        10, "Epochs in which the bonus fades to 0; read when it is on.", unit="epochs", ge=1
    )


ObjectiveConfig = Annotated[
    AEObjective | VAEObjective | SupervisedAEObjective | GMVAEObjective,
    Field(discriminator="kind"),
]
