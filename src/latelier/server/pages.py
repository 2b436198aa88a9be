"""The exported page: a closed list of files, found once; what is not in it is not there.

The export has one placeholder `_` where the id of a run or of a sweep would stand, so `/runs/<id>…`
is answered with the files of `/runs/_…`; the page reads the id from its address.
"""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import re
import threading
from dataclasses import dataclass
from pathlib import Path

from latelier.runs.ids import RUN_ID_PATTERN

BASE_PLACEHOLDER = "/__latelier_base__"
"""What a page built for any base path has in its place."""

_NAMED = re.compile(rf"(?P<kind>runs|sweeps)/({RUN_ID_PATTERN})(?P<rest>$|[/.].*)")
_INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)
_TEXT = {".html", ".js", ".css", ".txt", ".json", ".webmanifest"}
_FOREVER = "public, max-age=31536000, immutable"
_TYPES = {".js": "text/javascript", ".txt": "text/plain", ".woff2": "font/woff2"}


@dataclass(frozen=True)
class Page:
    """One file, ready to be sent.

    Attributes:
        body: Its content.
        media_type: What it is.
        etag: A name for this content.
        cache: The Cache-Control header.
        policy: Content-Security-Policy; None for what is no document.
    """

    body: bytes
    media_type: str
    etag: str
    cache: str
    policy: str | None


class Pages:
    """The files of an exported page.

    Args:
        folder: Where they are; found by itself when None.
        base_path: Path below which the server lies.
    """

    def __init__(self, folder: Path | None, *, base_path: str = "") -> None:
        self._folder = folder or find_export()
        self._base_path = base_path
        self._lock = threading.Lock()
        self._files: dict[str, Path] = {}
        self._made: dict[str, tuple[int, Page]] = {}
        self._stamp = -1

    @property
    def present(self) -> bool:
        """Whether there is a page at all."""
        self._refresh()
        return "index.html" in self._files

    def find(self, path: str) -> Page | None:
        """Find the file that a path of the address bar means; None if there is none."""
        self._refresh()
        name = path.strip("/")
        for candidate in _candidates(name):
            if candidate in self._files:
                return self._page(candidate)
        return None

    def asset(self, name: str) -> Page | None:
        """Find a file by its exact name."""
        self._refresh()
        return self._page(name) if name in self._files else None

    def _refresh(self) -> None:
        """List the files again if the page was built again meanwhile."""
        try:
            stamp = (self._folder / "index.html").stat().st_mtime_ns if self._folder else 0
        except OSError:
            stamp = 0
        with self._lock:
            if stamp == self._stamp:
                return
            self._stamp = stamp
            self._made.clear()
            self._files = {} if self._folder is None else _files(self._folder)

    def _page(self, name: str) -> Page | None:
        path = self._files[name]
        try:
            changed = path.stat().st_mtime_ns
            known = self._made.get(name)
            if known is None or known[0] != changed:
                known = (changed, self._make(name, path.read_bytes()))
                self._made[name] = known
        except OSError:
            return None
        return known[1]

    def _make(self, name: str, body: bytes) -> Page:
        suffix = Path(name).suffix
        if suffix in _TEXT:
            body = body.replace(BASE_PLACEHOLDER.encode(), self._base_path.encode())
        media_type = _TYPES.get(suffix) or mimetypes.guess_type(name)[0]
        return Page(
            body=body,
            media_type=media_type or "application/octet-stream",
            etag=f'"{hashlib.sha256(body).hexdigest()[:24]}"',
            cache=_FOREVER if name.startswith("_next/static/") else "no-cache",
            policy=document_policy(body.decode("utf-8")) if suffix == ".html" else None,
        )


def find_export() -> Path | None:
    """Find the page: the package's own, or `web/out` of a source checkout."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "web", package.parents[1] / "web" / "out"):
        if (folder / "index.html").is_file():
            return folder
    return None


def document_policy(html: str) -> str:
    """Build the Content-Security-Policy of a document: only its own inline scripts may run."""
    hashes = sorted({f"'sha256-{_digest(script)}'" for script in _INLINE.findall(html)})
    return "; ".join(
        [
            "default-src 'self'",
            " ".join(["script-src 'self'", *hashes]),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "worker-src 'self' blob:",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ]
    )


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _candidates(name: str) -> list[str]:
    names = [name, f"{name}.html", f"{name}/index.html"] if name else ["index.html"]
    match = _NAMED.fullmatch(name)
    if match is not None:
        mapped = f"{match['kind']}/_{match['rest']}"
        names += [mapped, f"{mapped}.html", f"{mapped}/index.html"]
    return names


def _files(folder: Path) -> dict[str, Path]:
    root = folder.resolve()
    return {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file() and path.resolve().is_relative_to(root)
    }
