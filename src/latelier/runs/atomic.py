"""Files that are either the old one or the new one, never half of each."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from latelier.config.errors import RunError
from latelier.runs.encoding import dumps

_HOST_TAG = f"{zlib.crc32(os.uname().nodename.encode()):08x}"
_TEMPORARY = re.compile(r"\.(?P<name>.+)\.(?P<host>[0-9a-f]{8})-(?P<pid>\d+)-[0-9a-f]{8}\.tmp")
_STALE_SECONDS = 3600.0


def write_bytes(path: Path, data: bytes, *, durable: bool = False) -> None:
    """Replace a file by new content in one step.

    The content goes to a temporary file in the same folder, which then takes the name. Whoever
    reads meanwhile sees the old file or the new one.

    Args:
        path: The file; missing folders above it are made.
        data: The whole content.
        durable: Wait until content and name are on the disk (fsync), for what must survive a
            power cut.

    Raises:
        RunError: If it cannot be written (a full disk, no permission). The old file is intact
            and the temporary file is gone.
    """
    temporary = temporary_sibling(path)
    try:
        try:
            _write_new(temporary, data, durable=durable)
        except FileNotFoundError:  # the first file in its folder; asking each time costs more
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_new(temporary, data, durable=durable)
        temporary.replace(path)
        if durable:
            sync_folder(path.parent)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise write_error(path, error) from error


def write_json(path: Path, payload: Any, *, indent: bool = False, durable: bool = False) -> None:
    """Replace a JSON file in one step; see `write_bytes` and `encoding.dumps`."""
    write_bytes(path, dumps(payload, indent=indent), durable=durable)


def write_all(descriptor: int, data: bytes) -> None:
    """Write every byte to an open file; the system may take fewer than asked at a time."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def temporary_sibling(path: Path) -> Path:
    """Name a temporary neighbor of a file, telling which process on which host writes it."""
    return path.with_name(f".{path.name}.{_HOST_TAG}-{os.getpid()}-{os.urandom(4).hex()}.tmp")


def is_temporary(name: str) -> bool:
    """Tell whether a file name is one of an unfinished write."""
    return _TEMPORARY.fullmatch(name) is not None


def is_abandoned(path: Path) -> bool:
    """Tell whether an unfinished write will never be finished: its process is gone."""
    match = _TEMPORARY.fullmatch(path.name)
    if match is None:
        return False
    if match["host"] == _HOST_TAG and not _exists(int(match["pid"])):
        return True
    return time.time() - path.lstat().st_mtime > _STALE_SECONDS


@contextlib.contextmanager
def replaced_folder(target: Path) -> Iterator[Path]:
    """Fill a new folder that appears as a whole, or not at all, and is on the disk then.

    Args:
        target: Its name; a folder of that name is replaced at the end.

    Yields:
        An empty folder beside it. Leaving by an error removes it.

    Raises:
        RunError: If it cannot be written. The old folder is intact.
    """
    folder = temporary_sibling(target)
    try:
        folder.mkdir(parents=True)
        yield folder
        for path in [*folder.iterdir(), folder]:
            sync_folder(path)
        _swap_in(folder, target)
        sync_folder(target.parent)
    except OSError as error:
        raise write_error(target, error) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_folder(folder: Path) -> None:
    """Remove a folder: its name is gone at once. Removing one that is not there is fine."""
    doomed = temporary_sibling(folder)
    with contextlib.suppress(FileNotFoundError):
        folder.rename(doomed)
    shutil.rmtree(doomed, ignore_errors=True)


def sweep(root: Path) -> None:
    """Remove what processes that are gone left half-written below a folder."""
    for folder, folders, names in os.walk(root):
        doomed = [name for name in folders if is_abandoned(Path(folder, name))]
        folders[:] = [name for name in folders if name not in doomed]
        for name in doomed:
            shutil.rmtree(Path(folder, name), ignore_errors=True)
        for name in names:
            if name.startswith(".") and is_abandoned(Path(folder, name)):
                Path(folder, name).unlink(missing_ok=True)


def write_error(path: Path, error: OSError) -> RunError:
    """Say what could not be written, where, why, and what to do."""
    full = error.errno in {errno.ENOSPC, errno.EDQUOT}
    remedy = (
        "Free space on that disk (or choose another runs folder), then resume the run."
        if full
        else "Check that the folder exists and that you may write to it."
    )
    why = "no space left" if full else (error.strerror or str(error))
    return RunError(f"{path} could not be written: {why}; what was there is intact", remedy=remedy)


def _write_new(path: Path, data: bytes, *, durable: bool) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(path, flags, 0o666)
    try:
        write_all(descriptor, data)
        if durable:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _swap_in(new: Path, name: Path) -> None:
    """Give a folder a name that another may have: a folder cannot be replaced in one step."""
    old = temporary_sibling(name)
    with contextlib.suppress(FileNotFoundError):
        name.rename(old)
    try:
        new.rename(name)
    except OSError:
        if old.exists():
            old.rename(name)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
