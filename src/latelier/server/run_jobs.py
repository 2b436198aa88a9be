"""Runs as jobs of the queue."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import final

from latelier.config.errors import RunError
from latelier.runs import ARTIFACTS, RunRecord, RunStore, is_run_id
from latelier.runs.sweep_store import SweepStore
from latelier.server.child import Child, begin
from latelier.server.job_kind import JobKind

_START, _CONSOLE = ARTIFACTS["start"].pattern, ARTIFACTS["console"].pattern


@final
class RunJobs(JobKind[RunRecord]):
    """Trains runs, each in a child of its own.

    Args:
        store: The folder of runs.
        sweeps: The sweeps in it, whose runs are not the queue's.
    """

    takes_spare = True

    def __init__(self, store: RunStore, sweeps: SweepStore) -> None:
        self._store, self._sweeps = store, sweeps

    def candidates(self) -> Iterator[RunRecord]:
        """Runs that hold a request; a thousand runs take some milliseconds."""
        try:
            with os.scandir(self._store.root) as entries:
                for entry in entries:
                    if is_run_id(entry.name) and os.path.lexists(f"{entry.path}/{_START}"):
                        yield RunRecord(self._store.root / entry.name)
        except FileNotFoundError:
            return

    def left_behind(self) -> list[RunRecord]:
        """Live runs with a console of their own, but for those that a sweep trains."""
        self._store.reconcile()
        swept = {v.run_id for sweep in self._sweeps.list() if sweep.live for v in sweep.variants}
        live = [row.run_id for row in self._store.list() if row.live and row.run_id not in swept]
        records = [RunRecord(self._store.root / run_id) for run_id in live]
        return [record for record in records if (record.path / _CONSOLE).is_file()]

    def begun_elsewhere(self) -> list[RunRecord]:
        """None: what people train beside the server is their own matter."""
        return []

    def device_of(self, record: RunRecord) -> str:
        """Name the device that the run's configuration asks for."""
        return device_of(record)

    def begin(self, record: RunRecord, *, device: str, spare: Child | None) -> Child:
        """Let a child train the run; it takes the request when it is ready."""
        return begin(record, device=device, spare=spare)

    def last_words(self, record: RunRecord, child: Child) -> str:  # noqa: ARG002
        """What it printed before it had the run's console."""
        return child.last_words()

    def could_not_go_on(self, record: RunRecord, message: str) -> None:
        """Write a warning among the run's events."""
        with record.own() as writer:
            clock = {"step": writer.summary.step, "epoch": writer.summary.epoch}
            data = {"message": f"It could not go on: {message}", "code": "start_failed"}
            writer.event("log.warning", data, **clock)


def device_of(record: RunRecord) -> str:
    """Name the device that a run will train on, without asking torch."""
    try:
        asked = str(record.config()["training"]["device"])
    except (RunError, KeyError, TypeError):
        asked = "auto"
    if asked == "auto":
        asked = _best_device()
    return "cuda:0" if asked == "cuda" else asked


def _best_device() -> str:
    if Path("/proc/driver/nvidia/version").exists():
        return "cuda:0"
    return "mps" if sys.platform == "darwin" and os.uname().machine == "arm64" else "cpu"
