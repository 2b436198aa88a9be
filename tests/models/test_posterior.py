from __future__ import annotations

import pytest
import torch

from latelier.config.errors import ConfigError
from latelier.models import FullyFactorizedGaussian
from latelier.models.posterior import reparameterize


def test_the_head_takes_its_width_from_the_first_batch() -> None:
    head = FullyFactorizedGaussian(latent_dim=3)
    mu, log_var = head(torch.randn(5, 7))
    assert mu.shape == log_var.shape == (5, 3)
    assert head.mu.in_features == head.log_var.in_features == 7
    assert not torch.equal(head.mu.weight, head.log_var.weight)


def test_no_latents_are_an_error() -> None:
    with pytest.raises(ConfigError, match="latent_dim"):
        FullyFactorizedGaussian(0)


def test_samples_have_the_posterior_s_moments_and_pathwise_gradients() -> None:
    mu = torch.full((100_000, 1), 0.7, requires_grad=True)
    log_var = torch.full((100_000, 1), -1.2, requires_grad=True)
    torch.manual_seed(0)
    z = reparameterize(mu, log_var)
    assert z.mean().item() == pytest.approx(0.7, abs=0.01)
    assert z.var().item() == pytest.approx(torch.tensor(-1.2).exp().item(), abs=0.01)
    z.sum().backward()
    assert mu.grad is not None
    assert log_var.grad is not None
    assert torch.equal(mu.grad, torch.ones_like(mu))
    torch.testing.assert_close(log_var.grad, 0.5 * (z - mu).detach())
