from __future__ import annotations

from latelier.config import load_config


def test_a_sound_run(cli, cli_json, make_run):
    record = make_run()
    (record.path / "config.json").write_bytes(load_config({}).model_dump_json().encode())

    result = cli("verify", str(record.path))

    assert (result.exit_code, result.stdout) == (0, f"{record.id} is sound.\n")
    document = cli_json("verify", record.id)
    assert document == {
        "run_id": record.id,
        "path": str(record.path),
        "sound": True,
        "findings": [],
    }


def test_warnings_leave_a_run_usable(cli, make_run):
    record = make_run()
    (record.path / "notes.txt").write_text("mine")

    result = cli("verify", record.id)

    assert result.exit_code == 0
    assert "notes.txt" in result.stdout
    assert "is sound, with 1 warning." in result.stdout


def test_a_config_that_does_not_fit_is_a_warning(cli_json, make_run):
    record = make_run()
    (record.path / "config.json").write_text('{"sead": 3}')

    (finding,) = cli_json("verify", record.id)["findings"]

    assert (finding["severity"], finding["code"]) == ("warning", "config")
    assert "sead" in finding["message"]


def test_damage_is_exit_code_7(cli, cli_json, make_run):
    record = make_run()
    path = record.path / "events.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], b"torn", *lines[1:]]))
    (record.path / "schedule" / "timeline.json").unlink()

    result = cli("verify", record.id)

    assert result.exit_code == 7
    assert f"{record.id} is damaged: 3 errors, " in result.stdout
    assert "timeline.json" in result.stdout
    assert not cli_json("verify", record.id, code=7)["sound"]


def test_no_such_run(cli, make_run):
    make_run()

    assert cli("verify", "elsewhere/x").exit_code == 4
