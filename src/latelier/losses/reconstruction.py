"""How far a reconstruction x̂ is from x, per element and per example.

Shapes: B batch, ``*shape`` the features of one example (C, H, W of an image, F of a vector).
Elementwise functions keep the shape; the others reduce over features only, so that the caller
averages over the batch.
"""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from latelier.config.errors import ConfigError, DataError
from latelier.losses.shapes import expect_shape

Reduction = Literal["sum", "mean"]

_NEARLY_HALF = 1e-2
"""Logits below this are so near λ = ½ that series replace quotients of small numbers."""

_NO_BROADCAST = "x_hat must be shaped like x; nothing is expanded."


class LikelihoodType(StrEnum):
    """What p(x|z) is: the meaning of the decoder's output."""

    GAUSSIAN = "gaussian"
    """x̂ is the mean of a Gaussian of variance 1."""
    BERNOULLI = "bernoulli"
    """x̂ is the logit of the probability of a one; x lies in [0, 1]."""
    CONTINUOUS_BERNOULLI = "continuous-bernoulli"
    """x̂ is the logit of the parameter λ of a density on [0, 1] proportional to λˣ(1 − λ)¹⁻ˣ."""
    LAPLACE = "laplace"
    """x̂ is the center of a Laplace density of scale 1."""

    @property
    def is_on_logits(self) -> bool:
        """Whether the decoder's output is a logit and the data lies in [0, 1]."""
        return self in {LikelihoodType.BERNOULLI, LikelihoodType.CONTINUOUS_BERNOULLI}

    @property
    def has_scale(self) -> bool:
        """Whether p(x|z) has a scale that can be set or learned."""
        return self in {LikelihoodType.GAUSSIAN, LikelihoodType.LAPLACE}


def log_likelihood(
    x: Tensor, x_hat: Tensor, likelihood: LikelihoodType | str = LikelihoodType.GAUSSIAN
) -> Tensor:
    """Return log p(x|z) of every element, in nats.

    Gaussian: −½(x̂ − x)², the constant −½ log 2π left out. Laplace: −|x̂ − x|, the constant
    −log 2 left out. Bernoulli: x log σ(x̂) + (1 − x) log(1 − σ(x̂)), computed from logits without
    overflow. Continuous Bernoulli: the same plus log(x̂ / tanh(x̂/2)), which makes it a density.

    Args:
        x: Targets, any shape. In [0, 1] for the likelihoods on logits; that is not checked here
            (it would wait for the device at every step): see `check_targets`.
        x_hat: Decoder outputs of the same shape: means, or logits.
        likelihood: A `LikelihoodType` or its name.

    Returns:
        Elementwise log likelihood, the shape of ``x``. Nothing is summed.

    Raises:
        ShapeError: If the shapes differ.
        ConfigError: If the likelihood is unknown.

    Source:
        Kingma & Welling, arXiv:1312.6114, App. C; Loaiza-Ganem & Cunningham, arXiv:1907.06845.

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
    if likelihood == LikelihoodType.CONTINUOUS_BERNOULLI:
        cross_entropy = F.binary_cross_entropy_with_logits(x_hat, x, reduction="none")
        return cross_entropy - _log_normalizer(x_hat), -1.0
    if likelihood == LikelihoodType.LAPLACE:
        return F.l1_loss(x_hat, x, reduction="none"), -1.0
    raise ConfigError(
        "the likelihood is unknown",
        got=repr(likelihood),
        expected=" or ".join(repr(str(kind)) for kind in LikelihoodType),
    )


def _log_normalizer(logits: Tensor) -> Tensor:
    """Return log(l / tanh(l/2)), what makes λˣ(1 − λ)¹⁻ˣ a density on [0, 1]; even in l."""
    small = logits.abs() < _NEARLY_HALF
    magnitude = torch.where(small, torch.ones_like(logits), logits.abs())
    exact = magnitude.log() - torch.tanh(0.5 * magnitude).log()
    squared = logits.square()
    near_half = math.log(2.0) + squared / 12 - 7 * squared.square() / 1440  # its Taylor series
    return torch.where(small, near_half, exact)


def observation_mean(x_hat: Tensor, likelihood: LikelihoodType | str) -> Tensor:
    """Return E[x] under p(x|z): what a decoder's output looks like as data.

    Args:
        x_hat: Decoder outputs, any shape.
        likelihood: A `LikelihoodType` or its name.

    Returns:
        The shape of ``x_hat``: itself, σ(x̂), or the mean 1/(1 − e^−l) − 1/l of a continuous
        Bernoulli.

    Example:
        >>> import torch
        >>> observation_mean(torch.zeros(1), "continuous-bernoulli")
        tensor([0.5000])
    """
    if likelihood == LikelihoodType.BERNOULLI:
        return torch.sigmoid(x_hat)
    if likelihood == LikelihoodType.CONTINUOUS_BERNOULLI:
        small = x_hat.abs() < _NEARLY_HALF
        safe = torch.where(small, torch.ones_like(x_hat), x_hat)
        exact = -1 / torch.expm1(-safe) - 1 / safe
        return torch.where(small, 0.5 + x_hat / 12, exact)
    return x_hat


def scaled_log_likelihood(
    unit: Tensor, log_scale: Tensor, likelihood: LikelihoodType | str, *, features: int
) -> Tensor:
    """Turn log p(x|z) of unit scale into that of scale s, with all constants.

    Args:
        unit: What `reduced_log_likelihood` returned, any shape.
        log_scale: log s, a scalar: of the standard deviation, or of the Laplace scale.
        likelihood: ``"gaussian"`` or ``"laplace"``.
        features: Features that were added up; 1 where they were averaged.

    Returns:
        Log density in nats, the shape of ``unit``.

    Raises:
        ConfigError: If the likelihood has no scale.

    Source:
        Rybkin et al., arXiv:2006.13202 (σ-VAE), eq. 4.

    Example:
        >>> import torch
        >>> scaled_log_likelihood(torch.zeros(1), torch.zeros(()), "gaussian", features=2)
        tensor([-1.8379])
    """
    if likelihood == LikelihoodType.GAUSSIAN:
        power, constant = 2.0, 0.5 * math.log(2 * math.pi)
    elif likelihood == LikelihoodType.LAPLACE:
        power, constant = 1.0, math.log(2.0)
    else:
        raise ConfigError(
            "this likelihood has no scale",
            got=repr(str(likelihood)),
            expected="'gaussian' or 'laplace'",
            remedy="Set model.decoder_noise=unit, or change objective.likelihood.",
        )
    return unit * torch.exp(-power * log_scale) - features * (log_scale + constant)


def check_targets(x: Tensor, likelihood: LikelihoodType | str) -> None:
    """Refuse targets outside [0, 1] under a likelihood on logits.

    Reads every value, so it belongs where data is loaded and not into the training loop.

    Args:
        x: Targets, any shape.
        likelihood: A `LikelihoodType` or its name.

    Raises:
        DataError: If a value is below 0, above 1 or NaN under a likelihood on logits.

    Example:
        >>> import torch
        >>> check_targets(torch.tensor([0.0, 1.0]), "bernoulli")
        >>> check_targets(torch.tensor([-3.0, 9.0]), "gaussian")
    """
    if not LikelihoodType(likelihood).is_on_logits or x.numel() == 0:
        return
    low, high = (bound.item() for bound in x.aminmax())
    if not (low >= 0 and high <= 1):
        raise DataError(
            f"a {likelihood} likelihood needs targets in [0, 1]",
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
