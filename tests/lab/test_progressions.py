from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latelier.config import ConfigError
from latelier.lab.progressions import bezier_frames, geometric_frames

UNIT = st.floats(0, 1)


@given(st.integers(0, 40), st.integers(0, 400), st.integers(1, 50))
@settings(deadline=None, max_examples=50)
def test_geometric_frames_are_capped_sorted_and_unique(count, total, offset):
    frames = geometric_frames(count, total, offset=offset)
    assert len(frames) <= min(count, total)
    assert list(frames) == sorted(set(frames))
    assert all(0 <= frame < total for frame in frames)
    if frames:
        assert frames[0] == 0


def test_geometric_frames_have_the_formula():
    ratio = (61 / 10) ** (1 / 10)
    expected = sorted({int(10 * ratio**i + 1e-9) - 10 for i in range(10)})
    assert list(geometric_frames(10, 51)) == expected
    assert len(geometric_frames(10, 51, offset=10_000)) == 10


@given(st.integers(1, 40), st.integers(1, 400), UNIT, st.floats(-1, 2), UNIT, st.floats(-1, 2))
@settings(deadline=None, max_examples=50)
def test_bezier_frames_stay_inside_and_hold_both_ends(count, total, x1, y1, x2, y2):
    frames = bezier_frames(count, total, (x1, y1), (x2, y2))
    assert len(frames) <= min(count, total)
    assert list(frames) == sorted(set(frames))
    assert all(0 <= frame < total for frame in frames)
    if count > 1:
        assert (frames[0], frames[-1]) == (0, total - 1)


def test_bezier_frames_follow_the_curve():
    even = bezier_frames(11, 101, (0, 0), (1, 1))
    assert even == tuple(range(0, 101, 10))
    t = np.linspace(0, 1, 20001)
    x, y = 3 * t * (1 - t) ** 2 * 0.42 + 3 * t**2 * (1 - t) + t**3, 3 * t**2 * (1 - t) + t**3
    expected = np.round(np.interp(np.linspace(0, 1, 11), x, y) * 100).astype(int)
    found = bezier_frames(11, 101, (0.42, 0), (1, 1), lookup=2000)
    assert np.abs(np.array(found) - expected).max() <= 1
    assert found[5] < even[5]


def test_time_does_not_go_back():
    with pytest.raises(ConfigError, match="back in time"):
        bezier_frames(5, 50, (2.0, 0.0), (-1.0, 1.0))


def test_nothing_to_show():
    assert bezier_frames(0, 5, (0, 0), (1, 1)) == geometric_frames(5, 0) == ()
    assert bezier_frames(5, 1, (0, 0), (1, 1)) == geometric_frames(5, 1) == (0,)
