from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.distributions import Bernoulli, Normal, kl_divergence

from latelier.config.errors import ConfigError, ShapeError
from latelier.losses import (
    activity_kl,
    covariance,
    covariance_penalties,
    decompose_kl,
    permute_dimensions,
)


def posterior(batch: int, width: int, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    mu, log_var, noise = torch.randn(3, batch, width, generator=generator, dtype=torch.float64)
    return mu + noise * torch.exp(0.5 * log_var), mu, log_var


def naive(z: Tensor, mu: Tensor, log_var: Tensor, examples: int) -> tuple[float, float, float]:
    """The three estimates, written out with loops and torch.distributions."""
    batch, width = z.shape
    others = (examples - 1) / (examples * (batch - 1))
    parts = [0.0, 0.0, 0.0]
    for i in range(batch):
        log_p = Normal(mu, torch.exp(0.5 * log_var)).log_prob(z[i])  # [B, D]
        weight = torch.full((batch,), others, dtype=z.dtype)
        weight[i] = 1 / examples
        q = float((log_p.sum(1).exp() * weight).sum())
        each = [float((log_p[:, d].exp() * weight).sum()) for d in range(width)]
        log_q_dimensions = sum(math.log(value) for value in each)
        log_prior = float(Normal(0.0, 1.0).log_prob(z[i]).sum())
        parts[0] += (float(log_p[i].sum()) - math.log(q)) / batch
        parts[1] += (math.log(q) - log_q_dimensions) / batch
        parts[2] += (log_q_dimensions - log_prior) / batch
    return parts[0], parts[1], parts[2]


@settings(deadline=None, max_examples=20)
@given(st.integers(2, 9), st.integers(1, 4), st.integers(0, 2**31))
def test_it_is_the_estimator_written_out(batch: int, width: int, seed: int) -> None:
    z, mu, log_var = posterior(batch, width, seed)
    actual = decompose_kl(z, mu, log_var, examples=3 * batch)
    assert [float(part) for part in actual] == pytest.approx(naive(z, mu, log_var, 3 * batch))


def test_the_parts_add_up_to_the_sampled_kl() -> None:
    z, mu, log_var = posterior(32, 3, 0)
    q = Normal(mu, torch.exp(0.5 * log_var)).log_prob(z).sum(1)
    p = Normal(0.0, 1.0).log_prob(z).sum(1)
    torch.testing.assert_close(sum(decompose_kl(z, mu, log_var, examples=32)), (q - p).mean())


def test_total_correlation_sees_dependence_and_nothing_else() -> None:
    generator = torch.Generator().manual_seed(0)
    mu = torch.randn(512, 2, generator=generator, dtype=torch.float64)
    tight = torch.full_like(mu, -4.0)

    def correlation(mu: Tensor) -> float:
        noise = torch.randn(mu.shape, generator=generator, dtype=torch.float64)
        z = mu + noise * torch.exp(0.5 * tight)
        return float(decompose_kl(z, mu, tight, examples=512).total_correlation)

    dependent = mu[:, :1].expand(-1, 2) + 0.1 * mu
    assert correlation(dependent) > correlation(mu) + 1


def test_bad_input_is_named() -> None:
    z = torch.zeros(4, 2)
    with pytest.raises(ShapeError, match="log_var has the wrong shape"):
        decompose_kl(z, z, torch.zeros(4, 3), examples=8)
    with pytest.raises(ConfigError, match="fewer examples than rows"):
        decompose_kl(z, z, z, examples=3)


def test_permuting_keeps_each_dimension_and_breaks_their_bond() -> None:
    torch.manual_seed(0)
    z = torch.randn(1000, 1).expand(-1, 3) + torch.tensor([0.0, 10.0, 20.0])
    shuffled = permute_dimensions(z)
    assert torch.equal(shuffled.sort(0).values, z.sort(0).values)
    assert torch.corrcoef(shuffled.T)[0, 1].abs() < 0.15


def test_covariance_penalties() -> None:
    generator = torch.Generator().manual_seed(0)
    rows = torch.randn(50, 3, generator=generator, dtype=torch.float64)
    torch.testing.assert_close(covariance(rows), torch.cov(rows.T, correction=0))
    off, on = covariance_penalties(torch.eye(3))
    assert off == on == 0
    matrix = covariance(rows).tolist()
    pairs = [(i, j) for i in range(3) for j in range(3)]
    off, on = covariance_penalties(covariance(rows))
    assert float(off) == pytest.approx(sum(matrix[i][j] ** 2 for i, j in pairs if i != j))
    assert float(on) == pytest.approx(sum((matrix[i][i] - 1) ** 2 for i in range(3)))


def test_activity_kl_is_that_of_two_coins() -> None:
    activity = torch.tensor([0.01, 0.05, 0.5, 0.9], dtype=torch.float64)
    expected = kl_divergence(Bernoulli(torch.full_like(activity, 0.05)), Bernoulli(activity)).sum()
    torch.testing.assert_close(activity_kl(activity, 0.05), expected)
    assert activity_kl(torch.tensor([0.0, 1.0]), 0.05).isfinite()
