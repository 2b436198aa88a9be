from __future__ import annotations

import json

import pytest

from latelier.cli.ls import key_metric
from latelier.runs import RunSummary


def ids(result):
    return [line.split()[0] for line in result.stdout.splitlines()[1:]]


def test_the_table_has_a_row_per_run(cli, make_run):
    record = make_run(label="tiny\x1b[2J digits")
    make_run("failed", reason="error", message="x")

    head, *rows = cli("ls").stdout.splitlines()

    assert head.split() == [
        "ID",
        "NAME",
        "STATE",
        "MODEL",
        "DATA",
        "EPOCH",
        "METRIC",
        "DURATION",
        "AGE",
    ]
    row = next(line for line in rows if record.id in line)
    assert row.split()[-9:-3] == ["completed", "vae", "digits", "2/4", "val/loss", "2.25"]
    assert "tiny�[2J digits" in row
    assert row.endswith("now")
    assert len(rows) == 2


def test_an_empty_folder_is_no_error(cli, cli_json, tmp_path):
    assert "There are no runs in runs" in cli("ls").stdout
    assert cli_json("ls") == {"runs_dir": str(tmp_path / "runs"), "runs": []}


def test_the_folder_comes_from_the_environment(cli, make_run, monkeypatch, tmp_path):
    record = make_run()
    monkeypatch.chdir("/")
    monkeypatch.setenv("LATELIER_RUNS_DIR", str(tmp_path / "runs"))

    assert ids(cli("ls")) == [record.id]


def test_json_has_every_field_of_a_summary(cli_json, make_run):
    record = make_run()

    (row,) = cli_json("ls")["runs"]

    assert row["run_id"] == record.id
    assert row["last_metrics"] == {"train/loss": 1.5, "val/loss": 2.25}
    assert set(row) >= {"state", "display_name", "tags", "epoch", "live", "duration_s"}


def test_runs_are_filtered_by_state(cli, make_run):
    make_run()
    failed = make_run("failed", reason="error")

    assert ids(cli("ls", "--state", "failed")) == [failed.id]
    assert "There are no cancelled runs" in cli("ls", "--state", "cancelled").stdout


def test_runs_are_sorted_by_column_and_metric(cli, make_run):
    low = make_run(label="b", epoch=3, metrics={"val/loss": 1.0})
    none = make_run(label="c", epoch=1, metrics={})
    high = make_run(label="a", epoch=2, metrics={"val/loss": 9.0})

    assert ids(cli("ls")) == [high.id, none.id, low.id]
    assert ids(cli("ls", "--reverse")) == [low.id, none.id, high.id]
    assert ids(cli("ls", "--sort", "name")) == [high.id, low.id, none.id]
    assert ids(cli("ls", "--sort", "epoch", "--reverse")) == [low.id, high.id, none.id]
    assert ids(cli("ls", "--sort", "val/loss")) == [low.id, high.id, none.id]
    assert ids(cli("ls", "--sort", "val/loss", "--reverse")) == [high.id, low.id, none.id]


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [("--sort", "colour", "val/loss"), ("--state", "done", "completed")],
)
def test_wrong_values_are_refused_with_the_right_ones(cli, make_run, option, value, expected):
    make_run()

    result = cli("ls", option, value)

    assert result.exit_code == 2
    assert f"got {value}" in result.stderr
    assert expected in result.stderr
    assert result.stdout == ""


def test_a_damaged_run_is_a_row(cli, make_run):
    record = make_run()
    (record.path / "summary.json").write_text("{")

    assert "unreadable" in cli("ls").stdout


def test_a_run_whose_process_is_gone_shows_as_failed(cli_json, make_run):
    record = make_run()
    path = record.path / "summary.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"state": "running"}))

    (row,) = cli_json("ls")["runs"]

    assert (row["state"], row["reason"]) == ("failed", "interrupted")


@pytest.mark.parametrize(
    ("metrics", "text"),
    [
        ({"train/loss": 1.0, "clustering_accuracy": 0.78123}, "clustering_accuracy 0.7812"),
        ({"train/loss": 1.0, "val/loss": 2.0}, "val/loss 2"),
        ({"val/loss": None, "train/loss": 3.0}, "train/loss 3"),
        ({"train/lr": 1.0}, "–"),
    ],
)
def test_key_metric(metrics, text):
    assert key_metric(RunSummary("r", "completed", last_metrics=metrics)) == text
