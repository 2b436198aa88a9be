"""Downloads that survive a broken connection: checksums and cache by pooch, resuming by us."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from latelier.config.errors import DataError
from latelier.data.prepared import Progress

if TYPE_CHECKING:  # at run time they are loaded when something is downloaded: 0.15 s
    import requests

_TIMEOUT = (10, 60)  # seconds to connect, seconds without a byte
_CHUNK = 1 << 18
_PARTIAL, _NOT_SATISFIABLE = 206, 416


def download(url: str, target: Path, checksum: str, progress: Progress | None = None) -> Path:
    """Download a file, going on where an earlier attempt broke off.

    What has come so far is kept in `<target>.part`. A file that is there already and has the
    checksum is not downloaded again.

    Args:
        url: What to download.
        target: Where to.
        checksum: As "md5:<hex>" or "sha256:<hex>".
        progress: Told the bytes that are there and the bytes in all.

    Returns:
        `target`.

    Raises:
        DataError: If the server cannot be reached or refuses, the connection breaks (the message
            says how many bytes are kept), or the checksum is wrong (nothing is kept).
    """
    import pooch

    logging.getLogger("pooch").setLevel(logging.WARNING)  # it announces every download on stderr
    return Path(
        pooch.retrieve(
            url,
            known_hash=checksum,
            fname=target.name,
            path=target.parent,
            downloader=_Resume(target, checksum, progress),
        )
    )


class _Resume:
    """pooch calls it with a temporary file, which it checks and then moves into place."""

    def __init__(self, target: Path, checksum: str, progress: Progress | None) -> None:
        self._part = target.with_name(f"{target.name}.part")
        self._name = target.name
        self._checksum = checksum
        self._progress = progress

    def __call__(self, url: str, output_file: Any, _pooch: Any) -> None:
        import requests
        import urllib3

        try:
            self._receive(url)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise self._broken(url, error) from error
        self._check(url)
        self._part.replace(output_file)

    def _have(self) -> int:
        return self._part.stat().st_size if self._part.exists() else 0

    def _receive(self, url: str) -> None:
        import requests

        have = self._have()
        headers = {"Accept-Encoding": "identity"}
        if have:
            headers["Range"] = f"bytes={have}-"
        with requests.get(url, headers=headers, stream=True, timeout=_TIMEOUT) as response:
            if have and self._nothing_left(response, have):
                return
            if have and not _continues(response, have):
                self._part.unlink()
                if response.status_code in {_PARTIAL, _NOT_SATISFIABLE}:
                    self._receive(url)
                    return
                have = 0
            response.raise_for_status()
            self._append(response, have)

    def _nothing_left(self, response: requests.Response, have: int) -> bool:
        """Tell whether the server says that the file ends where ours does."""
        total = re.fullmatch(r"bytes \*/(\d+)", response.headers.get("Content-Range", ""))
        return response.status_code == _NOT_SATISFIABLE and bool(total and int(total[1]) == have)

    def _append(self, response: requests.Response, have: int) -> None:
        length = response.headers.get("Content-Length", "")
        total = have + int(length) if length.isdigit() else None
        with self._part.open("ab") as handle:
            # Raw: bytes are checked as they were published, so nothing may decode them.
            for chunk in response.raw.stream(_CHUNK, decode_content=False):
                handle.write(chunk)
                have += len(chunk)
                if self._progress is not None:
                    self._progress(self._name, have, total)

    def _check(self, url: str) -> None:
        import pooch

        algorithm, _, expected = self._checksum.partition(":")
        got = pooch.file_hash(str(self._part), alg=algorithm)
        if got != expected:
            self._part.unlink()
            raise DataError(
                f"{url} has the wrong checksum; what came was removed",
                got=f"{algorithm} {got}",
                expected=expected,
                remedy="Run it again; if that repeats, use another source.",
            )

    def _broken(self, url: str, error: Exception) -> DataError:
        have = self._have()
        kept = f"{have} bytes are kept in {self._part}" if have else "nothing came"
        return DataError(
            f"the download of {url} failed; {kept}",
            got=f"{type(error).__name__}: {error}",
            remedy="Run the same command again; it goes on from there."
            if have
            else "Check the network connection, or use another source (see `latelier data list`).",
        )


def _continues(response: requests.Response, have: int) -> bool:
    """Tell whether a response to a range request begins exactly at byte `have`."""
    if response.status_code >= 400 and response.status_code != _NOT_SATISFIABLE:
        response.raise_for_status()  # the part stays
    starts_there = response.headers.get("Content-Range", "").startswith(f"bytes {have}-")
    return response.status_code == _PARTIAL and starts_there
