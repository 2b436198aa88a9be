"""A data root of its own for every test, tiny IDX files, and a web server that can misbehave."""

from __future__ import annotations

import re
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from latelier.data.formats import IDX_FILES


@pytest.fixture(autouse=True)
def data_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "data-root"
    monkeypatch.setenv("LATELIER_DATA_ROOT", str(root))
    return root


def _idx(array: np.ndarray) -> bytes:
    head = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.astype(np.uint8).tobytes()


@pytest.fixture
def idx() -> Callable[[np.ndarray], bytes]:
    return _idx


@pytest.fixture
def idx_parts() -> dict[str, bytes]:
    """Six training and three test images of 4×4, labels 0, 1, 2, 0, …"""
    rng = np.random.default_rng(1)
    images = [rng.integers(0, 256, (count, 4, 4)) for count in (6, 3)]
    labels = [np.arange(count) % 3 for count in (6, 3)]
    arrays = (images[0], labels[0], images[1], labels[1])
    return {name: _idx(array) for name, array in zip(IDX_FILES, arrays, strict=True)}


@dataclass
class Web:
    """What the server has and how it behaves; paths begin with a slash."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    breaks_after: int | None = None  # bytes of a body that go out before the connection closes
    ignores_range: bool = False
    shifts_range: int = 0  # answers a range that begins so much later than was asked for
    ranges: list[str | None] = field(default_factory=list)  # Range headers of all requests


class _Handler(BaseHTTPRequestHandler):
    web: Web

    def do_GET(self) -> None:
        web = self.web
        asked = self.headers.get("Range")
        web.ranges.append(asked)
        if self.path not in web.files:
            self.send_error(404)
            return
        body, start = web.files[self.path], 0
        found = re.fullmatch(r"bytes=(\d+)-", asked or "")
        if found and not web.ignores_range:
            start = int(found[1]) + web.shifts_range
            if start >= len(body):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(body)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        end = len(body) if web.breaks_after is None else start + web.breaks_after
        self.wfile.write(body[start:end])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def web() -> Iterator[Web]:
    state = Web()
    handler = type("Handler", (_Handler,), {"web": state})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        state.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield state
        server.shutdown()
        thread.join()
