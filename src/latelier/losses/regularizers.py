"""Criteria that shape a latent space: latents → one number per example, ≥ 0 unless it says so.

Shapes: B latents of D dimensions. Nothing here is averaged over the batch: `weighted_mean` does
that, over the examples that a term is meant for. Directions are compared by the cosine of the
angle; a latent of length zero has no direction and counts as orthogonal to everything.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

from latelier.config.errors import ConfigError, ShapeError
from latelier.losses.crowding import crowding
from latelier.losses.shapes import expect_rank, expect_shape

Over = Literal["sum", "mean"]

SMALL = 1e-8
"""Keeps a division from being one by zero: lengths in cosines, and sums of affinities."""


def weighted_mean(name: str, losses: Tensor, affinities: Tensor) -> Tensor:
    """Return the mean of a criterion over the examples that it is meant for.

    Σ(loss · affinity) / (Σ affinity + 1e-8): examples of affinity 0 do not dilute it.

    Args:
        name: The term, for the message.
        losses: What the criterion returned: [B], or a scalar that counts for every example.
        affinities: How much each example is meant, in 0…1, [B].

    Returns:
        A scalar; 0 where no example is meant at all.

    Raises:
        ShapeError: If the criterion returned anything else; the message names the term.

    Example:
        >>> weighted_mean("pin", torch.tensor([1.0, 3.0, 9.0]), torch.tensor([1.0, 1.0, 0.0]))
        tensor(2.)
    """
    if losses.ndim == 0:
        losses = losses.expand(affinities.shape)
    if losses.shape != affinities.shape:
        raise ShapeError(
            f"the criterion of {name} returns the wrong shape",
            got=list(losses.shape),
            expected=f"{list(affinities.shape)}, one number per example, or a scalar",
        )
    return (losses * affinities).sum() / (affinities.sum() + SMALL)


def unitarity(z: Tensor) -> Tensor:
    """Return (‖z‖ − 1)²: zero on the unit sphere.

    Args:
        z: Latents, [B, D].

    Returns:
        [B]. At the origin it is 1, with gradient zero.
    """
    expect_rank("z", z, "B D")
    length: Tensor = torch.linalg.vector_norm(z, dim=-1)
    return (length - 1).square()


def planarity(z: Tensor, plane: Sequence[int] = (0, 1)) -> Tensor:
    """Return Σ z_d² over the dimensions outside a coordinate plane (or line, or subspace).

    Args:
        z: Latents, [B, D].
        plane: The dimensions that are free.

    Returns:
        [B]; zero where nothing lies outside, so always for D ≤ 2 and the default plane.
    """
    expect_rank("z", z, "B D")
    return _columns(z, _outside(z, plane)).square().sum(-1)


def subspace(z: Tensor, dimensions: Sequence[int]) -> Tensor:
    """Return the share of the squared length that lies outside an axis-aligned subspace.

    1 − Σ_{d ∈ S} z_d² / ‖z‖². Unlike `planarity` it does not care for the length: it turns a latent
    into the subspace instead of shrinking it.

    Args:
        z: Latents, [B, D].
        dimensions: The dimensions S of the subspace.

    Returns:
        [B], in 0…1; 0 for a latent of length zero.
    """
    expect_rank("z", z, "B D")
    return _columns(_directions(z), _outside(z, dimensions)).square().sum(-1)


def pin(z: Tensor, anchor: Tensor) -> Tensor:
    """Return ‖z − anchor‖².

    Args:
        z: Latents, [B, D].
        anchor: The point, [D].

    Returns:
        [B].
    """
    _expect_anchor(z, anchor)
    return (z - anchor).square().sum(-1)


def angular_anchor(z: Tensor, anchor: Tensor) -> Tensor:
    """Return 1 − cos(z, anchor): zero in the anchor's direction, 2 opposite to it.

    Args:
        z: Latents, [B, D].
        anchor: A direction of any length but zero, [D].

    Returns:
        [B], in 0…2.
    """
    return 1 - _cosine_to(z, anchor)


def anti_anchor(z: Tensor, anchor: Tensor, power: float = 1.0) -> Tensor:
    """Return ((1 + cos(z, anchor)) / 2)^power: one at the anchor, zero opposite to it.

    Args:
        z: Latents, [B, D].
        anchor: A direction of any length but zero, [D].
        power: Sharpness; 1 or more. Large values push only what is near the anchor.

    Returns:
        [B], in 0…1.

    Raises:
        ConfigError: If the power is below 1: its gradient has no bound opposite to the anchor.
    """
    _expect_power(power, shift=True)
    return ((1 + _cosine_to(z, anchor)) / 2).clamp_min(0).pow(power)


def orthogonality(z: Tensor, anchor: Tensor) -> Tensor:
    """Return cos²(z, anchor): zero at right angles to a direction, one along it either way.

    Args:
        z: Latents, [B, D].
        anchor: A direction of any length but zero, [D].

    Returns:
        [B], in 0…1.
    """
    return _cosine_to(z, anchor).square()


def sparsity(z: Tensor, *, scale_free: bool = False) -> Tensor:
    """Return how far a latent is from using few dimensions.

    Args:
        z: Latents, [B, D].
        scale_free: False is the L1 norm Σ|z_d|, which also shrinks. True is
            (‖z‖₁/‖z‖₂ − 1) / (√D − 1): 0 on an axis, 1 where all dimensions are alike, at any
            length (one minus the sparseness of Hoyer, JMLR 5, 2004).

    Returns:
        [B]. Scale-free, a latent of length zero counts as 0, and so does every latent for D = 1.
    """
    expect_rank("z", z, "B D")
    if not scale_free:
        return z.abs().sum(-1)
    if z.shape[1] == 1:
        return torch.zeros_like(z[:, 0])
    length = torch.linalg.vector_norm(z, dim=-1)
    ratio: Tensor = z.abs().sum(-1) / (length + SMALL)
    return ((ratio - 1) / (math.sqrt(z.shape[1]) - 1)).clamp_min(0)


def separate(
    z: Tensor,
    *,
    channels: Sequence[int] | None = None,
    power: float = 1.0,
    shift: bool = True,
    over: Over = "mean",
) -> Tensor:
    """Return how crowded a latent's direction is: cosines to the others, to a power.

    Σ_{j ≠ i} s_ij^power, where s is the cosine or, shifted, (1 + cos)/2 in 0…1. A latent is not
    compared with itself, told by its place in the batch and not by its value: duplicates (drawn
    with replacement) do repel. Without a shift an even power repels opposite latents as hard as
    equal ones, and an odd one rewards them, so that a value may be negative.

    Args:
        z: Latents, [B, D].
        channels: Dimensions that count; all when None.
        power: Sharpness, 1 or more; whole where there is no shift, for cosines are negative too.
        shift: Map cosines to 0…1 first.
        over: ``"sum"`` adds over the others and grows with the batch; ``"mean"`` divides by B − 1.

    Returns:
        [B]; zero in a batch of one.

    Raises:
        ConfigError: If the power does not fit, or a channel is none of z's.

    Example:
        >>> z = torch.tensor([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]])
        >>> separate(z, shift=False, over="sum")
        tensor([1., 1., 0.])
    """
    expect_rank("z", z, "B D")
    _expect_power(power, shift=shift)
    if channels is not None:
        z = _columns(z, _inside(z, channels))
    total = crowding(_directions(z), power, shift=shift)
    return total if over == "sum" else total / max(len(z) - 1, 1)


def to_sphere(z: Tensor) -> Tensor:
    """Return z / ‖z‖ [B, D]: latents normalized explicitly; one of length zero stays there.

    The direction alone is kept. What comes before it is free to have any length, so that a latent
    near the origin may flip to another side at a small push; `unitarity` before it prevents that.
    """
    expect_rank("z", z, "B D")
    return _directions(z)


def _directions(z: Tensor) -> Tensor:
    length: Tensor = torch.linalg.vector_norm(z, dim=-1, keepdim=True)
    return z / (length + SMALL)


def _cosine_to(z: Tensor, anchor: Tensor) -> Tensor:
    _expect_anchor(z, anchor)
    return _directions(z) @ _directions(anchor[None])[0]


def _expect_anchor(z: Tensor, anchor: Tensor) -> None:
    expect_rank("z", z, "B D")
    expect_shape("the anchor", anchor, z.shape[1:], because=f"z is {list(z.shape)}.")


def _expect_power(power: float, *, shift: bool) -> None:
    if power < 1 or not (shift or float(power).is_integer()):
        raise ConfigError(
            "the power does not fit",
            got=power,
            expected="1 or more" if shift else "a whole number from 1 on: cosines are negative too",
            remedy=None if shift or power < 1 else "Round it, or set shift=true.",
        )


def _inside(z: Tensor, dimensions: Sequence[int]) -> list[int]:
    unknown = [d for d in dimensions if not 0 <= d < z.shape[1]]
    if unknown:
        raise ConfigError(
            "there are no such dimensions",
            got=", ".join(map(str, unknown)),
            expected=f"0 to {z.shape[1] - 1}",
        )
    return list(dimensions)


def _columns(z: Tensor, dimensions: list[int]) -> Tensor:
    """Return some dimensions of z; neighbors are cut out, which costs less than picking."""
    first = dimensions[0] if dimensions else 0
    if dimensions == [*range(first, first + len(dimensions))]:
        return z[:, first : first + len(dimensions)]
    return z[:, dimensions]


def _outside(z: Tensor, dimensions: Sequence[int]) -> list[int]:
    return [d for d in range(z.shape[1]) if d not in dimensions]
