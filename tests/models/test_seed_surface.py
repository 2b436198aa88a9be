"""The public surface of PyAutoencoder 1.1.5: its users change the import, and their code runs."""

from __future__ import annotations

import torch
from torch import nn

from latelier.losses import (
    LikelihoodType,
    kl_divergence_diag_gaussian,
    log_likelihood,
)
from latelier.models import AE, VAE, AdaGVAE, FullyFactorizedGaussian, LossResult

X = torch.rand(8, 12, generator=torch.Generator().manual_seed(0))


def networks(features: int, latent: int) -> tuple[nn.Module, nn.Module]:
    return nn.Sequential(nn.Linear(12, features), nn.ReLU()), nn.Linear(latent, 12)


def test_autoencoder() -> None:
    model = AE(encoder=nn.Linear(12, 3), decoder=nn.Linear(3, 12))
    model.build(X)
    output = model(X)
    result = model.compute_loss(X, output, likelihood="bernoulli")
    result.objective.backward()
    assert isinstance(result, LossResult)
    assert set(result.diagnostics) == {"log_likelihood"}
    assert model.decode(model.encode(X).z).x_hat.shape == X.shape
    positional = model.compute_loss(X, output, LikelihoodType.BERNOULLI)
    assert positional.objective == result.objective


def test_vae() -> None:
    encoder, decoder = networks(6, 4)
    model = VAE(encoder=encoder, decoder=decoder, latent_dim=4)
    model.build(X)
    output = model(X, S=5)
    assert output.z.shape == (8, 5, 4)
    assert output.x_hat.shape == (8, 5, 12)
    assert output.mu.shape == output.log_var.shape == (8, 4)
    result = model.compute_loss(X, output, beta=1, likelihood="bernoulli")
    assert set(result.diagnostics) == {"elbo", "log_likelihood", "kl_divergence"}
    assert all(isinstance(value, float) for value in result.diagnostics.values())
    assert model.compute_loss(X, output, 1, "bernoulli").objective == result.objective
    model.eval()
    assert torch.equal(model(X, S=2).z[:, 0], model(X).mu)


def test_adagvae() -> None:
    encoder, decoder = networks(6, 4)
    vae = VAE(encoder=encoder, decoder=decoder, latent_dim=4)
    model = AdaGVAE(vae=vae)
    model.build(X)
    pair = (X, X.flip(0))
    output = model(pair, S=3)
    result = model.compute_loss(pair, output, beta=4.0, likelihood="bernoulli")
    assert set(result.diagnostics) >= {
        "elbo",
        "log_likelihood_x1",
        "log_likelihood_x2",
        "kl_divergence_x1",
        "kl_divergence_x2",
    }
    z = model.vae.encode(X).z
    assert model.vae.decode(z).x_hat.shape == (8, 1, 12)
    assert model.compute_loss(pair, output, 4.0, "bernoulli").objective == result.objective


def test_building_blocks() -> None:
    mu, log_var = FullyFactorizedGaussian(latent_dim=2)(X)
    assert mu.shape == log_var.shape == (8, 2)
    assert log_likelihood(X, X, likelihood="gaussian").shape == X.shape
    divergence = kl_divergence_diag_gaussian(mu_q=mu, log_var_q=log_var, mu_p=mu, log_var_p=log_var)
    assert divergence.abs().max() == 0
    assert LikelihoodType("gaussian") is LikelihoodType.GAUSSIAN
