"""Maximum mean discrepancy: how far two sets of vectors are from one distribution.

Shapes: N and M vectors of D dimensions.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from latelier.config.errors import ConfigError, ShapeError
from latelier.losses.shapes import expect_rank

Kernel = Literal["imq", "rbf"]

SCALES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Multiples of 2D, the mean squared distance of two draws from N(0, I), that a kernel sums over."""


def squared_mmd(x: Tensor, y: Tensor, kernel: Kernel | str = "imq") -> Tensor:
    """Return the unbiased estimate of MMD² between the distributions of two samples.

    With c = 2D·s for each s of `SCALES`, the kernel is Σ_s c/(c + ‖x − y‖²) (``"imq"``) or
    Σ_s exp(−‖x − y‖²/c) (``"rbf"``). The estimate may fall a little below zero.

    Args:
        x: One sample, [N, D], N ≥ 2.
        y: The other, [M, D], M ≥ 2.
        kernel: ``"imq"`` or ``"rbf"``.

    Returns:
        A scalar; 0 in expectation where the distributions are the same.

    Raises:
        ShapeError: If a sample is no matrix of at least two rows, or the widths differ.
        ConfigError: If the kernel is unknown.

    Source:
        Gretton et al., JMLR 13 (2012), lemma 6; the kernel: Tolstikhin et al., arXiv:1711.01558.

    Example:
        >>> import torch
        >>> x = torch.randn(500, 2, generator=torch.Generator().manual_seed(0))
        >>> bool(squared_mmd(x, x + 1) > 100 * squared_mmd(x[:250], x[250:]).abs())
        True
    """
    expect_rank("x", x, "N D")
    expect_rank("y", y, "M D")
    if x.shape[1] != y.shape[1] or min(len(x), len(y)) < 2:
        raise ShapeError(
            "the two samples cannot be compared",
            got=f"{list(x.shape)} and {list(y.shape)}",
            expected="[N, D] and [M, D] with two rows or more each",
            remedy="Train with batches of at least two examples.",
        )
    within = _mean_off_diagonal(_kernel(x, x, kernel)) + _mean_off_diagonal(_kernel(y, y, kernel))
    return within - 2 * _kernel(x, y, kernel).mean()


def _kernel(x: Tensor, y: Tensor, kernel: str) -> Tensor:
    distances = (x.unsqueeze(1) - y).square().sum(-1)  # [N, M]
    scales = torch.tensor(SCALES, device=x.device, dtype=x.dtype) * (2.0 * x.shape[1])
    if kernel == "imq":
        return (scales / (scales + distances.unsqueeze(-1))).sum(-1)
    if kernel == "rbf":
        return torch.exp(-distances.unsqueeze(-1) / scales).sum(-1)
    raise ConfigError("the kernel is unknown", got=repr(kernel), expected="'imq' or 'rbf'")


def _mean_off_diagonal(gram: Tensor) -> Tensor:
    count = gram.shape[0]
    return (gram.sum() - gram.diagonal().sum()) / (count * (count - 1))
