"""How far a reconstruction x̂ is from x, per element and per example.

Shapes: B batch, ``*shape`` the features of one example (C, H, W of an image, F of a vector).
Elementwise functions keep the shape; the others reduce over features only, so that the caller
averages over the batch.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import torch.nn.functional as F
from torch import Tensor

from latelier.config.errors import ConfigError, DataError
from latelier.losses.shapes import expect_shape

Reduction = Literal["sum", "mean"]

_NO_BROADCAST = "x_hat must be shaped like x; nothing is expanded."


class LikelihoodType(StrEnum):
    """What p(x|z) is: the meaning of the decoder's output."""

    GAUSSIAN = "gaussian"
    """x̂ is the mean of a Gaussian of variance 1."""
    BERNOULLI = "bernoulli"
    """x̂ is the logit of the probability of a one; x lies in [0, 1]."""


def log_likelihood(
    x: Tensor, x_hat: Tensor, likelihood: LikelihoodType | str = LikelihoodType.GAUSSIAN
) -> Tensor:
    """Return log p(x|z) of every element, in nats.

    Gaussian: −½(x̂ − x)², the constant −½ log 2π left out. Bernoulli: x log σ(x̂) +
    (1 − x) log(1 − σ(x̂)), computed from logits without overflow.

    Args:
        x: Targets, any shape. In [0, 1] for the Bernoulli likelihood; that is not checked here
            (it would wait for the device at every step): see `check_targets`.
        x_hat: Decoder outputs of the same shape: means, or logits.
        likelihood: A `LikelihoodType` or its name.

    Returns:
        Elementwise log likelihood, the shape of ``x``. Nothing is summed.

    Raises:
        ShapeError: If the shapes differ.
        ConfigError: If the likelihood is unknown.

    Source:
        Kingma & Welling, arXiv:1312.6114, App. C.

    Example:
        >>> import torch
        >>> log_likelihood(torch.tensor([1.0, 0.5]), torch.tensor([3.0, 0.5]))
        tensor([-2., -0.])
        >>> log_likelihood(torch.ones(1), torch.zeros(1), "bernoulli")
        tensor([-0.6931])
    """
    error, scale = _error(x, x_hat, likelihood)
    return error * scale


def reduced_log_likelihood(
    x: Tensor,
    x_hat: Tensor,
    likelihood: LikelihoodType | str,
    reduction: Reduction,
    *,
    axes: int = 1,
) -> Tensor:
    """Return log p(x|z) of every example: `log_likelihood`, then `reduce_features`.

    The same numbers, with the constant factor moved behind the sum: one pass less over the data.

    Args:
        x: Targets, [B, *shape], or [B, S, *shape] with ``axes=2``.
        x_hat: Decoder outputs of the same shape: means, or logits.
        likelihood: A `LikelihoodType` or its name.
        reduction: ``"sum"`` or ``"mean"`` over the features.
        axes: How many leading axes are kept.

    Returns:
        Log likelihood in nats, [B], or [B, S] with ``axes=2``.

    Raises:
        ShapeError: If the shapes differ.
        ConfigError: If the likelihood or the reduction is unknown.

    Example:
        >>> import torch
        >>> reduced_log_likelihood(torch.zeros(2, 3), torch.ones(2, 3), "gaussian", "sum")
        tensor([-1.5000, -1.5000])
    """
    error, scale = _error(x, x_hat, likelihood)
    return reduce_features(error, reduction, axes=axes) * scale


def _error(x: Tensor, x_hat: Tensor, likelihood: LikelihoodType | str) -> tuple[Tensor, float]:
    """Return an elementwise error and the factor that makes it a log likelihood."""
    expect_shape("x_hat", x_hat, x.shape, because=_NO_BROADCAST)
    if likelihood == LikelihoodType.GAUSSIAN:
        return F.mse_loss(x_hat, x, reduction="none"), -0.5
    if likelihood == LikelihoodType.BERNOULLI:
        return F.binary_cross_entropy_with_logits(x_hat, x, reduction="none"), -1.0
    raise ConfigError(
        "the likelihood is unknown",
        got=repr(likelihood),
        expected=" or ".join(repr(str(kind)) for kind in LikelihoodType),
    )


def check_targets(x: Tensor, likelihood: LikelihoodType | str) -> None:
    """Refuse targets outside [0, 1] under a Bernoulli likelihood.

    Reads every value, so it belongs where data is loaded and not into the training loop.

    Args:
        x: Targets, any shape.
        likelihood: A `LikelihoodType` or its name.

    Raises:
        DataError: If a value is below 0, above 1 or NaN under the Bernoulli likelihood.

    Example:
        >>> import torch
        >>> check_targets(torch.tensor([0.0, 1.0]), "bernoulli")
        >>> check_targets(torch.tensor([-3.0, 9.0]), "gaussian")
    """
    if likelihood != LikelihoodType.BERNOULLI or x.numel() == 0:
        return
    low, high = (bound.item() for bound in x.aminmax())
    if not (low >= 0 and high <= 1):
        raise DataError(
            "a Bernoulli likelihood needs targets in [0, 1]",
            got=f"values from {low:g} to {high:g}",
            expected="0 to 1",
            remedy="Rescale the data, or choose the Gaussian likelihood.",
        )


def squared_error(x: Tensor, x_hat: Tensor, reduction: Reduction) -> Tensor:
    """Return the squared error of every example.

    With ``"mean"``, its average over the batch is the mean squared error (MSE) over all elements;
    with ``"sum"`` it is that times the number of features.

    Args:
        x: Targets, [B, *shape].
        x_hat: Reconstructions, [B, *shape].
        reduction: ``"sum"`` or ``"mean"`` over the features. No default: over 28×28 pixels the two
            differ by a factor of 784, and so does what a KL weight beside them means.

    Returns:
        Squared error in squared units of x, [B]. Without the ½ of the Gaussian likelihood.

    Raises:
        ShapeError: If the shapes differ.
        ConfigError: If the reduction is unknown.

    Example:
        >>> import torch
        >>> x, x_hat = torch.zeros(1, 4), torch.full((1, 4), 2.0)
        >>> squared_error(x, x_hat, "sum"), squared_error(x, x_hat, "mean")
        (tensor([16.]), tensor([4.]))
    """
    expect_shape("x_hat", x_hat, x.shape, because=_NO_BROADCAST)
    return reduce_features(F.mse_loss(x_hat, x, reduction="none"), reduction)


def reduce_features(values: Tensor, reduction: Reduction, *, axes: int = 1) -> Tensor:
    """Sum or average over all but the first axes.

    Args:
        values: One value per element, [B, *shape], or [B, S, *shape] with ``axes=2``.
        reduction: ``"sum"`` or ``"mean"``.
        axes: How many leading axes are kept.

    Returns:
        [B], or [B, S] with ``axes=2``.

    Raises:
        ConfigError: If the reduction is unknown.

    Example:
        >>> import torch
        >>> reduce_features(torch.ones(2, 3, 4, 5), "sum", axes=2)
        tensor([[20., 20., 20.],
                [20., 20., 20.]])
    """
    flat = values.reshape(*values.shape[:axes], -1)
    if reduction == "sum":
        return flat.sum(-1)
    if reduction == "mean":
        return flat.mean(-1)
    raise ConfigError("the reduction is unknown", got=repr(reduction), expected="'sum' or 'mean'")
