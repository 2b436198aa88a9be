"""The sweeps of a folder of runs: make, find, list, put in the trash, take out again. No torch."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from latelier.config.errors import RunError, RunNotFoundError
from latelier.runs.atomic import sync_folder, temporary_sibling, write_error, write_json
from latelier.runs.ids import is_run_id, new_run_id
from latelier.runs.liveness import unowned
from latelier.runs.store import SWEEPS
from latelier.runs.sweep_model import Sweep
from latelier.runs.sweeps import SWEEP_FILES, SweepRecord, check_sweep_id

Names = list[str]
Sweeps = list[Sweep]

_TRASH = ".trash"
_ATTEMPTS = 20


class SweepStore:
    """The sweeps of a folder of runs.

    Args:
        runs_dir: The folder of runs; it need not exist.
    """

    def __init__(self, runs_dir: Path | str) -> None:
        self.runs_dir = Path(runs_dir).resolve()
        self.root = self.runs_dir / SWEEPS
        self.trash_folder = self.root / _TRASH

    def __repr__(self) -> str:
        return f"SweepStore({str(self.root)!r})"

    def create(self, name: str, content: Mapping[str, Any]) -> SweepRecord:
        """Make the folder of a sweep, in state ``created``; it appears as a whole.

        Args:
            name: Name of the sweep, part of the id.
            content: Fields of `Sweep` besides id, name, state and times.

        Raises:
            RunError: If it cannot be written; nothing is left.
        """
        for _ in range(_ATTEMPTS):
            record = SweepRecord(self.root / new_run_id("sweep", name))
            sweep = Sweep.begun(record.id, name, content)
            if _place(record.path, sweep.stored()):
                return record
        raise RunError(f"no free sweep id was found in {self.root}", remedy="Try again.")

    def ids(self) -> Names:
        """Ids of all sweeps, oldest first."""
        return sorted(
            name
            for name in _folders(self.root)
            if (self.root / name / SWEEP_FILES["sweep"]).exists()
        )

    def list(self) -> Sweeps:
        """All sweeps that can be read, oldest first."""
        return [sweep for name in self.ids() if (sweep := self._read_or_none(name)) is not None]

    def open(self, text: str) -> SweepRecord:
        """Open a sweep by its id, or by a beginning of it that no other shares.

        Raises:
            RunNotFoundError: If no sweep, or more than one, is meant.
        """
        check_sweep_id(text)
        ids = self.ids()
        matches = [text] if text in ids else [name for name in ids if name.startswith(text)]
        if len(matches) == 1:
            return SweepRecord(self.root / matches[0])
        raise RunNotFoundError(
            "no such sweep" if not matches else f"{len(matches)} sweeps begin with {text!r}",
            got=", ".join(matches[:4]) or repr(text),
            remedy="List the sweeps with `latelier sweeps`.",
        )

    def trash(self, sweep_id: str) -> Path:
        """Move a sweep's folder to the trash; its runs stay as they are.

        Raises:
            RunBusyError: If a live process carries it out.
            RunNotFoundError: If there is no such sweep.
        """
        record = self.open(sweep_id)
        target, number = self.trash_folder / record.id, 1
        while os.path.lexists(target):
            number += 1
            target = self.trash_folder / f"{record.id}~{number}"
        lock, owner = record.path_of("owner_lock"), record.path_of("owner")
        with unowned(record.id, lock=lock, owner=owner):
            target.parent.mkdir(exist_ok=True)
            _rename(record.path, target)
        return target

    def trashed(self) -> Names:
        """Names in the trash, oldest first."""
        return sorted(_folders(self.trash_folder, any_name=True))

    def restore(self, name: str) -> SweepRecord:
        """Take a sweep out of the trash.

        Raises:
            RunNotFoundError: If it is not there.
            RunError: If a sweep of that id is there again.
        """
        if name not in self.trashed():
            raise RunNotFoundError("no such sweep in the trash", got=repr(name))
        target = self.root / check_sweep_id(name.partition("~")[0])
        if os.path.lexists(target):
            raise RunError(f"sweep {target.name} is there already", remedy="Trash that one first.")
        _rename(self.trash_folder / name, target)
        return SweepRecord(target)

    def of_run(self, run_id: str) -> Sweeps:
        """The sweeps that a run is a variant of."""
        return [s for s in self.list() if any(v.run_id == run_id for v in s.variants)]

    def _read_or_none(self, sweep_id: str) -> Sweep | None:
        try:
            return SweepRecord(self.root / sweep_id).read()
        except RunError:
            return None  # one damaged file does not hide the others


def _place(target: Path, content: Mapping[str, Any]) -> bool:
    """Write a sweep into a hidden folder and give it its name; False if the name is taken."""
    if os.path.lexists(target):
        return False
    folder = temporary_sibling(target)
    try:
        folder.mkdir(parents=True)
        write_json(folder / SWEEP_FILES["sweep"], content, durable=True)
        folder.rename(target)
        sync_folder(target.parent)
    except OSError as error:
        if os.path.lexists(target) and folder.exists():
            return False
        raise write_error(target, error) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return True


def _folders(folder: Path, *, any_name: bool = False) -> Names:
    try:
        with os.scandir(folder) as entries:
            return [
                entry.name
                for entry in entries
                if (any_name or is_run_id(entry.name)) and entry.is_dir(follow_symlinks=False)
            ]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise RunError(f"{folder} cannot be read", got=error.strerror) from error


def _rename(source: Path, target: Path) -> None:
    try:
        source.rename(target)
    except OSError as error:
        raise RunError(f"{source} could not be moved to {target}", got=error.strerror) from error
