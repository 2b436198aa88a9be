"""Configuration of the autoencoders without a posterior."""

from __future__ import annotations

from typing import Literal

from latelier.config.base import setting
from latelier.config.models.sections import (
    LikelihoodSection,
    ModelSection,
    ObjectiveSection,
    Reduction,
)


class AEModel(ModelSection):
    """Autoencoder: x → z → x̂, without noise."""

    kind: Literal["ae"] = "ae"


class AEObjective(LikelihoodSection):
    """−recon_weight · log p(x|z), averaged over the batch."""

    kind: Literal["ae"] = "ae"
    recon_weight: float = setting(
        1.0,
        "Weight of −log p(x|z), a timeline column. A Gaussian's is ½ · squared error: with "
        "recon_reduction 'mean', 2 makes it the plain mean squared error.",
        ge=0,
    )


class SupervisedAEModel(ModelSection):
    """Autoencoder with a classifier on z."""

    kind: Literal["supervised-ae"] = "supervised-ae"


class SupervisedAEObjective(ObjectiveSection):
    """MSE(x̂, x) + class_weight · cross-entropy(logits, label)."""

    kind: Literal["supervised-ae"] = "supervised-ae"
    recon_reduction: Reduction = setting(
        "mean", "'mean' is the mean squared error over all elements; 'sum' adds over the features."
    )
    class_weight: float = setting(1.0, "Weight of the classifier's cross-entropy.", ge=0)


class SparseAEModel(ModelSection):
    """Autoencoder whose codes are driven to be mostly near zero."""

    kind: Literal["sparse-ae"] = "sparse-ae"


class SparseAEObjective(LikelihoodSection):
    """−log p(x|z) + sparsity_weight · penalty(z)."""

    kind: Literal["sparse-ae"] = "sparse-ae"
    penalty: Literal["l1", "kl"] = setting(
        "l1",
        "'l1': sum of |z_d|; 'kl': KL of a target activity to the batch mean of σ(z_d), summed "
        "over the dimensions.",
    )
    sparsity_weight: float = setting(1.0, "Weight of the penalty.", ge=0)
    activity: float = setting(
        0.05, "Target activity of each dimension; read when penalty is 'kl'.", gt=0, lt=1
    )


class DenoisingAEModel(ModelSection):
    """Autoencoder that reconstructs the clean example from a corrupted one."""

    kind: Literal["denoising-ae"] = "denoising-ae"
    corruption: Literal["gaussian", "mask"] = setting(
        "gaussian",
        "'gaussian' adds noise of that standard deviation; 'mask' sets that share of the features "
        "to zero.",
    )


class DenoisingAEObjective(LikelihoodSection):
    """−log p(x|z) of the clean x, with z from a corrupted one."""

    kind: Literal["denoising-ae"] = "denoising-ae"
    noise: float = setting(
        0.3, "Strength of the corruption, a timeline column; at most 1 for 'mask'.", ge=0
    )


class WAEMMDModel(ModelSection):
    """Wasserstein autoencoder: deterministic codes whose distribution is pulled to N(0, I)."""

    kind: Literal["wae-mmd"] = "wae-mmd"


class WAEMMDObjective(LikelihoodSection):
    """−log p(x|z) + mmd_weight · MMD²(q(z), N(0, I))."""

    kind: Literal["wae-mmd"] = "wae-mmd"
    mmd_weight: float = setting(100.0, "Weight of the squared MMD.", ge=0)
    kernel: Literal["imq", "rbf"] = setting(
        "imq", "Kernel of the MMD: inverse multiquadratic, or Gaussian; seven scales are summed."
    )
