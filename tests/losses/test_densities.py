"""The likelihoods against torch.distributions, quadrature and finite differences."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.distributions import Laplace, Normal

from latelier.config.errors import ConfigError
from latelier.losses import (
    log_likelihood,
    observation_mean,
    reduced_log_likelihood,
    scaled_log_likelihood,
)

LOGITS = [-40.0, -3.0, -0.5, -0.02, -1e-2, -1e-4, 0.0, 1e-3, 9.9e-3, 0.011, 0.7, 4.0, 40.0]


def quadrature(logit: float, moment: int) -> float:
    """∫₀¹ xᵐ p(x|logit) dx with 20,001 points of Simpson's rule."""
    x = torch.linspace(0, 1, 20_001, dtype=torch.float64)
    density = log_likelihood(x, torch.full_like(x, logit), "continuous-bernoulli").exp()
    weights = torch.ones_like(x)
    weights[1:-1:2], weights[2:-1:2] = 4.0, 2.0
    return float((weights * x**moment * density).sum() / 60_000)


@pytest.mark.parametrize("logit", LOGITS)
def test_the_continuous_bernoulli_is_a_density_and_its_mean_is_shown(logit: float) -> None:
    assert quadrature(logit, 0) == pytest.approx(1, abs=1e-6)
    mean = observation_mean(torch.tensor(logit, dtype=torch.float64), "continuous-bernoulli")
    assert quadrature(logit, 1) == pytest.approx(float(mean), abs=1e-6)


def test_its_gradient_is_smooth_across_the_series() -> None:
    logits = torch.tensor(LOGITS, dtype=torch.float64, requires_grad=True)
    x = torch.linspace(0, 1, len(LOGITS), dtype=torch.float64)

    def density(logits: Tensor) -> Tensor:
        return log_likelihood(x, logits, "continuous-bernoulli")

    assert torch.autograd.gradcheck(density, (logits,))
    (gradient,) = torch.autograd.grad(density(logits).sum(), logits)
    mean = observation_mean(logits.detach(), "continuous-bernoulli")
    torch.testing.assert_close(gradient, x - mean)  # of an exponential family


def test_laplace_is_an_absolute_error() -> None:
    generator = torch.Generator().manual_seed(0)
    x, x_hat = torch.randn(2, 3, 5, generator=generator)
    expected = Laplace(x_hat, torch.ones(())).log_prob(x) + math.log(2)
    torch.testing.assert_close(log_likelihood(x, x_hat, "laplace"), expected)


@pytest.mark.parametrize(("likelihood", "family"), [("gaussian", Normal), ("laplace", Laplace)])
@pytest.mark.parametrize("scale", [0.1, 1.0, 7.0])
def test_a_scale_makes_it_the_whole_density(
    likelihood: str, family: type[Normal] | type[Laplace], scale: float
) -> None:
    generator = torch.Generator().manual_seed(1)
    x, x_hat = torch.randn(2, 4, 6, generator=generator)
    unit = reduced_log_likelihood(x, x_hat, likelihood, "sum")
    actual = scaled_log_likelihood(unit, torch.tensor(scale).log(), likelihood, features=6)
    expected = family(x_hat, torch.tensor(scale)).log_prob(x).sum(1)
    torch.testing.assert_close(actual, expected, rtol=1e-5, atol=1e-4)


def test_logits_have_no_scale() -> None:
    with pytest.raises(ConfigError, match="no scale; got 'bernoulli'"):
        scaled_log_likelihood(torch.zeros(1), torch.zeros(()), "bernoulli", features=1)


def test_means_of_the_others() -> None:
    x_hat = torch.tensor([-2.0, 0.0, 3.0])
    assert torch.equal(observation_mean(x_hat, "gaussian"), x_hat)
    assert torch.equal(observation_mean(x_hat, "laplace"), x_hat)
    assert torch.equal(observation_mean(x_hat, "bernoulli"), x_hat.sigmoid())
