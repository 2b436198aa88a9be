from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from latelier.config.errors import ConfigError
from latelier.config.models import ConvNet
from latelier.models import build_nets
from latelier.models.nets.conv import halved_sizes


@settings(deadline=None, max_examples=50)
@given(st.integers(2, 33), st.integers(2, 33), st.sampled_from([1, 3]), st.integers(1, 3))
def test_every_size_comes_back_exactly(height: int, width: int, colors: int, layers: int) -> None:
    if min(height, width) <= 2 ** (layers - 1):
        with pytest.raises(ConfigError, match="too many for images"):
            build_nets(ConvNet(channels=(2,) * layers, hidden=4), (colors, height, width), 2)
        return
    config = ConvNet(channels=(2,) * layers, hidden=4)
    encoder, decoder = build_nets(config, (colors, height, width), 2)
    assert encoder(torch.rand(1, colors, height, width)).shape == (1, 4)
    assert decoder(torch.rand(1, 2)).shape == (1, colors, height, width)


def test_sizes_of_the_feature_maps() -> None:
    assert halved_sizes((28, 28), 3) == [(28, 28), (14, 14), (7, 7), (4, 4)]
    assert halved_sizes((8, 8), 2) == [(8, 8), (4, 4), (2, 2)]
    encoder, decoder = build_nets(ConvNet(channels=(2, 3, 4)), (1, 28, 20), 2)
    maps = []
    for part in (*encoder, *decoder):
        if isinstance(part, nn.Conv2d | nn.ConvTranspose2d):
            part.register_forward_hook(lambda _m, _i, out: maps.append(tuple(out.shape[1:])))
    encoder(torch.rand(1, 1, 28, 20))
    decoder(torch.rand(1, 2))
    down = [(2, 14, 10), (3, 7, 5), (4, 4, 3)]
    assert maps == [*down, *down[-2::-1], (1, 28, 20)]


def test_layers_have_names_in_order() -> None:
    config = ConvNet(channels=(2, 3), activation="relu")
    encoder, decoder = build_nets(config, (3, 8, 8), 2, to_latent=True)
    assert [name for name, _ in encoder.named_children()] == [
        "conv1", "relu1", "conv2", "relu2", "flatten", "hidden", "relu3", "latent"
    ]  # fmt: skip
    assert [name for name, _ in decoder.named_children()] == [
        "hidden", "relu1", "grid", "relu2", "unflatten", "deconv1", "relu3", "output"
    ]  # fmt: skip


@pytest.mark.parametrize("colors", [1, 3])
def test_convolutions_are_3_by_3_stride_2_padding_1(colors: int) -> None:
    encoder, _ = build_nets(ConvNet(channels=(4, 5)), (colors, 8, 8), 2)
    convolutions = [part for part in encoder if isinstance(part, nn.Conv2d)]
    assert convolutions[0].in_channels == colors
    for part in convolutions:
        assert (part.kernel_size, part.stride, part.padding) == ((3, 3), (2, 2), (1, 1))


def test_the_last_layer_is_linear() -> None:
    _, decoder = build_nets(ConvNet(), (1, 8, 8), 2)
    assert isinstance(decoder[-1], nn.ConvTranspose2d)


def test_vectors_are_refused_with_the_way_out() -> None:
    with pytest.raises(ConfigError, match=r"needs images; got examples of shape \[30\].*=mlp"):
        build_nets(ConvNet(), (30,), 2)


def test_too_many_layers_are_counted() -> None:
    with pytest.raises(
        ConfigError, match=r"has 4 layers.*8×8.*1×1 pixels before layer 4.*at most 3"
    ):
        build_nets(ConvNet(channels=(2, 2, 2, 2)), (1, 8, 8), 2)
