"""Entropies of categorical distributions, in nats; 0·log 0 is 0.

Shapes: K categories, always the last axis.
"""

from __future__ import annotations

import torch
from torch import Tensor


def entropy(probs: Tensor) -> Tensor:
    """Return −Σ p log p over the last axis.

    At p = 0 the value is 0 and the gradient is infinite, as it is in mathematics. Where a
    probability may underflow and gradients are needed, use `entropy_from_log_probs`.

    Args:
        probs: Probabilities, [..., K]. Not normalized here.

    Returns:
        Entropy in nats, [...]: 0 for certainty, log K for the uniform distribution.

    Example:
        >>> import torch
        >>> entropy(torch.tensor([[1.0, 0.0], [0.5, 0.5]]))
        tensor([0.0000, 0.6931])
    """
    terms: Tensor = torch.special.entr(probs)
    return terms.sum(-1)


def entropy_from_log_probs(log_probs: Tensor) -> Tensor:
    """Return −Σ p log p over the last axis, given log p.

    The gradient with respect to log p is −p(1 + log p): finite however small p is, so a dead
    category does not turn it into NaN.

    Args:
        log_probs: Natural logs of probabilities, [..., K]; −inf stands for p = 0.

    Returns:
        Entropy in nats, [...].

    Example:
        >>> import torch
        >>> entropy_from_log_probs(torch.tensor([0.5, 0.5, 0.0]).log())
        tensor(0.6931)
    """
    finite = log_probs.masked_fill(log_probs == -torch.inf, 0.0)
    return -(log_probs.exp() * finite).sum(-1)
