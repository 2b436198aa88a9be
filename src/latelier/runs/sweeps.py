"""Sweeps on the disk: many runs that differ in some values, and one file that says which. No torch.

A sweep's folder holds what belongs to all of its runs. Each variant is an ordinary run beside it;
what is true of a variant is in that run's own summary.
"""

from __future__ import annotations

import os
from collections import Counter
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from latelier.config.errors import RunBusyError, RunError, RunNotFoundError
from latelier.runs.atomic import write_bytes
from latelier.runs.encoding import loads
from latelier.runs.ids import is_run_id
from latelier.runs.liveness import Owner, is_alive
from latelier.runs.record import RunRecord, read_summary
from latelier.runs.states import ENDED, UNREADABLE, RunState
from latelier.runs.summary import RunSummary
from latelier.runs.sweep_model import Sweep

if TYPE_CHECKING:
    from latelier.runs.sweep_writer import SweepWriter

SWEEP_FILES: dict[str, str] = {
    "sweep": "sweep.json",
    "owner": "owner.json",
    "owner_lock": "owner.lock",
    "cancel": "cancel_requested",
    "start": "start_requested",
    "console": "console.log",
    "wall_index": "wall/index.json",
    "wall_latest": "wall/latest.json",
    "wall_step": "wall/step_{step}.json",
}
"""Every file of a sweep's folder: nothing else builds such a path."""


@dataclass(frozen=True)
class SweepView:
    """A sweep joined with the state of its runs, as read at one time.

    Attributes:
        sweep: What ``sweep.json`` says, liveness included.
        runs: A summary per variant, in the order of the variants; ``unreadable`` where the run is
            not there.
    """

    sweep: Sweep
    runs: tuple[RunSummary, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many variants are in each state."""
        return dict(Counter(str(run.state) for run in self.runs))

    def as_dict(self) -> dict[str, Any]:
        """All of it, for JSON: each variant has its run's state, clock and metrics beside it."""
        value = self.sweep.as_dict()
        value["counts"] = self.counts
        value["variants"] = [
            row | _of_run(run) for row, run in zip(value["variants"], self.runs, strict=True)
        ]
        return value


class SweepRecord:
    """The folder of one sweep.

    Args:
        path: The folder, inside `SWEEPS` of a folder of runs; its name is the sweep's id.

    Raises:
        RunNotFoundError: If the name is not such an id.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.id = check_sweep_id(path.name)
        self._cancel_path = os.fspath(path / SWEEP_FILES["cancel"])

    def __repr__(self) -> str:
        return f"SweepRecord({self.id!r})"

    @property
    def runs_dir(self) -> Path:
        """Folder that holds the sweep's runs."""
        return self.path.parent.parent

    def read(self) -> Sweep:
        """Read ``sweep.json``. A running sweep whose process is gone shows as interrupted.

        Raises:
            RunError: If it is missing or damaged.
        """
        path = self.path_of("sweep")
        try:
            sweep = Sweep.from_dict(self.id, loads(_read(path)))
        except OSError as error:
            raise RunError(f"sweep {self.id} cannot be read", got=error.strerror) from error
        except ValueError as error:
            raise RunError(f"{path} is damaged", got=str(error)) from error
        if sweep.state != RunState.RUNNING:
            return sweep
        live = self.live_owner() is not None
        return sweep.with_live(live) if live else sweep.as_interrupted()

    def view(self) -> SweepView:
        """Read the sweep, and the summary of each of its runs.

        Raises:
            RunError: If ``sweep.json`` is missing or damaged; never for what is in the runs.
        """
        sweep, root = self.read(), os.fspath(self.runs_dir)
        return SweepView(sweep, tuple(read_summary(f"{root}/{v.run_id}") for v in sweep.variants))

    def runs(self) -> list[RunRecord]:
        """Records of the variants' runs, in order; a folder may be missing."""
        return [RunRecord(self.runs_dir / variant.run_id) for variant in self.read().variants]

    # Who carries it out

    def owner(self) -> Owner | None:
        """The process that says it carries the sweep out; it may be gone."""
        return Owner.read(self.path_of("owner"))

    def live_owner(self) -> Owner | None:
        """The process that carries the sweep out now; None if there is none."""
        owner = self.owner()
        return owner if owner is not None and is_alive(owner) else None

    def own(self) -> AbstractContextManager[SweepWriter]:
        """Become the one who carries the sweep out, inside a ``with``.

        Leaving it while the sweep is running makes it failed.

        Raises:
            RunBusyError: If another live process does.
        """
        from latelier.runs.sweep_writer import owned

        return owned(self)

    def reconcile(self) -> bool:
        """Write down that a sweep lost its process; returns whether there was anything to write."""
        stored = Sweep.from_dict(self.id, loads(_read(self.path_of("sweep"))))
        if stored.state != RunState.RUNNING:
            return False
        try:
            with self.own() as writer:
                return writer.settled
        except RunBusyError:
            return False

    def request_cancel(self) -> None:
        """Ask the process that carries the sweep out to stop.

        Raises:
            RunError: If the sweep has ended already.
        """
        state = self.read().state
        if state in ENDED:
            raise RunError(
                f"sweep {self.id} is {state} already", expected="a created or running sweep"
            )
        write_bytes(self.path_of("cancel"), b"")

    def cancel_requested(self) -> bool:
        """Whether somebody asked the sweep to stop: one look at the file system."""
        try:
            os.stat(self._cancel_path)  # noqa: PTH116 (asked often: no Path objects)
        except OSError:
            return False
        return True

    def withdraw_cancel(self) -> None:
        """Take back a request to stop."""
        self.path_of("cancel").unlink(missing_ok=True)

    # Files

    def path_of(self, kind: str, *, step: int | None = None) -> Path:
        """Where a file of the sweep is, or would be.

        Args:
            kind: A key of `SWEEP_FILES`.
            step: For kinds that have one.

        Raises:
            RunError: If the step does not fit the kind, or a link leads out of the folder.
        """
        pattern = SWEEP_FILES[kind]
        if ("{step}" in pattern) != (step is not None) or (step is not None and step < 0):
            raise RunError(f"a sweep has no such {kind}", got=f"step {step}")
        path = self.path / pattern.format(step=step)
        real, root = os.path.realpath(path), os.path.realpath(self.path)
        if not real.startswith(root + os.sep):
            raise RunError(f"{path} leads out of its sweep's folder", got=real)
        return path

    def wall_steps(self) -> list[int]:
        """Steps of which there is a wall, ascending."""
        folder = self.path / "wall"
        names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        found = [name.removeprefix("step_").removesuffix(".json") for name in names]
        return sorted(int(step) for step in found if step.isdecimal())


def check_sweep_id(text: str) -> str:
    """Return the text if it has the form of a sweep's id.

    Raises:
        RunNotFoundError: If it has not; nothing on the disk was looked at.
    """
    if is_run_id(text):
        return text
    raise RunNotFoundError(
        "this is not a sweep's id",
        got=repr(text),
        expected="lower-case letters, digits, '-' and '_', at most 64, no path",
        remedy="List the sweeps with `latelier sweeps`.",
    )


def _of_run(run: RunSummary) -> dict[str, Any]:
    if run.state == UNREADABLE:
        return {"state": UNREADABLE, "reason": run.reason}
    names = ("state", "reason", "message", "step", "epoch", "total_steps", "total_epochs")
    value = {name: getattr(run, name) for name in (*names, "duration_s", "live")}
    return value | {"metrics": dict(run.last_metrics), "best_metrics": dict(run.best_metrics)}


def _read(path: Path) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as file:
        return file.read()
