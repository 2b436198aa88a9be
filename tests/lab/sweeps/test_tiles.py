from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from latelier.config.errors import DataError
from latelier.lab.sweeps.tiles import (
    LEVELS,
    bounds_of_tiles,
    joined,
    restored,
    ring_error,
    turned,
    written,
)
from latelier.runs.encoding import dumps

ANGLES = np.linspace(0, 2 * np.pi, 60, endpoint=False)
CIRCLE = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1)
INDEX = np.arange(60)


@settings(deadline=None, max_examples=50)
@given(
    arrays(np.float32, (7, 2), elements=st.floats(-1000, 1000, width=32)),
    st.floats(1e-4, 1e4),
)
def test_coordinates_come_back_within_half_a_unit(coords, scale):
    points = coords.astype(np.float64) * scale
    tile = written(points)
    levels = tile["x"] + tile["y"]
    assert all(isinstance(level, int) and 0 <= level <= LEVELS for level in levels)
    assert np.ptp(points) == 0 or max(levels) >= LEVELS - 1
    slack = 0.5 * tile["unit"] + 1e-6 * np.abs(points).max()
    assert np.abs(restored(tile) - points).max() <= slack


def test_points_in_one_place_have_a_tile():
    tile = written(np.full((3, 2), 0.25))
    assert (tile["x"], tile["y"]) == ([0, 0, 0], [0, 0, 0])
    assert restored(tile) == pytest.approx(np.full((3, 2), 0.25))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_is_refused(bad):
    with pytest.raises(DataError, match="not finite"):
        written([[0.0, 1.0], [bad, 1.0]])


def test_a_frame_of_31_times_512_points_is_small():
    rng = np.random.default_rng(0)
    tiles = [written(rng.normal(size=(512, 2))) for _ in range(31)]
    assert len(dumps(tiles)) < 147_000


def test_the_ring_error_is_the_mean_distance_to_the_circle():
    assert ring_error(CIRCLE) == pytest.approx(0, abs=1e-7)
    assert ring_error(3 * CIRCLE) == pytest.approx(2)
    assert ring_error([[0, 0], [0, -1]]) == pytest.approx(0.5), "inside counts as outside does"


def test_a_turned_and_mirrored_map_is_laid_back():
    reference = CIRCLE * [2.0, 1.0] + [0.3, 0]
    mirrored = reference[:, ::-1] * [-1, 1] + [5, -7]
    found = turned(mirrored, INDEX, reference, INDEX)
    assert found is not None
    assert found[0] == pytest.approx(reference, abs=1e-5)
    assert found[1] == pytest.approx(0, abs=1e-5)


def test_growth_is_no_matter_of_turning():
    found = turned(2 * CIRCLE, INDEX, CIRCLE, INDEX)
    assert found is not None
    assert np.hypot(*found[0].T) == pytest.approx(2)
    assert found[1] == pytest.approx(1), "every point is one radius away"


def test_few_common_points_turn_nothing():
    assert turned(CIRCLE, INDEX, CIRCLE, INDEX + 58) is None
    assert turned(CIRCLE, INDEX, CIRCLE, INDEX + 57) is not None


def test_bounds_hold_the_tiles_but_not_a_runaway():
    tiles = [written(CIRCLE), written(0.5 * CIRCLE + [2, 0]), written(50 * CIRCLE)]
    bounds = bounds_of_tiles(tiles, circle=False)
    assert bounds is not None
    assert bounds["x"] == pytest.approx((-1, 2.5), abs=0.01)
    assert bounds["y"] == pytest.approx((-1, 1), abs=0.01)
    small = bounds_of_tiles([written(0.1 * CIRCLE)], circle=True)
    assert small == {"x": (-1, 1), "y": (-1, 1)}
    assert bounds_of_tiles([], circle=True) is None
    assert joined([]) is None
