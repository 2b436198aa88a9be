"""Configuration of encoder and decoder networks."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from latelier.config.base import FROM_LIST, Frozen, setting

Activation = Literal["gelu", "relu", "silu", "tanh", "leaky-relu"]
Width = Annotated[int, Field(ge=1, le=65536)]
Channels = Annotated[int, Field(ge=1, le=4096)]


class MLPNet(Frozen):
    """Fully connected encoder; the decoder mirrors it."""

    kind: Literal["mlp"] = "mlp"
    hidden: Annotated[tuple[Width, ...], FROM_LIST] = setting(
        (256, 128), "Widths of the encoder's hidden layers, from the input on.", unit="units"
    )
    activation: Activation = setting("gelu", "Nonlinearity after each hidden layer.")
    output: Literal["linear", "sigmoid"] = setting(
        "linear", "What the decoder ends in; 'sigmoid' keeps outputs in 0…1."
    )
    latent: Literal["linear", "sphere"] = setting(
        "linear",
        "What the encoder of a deterministic model ends in; 'sphere' divides the code by its "
        "length.",
    )


class ConvNet(Frozen):
    """Convolutional encoder of 3×3 kernels, halving the image per layer; the decoder mirrors it."""

    kind: Literal["conv"] = "conv"
    channels: Annotated[tuple[Channels, ...], FROM_LIST] = setting(
        (16, 32), "Channels after each strided 3×3 convolution.", unit="channels", min_length=1
    )
    hidden: int = setting(
        128, "Width of the fully connected layer beside the latents.", unit="units", ge=1, le=65536
    )
    activation: Activation = setting("gelu", "Nonlinearity after each layer.")
    output: Literal["linear", "sigmoid"] = setting(
        "linear", "What the decoder ends in; 'sigmoid' keeps outputs in 0…1."
    )
    latent: Literal["linear", "sphere"] = setting(
        "linear",
        "What the encoder of a deterministic model ends in; 'sphere' divides the code by its "
        "length.",
    )


class CustomNet(Frozen):
    """Networks of the user's own: given from Python, or named here and made by --allow-code.

    They are code and not stored with the run. A name is called with the shape of an example and
    latent_dim, and returns the network.
    """

    kind: Literal["custom"] = "custom"
    encoder: str = setting("", "What makes the encoder, as 'package.module:callable'.")
    decoder: str = setting("", "What makes the decoder, as 'package.module:callable'.")


NetConfig = Annotated[MLPNet | ConvNet | CustomNet, Field(discriminator="kind")]
