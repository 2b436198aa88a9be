from __future__ import annotations

import pytest

from latelier.cli.show import changed_settings
from latelier.config import load_config


def test_all_of_a_run_on_one_page(cli, make_run):
    record = make_run("failed", reason="non_finite", message="NaN at step 20")
    record.set_labels(tags=("blue", "best"), note="look here")

    result = cli("show", record.id)

    assert result.exit_code == 0
    for text in (
        record.id,
        "failed (non_finite)",
        "NaN at step 20",
        "20/40",
        "blue, best",
        "look here",
        "model.latent_dim  3",
        "train/loss   1.5   0.75",
        "timeline",
        "run.failed",
    ):
        assert text in result.stdout


def test_json(cli_json, make_run):
    record = make_run()

    document = cli_json("show", "latest")

    assert document["summary"]["run_id"] == record.id
    assert document["config"] == record.config()
    assert document["changed_settings"] == {"name": "first", "seed": 7, "model.latent_dim": 3}
    assert document["metrics"]["val/loss"] == [2.25]
    assert {
        key: value
        for key, value in next(r for r in document["artifacts"] if r["kind"] == "timeline").items()
        if key != "bytes"
    } == {"kind": "timeline", "count": 1}
    assert document["events"][-1]["type"] == "run.completed"


def test_as_many_events_as_asked_for(cli_json, make_run):
    make_run()

    assert len(cli_json("show", "latest", "--events", "2")["events"]) == 2
    assert cli_json("show", "latest", "--events", "0")["events"] == []


def test_nothing_is_written(cli, make_run):
    record = make_run()
    before = {path: path.stat().st_mtime_ns for path in record.path.rglob("*")}

    assert cli("show", record.id).exit_code == 0

    assert {path: path.stat().st_mtime_ns for path in record.path.rglob("*")} == before


@pytest.mark.parametrize(("run", "code"), [("nothing", 4), ("../runs", 4), ("/", 4), ("A B", 4)])
def test_no_such_run(cli, make_run, run, code):
    make_run()

    result = cli("show", run, "--json")

    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.startswith("error: ")
    assert "Traceback" not in result.stderr


def test_a_torn_end_of_the_events_is_passed_over(cli_json, make_run):
    record = make_run()
    with (record.path / "events.jsonl").open("ab") as file:
        file.write(b'{"v": 1, "id"')

    assert cli_json("show", record.id)["events"][-1]["type"] == "run.completed"


@pytest.mark.parametrize("name", ["summary.json", "config.json", "events.jsonl"])
def test_a_damaged_file_is_a_message(cli, make_run, name):
    record = make_run()
    path = record.path / name
    path.write_bytes(b"garbage\n" + path.read_bytes())

    result = cli("show", record.id)

    assert result.exit_code == 3
    assert result.stderr.startswith("error: ")
    assert record.id in result.stderr


def test_defaults_are_those_of_the_kind_of_model():
    config = load_config({"model": {"kind": "gmvae", "net": {"kind": "mlp"}}})
    stored = config.model_dump(mode="json")
    stored["analysis"]["indices"] = list(range(50))

    # net.kind differs from the default kind, but its fields are compared with those of its kind.
    assert changed_settings(stored) == {}
    stored["model"]["components"] = 12
    assert changed_settings(stored) == {"model.components": 12}


def test_settings_of_another_version_are_shown_as_they_are():
    changed = changed_settings({"model": {"kind": "of-tomorrow", "size": 3}, "seed": 0})

    assert changed == {"model.kind": "of-tomorrow", "model.size": 3}
