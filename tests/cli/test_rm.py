from __future__ import annotations

import pytest


def test_a_run_goes_to_the_trash_and_comes_back(cli, store, make_run):
    record = make_run()

    assert cli("rm", record.id, "--yes").exit_code == 0
    assert (store.ids(), store.trashed()) == ([], [record.id])
    assert record.id in cli("rm", "--restore").stdout

    assert cli("rm", "--restore", record.id[:-1]).exit_code == 0
    assert (store.ids(), store.trashed()) == ([record.id], [])


def test_several_runs_and_a_path(cli, store, make_run):
    records = [make_run(), make_run()]

    result = cli("rm", records[0].id, f"runs/{records[1].id}", records[0].id, "-y")

    assert result.exit_code == 0
    assert store.trashed() == sorted(record.id for record in records)


def test_a_slip_in_one_name_leaves_all_in_place(cli, store, make_run):
    record = make_run()

    assert cli("rm", record.id, "nothing", "--yes").exit_code == 4
    assert store.ids() == [record.id]


def test_without_a_terminal_yes_must_be_said(cli, store, make_run):
    record = make_run()

    result = cli("rm", record.id)

    assert result.exit_code == 2
    assert "--yes" in result.stderr
    assert store.ids() == [record.id]


@pytest.mark.parametrize(("answer", "left"), [("n\n", 1), ("y\n", 0)])
def test_a_terminal_is_asked(cli, store, make_run, monkeypatch, answer, left):
    record = make_run()
    monkeypatch.setattr("latelier.cli.rm._can_ask", lambda: True)

    result = cli("rm", record.id, input=answer)

    assert result.exit_code == 0
    assert record.id in result.stderr
    assert len(store.ids()) == left


def test_a_run_that_is_being_written_stays_unless_forced(cli, store, make_run):
    record = make_run("created")
    with record.own():
        result = cli("rm", record.id, "--yes")
        assert result.exit_code == 5
        assert "process" in result.stderr
        assert store.ids() == [record.id]

        assert cli("rm", record.id, "--yes", "--force").exit_code == 0
    assert store.ids() == []


def test_a_damaged_run_can_be_removed(cli, store, make_run):
    record = make_run()
    (record.path / "summary.json").write_text("{")
    (record.path / "events.jsonl").unlink()

    assert cli("rm", record.id, "--yes").exit_code == 0
    assert store.ids() == []


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["rm"], 2, "no run was named"),
        (["rm", "--restore", "abc"], 4, "no such run in the trash"),
        (["rm", "..", "--yes"], 4, "no run at this path"),
        (["rm", "--restore", "../x"], 4, "no such run in the trash"),
        (["rm", "--restore", ""], 4, "no such run in the trash"),
    ],
)
def test_bad_input(cli, make_run, args, code, message):
    make_run()

    result = cli(*args)

    assert result.exit_code == code
    assert message in result.stderr


def test_a_beginning_that_two_trashed_runs_share_is_refused(cli, store, make_run):
    for record in (make_run(), make_run()):
        store.trash(record.id)

    result = cli("rm", "--restore", "20")

    assert result.exit_code == 4
    assert "more than one" in result.stderr


def test_an_empty_trash_says_so(cli):
    assert cli("rm", "--restore").stdout == "The trash is empty.\n"
