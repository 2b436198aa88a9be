"""A real server in a process of its own, and Debian's Chromium looking at it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from latelier.runs import RunStore

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(Path(__file__).parent)]
from setup_browser import find_browser  # noqa: E402  # the scripts are no package
from sweeping import TWO_TERMS, begin_sweep, wait_for_sweep  # noqa: E402  # nor are the tests
from watching import COLORS, TINY, api  # noqa: E402

FLAGS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)


@dataclass
class Server:
    """`latelier serve` on a folder; may be stopped and started again on the same port."""

    runs: Path
    token_file: Path
    port: int
    process: subprocess.Popen[str] | None = None
    address: str = ""

    def start(self) -> None:
        """Start it, and wait for the address it prints."""
        command = [sys.executable, "-m", "latelier", "serve", str(self.runs), "--no-open"]
        command += ["--port", str(self.port), "--token-file", str(self.token_file)]
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        assert self.address.startswith("http://127.0.0.1:"), "the server did not start"

    def stop(self) -> None:
        """End it as Ctrl-C does."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=10)
            assert self.process.stdout is not None
            self.process.stdout.close()
            self.process = None

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self.port}"


@dataclass
class Visit:
    """A page, and what went wrong on it."""

    page: Page
    origin: str
    problems: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()

    def open(self, path: str) -> Page:
        """Go to a path of the server."""
        self.page.goto(self.origin + path)
        return self.page

    def check(self) -> None:
        """Nothing failed that was not expected to, and no request left the origin."""
        unexpected = [
            one for one in self.problems if not any(re.search(e, one) for e in self.expected)
        ]
        assert not unexpected
        assert not self.foreign

    def watch(self) -> None:
        """Note errors of the console, of scripts, and requests to elsewhere."""
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        self.page.on("request", self._request)

    def _console(self, message) -> None:
        if message.type == "error":
            self.problems.append(f"console: {message.text}")

    def _request(self, request) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:")):
            self.foreign.append(request.url)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright) -> Iterator[Browser]:
    path = find_browser()
    assert path is not None, "no Chromium: run `make browser`"
    launched = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
    yield launched
    launched.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[Server]:
    page = ROOT / "web" / "out" / "index.html"
    assert page.is_file(), "the page is not built: run `make page`"
    folder = tmp_path_factory.mktemp("journey")
    running = Server(folder / "runs", folder / "token", free_port())
    running.start()
    yield running
    running.stop()


@pytest.fixture
def visit(browser, server) -> Iterator[Callable[..., Visit]]:
    """Open a visit: a fresh browser context that came by the printed address."""
    contexts = []

    def make(*, scheme: str = "dark", script: str | None = None, **options) -> Visit:
        context = browser.new_context(
            viewport={"width": 1440, "height": 900}, color_scheme=scheme, **options
        )
        contexts.append(context)
        if script is not None:
            context.add_init_script(script)
        made = Visit(context.new_page(), server.origin)
        made.watch()
        made.page.goto(server.address)
        return made

    yield make
    for context in contexts:
        context.close()


def trained(server: Server, browser: Browser, config: dict[str, object]) -> str:
    """Id of a run that the server has trained to its end."""
    page = browser.new_page()
    page.goto(server.address)
    status, answer = api(page, "POST", "/api/runs", {"config": config, "start": True})
    assert status == 201, answer
    record = RunStore(server.runs).open(answer["run_id"])
    for _ in range(600):
        if record.summary().state == "completed":
            break
        page.wait_for_timeout(100)
    page.close()
    assert record.summary().state == "completed"
    return record.id


@pytest.fixture(scope="session")
def finished(server, browser) -> str:
    """A finished mixture in the server's folder."""
    return trained(server, browser, TINY)


@pytest.fixture(scope="session")
def plain(server, browser) -> str:
    """A finished autoencoder: no posterior, no prior, no mixture."""
    model = {"kind": "ae", "latent_dim": 4, "net": {"kind": "mlp", "hidden": [16]}}
    config = {**TINY, "name": "plain", "model": model, "schedule": {"epochs": 2}}
    return trained(server, browser, config)


@pytest.fixture(scope="session")
def colored(server, browser) -> str:
    """A color autoencoder of two epochs and a fifth of one, its latents recorded every 4 steps."""
    return trained(server, browser, COLORS)


@pytest.fixture(scope="session")
def swept(server, browser) -> str:
    """A finished sweep of three color autoencoders, with a map every 10 of 60 steps."""
    page = browser.new_page()
    page.goto(server.address)
    sweep_id = begin_sweep(page, TWO_TERMS, executor="ensemble")
    page.close()
    wait_for_sweep(server.runs, sweep_id)
    return sweep_id


@pytest.fixture
def twin(server, finished) -> Callable[..., str]:
    """Copy the finished run under another id, for a journey that spoils it."""

    def make(suffix: str, **summary: object) -> str:
        run_id = f"{finished[:-4]}{suffix}"
        folder = server.runs / run_id
        shutil.copytree(server.runs / finished, folder)
        known = json.loads((folder / "summary.json").read_text())
        (folder / "summary.json").write_text(json.dumps({**known, "run_id": run_id, **summary}))
        return run_id

    return make
