from __future__ import annotations

from latelier.lab import doctor
from latelier.lab.doctor import Check


def test_a_healthy_machine(cli_json, monkeypatch):
    monkeypatch.setattr(doctor, "examine", lambda *_: [Check("disk", "warning", "little", "More.")])

    assert cli_json("doctor") == {
        "healthy": True,
        "checks": [{"name": "disk", "status": "warning", "found": "little", "remedy": "More."}],
    }


def test_a_problem_is_exit_code_7(cli, cli_json, monkeypatch):
    monkeypatch.setattr(doctor, "examine", lambda *_: [Check("disk", "problem", "full", "Less.")])

    result = cli("doctor")

    assert result.exit_code == 7
    assert "disk   problem  full" in result.stdout
    assert "disk: Less." in result.stdout
    assert cli_json("doctor", code=7)["healthy"] is False


def test_the_folders_are_those_of_the_options(cli, monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(doctor, "examine", lambda *folders: asked.append(folders) or [])

    cli("doctor", "--runs-dir", "r", "--data-root", str(tmp_path))

    assert [tuple(map(str, folders)) for folders in asked] == [("r", str(tmp_path))]
