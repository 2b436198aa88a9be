from __future__ import annotations

from pathlib import Path

import pytest

from latelier.cli.selection import find_run, mention
from latelier.config.errors import RunNotFoundError

RUNS = Path("runs")


def test_a_run_is_found_by_id_beginning_path_and_latest(make_run):
    record = make_run()

    for text in (record.id, record.id[:-1], f"runs/{record.id}", str(record.path), "latest"):
        assert find_run(text, RUNS).path == record.path


def test_a_path_needs_no_runs_folder(make_run, tmp_path, monkeypatch):
    record = make_run()
    monkeypatch.chdir(record.path)

    assert find_run(".", tmp_path / "elsewhere").id == record.id


def test_latest_is_the_one_that_was_made_last(make_run, monkeypatch):
    times = iter([1_800_000_000, 1_700_000_000])
    monkeypatch.setattr("latelier.runs.ids.time.gmtime", lambda _: _gmtime(next(times)))
    make_run()
    later = make_run()  # its id sorts first

    assert find_run("latest", RUNS).id == later.id


def test_a_beginning_that_two_runs_share_is_refused(make_run):
    make_run()
    make_run()

    with pytest.raises(RunNotFoundError, match="2 runs begin with '20'"):
        find_run("20", RUNS)


@pytest.mark.parametrize("text", ["../secrets", "/etc", "runs/../../etc", "~nobody/x", "..", "."])
def test_a_path_that_is_no_run_is_refused(make_run, text):
    make_run()

    with pytest.raises(RunNotFoundError, match="no run at this path"):
        find_run(text, RUNS)


@pytest.mark.parametrize("text", ["", "UPPER", "a b", "x" * 65, "-rf"])
def test_what_is_no_id_is_refused(make_run, text):
    make_run()

    with pytest.raises(RunNotFoundError, match="not a run id"):
        find_run(text, RUNS)


def test_an_empty_or_missing_folder_says_so(store):
    with pytest.raises(RunNotFoundError, match="no such folder of runs; got runs"):
        find_run("abc", RUNS)
    store.root.mkdir()
    with pytest.raises(RunNotFoundError, match="there are no runs"):
        find_run("latest", RUNS)


def test_a_hint_names_the_run_so_that_it_is_found_from_here(make_run, monkeypatch, tmp_path):
    record = make_run()
    assert mention(record.path) == record.id

    for here in (tmp_path.parent, record.path.parent):
        monkeypatch.chdir(here)
        hint = mention(record.path)
        assert hint != record.id
        assert find_run(hint, RUNS).path == record.path

    monkeypatch.setenv("LATELIER_RUNS_DIR", str(record.path.parent))
    assert mention(record.path) == record.id


def _gmtime(seconds):
    import datetime

    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).timetuple()
