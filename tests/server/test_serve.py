"""`latelier serve`: its options, before anything listens."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from latelier.cli import serve as command
from latelier.cli.app import app
from latelier.server.settings import Settings


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    for name in ("RUNS_DIR", "HOST", "PORT", "TOKEN_FILE", "DEBUG"):
        monkeypatch.delenv(f"LATELIER_{name}", raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    return lambda *args: CliRunner().invoke(app, ["serve", *args], prog_name="latelier")


def test_get_prints_the_answer(cli: Callable[..., Result], store: Any, make_run: Any) -> None:
    run = make_run()
    result = cli(str(store.root), "--get", "/api/runs")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["runs"][0]["run_id"] == run.id
    assert json.loads(cli(str(store.root), "--get", "api/health").stdout)["version"]
    missing = cli(str(store.root), "--get", "/api/runs/a-run")
    assert missing.exit_code == 4
    assert "no such run" in missing.stdout
    assert cli(str(store.root), "--get", "/api/events?runs=").exit_code == 2
    below = cli(str(store.root), "--base-path", "/lab", "--get", "/lab/api/health")
    assert json.loads(below.stdout)["base_path"] == "/lab"


def test_bad_options_end_before_anything_listens(
    cli: Callable[..., Result], tmp_path: Path
) -> None:
    exposed = cli(str(tmp_path), "--host", "0.0.0.0", "--no-token")
    assert exposed.exit_code == 2
    assert "without a token anybody could" in exposed.stderr
    assert cli(str(tmp_path), "--base-path", "/a b").exit_code == 2
    assert cli(str(tmp_path), "--allowed-host", "a:1").exit_code == 2
    assert cli(str(tmp_path), "--port", "70000").exit_code == 2
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        busy = cli(str(tmp_path), "--port", str(sock.getsockname()[1]))
    assert busy.exit_code == 5
    assert "is taken" in busy.stderr
    assert "--port 0" in busy.stderr


def test_options_reach_the_server(
    cli: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[Settings, dict[str, Any]]] = []
    monkeypatch.setattr(command, "run_server", lambda s, **o: seen.append((s, o)))
    token = tmp_path / "token"
    arguments = ["--read-only", "--port", "7000", "--no-open", "--token-file", str(token)]
    arguments += ["--data-dir", "/a", "--data-dir", "/b", "--allowed-host", "X", "--jobs", "3"]
    assert cli(str(tmp_path), *arguments).exit_code == 0
    (settings, options), _ = seen[0], seen.clear()
    assert options == {"port": 7000, "open_page": False}
    assert settings.read_only
    assert not settings.warm
    assert settings.token == token.read_text().strip()
    assert settings.data_dirs == (Path("/a"), Path("/b"))
    assert (settings.allowed_hosts, settings.jobs) == (("x",), 3)
    cli(str(tmp_path), "--no-token")
    cli(str(tmp_path))
    cli(str(tmp_path))
    assert seen[0][0].token is None
    first, second = seen[1][0].token, seen[2][0].token
    assert first is not None
    assert second is not None
    assert len(first) >= 32 <= len(second)
    assert first != second, "a new one at every start"


def test_a_browser_is_opened_only_where_one_can_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SSH_CONNECTION", "SSH_TTY", "CI", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert command.has_browser()
    for name in ("SSH_CONNECTION", "CI"):
        with monkeypatch.context() as patch:
            patch.setenv(name, "1")
            assert not command.has_browser()
    with monkeypatch.context() as patch:
        patch.setattr("sys.platform", "linux")
        patch.delenv("DISPLAY")
        assert not command.has_browser()
    monkeypatch.setattr("sys.stdout.isatty", lambda: False, raising=False)
    assert not command.has_browser()
