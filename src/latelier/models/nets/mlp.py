"""Fully connected encoder and decoder, for examples of any shape."""

from __future__ import annotations

import math
from itertools import pairwise

from torch import nn

from latelier.config.models import MLPNet
from latelier.models.nets.layers import Layers


def mlp_nets(
    config: MLPNet, shape: tuple[int, ...], latent_dim: int
) -> tuple[nn.Sequential, nn.Sequential, int]:
    """Make an encoder [B, *shape] → [B, H] and its mirror image [B, D] → [B, *shape].

    Args:
        config: Widths and activation. Without hidden layers both are linear.
        shape: Shape of one example.
        latent_dim: Size D of the latent vector.

    Returns:
        Encoder, decoder and the encoder's width H.
    """
    features = math.prod(shape)
    widths = (features, *config.hidden)
    encoder = Layers(config.activation)
    encoder.add("flatten", nn.Flatten())
    for number, (before, after) in enumerate(pairwise(widths), 1):
        encoder.add(f"linear{number}", nn.Linear(before, after), activate=True)

    decoder = Layers(config.activation)
    mirrored = (latent_dim, *reversed(config.hidden))
    for number, (before, after) in enumerate(pairwise(mirrored), 1):
        decoder.add(f"linear{number}", nn.Linear(before, after), activate=True)
    decoder.add("output", nn.Linear(mirrored[-1], features))
    decoder.add("unflatten", nn.Unflatten(1, shape))
    return encoder.sequential(), decoder.sequential(), widths[-1]
