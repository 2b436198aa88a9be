"""Encoders and decoders from a configuration; layers have names and an order to list them in."""

from __future__ import annotations

from torch import nn

from latelier.config.models import ConvNet, MLPNet
from latelier.models.nets.conv import conv_nets
from latelier.models.nets.layers import ACTIVATIONS
from latelier.models.nets.mlp import mlp_nets
from latelier.models.nets.named import named_nets

__all__ = ["ACTIVATIONS", "build_nets", "named_nets"]


def build_nets(
    config: MLPNet | ConvNet,
    shape: tuple[int, ...],
    latent_dim: int,
    *,
    to_latent: bool = False,
) -> tuple[nn.Sequential, nn.Sequential]:
    """Make an encoder and the decoder that mirrors it.

    Args:
        config: Kind and sizes of the networks.
        shape: Shape of one example: (C, H, W) of an image, (F,) of a vector, or any other (MLP).
        latent_dim: Size D of the latent vector.
        to_latent: Whether the encoder ends in a linear layer ``latent`` of width D. Without, it
            returns features for the heads of a variational model.

    Returns:
        Encoder [B, *shape] → [B, H] (or [B, D]), and decoder [B, D] → [B, *shape], whose output is
        linear: means, or logits under Bernoulli.

    Raises:
        ConfigError: If a convolutional network does not fit the shape.
    """
    if isinstance(config, ConvNet):
        encoder, decoder, width = conv_nets(config, shape, latent_dim)
    else:
        encoder, decoder, width = mlp_nets(config, shape, latent_dim)
    if to_latent:
        encoder.add_module("latent", nn.Linear(width, latent_dim))
    return encoder, decoder
