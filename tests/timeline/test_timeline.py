from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from latelier.config import ConfigError
from latelier.timeline import Dopesheet, Timeline, Track, compile_timeline

COLUMNS = ("a", "b:log", "c::linear", "d:log:linear", "e::step-end", "f:log:step-end")
Row = dict[str, str]


# ---- An independent rendering: a machine that is stepped through the sheet and holds, for every
# ---- property, only the segment that it is in.


class Segment:
    """A movement under way, told of time only by `tick`."""

    def __init__(self, header: str, start: float, goal: float, duration: int) -> None:
        _, self.space, self.timing = [*header.split(":"), "", ""][:3]
        self.start, self.goal, self.duration, self.elapsed = start, goal, duration, 0

    def tick(self) -> None:
        self.elapsed += 1

    def now(self) -> float:
        if self.elapsed >= self.duration:
            return self.goal
        p = self.elapsed / self.duration
        share = {
            "": 10 * p**3 - 15 * p**4 + 6 * p**5,
            "linear": p,
            "step-end": 0.0,
        }[self.timing]
        if self.space == "log":
            return self.start ** (1 - share) * self.goal**share
        return (1 - share) * self.start + share * self.goal


def place(rows: list[Row]) -> dict[int, Row]:
    """Find each row's step by walking up and down the sheet from it."""
    placed: dict[int, Row] = {}
    for i, row in enumerate(rows):
        text = row["STEP"]
        if text[0] in "+-":
            before = next((int(r["STEP"]) for r in rows[i::-1] if r["STEP"][0] not in "+-"), None)
            after = next((int(r["STEP"]) for r in rows[i:] if r["STEP"][0] not in "+-"), None)
            if "." in text:
                assume(before is not None and after is not None)
                offset = float(text) * (after - before)  # type: ignore[operator]
                # Where a float's error decides the rounding, there is nothing to compare.
                assume(abs(offset % 1 - 0.5) > 1e-6)
            else:
                offset = int(text)
            base = before if text[0] == "+" else after
            assume(base is not None)
            step = round(base + offset)  # type: ignore[operator]
        else:
            step = int(text)
        assume(step >= 0)
        assume(step not in placed)
        placed[step] = row
    return placed


def render(rows: list[Row]) -> list[tuple[dict[str, float], str, bool, bool, list[str]]]:
    placed = place(rows)
    length = max(placed) + 1
    upcoming = {
        header: sorted(s for s, row in placed.items() if row.get(header)) for header in COLUMNS
    }
    live: dict[str, Segment] = {}
    for header, steps in upcoming.items():
        if steps:
            first = float(placed[steps[0]][header])
            live[header] = Segment(header, first, first, 1)
    phase, frames = "", []
    for step in range(length):
        row = placed.get(step, {"STEP": ""})
        for header in live:
            if row.get(header):
                upcoming[header].pop(0)
                here = float(row[header])
                goal = upcoming[header][0] if upcoming[header] else step + 1
                value = float(placed[goal][header]) if upcoming[header] else here
                live[header] = Segment(header, here, value, goal - step)
        starts = bool(row.get("PHASE"))
        phase = row.get("PHASE") or phase
        ends = bool(phase) and (
            step == length - 1 or bool(placed.get(step + 1, {"STEP": ""}).get("PHASE"))
        )
        actions = [name for name in row.get("ACTION", "").split(",") if name]
        props = {header.split(":")[0]: segment.now() for header, segment in live.items()}
        frames.append((props, phase, starts, ends, actions))
        for segment in live.values():
            segment.tick()
    return frames


cell = st.sampled_from(["", "", "1e-3", "0.5", "1", "7.25", "300"])
relative = st.one_of(
    st.integers(1, 40).map(lambda n: f"+{n}"),
    st.integers(1, 40).map(lambda n: f"-{n}"),
    st.integers(1, 99).map(lambda n: f"+0.{n:02}"),
    st.integers(1, 99).map(lambda n: f"-0.{n:02}"),
)
plain_cells = st.fixed_dictionaries(
    dict.fromkeys(COLUMNS, cell),
    optional={
        "PHASE": st.sampled_from(["", "warm", "main"]),
        "ACTION": st.sampled_from(["", "save", "save,freeze"]),
    },
)


@st.composite
def sheets(draw: st.DrawFn) -> list[Row]:
    steps = draw(st.lists(st.integers(0, 60), min_size=1, max_size=4, unique=True).map(sorted))
    rows: list[Row] = []
    for index, step in enumerate(steps):
        if index:
            for text in draw(st.lists(relative, max_size=2)):
                rows.append({"STEP": text, **draw(plain_cells)})
        rows.append({"STEP": str(step), **draw(plain_cells)})
    return rows


@given(sheets())
@settings(deadline=None, max_examples=50)
def test_timeline_equals_a_stateful_rendering(rows: list[Row]) -> None:
    expected = render(rows)
    used = [name for name in COLUMNS if any(row.get(name) for row in rows)]
    kept = [{k: v for k, v in row.items() if k in used or k.isupper()} for row in rows]
    sheet = Dopesheet.from_rows(kept)
    names = [header.split(":")[0] for header in used]
    columns = {name: Track.constant(name, -1) for name in names}
    timeline = compile_timeline(sheet.length, columns, sheet)
    assert timeline.length == len(expected)
    for step in reversed(range(len(expected))):
        props, phase, starts, ends, actions = expected[step]
        frame = timeline.at(step)
        assert dict(frame.props) == pytest.approx(props, rel=1e-9)
        assert (frame.step, frame.phase) == (step, phase)
        assert (frame.is_phase_start, frame.is_phase_end) == (starts, ends)
        assert list(frame.actions) == actions


