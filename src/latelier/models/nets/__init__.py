"""Encoders and decoders from a configuration; layers have names and an order to list them in."""

from __future__ import annotations

from torch import nn

from latelier.config.errors import ConfigError
from latelier.config.models import ConvNet, MLPNet
from latelier.models.nets.conv import conv_nets
from latelier.models.nets.layers import ACTIVATIONS, OnSphere
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
        linear (means, or logits under Bernoulli) unless ``config.output`` says otherwise.

    Raises:
        ConfigError: If a convolutional network does not fit the shape, or a code on the sphere is
            asked of an encoder that returns none.
    """
    if isinstance(config, ConvNet):
        encoder, decoder, width = conv_nets(config, shape, latent_dim)
    else:
        encoder, decoder, width = mlp_nets(config, shape, latent_dim)
    if to_latent:
        encoder.add_module("latent", nn.Linear(width, latent_dim))
    if config.latent == "sphere":
        _end_on_sphere(encoder, to_latent=to_latent)
    if config.output == "sigmoid":
        decoder.add_module("sigmoid", nn.Sigmoid())
    return encoder, decoder


def _end_on_sphere(encoder: nn.Sequential, *, to_latent: bool) -> None:
    if not to_latent:
        raise ConfigError(
            "model.net.latent is sphere, but the model's posterior is a Gaussian",
            expected="linear: draws around a mean on the sphere would leave it",
            remedy="Remove model.net.latent, or choose a model without a posterior.",
        )
    encoder.add_module("sphere", OnSphere())
