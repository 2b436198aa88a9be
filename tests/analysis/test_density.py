from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import gaussian_kde, multivariate_normal

from latelier.analysis.density import (
    LARGEST_REACH,
    Spread,
    codes_spread,
    common_grid,
    density_of,
    neighbor_bandwidth,
    samples_spread,
    scott_covariance,
)
from latelier.analysis.gaussians import Gaussians, PlaneMixture
from latelier.analysis.grid import Grid, read_values
from latelier.analysis.projection import pca
from latelier.config.errors import DataError, ShapeError
from latelier.runs.encoding import dumps


def blobs(points: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centers = rng.normal(size=(4, 6)) * 4
    return centers[rng.integers(0, 4, points)] + rng.normal(size=(points, 6))


@pytest.mark.parametrize("points", [40, 800])
def test_posterior_equals_the_projected_gaussians_of_scipy(points):
    z = blobs(points)
    log_var = np.random.default_rng(1).uniform(-2, 0.5, z.shape)
    projection = pca(z, 2)
    mixture = Gaussians.of(z, log_var).on(projection)
    grid = common_grid([mixture], 40)
    density = density_of(Spread(mixture, {"source": "posterior"}), grid)
    parts = 4 if points < 100 else 2
    fine = Grid(40 * parts, 40 * parts, grid.low, grid.high).centers()
    expected = np.zeros(len(fine))
    for code, logs in zip(z, log_var, strict=True):
        covariance = projection.components @ np.diag(np.exp(logs)) @ projection.components.T
        mean = projection.components @ (code - projection.mean)
        expected += multivariate_normal(mean, covariance).pdf(fine) / points
    naive = expected.reshape(40, parts, 40, parts).mean(axis=(1, 3))
    assert np.abs(density.values - naive).max() < 0.01 * naive.max()
    assert density.values.sum() * grid.area == pytest.approx(density.mass_inside, rel=1e-9)
    assert 0.999 <= density.mass_inside <= 1


def test_codes_equal_the_kernel_density_estimate_of_scipy():
    points = np.random.default_rng(0).normal(size=(1500, 2)) @ [[2.0, 0.7], [0.0, 0.5]]
    spread = codes_spread(points)
    grid = common_grid([spread.mixture], 48)
    density = density_of(spread, grid)
    theirs = gaussian_kde(points.T, bw_method="scott")
    np.testing.assert_allclose(scott_covariance(points), theirs.covariance, rtol=1e-12)
    naive = theirs(Grid(96, 96, grid.low, grid.high).centers().T).reshape(48, 2, 48, 2)
    assert np.abs(density.values - naive.mean(axis=(1, 3))).max() < 0.01 * naive.max()
    meta = density.payload()["meta"]
    assert density.estimator == "codes"
    np.testing.assert_allclose(meta["bandwidth"], np.sqrt(np.diag(theirs.covariance)))
    assert meta["subset_n"] == 1500
    assert meta["samples"] is None


def test_a_known_blob_peaks_at_its_place():
    z = np.concatenate([np.tile([3.0, -1, 0, 0], (60, 1)), np.tile([-4.0, 2, 0, 0], (30, 1))])
    z += np.random.default_rng(0).normal(size=z.shape) * 0.05
    projection = pca(z, 2)
    mixture = Gaussians.of(z, np.full(z.shape, np.log(0.1))).on(projection)
    grid = common_grid([mixture], 64)
    values = density_of(Spread(mixture, {"source": "posterior"}), grid).values
    center = projection.coords[:60].mean(axis=0)
    peak = grid.centers()[values.argmax()]
    assert (np.abs(peak - center) <= grid.cell).all()
    at_other = values.flat[grid.index_of(projection.coords[60:].mean(axis=0)[None])[0]]
    assert at_other == pytest.approx(values.max() / 2, rel=0.05)


def test_a_single_code_is_one_cell():
    spread = codes_spread([[2.0, 3.0]])
    grid = common_grid([spread.mixture], 9)
    density = density_of(spread, grid)
    assert density.mass_inside == pytest.approx(1)
    assert density.values.argmax() == 40  # the middle
    assert grid.low.tolist() == [1.5, 2.5]
    assert grid.high.tolist() == [2.5, 3.5]


def test_samples_use_the_bandwidth_they_are_given():
    rng = np.random.default_rng(0)
    samples = rng.normal(size=(3000, 2))
    facts = {"source": "prior", "prior_kind": "uniform", "count": 7, "weights": np.ones(2) / 2}
    spread = samples_spread(samples, 0.5, **facts)
    grid = Grid(30, 30, np.full(2, -3.0), np.full(2, 3.0))
    density = density_of(spread, grid)
    distance = ((grid.centers()[:, None] - samples) ** 2).sum(axis=2)
    naive = np.exp(-0.5 * distance / 0.25).mean(axis=1) / (2 * np.pi * 0.25)
    # Cells of 0.2 average a kernel of deviation 0.5.
    np.testing.assert_allclose(density.values.ravel(), naive, atol=0.02 * naive.max())
    payload = density.payload()
    assert payload["estimator"] == "placed_samples"
    assert payload["meta"]["samples"] == 3000
    assert payload["meta"]["bandwidth"].tolist() == [0.5, 0.5]


def test_bandwidth_of_placed_samples_is_half_a_neighbors_distance():
    points = np.random.default_rng(0).normal(size=(200, 2))
    distances = np.sort(np.linalg.norm(points[:, None] - points, axis=2), axis=1)
    assert neighbor_bandwidth(points) == pytest.approx(np.median(distances[:, 15]) / 2)
    assert neighbor_bandwidth(points[:3]) == pytest.approx(
        np.median(np.linalg.norm(points[:3, None] - points[:3], axis=2).max(axis=1)) / 2
    )
    assert neighbor_bandwidth(points[:1]) == 0


def one_blob(center: float, deviation: float) -> PlaneMixture:
    return PlaneMixture.around([[center, center]], np.eye(2) * deviation**2)


def test_common_bounds_hold_all_densities():
    mixtures = [one_blob(0, 1), one_blob(2, 1), one_blob(1, 0.5)]
    grid = common_grid(mixtures, 50)
    for mixture in mixtures:
        inside = density_of(Spread(mixture, {"source": "prior"}), grid).mass_inside
        assert inside >= 0.999
    assert (grid.high - grid.low < 12).all()


def test_a_wide_prior_does_not_shrink_the_data_to_a_dot():
    data, prior = one_blob(0, 1), one_blob(0, 100)
    grid = common_grid([data, prior], 50)
    own = common_grid([data], 50)
    np.testing.assert_allclose(
        grid.high - grid.low, (1 + 2 * LARGEST_REACH) * (own.high - own.low), rtol=1e-9
    )
    density = density_of(Spread(prior, {"source": "prior"}), grid)
    samples = np.random.default_rng(0).normal(size=(400_000, 2)) * 100
    share = (np.abs(samples) < grid.high).all(axis=1).mean()
    assert density.mass_inside == pytest.approx(share, abs=1e-3)
    assert density.payload()["meta"]["mass_inside"] == density.mass_inside


def test_bounds_of_flat_data():
    mixture = PlaneMixture.around([[0.0, 5], [4, 5]], np.diag([0.01, 0.0]))
    grid = common_grid([mixture], 10)
    assert grid.high[1] - grid.low[1] == pytest.approx(grid.high[0] - grid.low[0], rel=0.01)
    assert grid.low[1] < 5 < grid.high[1]
    with pytest.raises(DataError):
        common_grid([], 10)


def test_payload_is_complete_json():
    weights = np.array([0.75, 0.25])
    mixture = PlaneMixture(np.array([[0.0, 0], [3, 0]]), np.tile([1.0, 0, 1], (2, 1)), weights)
    facts = {"source": "prior", "prior_kind": "empirical", "count": 5, "weights": weights}
    grid = common_grid([mixture], 16)
    density = density_of(Spread(mixture, facts), grid)
    payload = json.loads(dumps(density.payload()))
    assert payload["grid"] == {"width": 16, "height": 16}
    assert payload["source"] == "prior"
    assert payload["prior_kind"] == "empirical"
    assert payload["estimator"] == "projected_gaussians"
    assert payload["meta"]["bandwidth"] is None
    assert payload["meta"]["weights"]["components"] == 2
    assert payload["meta"]["weights"]["max"] == 0.75
    np.testing.assert_allclose(read_values(payload), density.values, rtol=1e-5, atol=1e-7)
    assert payload["stats"]["max"] == pytest.approx(density.values.max())
    assert sum(payload["values"]) * grid.area == pytest.approx(density.mass_inside, rel=0.02)


def test_refuses_what_is_not_finite():
    with pytest.raises(DataError):
        codes_spread([[np.nan, 0.0]])
    with pytest.raises(ShapeError):
        codes_spread([1.0, 2.0])
