"""Multinomial logistic regression on soft targets: full batch, deterministic."""

from __future__ import annotations

import torch
from torch import Tensor

from latelier.models.precision import upcast


def fit_softmax(
    features: Tensor, targets: Tensor, *, steps: int, lr: float
) -> tuple[Tensor, Tensor, float]:
    """Fit a linear softmax classifier to probabilities.

    Minimizes the mean cross-entropy with Adam from zero weights, on standardized features (so that
    the rate does not depend on their scale); the scaling is folded back into the weights. Draws no
    random numbers.

    Args:
        features: Inputs, [N, H].
        targets: Probabilities, [N, K]; rows sum to 1.
        steps: Number of updates.
        lr: Learning rate of Adam.

    Returns:
        Weight [K, H] and bias [K] for the features as given, and the mean KL(targets ‖ fit) in
        nats.

    Example:
        >>> x = torch.tensor([[100.0], [101.0]])
        >>> weight, bias, divergence = fit_softmax(x, torch.eye(2), steps=200, lr=0.1)
        >>> (x @ weight.T + bias).softmax(-1).argmax(-1)
        tensor([0, 1])
    """
    dtype = features.dtype
    features, targets = upcast(features.detach()), upcast(targets.detach())
    center, scale = features.mean(0), features.std(0, correction=0)
    scale = torch.where(scale > 0, scale, 1.0)  # a constant feature carries nothing: weight 0
    inputs = (features - center) / scale
    weight = inputs.new_zeros(targets.shape[1], inputs.shape[1])
    bias = inputs.new_zeros(targets.shape[1])
    with torch.enable_grad():
        parameters = [weight.requires_grad_(), bias.requires_grad_()]
        optimizer = torch.optim.Adam(parameters, lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            _divergence(inputs, targets, weight, bias).backward()
            optimizer.step()
    divergence = float(_divergence(inputs, targets, weight, bias).detach())
    scaled = weight.detach() / scale
    shifted = bias.detach() - scaled @ center
    return scaled.to(dtype), shifted.to(dtype), divergence


def _divergence(inputs: Tensor, targets: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    log_q = torch.log_softmax(inputs @ weight.T + bias, -1)
    terms: Tensor = torch.special.xlogy(targets, targets) - targets * log_q
    return terms.sum(-1).mean()