# ---- The timeline itself


def timeline() -> Timeline:
    return Timeline(
        10,
        [Track("x", ((2, 0), (4, 1)), timing="linear"), Track.constant("y", 3)],
        [(1, "warm"), (5, "main"), (6, "end")],
        {7: ("save", "freeze"), 0: ("look",)},
    )


def test_phases_start_at_their_step_and_end_before_the_next() -> None:
    frames = [timeline().at(step) for step in range(10)]
    assert [f.phase for f in frames] == ["", *["warm"] * 4, "main", *["end"] * 4]
    assert [f.step for f in frames if f.is_phase_start] == [1, 5, 6]
    assert [f.step for f in frames if f.is_phase_end] == [4, 5, 9]


def test_actions_happen_at_their_step() -> None:
    assert timeline().at(7).actions == ("save", "freeze")
    assert timeline().at(8).actions == ()


def test_props_keep_the_order_of_columns() -> None:
    assert list(timeline().at(3).props.items()) == [("x", 0.5), ("y", 3)]
    assert timeline().columns == ("x", "y")


def test_at_is_pure_and_frames_cannot_be_changed() -> None:
    subject = timeline()
    first = subject.at(3)
    subject.at(9)
    assert subject.at(3) == first
    with pytest.raises(TypeError):
        first.props["x"] = 1  # type: ignore[index]
    with pytest.raises(AttributeError):
        first.step = 1  # type: ignore[misc]


@pytest.mark.parametrize("step", [-1, 10, 1000])
def test_steps_outside_fail(step: int) -> None:
    with pytest.raises(IndexError, match="0 to 9"):
        timeline().at(step)


def test_a_run_of_no_steps_has_one_frame() -> None:
    empty = Timeline(0, [Track.constant("x", 1)], [(0, "train")])
    frame = empty.at(0)
    assert (frame.props["x"], frame.is_phase_start, frame.is_phase_end) == (1, True, True)
    with pytest.raises(IndexError):
        empty.at(1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"length": -1}, "length is negative"),
        ({"tracks": [Track.constant("x", 1), Track.constant("x", 2)]}, "share a name"),
        ({"phases": [(3, "a"), (1, "b")]}, "phases are not in order"),
        ({"phases": [(3, "a"), (3, "b")]}, "phases are not in order"),
        ({"phases": [(10, "late")]}, "phase late lies outside the run; got step 10; expected 0 to"),
        ({"actions": {10: ("save",)}}, "action save lies outside the run"),
        ({"actions": {-1: ("save",)}}, "lies outside the run"),
    ],
)
def test_impossible_timelines_fail(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Timeline(**{"length": 10, "tracks": [], **arguments})


# ---- Its realization


def test_realization_is_json_and_complete() -> None:
    realized = json.loads(json.dumps(timeline().realize()))
    assert realized["length"] == 10
    assert realized["steps"] == list(range(10))
    assert realized["columns"]["x"] == {
        "space": "linear",
        "timing": "linear",
        "keyframes": [[2, 0], [4, 1]],
        "values": [0, 0, 0, 0.5, 1, 1, 1, 1, 1, 1],
    }
    assert realized["phases"] == [
        {"name": "warm", "start": 1, "end": 4},
        {"name": "main", "start": 5, "end": 5},
        {"name": "end", "start": 6, "end": 9},
    ]
    assert realized["actions"] == [
        {"step": 0, "name": "look"},
        {"step": 7, "name": "save"},
        {"step": 7, "name": "freeze"},
    ]


@given(st.integers(1, 3000), st.integers(2, 200), st.integers(0, 2999))
@settings(deadline=None, max_examples=50)
def test_realization_is_bounded_and_true(length: int, points: int, key: int) -> None:
    subject = Timeline(length, [Track("x", ((0, 0), (key + 1, 1)), timing="step-end")])
    realized = subject.realize(points)
    steps = realized["steps"]
    assert len(steps) <= points
    assert steps == sorted(set(steps))
    assert (steps[0], steps[-1]) == (0, subject.last_step)
    values = realized["columns"]["x"]["values"]
    assert values == [subject.at(step).props["x"] for step in steps]
    if points >= 4 and key + 1 <= subject.last_step:
        assert {key, key + 1} <= set(steps)


def test_realization_of_more_keyframes_than_points() -> None:
    dense = Track("x", tuple((step, step % 3) for step in range(1000)))
    assert len(Timeline(1000, [dense]).realize(50)["steps"]) == 50


def test_keyframes_are_a_table() -> None:
    tracks = [Track("a", ((0, 1), (5, 2))), Track("b", ((5, 3),))]
    subject = Timeline(10, tracks, phases=((2, "late"),), actions={7: ("save", "stop")})
    assert subject.keyframes() == [
        {"step": 0, "phase": "", "actions": [], "values": {"a": 1}},
        {"step": 2, "phase": "late", "actions": [], "values": {}},
        {"step": 5, "phase": "", "actions": [], "values": {"a": 2, "b": 3}},
        {"step": 7, "phase": "", "actions": ["save", "stop"], "values": {}},
    ]


def test_values_are_finite_floats() -> None:
    sheet = Dopesheet.from_rows([{"STEP": 0, "x:log": 1e-300}, {"STEP": 1000, "x:log": 1e300}])
    subject = compile_timeline(1001, {"x": Track.constant("x", 1)}, sheet)
    assert all(math.isfinite(subject.at(step).props["x"]) for step in range(1001))
