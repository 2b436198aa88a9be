from __future__ import annotations

import pytest
import torch
from torch import nn

from latelier.config.errors import ConfigError
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


def test_the_color_autoencoder_is_two_layers_each_way() -> None:
    config = MLPNet(hidden=(16,), activation="gelu", output="sigmoid")
    encoder, decoder = build_nets(config, (3,), 4, to_latent=True)
    sizes = [(p.in_features, p.out_features) for p in (*encoder, *decoder) if hasattr(p, "bias")]
    assert sizes == [(3, 16), (16, 4), (4, 16), (16, 3)]
    assert isinstance(encoder.gelu1, nn.GELU)
    assert isinstance(decoder.gelu1, nn.GELU)
    assert isinstance(decoder[-1], nn.Sigmoid)
    x = torch.randn(5, 3)
    hidden = nn.functional.gelu(encoder.linear1(x))
    assert torch.equal(encoder(x), encoder.latent(hidden))
    z = torch.randn(5, 4) * 100
    expected = torch.sigmoid(decoder.output(nn.functional.gelu(decoder.linear1(z))))
    assert torch.equal(decoder(z), expected)


def test_a_code_on_the_sphere() -> None:
    config = MLPNet(hidden=(9,), latent="sphere")
    encoder, _ = build_nets(config, (5,), 3, to_latent=True)
    x = torch.randn(7, 5)
    raw = encoder.latent(encoder.gelu1(encoder.linear1(x)))
    assert torch.allclose(encoder(x).norm(dim=1), torch.ones(7), atol=1e-5)
    assert torch.allclose(encoder(x), raw / raw.norm(dim=1, keepdim=True), atol=1e-5)
    with pytest.raises(ConfigError, match="posterior is a Gaussian"):
        build_nets(config, (5,), 3)
