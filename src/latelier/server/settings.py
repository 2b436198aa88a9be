"""What a server is started with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Settings:
    """Settings of one server.

    Attributes:
        runs_dir: Folder of all runs; made by the first run.
        host: Address that it listens on.
        port: Port that it listens on; part of the cookie's name.
        token: What a client must know; None lets everybody in who reaches the port.
        read_only: Refuse everything that writes, and start no runs.
        base_path: Path below which everything lies, such as ``/lab``; empty for the root.
        allowed_hosts: Further names that the Host header may have (a reverse proxy's).
        data_dirs: Folders out of which a configuration sent over HTTP may read data.
        web_dir: Folder of the exported page; found by itself when None.
        jobs: Runs that train at the same time on one device; a sweep counts as one on each.
        warm: Keep a process ready that has loaded what training needs.
        max_body: Largest body of a request, in bytes.
        max_streams: Event streams that may be open at the same time.
        heartbeat_s: Seconds of silence after which a stream gets a comment.
        poll_s: Seconds between two looks at the size of a followed file.
    """

    runs_dir: Path
    host: str = "127.0.0.1"
    port: int = 6283
    token: str | None = None
    read_only: bool = False
    base_path: str = ""
    allowed_hosts: tuple[str, ...] = ()
    data_dirs: tuple[Path, ...] = ()
    web_dir: Path | None = None
    jobs: int = 1
    warm: bool = True
    max_body: int = MEBIBYTE
    max_streams: int = 64
    heartbeat_s: float = 15.0
    poll_s: float = 0.05

    def __post_init__(self) -> None:
        if self.token == "":
            raise ValueError("an empty token would let everybody in")

    @property
    def cookie(self) -> str:
        """Name of the cookie that holds the token: cookies do not tell ports apart."""
        return f"latelier-{self.port}"
