from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latelier.analysis.distortion import NEAR, knn_mean_ratio, local_mean, metric_ratio
from latelier.analysis.grid import Grid
from latelier.analysis.neighbors import knn
from latelier.analysis.projection import pca
from latelier.config.errors import DataError, ShapeError
from latelier.runs.encoding import dumps


def over(coords: np.ndarray, side: int = 20) -> Grid:
    return Grid(side, side, coords.min(axis=0) - 1, coords.max(axis=0) + 1)


def naive_ratio(latents: np.ndarray, coords: np.ndarray, k: int) -> list[float]:
    ratios = []
    for row in range(len(latents)):
        distances = [np.linalg.norm(latents[row] - other) for other in latents]
        distances[row] = np.inf
        nearest = sorted(range(len(latents)), key=lambda one: distances[one])[:k]
        drawn = [np.linalg.norm(coords[row] - coords[one]) for one in nearest]
        ratios.append(sum(drawn) / sum(distances[one] for one in nearest))
    return ratios


def test_ratios_by_brute_force():
    latents = np.random.default_rng(0).normal(size=(80, 5))
    coords = pca(latents, 2).coords.astype(np.float64)
    found = knn_mean_ratio(knn(latents, 7), coords)
    np.testing.assert_allclose(found, naive_ratio(latents, coords, 7), rtol=1e-12)
    assert (found <= 1).all()  # an orthogonal projection only shortens


@given(st.integers(0, 1000), st.floats(0.01, 100))
@settings(deadline=None, max_examples=20)
def test_an_isometry_has_ratio_one_everywhere_and_a_scaling_its_factor(seed, factor):
    rng = np.random.default_rng(seed)
    plane = rng.normal(size=(60, 2))
    turn = np.linalg.qr(rng.normal(size=(5, 5)))[0][:, :2]
    latents = plane @ turn.T + rng.normal(size=5)
    near = knn(latents, 6)
    for scale in (1.0, factor):
        coords = scale * plane @ np.array([[0.0, -1.0], [1.0, 0.0]])
        found = metric_ratio(near, coords, over(coords))
        np.testing.assert_allclose(found.ratio, scale, rtol=1e-9)
        known = np.isfinite(found.values)
        assert known.any()
        np.testing.assert_allclose(found.values[known], scale, rtol=1e-9)
        stats = found.payload()["stats"]
        assert all(value == pytest.approx(scale) for value in stats.values())


def test_the_grid_is_the_local_mean_by_a_naive_loop():
    rng = np.random.default_rng(1)
    latents = rng.normal(size=(70, 3))
    coords = latents[:, :2] + 0.1 * rng.normal(size=(70, 2))
    grid = Grid(13, 9, np.array([-4.0, -6.0]), np.array([7.0, 3.0]))
    found = metric_ratio(knn(latents, 5), coords, grid)
    naive = np.full((9, 13), np.nan)
    for row in range(9):
        for column in range(13):
            center = grid.centers()[row * 13 + column]
            apart = np.linalg.norm((coords - center) / found.bandwidth, axis=1)
            if apart.min() <= NEAR:
                weights = np.exp(-0.5 * apart**2)
                naive[row, column] = (weights * found.ratio).sum() / weights.sum()
    # Points farther than five bandwidths from the grid are left out: they weigh 4e-6.
    np.testing.assert_allclose(found.values, naive, rtol=1e-3)
    assert np.isnan(naive).any()


def test_the_bandwidth_follows_the_drawn_neighborhoods_but_not_below_half_a_cell():
    rng = np.random.default_rng(2)
    latents = rng.normal(size=(100, 3))
    coords = latents[:, :2]
    near = knn(latents, 5)
    farthest = [
        np.linalg.norm(coords[near.indices[i]] - coords[i], axis=1).max() for i in range(100)
    ]
    fine = metric_ratio(near, coords, over(coords, 200))
    np.testing.assert_allclose(fine.bandwidth, np.median(farthest) / 2)
    coarse_grid = over(coords, 2)
    np.testing.assert_allclose(
        metric_ratio(near, coords, coarse_grid).bandwidth, coarse_grid.cell / 2
    )


def test_regions_of_different_stretch_lie_where_they_are():
    rng = np.random.default_rng(3)
    left, right = rng.normal(size=(80, 2)), rng.normal([30, 0], size=(80, 2))
    latents = np.concatenate([left, right])
    coords = np.concatenate([left, (right - [30, 0]) * 3 + [30, 0]])
    grid = over(coords, 60)
    found = metric_ratio(knn(latents, 5), coords, grid)
    x = grid.centers()[:, 0].reshape(60, 60)
    assert np.nanmedian(found.values[x < 10]) == pytest.approx(1)
    assert np.nanmedian(found.values[x > 20]) == pytest.approx(3)
    between = (x > 8) & (x < 15)
    assert np.isnan(found.values[between]).all()
    assert found.payload()["points"]["stats"]["median"] == pytest.approx(2, abs=1.01)


def test_duplicates_have_no_ratio_and_do_not_count():
    latents = np.concatenate([np.zeros((4, 2)), np.random.default_rng(0).normal(size=(30, 2)) + 9])
    near = knn(latents, 3)
    found = metric_ratio(near, latents, over(latents))
    assert np.isnan(found.ratio[:4]).all()
    assert np.isfinite(found.ratio[4:]).all()
    payload = json.loads(dumps(found.payload()))
    assert payload["points"]["ratio"][:4] == [None] * 4
    assert payload["stats"]["min"] == pytest.approx(1)
    collapsed = metric_ratio(knn(np.zeros((5, 2)), 2), np.zeros((5, 2)), over(latents))
    assert np.isnan(collapsed.values).all()
    assert json.loads(dumps(collapsed.payload()))["stats"] == dict.fromkeys(
        ("min", "max", "median")
    )


def test_a_mean_of_nothing_is_undefined():
    grid = Grid(3, 3, np.zeros(2), np.ones(2))
    assert np.isnan(local_mean(np.zeros((0, 2)), np.zeros(0), grid, np.ones(2))).all()


def test_payload_names_metric_and_points():
    latents = np.random.default_rng(0).normal(size=(20, 3))
    keys = np.arange(100, 120)
    coords = pca(latents, 2).coords
    found = metric_ratio(knn(latents, 4, dataset_idx=keys), coords, over(coords))
    payload = json.loads(dumps(found.payload()))
    assert payload["metric"] == "knn_mean_ratio"
    assert payload["k"] == 4
    assert payload["points"]["dataset_idx"] == keys.tolist()
    np.testing.assert_allclose(payload["points"]["ratio"], found.ratio, rtol=1e-5)
    assert payload["meta"]["subset_n"] == 20
    assert len(payload["values"]) == 400


def test_refuses_coordinates_that_do_not_fit():
    latents = np.random.default_rng(0).normal(size=(20, 3))
    grid = Grid(3, 3, np.zeros(2), np.ones(2))
    with pytest.raises(ShapeError):
        metric_ratio(knn(latents, 4), latents[:19, :2], grid)
    with pytest.raises(DataError):
        metric_ratio(knn(latents, 4), np.full((20, 2), np.nan), grid)
