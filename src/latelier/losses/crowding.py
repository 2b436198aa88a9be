"""Sums of powers of cosines between directions, with a gradient derived by hand.

With directions d_i, cosines s_ij = d_i · d_j and K_ij = s_ij^(p−1) for i ≠ j, 0 for i = j:

    f_i = Σ_{j≠i} s_ij^p = d_i · (K d)_i,        Σ_i g_i ∂f_i/∂d = p (g ⊙ (K d) + K (g ⊙ d))

so that one matrix [B, B] is all that is kept, and neither the p-th power nor the gradient of a
power is ever formed. With cosines shifted to h = (1 + s)/2 and K_ij = h_ij^(p−1):

    f_i = ½ (Σ_j K_ij + d_i · (K d)_i),          half of that gradient.

Shapes: B directions of D dimensions, after any leading axes.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

_WHOLE = 64
"""Whole powers up to this are products; others are left to `torch.pow`."""


def crowding(directions: Tensor, power: float, *, shift: bool) -> Tensor:
    """Return Σ_{j≠i} s_ij^power for every direction, [..., B], from directions [..., B, D].

    Args:
        directions: Vectors of length 1 (or 0), [..., B, D].
        power: 1 or more; whole where there is no shift.
        shift: Map cosines to (1 + s)/2 first.
    """
    total: Tensor = _Crowding.apply(directions, power, shift)[0]  # type: ignore[no-untyped-call]
    return total


class _Crowding(torch.autograd.Function):
    @staticmethod
    def forward(directions: Tensor, power: float, shift: bool) -> tuple[Tensor, Tensor, Tensor]:
        """Return f [..., B], and K [..., B, B] and K d [..., B, D] for the gradient."""
        cosines = directions @ directions.mT
        if shift:
            # Rounding may leave an opposite pair a little below zero: no number to a power.
            cosines = cosines.add_(1).mul_(0.5).clamp_min_(0)
        kept = _power(cosines, power - 1)
        kept.diagonal(dim1=-2, dim2=-1).zero_()
        pulled = _pull(kept, directions)
        total = (directions * pulled).sum(-1)
        if shift:
            total = 0.5 * (total + kept.sum(-1))
        return total, kept, pulled

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        """Keep what the gradient needs."""
        directions, power, shift = inputs
        _, kept, pulled = output
        ctx.mark_non_differentiable(kept, pulled)
        ctx.save_for_backward(directions, kept, pulled)
        ctx.factor = power / 2 if shift else power

    @staticmethod
    def backward(ctx: Any, gradient: Tensor, *_: Any) -> tuple[Tensor, None, None]:
        """Return the gradient of the directions; see the module."""
        directions, kept, pulled = ctx.saved_tensors
        weight = (gradient * ctx.factor).unsqueeze(-1)
        return weight * pulled + _pull(kept, weight * directions), None, None

    @staticmethod
    def vmap(
        _info: Any, in_dims: tuple[int, None, None], directions: Tensor, power: float, shift: bool
    ) -> tuple[tuple[Tensor, Tensor, Tensor], tuple[int, int, int]]:
        """Compute all members at once: they are one more leading axis."""
        stacked = directions.movedim(in_dims[0], 0)
        result = _Crowding.apply(stacked, power, shift)  # type: ignore[no-untyped-call]
        return result, (0, 0, 0)


def _pull(kept: Tensor, directions: Tensor) -> Tensor:
    """Return K d for a symmetric K [..., B, B], as (dᵀ K)ᵀ: a few long rows times a square.

    For D = 4 and stacks of K that is four times as fast as many short rows.
    """
    return (directions.mT @ kept).mT


def _power(base: Tensor, exponent: float) -> Tensor:
    """Return base^exponent; whole exponents by repeated squaring, in as few tensors as possible."""
    if not float(exponent).is_integer() or exponent > _WHOLE:
        return base.pow(exponent)
    rest, result, square = int(exponent), None, base
    if rest == 0:
        return torch.ones_like(base)
    while rest:
        if rest & 1:
            result = square if result is None else result * square
        rest >>= 1
        if rest:
            square = square * square if square is base or square is result else square.mul_(square)
    assert result is not None
    return result
