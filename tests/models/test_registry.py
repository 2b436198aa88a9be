from __future__ import annotations

from typing import get_args

import pytest
import torch
from torch import nn

from latelier.config.errors import ConfigError, ShapeError
from latelier.config.models import (
    AEModel,
    CustomNet,
    GMVAEModel,
    MLPNet,
    ModelConfig,
    SupervisedAEModel,
    VAEModel,
)
from latelier.models import AE, GMVAE, MODELS, VAE, SupervisedAE, build_model

X = torch.rand(4, 1, 8, 8, generator=torch.Generator().manual_seed(0))


def test_the_table_has_every_kind_of_the_configuration() -> None:
    union = get_args(ModelConfig)[0]
    kinds = {kind.model_fields["kind"].default for kind in get_args(union)}
    assert kinds - set(MODELS) == {"module"}  # a module of the user's own is made by nobody else
    assert set(MODELS) <= kinds


def test_kinds_sizes_and_state() -> None:
    assert isinstance(build_model(AEModel(latent_dim=3), X), AE)
    vae = build_model(VAEModel(latent_dim=3), X)
    assert isinstance(vae, VAE)
    assert vae.built
    assert vae.training
    gmvae = build_model(GMVAEModel(latent_dim=3, components=7), X)
    assert isinstance(gmvae, GMVAE)
    assert gmvae.component_mu.shape == (7, 3)
    supervised = build_model(SupervisedAEModel(latent_dim=3), X, classes=4)
    assert isinstance(supervised, SupervisedAE)
    assert supervised.classifier.out_features == 4
    assert supervised.latent_dim == vae.latent_dim == gmvae.latent_dim == 3


def test_the_seed_decides_every_parameter() -> None:
    def parameters(seed: int) -> torch.Tensor:
        torch.manual_seed(seed)
        return nn.utils.parameters_to_vector(build_model(GMVAEModel(), X).parameters())

    assert torch.equal(parameters(1), parameters(1))
    assert not torch.isclose(parameters(1), parameters(2)).all()


def test_missing_labels() -> None:
    with pytest.raises(ConfigError, match=r"supervised-ae needs labels.*Choose a labelled"):
        build_model(SupervisedAEModel(), X)


def test_vectors_need_an_mlp() -> None:
    with pytest.raises(ConfigError, match=r"model\.net\.kind=mlp"):
        build_model(VAEModel(), X.flatten(1))
    assert build_model(VAEModel(net=MLPNet()), X.flatten(1)).shape == (64,)


def test_networks_of_the_users_own() -> None:
    encoder, decoder = (
        nn.Sequential(nn.Flatten(), nn.LazyLinear(5)),
        nn.Sequential(nn.LazyLinear(64), nn.Unflatten(1, (1, 8, 8))),
    )
    model = build_model(VAEModel(latent_dim=2), X, networks=(encoder, decoder))
    assert model.encoder is encoder
    assert model(X).x_hat.shape == (4, 1, 1, 8, 8)


def test_a_code_of_another_size_than_configured() -> None:
    encoder, decoder = (
        nn.Sequential(nn.Flatten(), nn.Linear(64, 5)),
        nn.Sequential(nn.Linear(5, 64), nn.Unflatten(1, (1, 8, 8))),
    )
    with pytest.raises(ShapeError, match=r"got 5; expected 2\. Set model\.latent_dim=5"):
        build_model(AEModel(latent_dim=2), X, networks=(encoder, decoder))


def test_custom_networks_must_be_given() -> None:
    config = VAEModel(net=CustomNet(encoder="lab:Encoder", decoder="lab:Decoder"), latent_dim=2)
    with pytest.raises(ConfigError, match=r"got encoder 'lab:Encoder'.*from Python"):
        build_model(config, X)
    networks = (
        nn.Sequential(nn.Flatten(), nn.Linear(64, 5)),
        nn.Sequential(nn.Linear(2, 64), nn.Unflatten(1, (1, 8, 8))),
    )
    assert build_model(config, X, networks=networks).built
