from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from latelier.config import ConfigError
from latelier.timeline import Dopesheet, Track, compile_timeline

REGULARIZERS = """\
STEP,PHASE,ACTION,lr,reg-separate,reg-planar,reg-norm,reg-norm-v,reg-polar
0,Train,,1e-8,0.001,0.02,0.01,0.02,
+10,,,0.01,,,,,
+0.1,,,,0.02,,,,
+0.5,,,,0.01,0.08,,,
+0.7,,,,,,,,
5000,,,0.01,0.001,0.02,0.2,,6e-3
+0.5,,,,,,,,2e-4
10000,,,0.005,,,,,
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "a.dopesheet.csv"
    path.write_text(text)
    return path


def test_regularizer_sheet_resolves_to_these_keyframes(tmp_path: Path) -> None:
    sheet = Dopesheet.from_csv(written(tmp_path, REGULARIZERS))
    assert sheet.length == 10_001
    assert sheet.phases == ((0, "Train"),)
    assert sheet.actions == {}
    assert {track.name: track.keyframes for track in sheet.tracks} == {
        "lr": ((0, 1e-8), (10, 0.01), (5000, 0.01), (10_000, 0.005)),
        "reg-separate": ((0, 0.001), (500, 0.02), (2500, 0.01), (5000, 0.001)),
        "reg-planar": ((0, 0.02), (2500, 0.08), (5000, 0.02)),
        "reg-norm": ((0, 0.01), (5000, 0.2)),
        "reg-norm-v": ((0, 0.02),),
        "reg-polar": ((5000, 6e-3), (7500, 2e-4)),
    }
    assert {(track.space, track.timing) for track in sheet.tracks} == {("linear", "minjerk")}


def test_regularizer_sheet_has_these_values(tmp_path: Path) -> None:
    sheet = Dopesheet.from_csv(written(tmp_path, REGULARIZERS))
    columns = {track.name: Track.constant(track.name, 0) for track in sheet.tracks}
    timeline = compile_timeline(sheet.length, columns, sheet)
    # Worked out with exact fractions, apart from the code.
    expected = {
        0: (1e-8, 0.001, 0.02, 0.01, 0.02, 6e-3),
        5: (0.005000005, 0.0010001871614, 0.0200000047856, 0.0100000018972, 0.02, 6e-3),
        10: (0.01, 0.0010014747648, 0.02000003817, 0.0100000151544, 0.02, 6e-3),
        250: (0.01, 0.0105, 0.0205136, 0.01022004375, 0.02, 6e-3),
        2500: (0.01, 0.01, 0.08, 0.105, 0.02, 6e-3),
        3750: (0.01, 0.0055, 0.05, 0.18033203125, 0.02, 6e-3),
        5000: (0.01, 0.001, 0.02, 0.2, 0.02, 6e-3),
        6250: (0.009482421875, 0.001, 0.02, 0.2, 0.02, 0.0031),
        7500: (0.0075, 0.001, 0.02, 0.2, 0.02, 2e-4),
        10_000: (0.005, 0.001, 0.02, 0.2, 0.02, 2e-4),
    }
    for step, values in expected.items():
        assert tuple(timeline.at(step).props.values()) == pytest.approx(values, rel=1e-11), step
    assert timeline.at(0).is_phase_start
    assert timeline.at(10_000).is_phase_end


def test_second_form_of_the_sheet(tmp_path: Path) -> None:
    text = REGULARIZERS.replace("10000,", "200,").replace("5000,", "100,")
    sheet = Dopesheet.from_csv(written(tmp_path, text.replace("+10,", "+5,")))
    separate = next(track for track in sheet.tracks if track.name == "reg-separate")
    assert [step for step, _ in separate.keyframes] == [0, 10, 50, 100]
    assert sheet.length == 201


def test_headers_name_space_and_timing() -> None:
    header = ("a", "b:log", "c::linear", "d:log:step-end", "e:linear:", " f : log ")
    sheet = Dopesheet.from_rows([{"STEP": 0, **dict.fromkeys(header, 1)}])
    assert [(t.name, t.space, t.timing) for t in sheet.tracks] == [
        ("a", "linear", "minjerk"),
        ("b", "log", "minjerk"),
        ("c", "linear", "linear"),
        ("d", "log", "step-end"),
        ("e", "linear", "minjerk"),
        ("f", "log", "minjerk"),
    ]


def test_phases_and_actions_follow_resolved_order() -> None:
    sheet = Dopesheet.from_rows(
        [
            {"STEP": 0, "PHASE": "a", "ACTION": "save"},
            {"STEP": "+30", "PHASE": "c", "ACTION": " freeze , save"},
            {"STEP": "20", "PHASE": "b", "x": 2},
        ]
    )
    assert sheet.phases == ((0, "a"), (20, "b"), (30, "c"))
    assert sheet.actions == {0: ("save",), 30: ("freeze", "save")}
    assert sheet.length == 31


def test_cells_may_be_numbers_or_text() -> None:
    rows = [{"STEP": 0, "x": 1}, {"STEP": "5", "x": "2.5"}, {"STEP": 9, "x": 1e-3}]
    assert Dopesheet.from_rows(rows).tracks[0].keyframes == ((0, 1), (5, 2.5), (9, 1e-3))


def test_blank_cells_are_not_keyframes_and_blank_rows_nothing() -> None:
    rows = [{"STEP": "0", "x": "1"}, {"STEP": "", "x": None}, {"STEP": "4", "x": " "}, {"STEP": 9}]
    sheet = Dopesheet.from_rows(rows)
    assert sheet.tracks[0].keyframes == ((0, 1),)
    assert sheet.length == 10


def test_a_sheet_of_phases_alone() -> None:
    assert Dopesheet.from_rows([{"STEP": 0, "PHASE": "a"}, {"STEP": 9}]).tracks == ()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "has no rows"),
        ([{"STEP": "", "x": ""}], "has no rows"),
        ([{"x": 1}], "no column STEP; got x"),
        ([{"Step": 1}], "column Step must be written STEP"),
        ([{"STEP": 0, "phase": "a"}], "column phase must be written PHASE"),
        ([{"STEP": 0}, {"x": 1}], "row 2, column STEP is blank"),
        ([{"STEP": 0}, {}, {"STEP": "x"}], "row 3, column STEP cannot be read"),
        ([{"STEP": -1}], "row 1, column STEP cannot be resolved"),
        ([{"STEP": 0.5}], "row 1, column STEP cannot be read; got '0.5'"),
        ([{"STEP": 0, "x": "a"}], "row 1, column x is not a number; got 'a'"),
        ([{"STEP": 0, "x": "1_0"}], "row 1, column x is not a number"),
        ([{"STEP": 0, "x": "1,5"}], "row 1, column x is not a number"),
        ([{"STEP": 0}, {"STEP": 1, "x": "nan"}], "row 2, column x is not finite; got nan"),
        ([{"STEP": 0, "x": "-inf"}], "row 1, column x is not finite"),
        ([{"STEP": 0, "x": "1e999"}], "row 1, column x is not finite"),
        ([{"STEP": 0, "x:log": 0}], "row 1, column x:log has no logarithm; got 0; expected a num"),
        ([{"STEP": 0, "x:log": 1}, {"STEP": 1, "x:log": -1}], "row 2, column x:log has no log"),
        ([{"STEP": 0, "x": None}], "column x has no keyframe"),
        ([{"STEP": 0, "x": 1, "x:log": 1}], "two columns for x; got x and x:log"),
        ([{"STEP": 0, ":log": 1}], "cannot be read; got ':log'"),
        ([{"STEP": 0, "x:log:linear:y": 1}], "name:space:timing"),
        ([{"STEP": 0, "lr::lineer": 1}], "unknown timing; got lineer; .* Did you mean linear?"),
        ([{"STEP": 0, "lr:lgo": 1}], "unknown space; got lgo; .* Did you mean log?"),
        ([{"STEP": 0, "lr:step-end": 1}], "unknown space; got step-end; .* Write lr::step-end"),
        ([{"STEP": 0, "lr::MinJerk": 1}], "unknown timing; got MinJerk"),
        ([{"STEP": 0, "ACTION": "a,,b"}], "row 1, column ACTION has an empty name"),
    ],
)
def test_sheets_that_cannot_be_used(rows: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Dopesheet.from_rows(rows)


def test_errors_name_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "STEP,lr::lineer\n0,1\n")
    with pytest.raises(ConfigError, match=r"a\.dopesheet\.csv: dopesheet column lr::lineer"):
        Dopesheet.from_csv(path)
    with pytest.raises(ConfigError, match=r"none\.csv"):
        Dopesheet.from_csv(tmp_path / "none.csv")


def test_csv_and_rows_agree(tmp_path: Path) -> None:
    rows = [{"STEP": 0, "PHASE": "a", "x": 1.5}, {"STEP": "+3", "PHASE": None, "x": None}]
    path = written(tmp_path, "STEP,PHASE,x\n0,a,1.5\n+3,,\n")
    assert Dopesheet.from_csv(path) == Dopesheet.from_rows(rows)
