from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latelier.analysis.grid import Grid
from latelier.analysis.trust import (
    cycle_part,
    density_part,
    distortion_part,
    thin_edge,
    trust,
)
from latelier.config.errors import DataError, ShapeError
from latelier.runs.encoding import dumps

GRID = Grid(3, 2, np.zeros(2), np.array([3.0, 2.0]))


def test_by_a_naive_loop():
    rng = np.random.default_rng(0)
    density, error, stretch = rng.random((3, 2, 3)) + 0.01
    stretch[0, 1] = np.nan
    error[1, 2] = np.nan
    found = trust(GRID, density, error.ravel(), stretch, edge=0.3, count=9)
    middle = np.nanmedian(stretch)
    for row in range(2):
        for column in range(3):
            p, e, r = density[row, column], error[row, column], stretch[row, column]
            parts = [
                p / (p + 0.3),
                1 / (1 + 4 * e * e),
                0.0 if np.isnan(r) else 1 / (1 + np.log2(r / middle) ** 2),
            ]
            expected = np.prod(parts) ** (1 / 3)
            assert found.values[row, column] == pytest.approx(expected, nan_ok=True)
            own = [part[row, column] for part in (found.density, found.cycle, found.distortion)]
            assert own == pytest.approx(parts, nan_ok=True)


def test_halves_are_where_the_table_says():
    assert density_part([0.3], 0.3) == 0.5
    assert cycle_part([0.5]) == 0.5
    np.testing.assert_allclose(distortion_part([7.0, 14, 3.5]), [1, 0.5, 0.5])


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=20))
@settings(deadline=None, max_examples=50)
def test_parts_are_monotone_and_between_0_and_1(values):
    ordered = np.sort(values)
    for part, sign in ((density_part(ordered, 2.0), 1), (cycle_part(ordered), -1)):
        assert (sign * np.diff(part) >= 0).all()
        assert part.min() >= 0
        assert part.max() <= 1
    stretch = np.concatenate([[1.0] * 41, 1 + ordered])
    assert (np.diff(distortion_part(stretch)[41:]) <= 0).all()
    assert (np.diff(distortion_part(1 / stretch)[41:]) <= 0).all()


@given(st.integers(0, 1000))
@settings(deadline=None, max_examples=20)
def test_trust_falls_with_the_cycle_error_and_rises_with_the_density(seed):
    rng = np.random.default_rng(seed)
    density, error, stretch = rng.random((3, 2, 3)) + 0.01
    before = trust(GRID, density, error, stretch, edge=0.1, count=1).values
    assert (trust(GRID, density, 2 * error, stretch, edge=0.1, count=1).values < before).all()
    assert (trust(GRID, 2 * density, error, stretch, edge=0.1, count=1).values > before).all()
    # Lengths of the map have no meaning of their own.
    same = trust(GRID, density, error, 9 * stretch, edge=0.1, count=1).values
    np.testing.assert_allclose(same, before, rtol=1e-9)


def test_what_is_not_known():
    ones = np.ones((2, 3))
    without = trust(GRID, ones, ones / 2, None, edge=1.0, count=1)
    np.testing.assert_allclose(without.values, 0.5)
    assert np.isnan(without.distortion).all()
    nowhere = trust(GRID, ones, ones / 2, np.full((2, 3), np.nan), edge=1.0, count=1)
    assert (nowhere.values == 0).all()
    empty = trust(GRID, 0 * ones, ones / 2, ones, edge=0.0, count=1)
    assert (empty.values == 0).all()


def test_the_thin_edge_is_a_quantile_over_the_points():
    density = np.arange(6.0).reshape(2, 3)
    points = np.repeat(GRID.centers()[1:], 20, axis=0)
    assert thin_edge(GRID, density, points) == 1.0
    expected = np.quantile(np.repeat(np.arange(1.0, 6), 20), 0.05)
    assert thin_edge(GRID, density, points) == expected
    # Points outside meet no density: the smallest that any point meets counts.
    outside = np.concatenate([points, np.full((50, 2), 99.0)])
    assert thin_edge(GRID, density, outside) == 1.0
    assert thin_edge(GRID, density, [[99.0, 99.0]]) == 0.0


def test_payload_holds_the_parts():
    density, error = np.ones((2, 3)), np.full((2, 3), np.nan)
    error[0, 0] = 0.25
    payload = json.loads(dumps(trust(GRID, density, error, density, edge=1.0, count=4).payload()))
    assert set(payload["parts"]) == {"density", "cycle", "distortion"}
    assert payload["parts"]["cycle"][0] == pytest.approx(0.8)
    assert payload["parts"]["cycle"][1] is None
    assert payload["values"][1] is None
    assert payload["values"][0] == pytest.approx((0.5 * 0.8) ** (1 / 3), rel=1e-5)
    assert payload["meta"]["subset_n"] == 4
    assert payload["stats"]["max"] == pytest.approx(payload["values"][0], rel=1e-5)


def test_refuses_shapes_and_signs():
    ones = np.ones((2, 3))
    with pytest.raises(ShapeError):
        trust(GRID, np.ones(5), ones, ones, edge=1.0, count=1)
    with pytest.raises(DataError):
        trust(GRID, -ones, ones, ones, edge=1.0, count=1)
    with pytest.raises(DataError):
        trust(GRID, ones, -ones, ones, edge=1.0, count=1)
