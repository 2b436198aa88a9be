from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm

from latelier.analysis import cell_mass as module
from latelier.analysis.cell_mass import EXACT_PIECES, cell_mass
from latelier.analysis.gaussians import PlaneMixture, shares
from latelier.analysis.grid import Grid

SQUARE = Grid(64, 64, np.zeros(2), np.full(2, 64.0))


def random_mixture(
    count: int, smallest: float, largest: float, rho: float, seed: int = 0, side: float = 64
) -> PlaneMixture:
    rng = np.random.default_rng(seed)
    mean = side / 2 + rng.normal(size=(count, 2)) * side / 5
    deviation = np.exp(rng.uniform(np.log(smallest), np.log(largest), (count, 2)))
    covariance = rng.uniform(-rho, rho, count) * deviation.prod(axis=1)
    parts = [deviation[:, 0] ** 2, covariance, deviation[:, 1] ** 2]
    return PlaneMixture(mean, np.stack(parts, axis=1), shares(rng.random(count) + 0.1, count))


def naive(mixture: PlaneMixture, grid: Grid, parts: int = 3) -> np.ndarray:
    """The mean of SciPy's density over parts × parts points of each cell, times its area."""
    fine = Grid(grid.width * parts, grid.height * parts, grid.low, grid.high)
    points, total = fine.centers(), 0.0
    for mean, (xx, xy, yy), weight in zip(
        mixture.mean, mixture.covariance, mixture.weights, strict=True
    ):
        total = total + weight * multivariate_normal(mean, [[xx, xy], [xy, yy]]).pdf(points)
    table = total.reshape(grid.height, parts, grid.width, parts)
    return table.mean(axis=(1, 3)) * grid.area


@pytest.mark.parametrize(
    ("count", "smallest", "largest", "rho"),
    [(1, 3, 3, 0.0), (1, 3, 8, 0.9), (5, 1, 4, 0.5), (150, 1.2, 8, 0.6), (150, 2, 2, 0.0)],
)
@pytest.mark.parametrize("exact_pieces", [10**9, 0])
def test_agrees_with_summed_densities(monkeypatch, count, smallest, largest, rho, exact_pieces):
    monkeypatch.setattr(module, "EXACT_PIECES", exact_pieces)
    mixture = random_mixture(count, smallest, largest, rho)
    found, expected = cell_mass(mixture, SQUARE), naive(mixture, SQUARE)
    assert np.abs(found - expected).max() < 0.012 * expected.max()
    assert np.abs(found - expected).sum() < 0.007
    assert found.min() >= 0


def test_many_components_on_an_oblong_grid():
    grid = Grid(48, 20, np.array([-3.0, 10.0]), np.array([5.0, 90.0]))
    rng = np.random.default_rng(2)
    deviation = np.stack([rng.uniform(0.1, 1, 400), rng.uniform(3, 20, 400)], axis=1)
    covariance = rng.uniform(-0.8, 0.8, 400) * deviation.prod(axis=1)
    mean = np.stack([rng.normal(1, 2, 400), rng.normal(50, 20, 400)], axis=1)
    parts = np.stack([deviation[:, 0] ** 2, covariance, deviation[:, 1] ** 2], axis=1)
    mixture = PlaneMixture(mean, parts, shares(None, 400))
    found, expected = cell_mass(mixture, grid), naive(mixture, grid, parts=3)
    assert np.abs(found - expected).max() < 0.01 * expected.max()
    assert found.sum() == pytest.approx(expected.sum(), rel=2e-3)


@given(st.integers(0, 10**6), st.floats(0.6, 4), st.floats(0.75, 1.33))
@settings(deadline=None, max_examples=25)
def test_a_class_is_within_two_percent_of_any_component(seed, deviation, ratio):
    rng = np.random.default_rng(seed)
    mean = rng.uniform(20, 44, (1, 2))
    covariance = np.array([[deviation**2, 0.0, (ratio * deviation) ** 2]])
    # Others with widths of their own, without weight: classes are not made to measure.
    others = random_mixture(30, 0.6, 4, 0.0, seed=seed)
    mixture = PlaneMixture(
        np.concatenate([mean, others.mean]),
        np.concatenate([covariance, others.covariance]),
        np.concatenate([[1.0], np.zeros(30)]),
    )
    pieces = module._uncorrelated(mixture, SQUARE)
    binned, exact = module._binned(pieces, SQUARE), module._exact(pieces, SQUARE)
    assert np.abs(binned - exact).max() < 0.02 * exact.max()
    assert binned.sum() == pytest.approx(exact.sum(), abs=2e-3)


