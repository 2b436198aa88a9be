"""Convolutional encoder and decoder: 3×3 kernels, stride 2, padding 1.

Each layer takes n pixels to ⌈n/2⌉, so 28 → 14 → 7 → 4. Going back, 4 may have come from 7 or 8: the
decoder's output padding is chosen per layer and axis so that every size is met exactly.
"""

from __future__ import annotations

from itertools import pairwise

from torch import nn

from latelier.config.errors import ConfigError
from latelier.config.models import ConvNet
from latelier.models.nets.layers import Layers

Size = tuple[int, int]


def conv_nets(
    config: ConvNet, shape: tuple[int, ...], latent_dim: int
) -> tuple[nn.Sequential, nn.Sequential, int]:
    """Make an encoder [B, C, H, W] → [B, hidden] and its mirror image [B, D] → [B, C, H, W].

    Args:
        config: Channels per layer, width of the fully connected layer, activation.
        shape: Shape of one image, (C, H, W).
        latent_dim: Size D of the latent vector.

    Returns:
        Encoder, decoder and the encoder's width (``config.hidden``).

    Raises:
        ConfigError: If the data are no images, or too small to be halved that often.
    """
    if len(shape) != 3:
        raise ConfigError(
            "a convolutional network needs images",
            got=f"examples of shape {list(shape)}",
            expected="[C, H, W]",
            remedy="Set model.net.kind=mlp.",
        )
    sizes = halved_sizes((shape[1], shape[2]), len(config.channels))
    channels = (shape[0], *config.channels)
    return (
        _encoder(config, channels, sizes[-1]),
        _decoder(config, channels, sizes, latent_dim),
        config.hidden,
    )


def halved_sizes(size: Size, layers: int) -> list[Size]:
    """Return height and width before the first layer and after each.

    Raises:
        ConfigError: If an image of one pixel would have to be halved.

    Example:
        >>> halved_sizes((28, 8), 3)
        [(28, 8), (14, 4), (7, 2), (4, 1)]
    """
    sizes = [size]
    for layer in range(1, layers + 1):
        height, width = sizes[-1]
        if min(height, width) < 2:
            raise ConfigError(
                f"model.net.channels has {layers} layers, too many for images of "
                f"{size[0]}×{size[1]} pixels",
                got=f"{height}×{width} pixels before layer {layer}",
                expected="at least 2×2 before every layer",
                remedy=f"Give at most {layer - 1} channels, or set model.net.kind=mlp.",
            )
        sizes.append(((height + 1) // 2, (width + 1) // 2))
    return sizes


def _encoder(config: ConvNet, channels: tuple[int, ...], last: Size) -> nn.Sequential:
    layers = Layers(config.activation)
    for number, (before, after) in enumerate(pairwise(channels), 1):
        layers.add(f"conv{number}", nn.Conv2d(before, after, 3, 2, 1), activate=True)
    layers.add("flatten", nn.Flatten())
    flat = channels[-1] * last[0] * last[1]
    layers.add("hidden", nn.Linear(flat, config.hidden), activate=True)
    return layers.sequential()


def _decoder(
    config: ConvNet, channels: tuple[int, ...], sizes: list[Size], latent_dim: int
) -> nn.Sequential:
    layers = Layers(config.activation)
    height, width = sizes[-1]
    layers.add("hidden", nn.Linear(latent_dim, config.hidden), activate=True)
    layers.add("grid", nn.Linear(config.hidden, channels[-1] * height * width), activate=True)
    layers.add("unflatten", nn.Unflatten(1, (channels[-1], height, width)))
    steps = zip(pairwise(reversed(channels)), pairwise(reversed(sizes)), strict=True)
    for number, ((before, after), (small, large)) in enumerate(steps, 1):
        is_output = number == len(config.channels)
        layer = nn.ConvTranspose2d(before, after, 3, 2, 1, output_padding=_padding(small, large))
        layers.add("output" if is_output else f"deconv{number}", layer, activate=not is_output)
    return layers.sequential()


def _padding(small: Size, large: Size) -> Size:
    """Rows and columns that a doubling transposed convolution must add: 2n − 1 pixels without."""
    return large[0] - (2 * small[0] - 1), large[1] - (2 * small[1] - 1)
