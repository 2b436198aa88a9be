"""Ports, tokens, exposure; and the process as a whole: quick to answer, quick to end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from latelier.config.errors import ConfigError
from latelier.server import listen
from latelier.server.listen import (
    PortError,
    address,
    check_base_path,
    check_exposure,
    check_host_name,
    read_token,
    take_port,
)
from latelier.server.settings import Settings


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        yield sock.getsockname()[1]


def test_a_named_port_that_is_taken_is_an_error_that_names_its_owner(taken: int) -> None:
    with pytest.raises(PortError) as caught:
        take_port("127.0.0.1", taken)
    assert str(taken) in str(caught.value)
    assert f"process {os.getpid()} " in str(caught.value)


def test_the_default_port_gives_way(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listen, "DEFAULT_PORT", taken)
    with take_port("127.0.0.1", None) as sock:
        assert taken < sock.getsockname()[1] < taken + 20
    monkeypatch.setattr(listen, "MOST_PORTS", 1)
    with pytest.raises(PortError, match="and up"):
        take_port("127.0.0.1", None)


def test_addresses_that_are_none() -> None:
    with pytest.raises(PortError, match="no such host"):
        take_port("no-such-host.invalid", 0)
    with pytest.raises(PortError, match="cannot be listened on"):
        take_port("192.0.2.1", 0)


def test_others_need_a_token() -> None:
    for host in ("0.0.0.0", "::", "192.168.1.5", "lab.example"):
        with pytest.raises(ConfigError, match="other machines"):
            check_exposure(host, None)
        check_exposure(host, "token")
    for host in ("127.0.0.1", "::1", "localhost"):
        check_exposure(host, None)


def test_a_token_file_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "token"
    token = read_token(path)
    assert len(token) >= 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_token(path) == token
    path.chmod(0o644)
    with pytest.raises(ConfigError, match="others may read"):
        read_token(path)
    for text in ("", "short", "with spaces in the middle of it", "ä" * 20):
        path.write_text(text)
        path.chmod(0o600)
        with pytest.raises(ConfigError, match="no usable token"):
            read_token(path)


def test_the_address_to_open(tmp_path: Path) -> None:
    def of(**fields: Any) -> str:
        return address(Settings(runs_dir=tmp_path, **fields))

    assert of() == "http://127.0.0.1:6283/"
    assert of(token="a+b", port=1) == "http://127.0.0.1:1/?token=a%2Bb"
    assert of(host="::1", base_path="/lab") == "http://[::1]:6283/lab/"
    assert of(host="0.0.0.0") == "http://127.0.0.1:6283/"


def test_base_paths_and_names() -> None:
    assert [check_base_path(text) for text in ("", "/", "lab", "/lab/", "/a/b")] == [
        "", "", "/lab", "/lab", "/a/b",
    ]  # fmt: skip
    for wrong in ("/a b", "/a//b", "/../x", "/ä", "/a?b"):
        with pytest.raises(ConfigError):
            check_base_path(wrong)
    assert check_host_name("Lab.Example") == "lab.example"
    for wrong in ("lab:80", "http://lab", "a/b", ""):
        with pytest.raises(ConfigError):
            check_host_name(wrong)


# The whole process


def serve(tmp_path: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "latelier", "serve", str(tmp_path / "runs"), *options]
    environment = {name: value for name, value in os.environ.items() if name != "LATELIER_RUNS_DIR"}
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = serve(tmp_path, "--port", "0", "--no-warm")
    assert process.stdout is not None
    yield process, process.stdout.readline().strip()
    process.kill()
    process.communicate()


def test_it_prints_one_address_and_ends_at_once_with_streams_open(
    server: tuple[subprocess.Popen[str], str], make_run: Any
) -> None:
    process, url = server
    run = make_run("created")
    with httpx.Client(follow_redirects=True, timeout=10) as client:
        base = url.partition("/?")[0]
        assert client.get(url).status_code in {200, 404}, "the cookie is kept"
        assert client.get(f"{base}/api/runs").json()["runs"][0]["run_id"] == run.id
        opened = threading.Barrier(4)

        def follow() -> None:
            headers = {"accept": "text/event-stream"}
            stream = client.stream("GET", f"{base}/api/runs/{run.id}/events", headers=headers)
            with stream as answer:
                chunks = answer.iter_raw()
                next(chunks)
                opened.wait()
                for _ in chunks:
                    pass

        threads = [threading.Thread(target=follow) for _ in range(3)]
        for thread in threads:
            thread.start()
        opened.wait(10)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        assert time.monotonic() - began < 2
        for thread in threads:
            thread.join(5)
    out, err = process.communicate()
    assert out == "", "one address and nothing else on stdout"
    assert "Ctrl-C" in err
    assert "Traceback" not in err


def test_no_torch_is_loaded_for_serving(tmp_path: Path, make_run: Any) -> None:
    make_run()
    code = (
        "import sys, json, asyncio\n"
        "from pathlib import Path\n"
        "from latelier.server.listen import Running, take_port\n"
        "from latelier.server.settings import Settings\n"
        "import httpx2\n"
        f"settings = Settings(runs_dir=Path({str(tmp_path / 'runs')!r}), warm=False)\n"
        "server = Running(settings, take_port('127.0.0.1', 0))\n"
        "server.start()\n"
        "base = f'http://127.0.0.1:{server.settings.port}'\n"
        "run = httpx2.get(base + '/api/runs').json()['runs'][0]['run_id']\n"
        "paths = ['presets', 'schema', 'datasets', 'health', 'trash', f'runs/{run}',\n"
        "    f'runs/{run}/metrics', f'runs/{run}/events', f'runs/{run}/artifacts/config']\n"
        "codes = [httpx2.get(f'{base}/api/{path}').status_code for path in paths]\n"
        "made = httpx2.post(base + '/api/runs', json={'config': {}, 'start': False})\n"
        "server.stop()\n"
        "loaded = [name for name in ('torch', 'sklearn', 'matplotlib') if name in sys.modules]\n"
        "print(json.dumps([codes, made.status_code, loaded]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    codes, made, loaded = json.loads(done.stdout)
    assert set(codes) == {200}
    assert made == 201
    assert loaded == []