def moments(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    points = SQUARE.centers()
    mean = table.ravel() @ points
    return mean, (table.ravel()[:, None] * (points - mean)).T @ (points - mean)


@pytest.mark.parametrize("exact_pieces", [10**9, 0])
@pytest.mark.parametrize("rho", [-0.95, -0.3, 0.02, 0.7])
def test_mean_and_covariance_are_kept(monkeypatch, exact_pieces, rho):
    monkeypatch.setattr(module, "EXACT_PIECES", exact_pieces)
    mixture = PlaneMixture(np.array([[30.7, 33.1]]), np.array([[16.0, rho * 12, 9.0]]), np.ones(1))
    mean, covariance = moments(cell_mass(mixture, SQUARE))
    np.testing.assert_allclose(mean, [30.7, 33.1], atol=0.01)
    cell = 1 / 12  # the variance of the cells themselves
    expected = [[16 + cell, rho * 12], [rho * 12, 9 + cell]]
    np.testing.assert_allclose(covariance, expected, atol=0.03)


@pytest.mark.parametrize("count", [1, 3000])
@pytest.mark.parametrize("deviation", [0.0, 1e-7, 0.05, 0.4])
def test_components_narrower_than_a_cell_keep_their_mass_in_their_cells(count, deviation):
    rng = np.random.default_rng(0)
    mean = rng.uniform(8, 56, (count, 2))
    covariance = np.tile([deviation**2, 0.0, deviation**2], (count, 1))
    found = cell_mass(PlaneMixture(mean, covariance, shares(None, count)), SQUARE)
    assert found.sum() == pytest.approx(1, abs=1e-6)
    edges = np.arange(65)
    scale = max(deviation, 1e-9)
    across = np.diff(norm.cdf(edges, mean[:, :1], scale), axis=1)
    up = np.diff(norm.cdf(edges, mean[:, 1:], scale), axis=1)
    np.testing.assert_allclose(found, up.T @ across / count, atol=1e-6 / count)


def test_narrow_along_one_axis_only():
    rng = np.random.default_rng(0)
    count = 2000
    mean = rng.uniform(10, 54, (count, 2))
    covariance = np.tile([0.0, 0.0, 9.0], (count, 1))
    found = cell_mass(PlaneMixture(mean, covariance, shares(None, count)), SQUARE)
    columns = np.bincount(np.floor(mean[:, 0]).astype(int), minlength=64) / count
    np.testing.assert_allclose(found.sum(axis=0), columns, atol=2e-5)
    rows = np.diff(norm.cdf(np.arange(65), mean[:, 1:], 3.0), axis=1).mean(axis=0)
    np.testing.assert_allclose(found.sum(axis=1), rows, atol=2e-4)


def test_a_line_without_width_is_a_line():
    mixture = PlaneMixture(np.array([[32.0, 32.0]]), np.array([[25.0, 25.0, 25.0]]), np.ones(1))
    found = cell_mass(mixture, SQUARE)
    rows, columns = np.nonzero(found > 1e-12)
    assert np.abs(rows - columns)[found[rows, columns] > 1e-3].max() <= 1
    expected = np.diff(norm.cdf(np.arange(65), 32, 5))
    np.testing.assert_allclose(found.sum(axis=0), expected, atol=4e-3)


@pytest.mark.parametrize("count", [1, 2000])
def test_mass_outside_is_not_brought_in(count):
    mean = np.tile([[-2.0, 32.0]], (count, 1))
    covariance = np.tile([16.0, 0.0, 16.0], (count, 1))
    far = PlaneMixture(mean, covariance, shares(None, count))
    found = cell_mass(far, SQUARE)
    assert found.sum() == pytest.approx(norm.sf(2 / 4), abs=2e-3)
    assert found[:, 0].argmax() in (31, 32)
    away = PlaneMixture(mean * 1e6, covariance, far.weights)
    assert cell_mass(away, SQUARE).sum() == 0


def test_the_number_of_pieces_decides_and_results_repeat():
    mixture = random_mixture(EXACT_PIECES + 1, 0.2, 5, 0.7)
    first = cell_mass(mixture, SQUARE)
    assert first.tobytes() == cell_mass(mixture, SQUARE).tobytes()
    exact = module._exact(module._uncorrelated(mixture, SQUARE), SQUARE)
    assert np.abs(first - exact).max() < 0.005 * exact.max()
