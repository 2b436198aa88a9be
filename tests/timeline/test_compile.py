from __future__ import annotations

import pytest

from latelier.config import ConfigError
from latelier.timeline import Dopesheet, Track, compile_timeline

COLUMNS = {"lr": Track.constant("lr", 0.1), "beta": Track.constant("beta", 1)}
DEFAULTS = {"phases": ((0, "train"),), "actions": {2: ("look",)}}


def sheet(*rows: dict[str, str | int | float | None]) -> Dopesheet:
    return Dopesheet.from_rows(rows)


def test_without_a_sheet_the_defaults_stand() -> None:
    timeline = compile_timeline(5, COLUMNS, None, **DEFAULTS)  # type: ignore[arg-type]
    assert (timeline.length, timeline.columns) == (5, ("lr", "beta"))
    assert timeline.phases == ((0, "train"),)
    assert timeline.at(2).actions == ("look",)
    assert dict(timeline.at(4).props) == {"lr": 0.1, "beta": 1}


def test_a_sheet_replaces_the_tracks_it_names() -> None:
    given = sheet({"STEP": 0, "beta::linear": 0}, {"STEP": 4, "beta::linear": 4})
    timeline = compile_timeline(10, COLUMNS, given)
    assert dict(timeline.at(1).props) == {"lr": 0.1, "beta": 1}
    assert dict(timeline.at(3).props) == {"lr": 0.1, "beta": 3}
    assert timeline.at(9).props["beta"] == 4
    assert timeline.columns == ("lr", "beta")


def test_phases_of_a_sheet_replace_the_defaults() -> None:
    named = sheet({"STEP": 0}, {"STEP": 3, "PHASE": "late"})
    assert compile_timeline(5, COLUMNS, named, phases=((0, "train"),)).phases == ((3, "late"),)
    unnamed = sheet({"STEP": 0, "beta": 1})
    assert compile_timeline(5, COLUMNS, unnamed, phases=((0, "train"),)).phases == ((0, "train"),)


def test_actions_of_both_happen_the_defaults_first() -> None:
    given = sheet({"STEP": 2, "ACTION": "save"}, {"STEP": 3, "ACTION": "freeze"})
    timeline = compile_timeline(5, COLUMNS, given, actions={1: ("a",), 2: ("b",)})
    assert timeline.actions == {1: ("a",), 2: ("b", "save"), 3: ("freeze",)}


def test_a_column_that_nobody_reads_fails() -> None:
    given = sheet({"STEP": 0, "betta": 1})
    with pytest.raises(ConfigError, match=r"got betta; expected lr, beta\. Did you mean beta"):
        compile_timeline(5, COLUMNS, given)


def test_a_sheet_longer_than_the_run_fails() -> None:
    given = sheet({"STEP": 0, "lr": 1}, {"STEP": 5})
    assert compile_timeline(6, COLUMNS, given).length == 6
    with pytest.raises(ConfigError, match="longer than the run; got 6 steps; expected at most 5"):
        compile_timeline(5, COLUMNS, given)


def test_a_run_of_no_steps_takes_a_sheet_of_one() -> None:
    assert compile_timeline(0, COLUMNS, sheet({"STEP": 0, "lr": 3})).at(0).props["lr"] == 3
