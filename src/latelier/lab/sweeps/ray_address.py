"""Which Ray cluster is meant, and is it there? Asked before anything is begun, and without Ray."""

from __future__ import annotations

import os
import socket
from importlib.util import find_spec
from pathlib import Path

from latelier.config.errors import ConfigError

CONNECT_SECONDS = 3.0
"""So long a cluster may take to answer at all."""

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
_SETTINGS = 4


def require_ray() -> None:
    """Check that Ray is installed.

    Raises:
        ConfigError: If it is not.
    """
    if find_spec("ray") is None:
        raise ConfigError(
            "the executor ray needs the package ray, which is not installed",
            expected="Ray 2.60 or later",
            remedy="pip install latelier[ray]",
        )


def find_cluster(address: str | None) -> str | None:
    """Find out which cluster is meant, and whether it is there.

    Args:
        address: ``host:port`` of its head; ``auto`` for the one that ``RAY_ADDRESS`` names or that
            was started on this machine; None for the one of ``RAY_ADDRESS``, if it is set.

    Returns:
        Its address; None if a local one is to be started.

    Raises:
        ConfigError: If there is none.
    """
    asked = address
    if address in {None, "auto"}:
        named = os.environ.get("RAY_ADDRESS") or None
        asked = named if address is None else named or _started_here()
    if asked is None or asked == "local":
        return None
    host, colon, port = asked.rpartition(":")
    if not colon or not port.isdecimal() or "/" in asked:
        raise ConfigError(
            "the address of the cluster cannot be used",
            got=asked,
            expected="host:port, such as 10.0.0.1:6379, or auto",
            remedy="Give what `ray start --head` has printed.",
        )
    _knock(asked, host.strip("[]"), int(port))
    return asked


def _started_here() -> str:
    """Read the address that ``ray start`` leaves on this machine."""
    path = Path(os.environ.get("RAY_TMPDIR", "/tmp"), "ray", "ray_current_cluster")
    try:
        return path.read_text().strip()
    except OSError as error:
        raise ConfigError(
            "no Ray cluster was found on this machine",
            got="auto",
            expected="one that was started with `ray start`",
            remedy="Give --address HOST:PORT, or leave it out to start a local one.",
        ) from error


def _knock(address: str, host: str, port: int) -> None:
    """Greet as gRPC does: Ray itself would wait for minutes, then end the process."""
    said = ""
    try:
        with socket.create_connection((host, port), CONNECT_SECONDS) as line:
            if os.environ.get("RAY_USE_TLS", "0") == "1":
                return
            line.settimeout(CONNECT_SECONDS)
            line.sendall(_PREFACE)
            if (line.recv(9) + bytes(9))[3] == _SETTINGS:
                return
            said = "something else than Ray answers there"
    except OSError as error:
        said = error.strerror or str(error)
    raise ConfigError(
        "the Ray cluster is not there",
        got=f"{address}: {said}",
        expected="the address of a running head",
        remedy="Start it with `ray start --head`, or leave --address out to start a local one.",
    )
