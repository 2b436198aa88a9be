from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latelier.cli import formats


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (-0.2, "0.0 s"),
        (0.44, "0.4 s"),
        (42.4, "42 s"),
        (59.7, "1 min 00 s"),
        (185, "3 min 05 s"),
        (7800, "2 h 10 min"),
        (86_400 * 4 + 5, "4 d"),
    ],
)
def test_duration(seconds, text):
    assert formats.duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (1_234_000, "1.23 MB"),
        (999_600, "1 MB"),
        (3.4e9, "3.4 GB"),
        (2e12, "2 TB"),
    ],
)
def test_size(count, text):
    assert formats.size(count) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0.123456, "0.1235"), (12, "12"), ([1, 2], "[2 values]"), ("a\x1b[0m", "a�[0m")],
)
def test_number(value, text):
    assert formats.number(value) == text


@pytest.mark.parametrize(
    ("time", "text"),
    [
        ("2026-11-21T11:59:30Z", "now"),
        ("2026-11-21T11:55:00.000Z", "5 min"),
        ("2026-11-21T09:00:00Z", "3 h"),
        ("2026-11-09T12:00:00Z", "12 d"),
        ("yesterday", "–"),
        ("2026-11-09T12:00:00", "–"),
        (None, "–"),
    ],
)
def test_age(time, text):
    assert formats.age(time, datetime(2026, 11, 21, 12, tzinfo=UTC)) == text


def test_table_aligns_wide_and_combining_characters():
    lines = formats.table(
        ("A", "N"), [("日本", "1"), ("e\u0301a", "22"), ("abcd", "3")], right=("N",)
    ).split("\n")

    assert lines == ["A      N", "日本   1", "e\u0301a    22", "abcd   3"]


def test_table_shows_control_characters_of_a_foreign_run():
    assert "\x1b" not in formats.table(("A",), [("\x1b[2Jgone",)])
    assert "\n" not in formats.table(("A",), [("two\nlines",)]).split("\n", 1)[1]


def test_table_cuts_the_elastic_column_where_the_terminal_is_narrow(monkeypatch):
    monkeypatch.setattr(formats, "_terminal_width", lambda: 24)

    text = formats.table(("ID", "NAME"), [("x" * 10, "y" * 30)], elastic="NAME")

    assert text.split("\n")[1] == "x" * 10 + "  " + "y" * 11 + "…"


def test_pipe_gets_every_cell_whole():
    assert "y" * 300 in formats.table(("NAME",), [("y" * 300,)], elastic="NAME")


def test_fields_leave_out_what_is_empty():
    assert formats.fields([("a", "1"), ("empty", ""), ("none", "–"), ("long", "2")]) == (
        "a     1\nlong  2"
    )


def test_no_color_is_obeyed(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert formats.paint("failed", "red") != "failed"
    monkeypatch.setenv("NO_COLOR", "1")
    assert formats.paint("failed", "red") == "failed"


@settings(deadline=None, max_examples=50)
@given(st.floats(min_value=0, max_value=1e15))
def test_size_has_at_most_three_digits_and_is_right(count):
    amount, unit = formats.size(count).split(" ")
    scale = {"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12}[unit]

    assert math.isclose(float(amount) * scale, count, rel_tol=0.006, abs_tol=0.51)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.text(max_size=9), st.text(max_size=9)), max_size=5))
def test_table_has_a_line_per_row_whatever_is_in_it(rows):
    assert len(formats.table(("A", "B"), rows).split("\n")) == len(rows) + 1
