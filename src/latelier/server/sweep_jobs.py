"""Sweeps as jobs of the queue. One uses the whole machine; how it does is its own matter."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import final

from latelier.config.errors import LatelierError, RunError
from latelier.runs import take_start
from latelier.runs.sweep_store import SweepStore
from latelier.runs.sweeps import SweepRecord
from latelier.server.child import Child, begin_sweep, last_line
from latelier.server.job_kind import EVERYWHERE, JobKind
from latelier.server.reading_sweeps import OFFERED


@final
class SweepJobs(JobKind[SweepRecord]):
    """Carries out sweeps, each in a child of its own.

    Args:
        store: The sweeps of a folder of runs.
    """

    takes_spare = False

    def __init__(self, store: SweepStore) -> None:
        self._store = store

    def candidates(self) -> Iterator[SweepRecord]:
        """All sweeps: there are few."""
        return (SweepRecord(self._store.root / sweep_id) for sweep_id in self._store.ids())

    def left_behind(self) -> list[SweepRecord]:
        """Live sweeps on this machine."""
        for record in self.candidates():
            with contextlib.suppress(LatelierError, OSError):
                record.reconcile()
        return self.begun_elsewhere()

    def begun_elsewhere(self) -> list[SweepRecord]:
        """Live sweeps, whoever began them: they use the machine that the queue would use."""
        return [record for record in self.candidates() if _is_at_work(record)]

    def device_of(self, record: SweepRecord) -> str:  # noqa: ARG002
        """Every device, whichever its runs ask for."""
        return EVERYWHERE

    def begin(
        self,
        record: SweepRecord,
        *,
        device: str,
        spare: Child | None,  # noqa: ARG002
    ) -> Child | None:
        """Take the request, and let a child carry the sweep out."""
        if not take_start(record):
            return None
        child = begin_sweep(self._store.runs_dir, record.id)
        child.device = device
        return child

    def last_words(self, record: SweepRecord, child: Child) -> str:
        """What it printed, before or after it had the sweep's console."""
        with contextlib.suppress(OSError), record.path_of("console").open("rb") as console:
            if line := last_line(console):
                return line
        return child.last_words()

    def could_not_go_on(self, record: SweepRecord, message: str) -> None:
        """Nothing: a sweep has no events, and its console has the message."""


def _is_at_work(record: SweepRecord) -> bool:
    """Whether a process carries a sweep out on this machine, and not on a cluster."""
    try:
        return record.live_owner() is not None and record.read().executor in OFFERED
    except RunError:
        return False
