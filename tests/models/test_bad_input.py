"""Every model refuses what it cannot take: the message names the tensor, and says what to do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from latelier.config.errors import ConfigError, DataError, ShapeError
from latelier.models import AE, MODELS, VAE, AdaGVAE, Autoencoder

X = torch.rand(6, 2, 3, generator=torch.Generator().manual_seed(0))
SIZES: dict[str, Any] = {
    "latent_dim": 4,
    "classes": 3,
    "components": 2,
    "codes": 8,
    "code_dim": 2,
    "pseudo_inputs": 3,
    "discriminator_width": 4,
    "discriminator_depth": 1,
}
SAMPLED = [kind for kind, row in MODELS.items() if "decoder_noise" in row.sizes]


def made(kind: str, encoder: Any = None, decoder: Any = None) -> Autoencoder:
    row = MODELS[kind]
    torch.manual_seed(0)
    encoder = encoder or nn.Sequential(nn.Flatten(), nn.Linear(6, 4))
    decoder = decoder or nn.Sequential(nn.Linear(4, 6), nn.Unflatten(1, (2, 3)))
    sizes = {name: SIZES[name] for name in row.sizes if name in SIZES}
    return row.make(encoder, decoder, **sizes)


@pytest.fixture(scope="module")
def built() -> dict[str, Autoencoder]:
    return {kind: made(kind).build(X).eval() for kind in MODELS}


def encode(model: Autoencoder, x: Any) -> Any:
    return model.encode(x)


def run(model: Autoencoder, x: Any) -> Any:
    return model((x, x)) if isinstance(model, AdaGVAE) else model(x)


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("use", [encode, run])
def test_examples_of_another_shape(built: dict[str, Autoencoder], kind: str, use: Any) -> None:
    for x in (X[:, :1], X[:, :, None], X.flatten(1), X[:0]):
        with pytest.raises(ShapeError, match=r"x has the wrong shape; got .*\[B, 2, 3\]") as said:
            use(built[kind], x)
        assert f"got {list(x.shape)}" in str(said.value)
    with pytest.raises(ShapeError, match=r"Give a batch: x\[None\]"):
        use(built[kind], X[0])


@pytest.mark.parametrize("kind", MODELS)
def test_what_is_no_floating_point_tensor(built: dict[str, Autoencoder], kind: str) -> None:
    with pytest.raises(DataError, match=r"x holds no floating.*got torch.uint8; .*/ 255"):
        built[kind].encode((X * 255).to(torch.uint8))
    with pytest.raises(DataError, match=r"x holds no floating.*got ndarray; .*as_tensor"):
        built[kind].encode(np.asarray(X))


@pytest.mark.parametrize("kind", MODELS)
def test_latents_of_another_width(built: dict[str, Autoencoder], kind: str) -> None:
    wide = torch.zeros(6, 1, 5) if kind in SAMPLED else torch.zeros(6, 5)
    with pytest.raises(ShapeError, match=r"z has the wrong width; got .*5\]; .*D = 4"):
        built[kind].decode(wide)
    with pytest.raises(ShapeError, match=r"z has \d axes"):
        built[kind].decode(torch.zeros(6, 1, 1, 4))
    good = torch.zeros(6, 1, 4) if kind in SAMPLED else torch.zeros(6, 4)
    assert built[kind].decode(good).x_hat.shape[-2:] == (2, 3)


@pytest.mark.parametrize("kind", SAMPLED)
@pytest.mark.parametrize(("samples", "message"), [(0, "too small"), (1.5, "no whole number")])
def test_samples_that_are_no_number_of_samples(
    built: dict[str, Autoencoder], kind: str, samples: Any, message: str
) -> None:
    with pytest.raises(ConfigError, match=f"samples S is {message}; got {samples}"):
        built[kind].encode(X, S=samples)


class Broken(nn.Module):
    """A network with something done to what it returns."""

    def __init__(self, change: Any) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Flatten(), nn.LazyLinear(4))
        self.change = change

    def forward(self, x: Tensor) -> Any:
        return self.change(self.net(x))


@pytest.mark.parametrize("kind", MODELS)
def test_a_network_that_returns_no_number_is_named_before_training(kind: str) -> None:
    with pytest.raises(DataError, match=r"the encoder returns .* not finite; got NaN .* 24 of 24"):
        made(kind, Broken(lambda h: h * torch.nan)).build(X)
    with pytest.raises(DataError, match="the decoder returns numbers that are not finite"):
        made(kind, None, Infinite()).build(X)


class Infinite(nn.Module):
    """A decoder that overflows."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(4, 6), nn.Unflatten(1, (2, 3)))

    def forward(self, z: Tensor) -> Tensor:
        return self.net(z) + torch.inf


@pytest.mark.parametrize("kind", MODELS)
def test_a_network_that_returns_no_tensor_is_named(kind: str) -> None:
    with pytest.raises(ShapeError, match="the encoder returns no tensor; got tuple"):
        made(kind, Broken(lambda h: (h, h))).build(X)


def test_a_decoder_that_returns_no_tensor_is_named() -> None:
    with pytest.raises(ShapeError, match="the decoder returns no tensor; got list"):
        made("ae", None, Broken(lambda h: [h])).build(X)


def test_parts_that_are_no_modules_are_refused() -> None:
    decoder = nn.Linear(2, 6)
    with pytest.raises(ConfigError, match="the encoder is no module; got function"):
        AE(lambda x: x[:, :2], decoder).build(X.flatten(1))  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="the decoder is no module; got NoneType"):
        VAE(nn.Linear(6, 2), None, 2).build(X.flatten(1))  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="made around a VAE; got Linear"):
        AdaGVAE(decoder)  # type: ignore[arg-type]


def test_a_sample_with_holes_is_refused() -> None:
    holed = X.clone()
    holed[3, 0, 0] = torch.nan
    with pytest.raises(DataError, match="the sample has values that are not finite"):
        made("vae").build(holed)
    with pytest.raises(DataError, match="the sample holds no floating-point numbers; got tuple"):
        made("adagvae").build((X, X))  # type: ignore[arg-type]
