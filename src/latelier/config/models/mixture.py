"""Configuration of the VAE whose prior is a mixture of Gaussians."""

from __future__ import annotations

from typing import Literal

from latelier.config.base import setting
from latelier.config.models.sections import ModelSection, ObjectiveSection, Reduction


class GMVAEModel(ModelSection):
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


class GMVAEObjective(ObjectiveSection):
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
