from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latelier.analysis.grid import Grid, defined_stats, read_values, stored
from latelier.config.errors import DataError, ShapeError
from latelier.runs.encoding import dumps

GRID = Grid(4, 2, np.array([-1.0, 0.0]), np.array([3.0, 1.0]))


def test_cells_lie_row_by_row_from_the_smallest_y():
    assert GRID.cell.tolist() == [1.0, 0.5]
    assert GRID.area == 0.5
    centers = GRID.centers()
    assert centers[0].tolist() == [-0.5, 0.25]
    assert centers[3].tolist() == [2.5, 0.25]
    assert centers[4].tolist() == [-0.5, 0.75]
    np.testing.assert_array_equal(GRID.index_of(centers), np.arange(8))


def test_points_on_outer_edges_belong_and_others_do_not():
    points = [[-1, 0], [3, 1], [3.0001, 0.5], [0, -0.0001], [1e300, 0.5], [0.999, 0.5]]
    assert GRID.index_of(points).tolist() == [0, 7, -1, -1, -1, 5]


def test_payload_says_where_the_cells_are_and_comes_back():
    payload = json.loads(dumps(GRID.payload()))
    assert payload == {
        "grid": {"width": 4, "height": 2},
        "bounds": {"min": [-1.0, 0.0], "max": [3.0, 1.0]},
    }
    assert Grid.from_payload(payload).same_cells(GRID)
    assert not Grid(4, 2, GRID.low, GRID.high + 1e-9).same_cells(GRID)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((0, 2, [0, 0], [1, 1]), DataError),
        ((2, 2, [0, 0], [1, 0]), DataError),
        ((2, 2, [0, np.nan], [1, 1]), DataError),
        ((2, 2, [0, 0, 0], [1, 1, 1]), ShapeError),
    ],
)
def test_refuses_what_is_no_grid(arguments, error):
    with pytest.raises(error):
        Grid(arguments[0], arguments[1], np.array(arguments[2]), np.array(arguments[3]))


def test_regrid_agrees_with_many_small_samples():
    rng = np.random.default_rng(0)
    fine = Grid(7, 5, np.array([0.0, 0.0]), np.array([1.0, 1.0]))
    coarse = Grid(3, 2, np.array([0.1, 0.0]), np.array([0.9, 1.0]))
    values = rng.normal(size=(5, 7))
    values[1, 2] = values[4, 6] = np.nan
    found = fine.regrid(values, coarse)
    naive = np.full((2, 3), np.nan)
    for row in range(2):
        for column in range(3):
            x = 0.1 + (column + (np.arange(600) + 0.5) / 600) * 0.8 / 3
            y = (row + (np.arange(600) + 0.5) / 600) / 2
            points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
            naive[row, column] = np.nanmean(values.reshape(-1)[fine.index_of(points)])
    np.testing.assert_allclose(found, naive, atol=4e-3)


def test_regrid_knows_nothing_where_nothing_is_known():
    fine = Grid(2, 2, np.zeros(2), np.ones(2))
    coarse = Grid(2, 1, np.zeros(2), np.array([2.0, 1.0]))
    assert fine.regrid([[1, 3], [5, 7]], coarse).tolist()[0][0] == 4
    assert np.isnan(fine.regrid([[1, 3], [5, 7]], coarse)[0, 1])
    assert np.isnan(fine.regrid(np.full((2, 2), np.nan), coarse)).all()


@given(st.lists(st.floats(-1e30, 1e30), min_size=1, max_size=20))
@settings(deadline=None, max_examples=50)
def test_stored_values_keep_six_digits(values):
    kept = stored(values)
    assert kept.dtype == np.float32
    for before, after in zip(values, kept.tolist(), strict=True):
        if abs(before) < 1e-37:
            assert abs(after) < 2e-37
        else:
            assert after == pytest.approx(float(f"{before:.5e}"), rel=1e-6)


def test_stored_values_are_short_in_json_and_undefined_ones_null():
    assert dumps(stored([[1 / 3, np.nan], [2e-8 / 3, 0.0]])) == b"[0.333333,null,6.66667e-9,0.0]"
    payload = GRID.payload() | {"values": [1, None, 3, 4, 5, 6, 7, 8]}
    table = read_values(payload)
    assert table.shape == (2, 4)
    assert np.isnan(table[0, 1])
    assert table[1, 0] == 5


def test_stats_pass_over_undefined_values():
    assert defined_stats([[np.nan, 2.0], [-1.0, np.nan]]) == {"min": -1.0, "max": 2.0}
    assert np.isnan(defined_stats([np.nan])["min"])
