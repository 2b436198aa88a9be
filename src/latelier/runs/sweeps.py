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
from typing import TYPE_CHECKING, Any, final

from latelier.config.errors import RunError
from latelier.runs.encoding import loads
from latelier.runs.ids import SWEEP
from latelier.runs.owned import OwnedFolder
from latelier.runs.record import RunRecord, read_summary
from latelier.runs.states import UNREADABLE, RunState
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


@final
class SweepRecord(OwnedFolder):
    """The folder of one sweep.

    Args:
        path: The folder, inside `SWEEPS` of a folder of runs; its name is the sweep's id.

    Raises:
        RunNotFoundError: If the name is not such an id.
    """

    noun = SWEEP
    once_completed = None

    def __init__(self, path: Path) -> None:
        super().__init__(path, cancel=SWEEP_FILES["cancel"])

    @property
    def runs_dir(self) -> Path:
        """Folder that holds the sweep's runs."""
        return self.path.parent.parent

    def read(self) -> Sweep:
        """Read ``sweep.json``. A running sweep whose process is gone shows as interrupted.

        Raises:
            RunError: If it is missing or damaged.
        """
        sweep = self._stored()
        if sweep.state != RunState.RUNNING:
            return sweep
        live = self.live_owner() is not None
        return sweep.with_live(live) if live else sweep.as_interrupted()

    def life(self) -> Sweep:
        """The same as `read`: a sweep's state and end are in it."""
        return self.read()

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

    def own(self) -> AbstractContextManager[SweepWriter]:
        """Become the one who carries the sweep out, inside a ``with``.

        Leaving it while the sweep is running makes it failed.

        Raises:
            RunBusyError: If another live process does.
        """
        from latelier.runs.sweep_writer import owned

        return owned(self)

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
        return self._inside(pattern.format(step=step))

    def wall_steps(self) -> list[int]:
        """Steps of which there is a wall, ascending."""
        folder = self.path / "wall"
        names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        found = [name.removeprefix("step_").removesuffix(".json") for name in names]
        return sorted(int(step) for step in found if step.isdecimal())

    def _stored(self) -> Sweep:
        """Read ``sweep.json`` as it is; RunError if it is missing or damaged."""
        path = self.path_of("sweep")
        try:
            return Sweep.from_dict(self.id, loads(_read(path)))
        except OSError as error:
            raise RunError(f"sweep {self.id} cannot be read", got=error.strerror) from error
        except ValueError as error:
            raise RunError(f"{path} is damaged", got=str(error)) from error

    def _stored_state(self) -> object:
        return self._stored().state


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
