"""Networks that a configuration names: imported only when allowed, and refused with a reason."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest
import torch
from torch import nn

from latelier.config import ConfigError, CustomNet, VAEModel
from latelier.models import VAE, build_model
from latelier.models.nets import named_nets

X = torch.rand(4, 1, 4, 4, generator=torch.Generator().manual_seed(0))


def encoder(shape: tuple[int, ...], latent_dim: int) -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.LazyLinear(5 + latent_dim))


def decoder(shape: tuple[int, ...], latent_dim: int) -> nn.Module:
    width = shape[0] * shape[1] * shape[2]
    return nn.Sequential(nn.Linear(latent_dim, width), nn.Unflatten(1, shape))


class Mine:
    encoder = staticmethod(encoder)
    text = "no callable"


@pytest.fixture
def mine(monkeypatch) -> str:
    module = ModuleType("my_nets")
    vars(module).update(encoder=encoder, decoder=decoder, Mine=Mine, nothing=lambda s, d: None)
    monkeypatch.setitem(sys.modules, "my_nets", module)
    return "my_nets"


def net(encoder: str = "my_nets:encoder", decoder: str = "my_nets:decoder") -> CustomNet:
    return CustomNet(encoder=encoder, decoder=decoder)


def test_both_are_called_with_shape_and_latent_dim(mine) -> None:
    first, second = named_nets(net("my_nets:Mine.encoder"), (1, 4, 4), 3)
    assert second(first(X)[:, :3]).shape == X.shape
    assert first[1].out_features == 8


def test_a_model_is_made_of_them_only_when_that_is_allowed(mine) -> None:
    config = VAEModel(latent_dim=3, net=net())
    with pytest.raises(ConfigError, match=r"networks of your own.*--allow-code"):
        build_model(config, X)
    model = build_model(config, X, allow_code=True)
    assert isinstance(model, VAE)
    assert model(X).x_hat.shape == (4, 1, 1, 4, 4)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("my_nets", r"model\.net\.encoder names no code; got 'my_nets'"),
        ("", "names no code; got ''"),
        ("no_such_package:encoder", "cannot be imported.*ModuleNotFoundError"),
        ("my_nets:missing", "cannot be imported.*AttributeError"),
        ("my_nets:Mine.text", "cannot be called; got my_nets:Mine.text: a str"),
        ("my_nets:nothing", "made no network; got my_nets:nothing returned NoneType"),
        ("torch.nn:Linear", r"could not make a network.*Linear\(\(1, 4, 4\), 3\) raised TypeError"),
        ("os:system", "could not make a network.*raised TypeError"),
    ],
)
def test_what_cannot_be_used_is_refused(mine, name, words) -> None:
    with pytest.raises(ConfigError, match=words):
        named_nets(net(encoder=name), (1, 4, 4), 3)
