from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latelier.config import ConfigError
from latelier.timeline import Timing, Track
from latelier.timeline.track import TIMINGS, minimum_jerk

values = st.floats(-1e6, 1e6)


def test_minimum_jerk_is_at_rest_at_both_ends() -> None:
    h = 1e-4
    assert [minimum_jerk(p) for p in (0.0, 0.5, 1.0)] == [0, 0.5, 1]
    assert minimum_jerk(0.3) == pytest.approx(10 * 0.3**3 - 15 * 0.3**4 + 6 * 0.3**5)
    for end in (0.0, 1.0):
        speed = (minimum_jerk(end + h) - minimum_jerk(end - h)) / (2 * h)
        bend = (minimum_jerk(end + h) - 2 * minimum_jerk(end) + minimum_jerk(end - h)) / h**2
        assert abs(speed) < 1e-6
        assert abs(bend) < 1e-6


@pytest.mark.parametrize(
    ("timing", "at_3_of_10"), [("linear", 0.3), ("minjerk", 0.16308), ("step-end", 0.0)]
)
def test_timings_differ_between_keyframes(timing: Timing, at_3_of_10: float) -> None:
    track = Track("x", ((0, 0), (10, 1)), timing=timing)
    assert track.value(3) == pytest.approx(at_3_of_10)
    assert (track.value(0), track.value(10)) == (0, 1)


def test_step_end_jumps_at_the_next_keyframe() -> None:
    track = Track("x", ((2, 5), (4, 7)), timing="step-end")
    assert [track.value(step) for step in range(6)] == [5, 5, 5, 5, 7, 7]


def test_log_space_moves_by_factors() -> None:
    track = Track("x", ((0, 1e-4), (4, 1.0)), space="log", timing="linear")
    expected = [1e-4, 1e-3, 1e-2, 1e-1, 1.0]
    assert [track.value(step) for step in range(5)] == pytest.approx(expected)


@pytest.mark.parametrize("timing", TIMINGS)
@given(st.lists(st.tuples(st.integers(0, 60), values), min_size=1, max_size=6), st.data())
@settings(deadline=None, max_examples=30)
def test_track_stays_between_its_keyframes(
    timing: Timing, pairs: list[tuple[int, float]], data: st.DataObject
) -> None:
    keyframes = tuple(sorted(dict(pairs).items()))
    track = Track("x", keyframes, timing=timing)
    for step, value in keyframes:
        assert track.value(step) == value
    assert track.value(0) == keyframes[0][1]
    assert track.value(1000) == keyframes[-1][1]
    for (t0, v0), (t1, v1) in pairwise(keyframes):
        got = track.value(data.draw(st.integers(t0, t1)))
        slack = 1e-12 * max(abs(v0), abs(v1))
        assert min(v0, v1) - slack <= got <= max(v0, v1) + slack


@given(st.floats(1e-9, 1e9))
@settings(deadline=None, max_examples=30)
def test_equal_keyframes_do_not_wobble(value: float) -> None:
    track = Track("x", ((0, value), (7, value)), space="log")
    assert {track.value(step) for step in range(9)} == {value}
    assert track.is_constant


def test_constant() -> None:
    track = Track.constant("beta", 2)
    assert track.is_constant
    assert [track.value(step) for step in (0, 1, 10**9)] == [2, 2, 2]


def test_ramp() -> None:
    track = Track.ramp("beta", 2, 6, 0.0, 1.0)
    assert [track.value(step) for step in range(8)] == [0, 0, 0, 0.25, 0.5, 0.75, 1, 1]
    assert not track.is_constant


def test_ramp_of_no_length_jumps() -> None:
    track = Track.ramp("beta", 3, 3, 0.0, 1.0)
    assert [track.value(step) for step in range(5)] == [0, 0, 0, 1, 1]
    assert Track.ramp("beta", 0, 0, 0.0, 1.0).value(0) == 1


def test_ramp_backwards_fails() -> None:
    with pytest.raises(ConfigError, match="ends before it starts; got 5 to 4"):
        Track.ramp("beta", 5, 4, 0, 1)


@pytest.mark.parametrize(
    ("keyframes", "words", "message"),
    [
        ((), {}, "not in order"),
        (((3, 0), (3, 1)), {}, "not in order"),
        (((3, 0), (1, 1)), {}, "not in order"),
        (((-1, 0),), {}, "rising steps from 0 on"),
        (((0, math.nan),), {}, "not finite"),
        (((0, -math.inf),), {}, "not finite"),
        (((0, 1e308), (1, -1e308)), {}, "not finite"),
        (((0, 0),), {"space": "log"}, "has no logarithm; got 0"),
        (((0, 1), (1, -2)), {"space": "log"}, "has no logarithm; got -2"),
        (((0, 1),), {"space": "lag"}, "space of the track x is unknown; got lag"),
        (((0, 1),), {"timing": "ease"}, "timing of the track x is unknown; got ease"),
    ],
)
def test_impossible_tracks_fail(
    keyframes: tuple[tuple[int, float], ...], words: dict[str, str], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        Track("x", keyframes, **words)  # type: ignore[arg-type]
