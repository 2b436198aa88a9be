"""A folder of runs: make, find, list, put in the trash, take out again."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from latelier.config.errors import RunError, RunNotFoundError
from latelier.runs.artifacts import ARTIFACTS
from latelier.runs.atomic import write_json
from latelier.runs.events import EventLog, now
from latelier.runs.folders import Trash, entries, place
from latelier.runs.ids import RUN, check_run_id, new_run_id, resolve
from latelier.runs.liveness import unowned
from latelier.runs.record import RunRecord, read_summary
from latelier.runs.states import UNREADABLE, RunState
from latelier.runs.summary import RunSummary

Rows = list[RunSummary]
Names = list[str]
Entries = list[os.DirEntry[str]]

TRASH = ".trash"
SWEEPS = "sweeps"
"""Folder of all sweeps among the runs."""
_ATTEMPTS = 20
_RECORD_FILES = tuple(ARTIFACTS[kind].pattern for kind in ("summary", "config", "events"))


class RunStore:
    """The folder that holds run directories.

    Args:
        root: The folder; it need not exist until a run is made.
    """

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root).resolve()
        self._trash = Trash(self.root / TRASH, home=self.root, noun=RUN)

    def __repr__(self) -> str:
        return f"RunStore({str(self.root)!r})"

    def create(
        self,
        config: Mapping[str, Any],
        *,
        label: str,
        model_kind: str,
        dataset: str,
        parent: Mapping[str, Any] | None = None,
        run_id: str | None = None,
    ) -> RunRecord:
        """Make a run. Its folder appears as a whole: config, summary and the first event.

        Args:
            config: The resolved configuration; its ``seed`` goes to the summary.
            label: Name given to the run; may be empty.
            model_kind: Kind of the model, part of the id.
            dataset: Name of the data set, part of the id.
            parent: ``{run_id, epoch, checkpoint_hash}`` if it was forked.
            run_id: Its id, where that was chosen before; a new one otherwise.

        Returns:
            The run, in state ``created``.

        Raises:
            RunError: If it cannot be written (a full disk, no permission); nothing is left.
        """
        for _ in range(1 if run_id else _ATTEMPTS):
            chosen = check_run_id(run_id or new_run_id(model_kind, dataset))
            summary = RunSummary(
                run_id=chosen,
                state=str(RunState.CREATED),
                name=label,
                model_kind=model_kind,
                dataset=dataset,
                seed=config.get("seed"),
                created=now(),
                version=_version(),
                parent=parent,
            )
            target = self.root / chosen
            if place(target, partial(_write_record, summary=summary, config=config)):
                return RunRecord(target)
        if run_id is not None:
            raise RunError(f"run {run_id} is there already", expected="a new id")
        raise RunError(
            f"no free run id was found in {self.root} in {_ATTEMPTS} attempts",
            remedy="Wait a second and try again.",
        )

    def open(self, run_id: str) -> RunRecord:
        """Open a run by its id, or by a beginning of it that no other run shares.

        Raises:
            RunNotFoundError: If no run, or more than one, is meant.
            RunError: If the folder is a link, or leads out of the root.
        """
        return RunRecord(self._folder(resolve(run_id, self.ids())))

    def ids(self) -> Names:
        """Ids of all runs, oldest first. Folders that are not runs are passed over."""
        return sorted(entry.name for entry in self._entries() if _is_run(entry))

    def list(self) -> Rows:
        """Rows of all runs, oldest first.

        Opens ``summary.json`` and ``labels.json`` of each, and ``owner.json`` of running ones.
        A run that cannot be read is a row with state ``unreadable`` and the reason.
        """
        found = sorted(self._entries(), key=lambda entry: entry.name)
        rows = ((entry, read_summary(entry.path)) for entry in found)
        return [row for entry, row in rows if row.state != UNREADABLE or _is_run(entry)]

    def reconcile(self) -> Names:
        """Write down every run that lost its process; see `RunRecord.reconcile`.

        Returns:
            Ids of the runs that became failed.
        """
        lost = [row.run_id for row in self.list() if row.live is False]
        return [run_id for run_id in lost if RunRecord(self._folder(run_id)).reconcile()]

    def trash(self, run_id: str, *, force: bool = False) -> Path:
        """Move a run to the trash folder inside the root. Works for damaged runs too.

        Args:
            run_id: Its whole id.
            force: Even if a live process writes it (which then writes into the trash).

        Returns:
            Where it is now.

        Raises:
            RunBusyError: If a live process writes it.
            RunNotFoundError: If there is no such run.
        """
        source = self._existing(run_id)
        if force:
            return self._trash.put(source)
        record = RunRecord(source)
        with unowned(run_id, lock=record.path_of("owner_lock"), owner=record.path_of("owner")):
            return self._trash.put(source)

    def trashed(self) -> Names:
        """Names in the trash, oldest run first: run ids, with ``~2``, ``~3`` … if used again."""
        return self._trash.names()

    def restore(self, name: str) -> RunRecord:
        """Take a run out of the trash.

        Args:
            name: A name that `trashed` gives.

        Raises:
            RunNotFoundError: If it is not in the trash.
            RunError: If a run of that id is there again.
        """
        target = self._trash.take(name)
        (target / ARTIFACTS["owner"].pattern).unlink(missing_ok=True)
        return RunRecord(target)

    def _entries(self) -> Entries:
        """Folders in the root that may be runs."""
        return [entry for entry in entries(self.root) if entry.name != SWEEPS]

    def _folder(self, run_id: str) -> Path:
        path = self.root / check_run_id(run_id)
        if run_id == SWEEPS:
            raise RunNotFoundError("this is the folder of all sweeps, not a run", got=run_id)
        if path.is_symlink() or path.resolve().parent != self.root:
            raise RunError(
                f"{path} is a link",
                expected="a folder inside the runs folder",
                remedy="Copy the run there instead.",
            )
        return path

    def _existing(self, run_id: str) -> Path:
        path = self._folder(run_id)
        if not path.is_dir():
            raise RunNotFoundError("no such run", got=repr(run_id))
        return path


def _write_record(folder: Path, summary: RunSummary, config: Mapping[str, Any]) -> None:
    write_json(folder / ARTIFACTS["config"].pattern, config, indent=True, durable=True)
    write_json(folder / ARTIFACTS["summary"].pattern, summary.stored(), indent=True, durable=True)
    data = {
        name: getattr(summary, name)
        for name in ("name", "model_kind", "dataset", "seed", "version", "parent")
    }
    log = EventLog(folder / ARTIFACTS["events"].pattern, summary.run_id)
    try:
        log.append("run.created", data, step=0, epoch=0, durable=True)
    finally:
        log.close()


def _is_run(entry: os.DirEntry[str]) -> bool:
    """A folder is a run if it holds any file that every run has."""
    return any(os.path.lexists(f"{entry.path}/{name}") for name in _RECORD_FILES)


def _version() -> str:
    from latelier.config.version import __version__

    return __version__
