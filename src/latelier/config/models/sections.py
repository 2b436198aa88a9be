"""What the configurations of all models, and of all objectives, have in common."""

from __future__ import annotations

from typing import Literal

from latelier.config.base import Frozen, setting
from latelier.config.models.nets import ConvNet, NetConfig

Likelihood = Literal["gaussian", "bernoulli", "continuous-bernoulli", "laplace"]
Reduction = Literal["sum", "mean"]


class ModelSection(Frozen):
    """What every model has: a latent vector and networks."""

    latent_dim: int = setting(
        10, "Size D of the latent vector z.", unit="dimensions", ge=1, le=4096
    )
    net: NetConfig = setting(ConvNet(), "Encoder and decoder networks.")


class ObjectiveSection(Frozen):
    """What every objective has: a way to add up reconstruction errors."""

    recon_reduction: Reduction = setting(
        "sum",
        "How reconstruction errors add up over the features of one example: 'sum' (the ELBO's "
        "scale) or 'mean' (independent of the image size; KL weights then mean much more).",
    )


class LikelihoodSection(ObjectiveSection):
    """An objective with −log p(x|z) in it."""

    likelihood: Likelihood = setting(
        "gaussian",
        "p(x|z): 'gaussian' or 'laplace' around the decoder's output, 'bernoulli' or "
        "'continuous-bernoulli' on logits (data in [0, 1]).",
    )
