from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from latelier.analysis.gaussians import Gaussians, PlaneMixture, shares, weights_summary
from latelier.analysis.projection import pca
from latelier.config.errors import DataError, ShapeError


def some_gaussians(count: int, dimensions: int, seed: int = 0) -> Gaussians:
    rng = np.random.default_rng(seed)
    mu = rng.normal(size=(count, dimensions)) * np.linspace(3, 1, dimensions)
    return Gaussians.of(mu, rng.uniform(-4, 1, (count, dimensions)), rng.random(count))


def test_on_a_map_means_and_covariances_are_those_of_projected_samples():
    gaussians = some_gaussians(3, 6)
    projection = pca(some_gaussians(200, 6, seed=1).mu, 2)
    planar = gaussians.on(projection)
    rng = np.random.default_rng(0)
    for one in range(3):
        noise = rng.normal(size=(200_000, 6)) * np.exp(0.5 * gaussians.log_var[one])
        drawn = (gaussians.mu[one] + noise - projection.mean) @ projection.components.T
        xx, xy, yy = planar.covariance[one]
        np.testing.assert_allclose(drawn.mean(axis=0), planar.mean[one], atol=0.02)
        np.testing.assert_allclose(np.cov(drawn.T), [[xx, xy], [xy, yy]], rtol=0.02, atol=0.02)


def test_draws_have_the_shares_and_moments_of_the_components():
    gaussians = Gaussians.of(
        [[-50.0, 0], [0, 0], [50, 0]], np.log([[4, 1], [1, 9], [1, 1]]), [2, 1, 1]
    )
    samples = gaussians.draws(40_000, seed=3)
    nearest = np.rint(samples[:, 0] / 50).astype(int) + 1
    assert np.bincount(nearest).tolist() == [20_000, 10_000, 10_000]
    for one in range(3):
        own = samples[nearest == one]
        np.testing.assert_allclose(own.mean(axis=0), gaussians.mu[one], atol=0.1)
        np.testing.assert_allclose(own.var(axis=0), np.exp(gaussians.log_var[one]), rtol=0.05)
    assert samples.tobytes() == gaussians.draws(40_000, seed=3).tobytes()
    assert samples.tobytes() != gaussians.draws(40_000, seed=4).tobytes()


def test_a_component_without_weight_is_never_drawn():
    gaussians = Gaussians.of([[0.0], [9.0], [0.0], [9.0]], np.full((4, 1), -20.0), [1, 0, 1, 0])
    assert np.abs(gaussians.draws(1001, seed=0)).max() < 1


@given(st.integers(0, 1000), st.floats(1e-4, 0.3))
@settings(deadline=None, max_examples=25)
def test_quantiles_leave_out_at_most_the_tail_and_little_less(seed, tail):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 20))
    deviation = rng.uniform(0.1, 3, (count, 2))
    covariance = np.stack([deviation[:, 0] ** 2, np.zeros(count), deviation[:, 1] ** 2], axis=1)
    mixture = PlaneMixture(rng.normal(size=(count, 2)) * 5, covariance, shares(None, count))
    for axis in (0, 1):
        low, high = mixture.quantile(axis, tail)
        mean, scale = mixture.mean[:, axis], deviation[:, axis]
        extent = (mean + 6 * scale).max() - (mean - 6 * scale).min()
        below = norm.cdf(low, mean, scale).mean()
        above = norm.sf(high, mean, scale).mean()
        assert below <= tail
        assert above <= tail
        step = 1.01 * extent / 4096
        assert norm.cdf(low + step, mean, scale).mean() >= tail
        assert norm.sf(high - step, mean, scale).mean() >= tail


def test_quantiles_of_points_without_width():
    mixture = PlaneMixture.around([[0.0, 5], [1, 5], [2, 5]], np.zeros((2, 2)))
    low, high = mixture.quantile(0, 0.001)
    assert low == pytest.approx(0, abs=1e-3)
    assert high == pytest.approx(2, abs=1e-3)
    assert mixture.quantile(1, 0.001) == (5.0, 5.0)


def test_weights_are_summarized():
    summary = weights_summary(shares([1, 1, 2], 3))
    assert summary["components"] == 3
    assert (summary["min"], summary["max"]) == (0.25, 0.5)
    assert summary["entropy"] == pytest.approx(1.5 * np.log(2))
    assert summary["neff"] == pytest.approx(2**1.5)
    assert weights_summary(shares(None, 7))["neff"] == pytest.approx(7)


@pytest.mark.parametrize("weights", [[1, -1, 1], [0, 0, 0], [1, np.nan, 1]])
def test_refuses_weights_that_are_no_shares(weights):
    with pytest.raises(DataError):
        Gaussians.of(np.zeros((3, 2)), np.zeros((3, 2)), weights)


def test_refuses_shapes_that_do_not_fit():
    with pytest.raises(ShapeError):
        Gaussians.of(np.zeros((3, 2)), np.zeros((3, 1)))
    with pytest.raises(ShapeError):
        Gaussians.of(np.zeros((3, 2)), np.zeros((3, 2)), [1, 1])
    with pytest.raises(ShapeError):
        some_gaussians(3, 6).on(pca(np.eye(5), 2))
    with pytest.raises(DataError):
        Gaussians.of(np.zeros((1, 6)), np.full((1, 6), 1e4)).on(pca(np.eye(6), 2))
