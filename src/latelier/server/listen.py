"""Take a port, serve on it until Ctrl-C, and end in time even with streams open."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import secrets
import socket
import stat
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import uvicorn

from latelier.config.errors import ConfigError, LatelierError
from latelier.server.app import create_app
from latelier.server.security import host_name
from latelier.server.services import Services
from latelier.server.settings import Settings

DEFAULT_PORT = 6283
MOST_PORTS = 20
GRACE_S = 1
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class PortError(LatelierError):
    """A port that cannot be had."""

    exit_code = 5


def take_port(host: str, port: int | None) -> socket.socket:
    """Bind a socket.

    Args:
        host: Address or name to listen on.
        port: The port; 0 for any; None for the default one, or the next free of 20.

    Returns:
        The socket, bound and not listening yet.

    Raises:
        PortError: If the port is taken; the message names the process where the system tells it.
    """
    first = DEFAULT_PORT if port is None else port
    last: OSError | None = None
    for candidate in range(first, first + (MOST_PORTS if port is None else 1)):
        try:
            return _bind(host, candidate)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise PortError(
                    f"{host}:{candidate} cannot be listened on", got=error.strerror or str(error)
                ) from error
            last = error
    raise PortError(
        f"port {first} is taken" if port is not None else f"ports {first} and up are taken",
        got=_owner(first),
        remedy="Name another with --port, or let Latelier choose with --port 0.",
    ) from last


def check_exposure(host: str, token: str | None) -> None:
    """Refuse to let everybody in.

    Raises:
        ConfigError: If others than this machine reach the address, and there is no token.
    """
    if token is None and host not in _LOOPBACK:
        raise ConfigError(
            f"{host} can be reached from other machines, and without a token anybody could start, "
            "stop and delete runs",
            expected="a token, or the host 127.0.0.1",
            remedy="Leave out --no-token, or reach this machine by `ssh -L`.",
        )


def read_token(path: Path) -> str:
    """Read a token out of a file that only its owner may read; make the file if it is missing.

    Raises:
        ConfigError: If others may read it, or it holds no usable token.
    """
    with contextlib.suppress(FileExistsError):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(new_token() + "\n")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise ConfigError(
            f"others may read the token file {path}", remedy=f"Run `chmod 600 {path}`."
        )
    token = path.read_text("utf-8").strip()
    if len(token) < 16 or not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigError(
            f"{path} holds no usable token",
            expected="one line of at least 16 letters and digits",
            remedy="Delete the file: a good one is made.",
        )
    return token


def new_token() -> str:
    """Make a token nobody can guess: 192 random bits."""
    return secrets.token_urlsafe(24)


def address(settings: Settings, path: str = "/") -> str:
    """The address of a page to open, token included."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)
    host = f"[{host}]" if ":" in host and not host.startswith("[") else host
    token = f"?token={quote(settings.token, safe='')}" if settings.token else ""
    return f"http://{host}:{settings.port}{settings.base_path}{path}{token}"


class Running:
    """A server of this process: in the foreground with `run`, or beside other work with `start`.

    Args:
        settings: What it serves; the port is replaced by the socket's.
        sock: A bound socket.
        ready: Called when it answers.
    """

    def __init__(
        self,
        settings: Settings,
        sock: socket.socket,
        *,
        ready: Callable[[Settings], None] = lambda _: None,
    ) -> None:
        self.settings = replace(settings, port=sock.getsockname()[1])
        self._socket = sock
        self.app = create_app(self.settings)
        self._server = _Server(_config(self.app), lambda: ready(self.settings), self.services)
        self._thread: threading.Thread | None = None

    @property
    def services(self) -> Services:
        """The server's parts."""
        services: Services = self.app.state.services
        return services

    def run(self) -> None:
        """Serve until Ctrl-C or SIGTERM."""
        with contextlib.suppress(KeyboardInterrupt):
            self._server.run(sockets=[self._socket])

    def start(self) -> None:
        """Serve in a thread; returns when it answers."""
        self._thread = threading.Thread(target=self._in_thread, name="server", daemon=True)
        self._thread.start()
        self._server.answering.wait(timeout=30.0)

    def stop(self) -> None:
        """End a server that was started with `start`."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(timeout=10.0)

    def _in_thread(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._socket]))


class _Server(uvicorn.Server):
    """Ends open streams first, so that nothing waits for them; says when it answers."""

    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], None], services: Services
    ) -> None:
        super().__init__(config)
        self._ready, self._services = ready, services
        self.answering = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets=sockets)
        if self.started:
            self.answering.set()
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let every stream finish what it sends, then stop listening."""
        self._services.streams.close()
        await super().shutdown(sockets=sockets)


def _config(app: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        lifespan="on",
        timeout_graceful_shutdown=GRACE_S,
        backlog=256,
    )


def _bind(host: str, port: int) -> socket.socket:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise PortError(
            "there is no such host to listen on", got=host, expected="a name or an IP address"
        ) from error
    family, kind, protocol, _, where = found[0]
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(where)
        sock.listen(256)
    except BaseException:
        sock.close()
        raise
    sock.set_inheritable(False)
    return sock


def _owner(port: int) -> str | None:
    """Name the process that listens on a port, where the system tells it."""
    inodes = _listening(port)
    for folder in Path("/proc").glob("[0-9]*/fd") if inodes else ():
        try:
            for link in folder.iterdir():
                if str(link.readlink()) in inodes:
                    name = (folder.parent / "comm").read_text().strip()
                    return f"process {folder.parent.name} ({name})"
        except OSError:
            continue
    return None


def _listening(port: int) -> set[str]:
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                    inodes.add(f"socket:[{fields[9]}]")
    return inodes


def check_base_path(text: str) -> str:
    """Return a base path with a slash before it and none after; empty for the root.

    Raises:
        ConfigError: If it is not a path.
    """
    path = "/" + text.strip("/") if text.strip("/") else ""
    allowed = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/")
    if not set(path) <= allowed or "//" in path:
        raise ConfigError(
            "--base-path cannot be used", got=text, expected="a path such as /lab, letters and -_"
        )
    return path


def check_host_name(text: str) -> str:
    """Return a name for the Host allow-list, in lower case.

    Raises:
        ConfigError: If it is not a host name, or has a port.
    """
    name = host_name(text)
    if name is None or name != text.lower().strip("[]"):
        raise ConfigError("this is not a host name", got=text, expected="a name without a port")
    return name
