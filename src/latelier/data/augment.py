"""Augmentation by random affine maps, for a batch at once.

Shapes: B images of C×H×W.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from latelier.config.data import AugmentConfig
from latelier.data.seeds import Stream, torch_rng


def epoch_draws(count: int, *, seed: int, epoch: int) -> Tensor:
    """Draw what decides the changes of an epoch, one row per position in its order.

    Args:
        count: Number of examples in the epoch.
        seed: Seed of the run.
        epoch: Epoch, from 1.

    Returns:
        [count, 6], uniform in −1..1: shift x and y, angle, scale x and y, shear.
    """
    generator = torch_rng(seed, Stream.AUGMENT, epoch)
    return torch.rand((count, 6), generator=generator) * 2 - 1


def affine_maps(draws: Tensor, config: AugmentConfig, height: int, width: int) -> Tensor:
    """Turn draws into maps from a changed image's coordinates to the original's.

    Args:
        draws: [B, 6] in −1..1, see `epoch_draws`.
        config: How far images move, turn, stretch and lean.
        height: H, in pixels.
        width: W, in pixels.

    Returns:
        [B, 2, 3] in the coordinates of `torch.nn.functional.affine_grid`, −1..1 per axis.
    """
    x, y, angle, scale_x, scale_y, shear = draws.unbind(1)
    turn = angle * math.radians(config.rotate)
    wide, high = 1 + scale_x * config.scale, 1 + scale_y * config.scale
    # A pixel is 2/W of an axis that runs from −1 to 1.
    right, down = x * (2 * config.shift / width), y * (2 * config.shift / height)
    aspect = height / width
    first = (wide * turn.cos(), (shear * config.shear - wide * turn.sin()) * aspect, right)
    second = (high * turn.sin() / aspect, high * turn.cos(), down)
    return torch.stack([torch.stack(first, 1), torch.stack(second, 1)], 1)


def augment_images(images: Tensor, draws: Tensor, config: AugmentConfig, fill: float) -> Tensor:
    """Change each image by its own affine map, bilinearly.

    Args:
        images: [B, C, H, W] float32.
        draws: [B, 6] in −1..1, see `epoch_draws`.
        config: How far images move, turn, stretch and lean.
        fill: Value of what comes in from outside.

    Returns:
        [B, C, H, W].

    Example:
        >>> image = torch.tensor([[[[1.0, 2.0, 3.0]]]])
        >>> left = torch.tensor([[1.0, 0, 0, 0, 0, 0]])
        >>> augment_images(image, left, AugmentConfig(shift=1), fill=0.0)
        tensor([[[[2., 3., 0.]]]])
    """
    maps = affine_maps(draws, config, *images.shape[-2:])
    grid = F.affine_grid(maps, list(images.shape), align_corners=False)
    return F.grid_sample(images - fill, grid, align_corners=False) + fill
