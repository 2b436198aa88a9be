"""Members of archives as bytes: found by exact name, plain files only, of bounded size.

Nothing is unpacked to disk, no link is followed, and nothing of an archive is ever run.
"""

from __future__ import annotations

import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from latelier.config.errors import DataError

# Reads members out of an archive: (archive, member name -> most bytes) -> member name -> bytes.
MemberReader = Callable[[Path, Mapping[str, int]], dict[str, bytes]]
_AR_MAGIC = b"!<arch>\n"
_AR_HEAD = 60
_DAMAGE = (
    OSError,
    EOFError,
    ValueError,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
)


@contextmanager
def _reading(archive: str) -> Iterator[None]:
    """Say of whatever a damaged archive makes fail that it is damaged."""
    try:
        yield
    except DataError:
        raise
    except _DAMAGE as error:
        raise DataError(
            f"{archive} is damaged",
            got=f"{type(error).__name__}: {error}",
            remedy="Fetch it again, or use another source.",
        ) from error


def read_tar(path: Path, members: Mapping[str, int]) -> dict[str, bytes]:
    """Read members of a tar file, compressed or not.

    Args:
        path: The archive.
        members: Exact names, each with the most bytes it may have.

    Raises:
        DataError: If a member is missing, too large or no plain file, or the archive is damaged.
    """
    with path.open("rb") as handle:
        return _read_tar(handle, path.name, members)


def _read_tar(handle: IO[bytes], archive: str, members: Mapping[str, int]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    with _reading(archive), tarfile.open(fileobj=handle, mode="r|*") as tar:
        for member in tar:
            if member.name not in members:
                continue
            if not member.isreg():
                raise _refused(archive, member.name, "no plain file")
            stream = tar.extractfile(member)
            assert stream is not None  # it is a plain file
            found[member.name] = bounded(stream, members[member.name], archive, member.name)
    return _complete(found, members, archive)


def read_zip(path: Path, members: Mapping[str, int]) -> dict[str, bytes]:
    """Read members of a zip file; arguments and errors as for `read_tar`."""
    found: dict[str, bytes] = {}
    with _reading(path.name), zipfile.ZipFile(path) as archive:
        for name in set(members) & set(archive.namelist()):
            with archive.open(name) as stream:
                found[name] = bounded(stream, members[name], path.name, name)
    return _complete(found, members, path.name)


def read_deb(path: Path, members: Mapping[str, int]) -> dict[str, bytes]:
    """Read members of a Debian package; arguments and errors as for `read_tar`.

    A package is an `ar` archive whose member `data.tar.xz` (or `.gz`) holds the files.
    """
    with path.open("rb") as handle:
        name, size = _find_ar_member(handle, path.name, "data.tar")
        data = handle.read(size)
    if not name.endswith((".tar", ".tar.gz", ".tar.xz")):
        raise DataError(
            f"{path.name} is compressed in a way that cannot be read here",
            got=name,
            expected="data.tar.xz or data.tar.gz",
            remedy="Use another source.",
        )
    return _read_tar(io.BytesIO(data), f"{path.name}: {name}", members)


def _find_ar_member(handle: IO[bytes], archive: str, prefix: str) -> tuple[str, int]:
    """Leave `handle` at the content of the first member so named; return its name and size."""
    if handle.read(len(_AR_MAGIC)) != _AR_MAGIC:
        raise DataError(f"{archive} is damaged", expected="a Debian package (an ar archive)")
    while head := handle.read(_AR_HEAD):
        if len(head) < _AR_HEAD or head[58:] != b"`\n" or not head[48:58].strip().isdigit():
            raise DataError(f"{archive} is damaged", got="a broken member head")
        name = head[:16].decode("ascii", "replace").strip().rstrip("/")
        size = int(head[48:58])
        if name.startswith(prefix):
            return name, size
        handle.seek(size + size % 2, io.SEEK_CUR)
    raise DataError(f"{archive} has no member {prefix}.*", expected="a Debian package")


def gunzip(data: bytes, most: int, name: str) -> bytes:
    """Decompress gzip data of at most `most` bytes.

    Raises:
        DataError: If it is damaged or would be longer.
    """
    with _reading(name), gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
        return bounded(stream, most, name, name.removesuffix(".gz"))


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes:
        """Read at most so many bytes."""


def bounded(stream: _Readable, most: int, archive: str, name: str) -> bytes:
    """Read a stream to its end; DataError if it has more than `most` bytes."""
    data = stream.read(most + 1)
    if len(data) > most:
        raise _refused(archive, name, f"more than {most} bytes")
    return data


def _refused(archive: str, name: str, got: str) -> DataError:
    return DataError(
        f"{archive} has an unexpected member {name}", got=got, expected="a plain file of known size"
    )


def _complete(
    found: dict[str, bytes], members: Mapping[str, int], archive: str
) -> dict[str, bytes]:
    missing = sorted(set(members) - set(found))
    if missing:
        raise DataError(f"{archive} lacks members", got=f"none named {', '.join(missing)}")
    return found
