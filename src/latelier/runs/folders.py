"""Folders whose names are ids: list them, make one as a whole, put one into the trash."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import final

from latelier.config.errors import RunError, RunNotFoundError
from latelier.runs.atomic import sync_folder, temporary_sibling, write_error
from latelier.runs.ids import Noun, check_run_id, is_run_id


def entries(folder: Path, *, any_name: bool = False) -> list[os.DirEntry[str]]:
    """List the real folders (not links) in a folder whose names are ids; none if it is not there.

    Args:
        folder: Where to look.
        any_name: Those of other names too.

    Raises:
        RunError: If the folder cannot be read.
    """
    try:
        with os.scandir(folder) as found:
            return [
                entry
                for entry in found
                if (any_name or is_run_id(entry.name)) and entry.is_dir(follow_symlinks=False)
            ]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise RunError(f"{folder} cannot be read", got=error.strerror) from error


def place(target: Path, fill: Callable[[Path], None]) -> bool:
    """Make a folder that appears as a whole: it is filled under a hidden name, and gets its own.

    Args:
        target: The folder.
        fill: Called with the hidden folder; writes at least one file there.

    Returns:
        False if the name is taken; nothing is left then.

    Raises:
        RunError: If it cannot be written (a full disk, no permission); nothing is left.
    """
    if os.path.lexists(target):
        return False
    folder = temporary_sibling(target)
    try:
        folder.mkdir(parents=True)
        fill(folder)
        folder.rename(target)  # fails on a folder that is not empty, as all of these are
        sync_folder(target.parent)
    except OSError as error:
        if os.path.lexists(target) and folder.exists():
            return False
        raise write_error(target, error) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return True


@final
class Trash:
    """A folder that others are moved to, and out of again.

    Args:
        folder: The folder; it is made with the first that is put there.
        home: Where those in it come from and go back to.
        noun: What they are.
    """

    def __init__(self, folder: Path, *, home: Path, noun: Noun) -> None:
        self.folder, self._home, self._noun = folder, home, noun

    def names(self) -> list[str]:
        """Names in the trash, oldest first: ids, with ``~2``, ``~3`` … if used again."""
        return sorted(entry.name for entry in entries(self.folder, any_name=True))

    def put(self, source: Path) -> Path:
        """Move a folder to the trash; returns where it is now.

        Raises:
            RunError: If it cannot be moved.
        """
        if self.folder.is_symlink():
            raise RunError(f"{self.folder} is a link", remedy="Remove it.")
        self.folder.mkdir(exist_ok=True)
        target, number = self.folder / source.name, 1
        while os.path.lexists(target):
            number += 1
            target = self.folder / f"{source.name}~{number}"
        _rename(source, target)
        return target

    def take(self, name: str) -> Path:
        """Move a folder back to where it came from; returns where it is now.

        Args:
            name: A name that `names` gives.

        Raises:
            RunNotFoundError: If it is not in the trash.
            RunError: If another of that id is there again, or it cannot be moved.
        """
        word = self._noun.word
        if name not in self.names():
            raise RunNotFoundError(f"no such {word} in the trash", got=repr(name))
        target = self._home / check_run_id(name.partition("~")[0], self._noun)
        if os.path.lexists(target):
            raise RunError(f"{word} {target.name} is there already", remedy="Trash that one first.")
        _rename(self.folder / name, target)
        return target


def _rename(source: Path, target: Path) -> None:
    try:
        source.rename(target)
    except OSError as error:
        raise RunError(f"{source} could not be moved to {target}", got=error.strerror) from error
