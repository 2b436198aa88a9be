"""The sweeps of a folder of runs: make, find, list, put in the trash, take out again. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from latelier.config.errors import RunError
from latelier.runs.atomic import write_json
from latelier.runs.folders import Trash, entries, place
from latelier.runs.ids import SWEEP, new_run_id, resolve
from latelier.runs.liveness import unowned
from latelier.runs.store import SWEEPS, TRASH
from latelier.runs.sweep_model import Sweep
from latelier.runs.sweeps import SWEEP_FILES, SweepRecord

Names = list[str]
Sweeps = list[Sweep]

_ATTEMPTS = 20


class SweepStore:
    """The sweeps of a folder of runs.

    Args:
        runs_dir: The folder of runs; it need not exist.
    """

    def __init__(self, runs_dir: Path | str) -> None:
        self.runs_dir = Path(runs_dir).resolve()
        self.root = self.runs_dir / SWEEPS
        self.trash_folder = self.root / TRASH
        self._trash = Trash(self.trash_folder, home=self.root, noun=SWEEP)

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
            if place(record.path, partial(_write, content=sweep.stored())):
                return record
        raise RunError(f"no free sweep id was found in {self.root}", remedy="Try again.")

    def ids(self) -> Names:
        """Ids of all sweeps, oldest first."""
        found = entries(self.root)
        return sorted(e.name for e in found if Path(e.path, SWEEP_FILES["sweep"]).exists())

    def list(self) -> Sweeps:
        """All sweeps that can be read, oldest first."""
        return [sweep for name in self.ids() if (sweep := self._read_or_none(name)) is not None]

    def open(self, text: str) -> SweepRecord:
        """Open a sweep by its id, or by a beginning of it that no other shares.

        Raises:
            RunNotFoundError: If no sweep, or more than one, is meant.
        """
        return SweepRecord(self.root / resolve(text, self.ids(), SWEEP))

    def trash(self, sweep_id: str) -> Path:
        """Move a sweep's folder to the trash; its runs stay as they are.

        Raises:
            RunBusyError: If a live process carries it out.
            RunNotFoundError: If there is no such sweep.
        """
        record = self.open(sweep_id)
        lock, owner = record.path_of("owner_lock"), record.path_of("owner")
        with unowned(record.id, lock=lock, owner=owner):
            return self._trash.put(record.path)

    def trashed(self) -> Names:
        """Names in the trash, oldest first."""
        return self._trash.names()

    def restore(self, name: str) -> SweepRecord:
        """Take a sweep out of the trash.

        Raises:
            RunNotFoundError: If it is not there.
            RunError: If a sweep of that id is there again.
        """
        return SweepRecord(self._trash.take(name))

    def of_run(self, run_id: str) -> Sweeps:
        """The sweeps that a run is a variant of."""
        return [s for s in self.list() if any(v.run_id == run_id for v in s.variants)]

    def _read_or_none(self, sweep_id: str) -> Sweep | None:
        try:
            return SweepRecord(self.root / sweep_id).read()
        except RunError:
            return None  # one damaged file does not hide the others


def _write(folder: Path, content: Mapping[str, Any]) -> None:
    write_json(folder / SWEEP_FILES["sweep"], content, durable=True)
