from __future__ import annotations

import pytest
import torch
from torch import nn

from latelier.config.models import MLPNet
from latelier.models import build_nets


@pytest.mark.parametrize("shape", [(1,), (5,), (1, 8, 8), (3, 5, 7), (4, 6)])
@pytest.mark.parametrize("hidden", [(), (9,), (9, 7)])
def test_shapes(shape: tuple[int, ...], hidden: tuple[int, ...]) -> None:
    encoder, decoder = build_nets(MLPNet(hidden=hidden), shape, latent_dim=3)
    features = encoder(torch.rand(2, *shape))
    assert features.shape == (2, hidden[-1] if hidden else torch.Size(shape).numel())
    assert decoder(torch.rand(2, 3)).shape == (2, *shape)


def test_layers_have_names_in_order_and_mirror_each_other() -> None:
    encoder, decoder = build_nets(
        MLPNet(hidden=(9, 7), activation="leaky-relu"), (5,), 3, to_latent=True
    )
    assert [name for name, _ in encoder.named_children()] == [
        "flatten", "linear1", "leaky_relu1", "linear2", "leaky_relu2", "latent"
    ]  # fmt: skip
    assert [name for name, _ in decoder.named_children()] == [
        "linear1", "leaky_relu1", "linear2", "leaky_relu2", "output", "unflatten"
    ]  # fmt: skip
    widths = [part.out_features for part in encoder if isinstance(part, nn.Linear)]
    assert widths == [9, 7, 3]
    widths = [part.out_features for part in decoder if isinstance(part, nn.Linear)]
    assert widths == [7, 9, 5]


def test_both_ends_are_linear() -> None:
    """Without hidden layers the autoencoder is a linear map: additivity holds."""
    encoder, decoder = build_nets(MLPNet(hidden=()), (4,), 2, to_latent=True)
    net = nn.Sequential(encoder, decoder).double()
    x, y = torch.rand(2, 1, 4, dtype=torch.float64)
    zero = torch.zeros_like(x)
    torch.testing.assert_close(net(x + y) + net(zero), net(x) + net(y))
