"""The fitted start: components and q(c|x) come from the latents, and nothing random is used up."""

from __future__ import annotations

import pytest
import torch

from latelier.training import execution
from latelier.training.mixture_start import fit_components


@pytest.fixture
def started(open_tiny):
    session = open_tiny("gmvae-fitted", seed=3)
    with torch.no_grad():  # latents far apart, so that the clusters are not a matter of taste
        session.model.posterior.mu.weight.mul_(30)
    with execution(session.config.training, 1, 3):
        before = torch.get_rng_state()
        report = fit_components(session)
        assert torch.equal(before, torch.get_rng_state())
    return session, report


def test_components_are_the_moments_of_the_aggregate_posterior(started):
    session, _ = started
    model = session.model.eval()
    with torch.no_grad():
        encoded = model.encode(session.dataset.examples(session.dataset.train).inputs)
    nearest = torch.cdist(encoded.mu, model.component_mu).argmin(1)
    for c in range(3):
        mu, variance = encoded.mu[nearest == c], encoded.log_var[nearest == c].exp()
        assert torch.allclose(model.component_mu[c], mu.mean(0), atol=1e-4)
        expected = (mu.var(0, correction=0) + variance.mean(0)).clamp_min(1e-2)
        assert torch.allclose(model.component_log_var[c].exp(), expected, rtol=1e-3, atol=1e-4)


def test_the_head_reproduces_the_clusters(started):
    session, report = started
    with torch.no_grad():
        encoded = session.model.encode(session.dataset.examples(session.dataset.train).inputs)
    nearest = torch.cdist(encoded.mu, session.model.component_mu).argmin(1)
    agree = (encoded.logits.argmax(1) == nearest).float().mean()
    assert agree > 0.97
    assert report["head_kl"] < 0.1
    assert sum(report["shares"]) == pytest.approx(1, abs=1e-5)


def test_the_optimizer_forgets(open_tiny):
    session = open_tiny("gmvae-fitted")
    parameter = next(session.model.parameters())
    parameter.grad = torch.ones_like(parameter)
    session.optimizer.step()
    assert session.optimizer.state
    with execution(session.config.training, 1, 0):
        fit_components(session)
    assert not session.optimizer.state
