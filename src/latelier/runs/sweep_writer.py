"""The one process that carries out a sweep, and writes ``sweep.json``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from latelier.config.errors import RunError
from latelier.runs.atomic import sweep as remove_unfinished
from latelier.runs.atomic import write_json
from latelier.runs.encoding import loads
from latelier.runs.events import now
from latelier.runs.liveness import Ownership
from latelier.runs.requests import withdraw_cancel
from latelier.runs.states import ENDED, ERROR, INTERRUPTED, RunState, check_transition
from latelier.runs.sweep_model import Sweep
from latelier.runs.sweeps import SweepRecord


@contextmanager
def owned(record: SweepRecord) -> Iterator[SweepWriter]:
    """Own a sweep inside a ``with``; see `SweepRecord.own`."""
    ownership = Ownership(
        record.id, lock=record.path_of("owner_lock"), owner=record.path_of("owner")
    )
    try:
        writer = SweepWriter(record)
        try:
            yield writer
        except BaseException as error:
            writer.abandon(error)
            raise
        writer.abandon(None)
    finally:
        ownership.release()


class SweepWriter:
    """Writes one sweep. Made by `SweepRecord.own`.

    Attributes:
        record: The sweep.
        settled: Whether an earlier owner's sudden end had to be written down first.
    """

    def __init__(self, record: SweepRecord) -> None:
        self.record = record
        try:
            self._sweep = Sweep.from_dict(record.id, loads(record.path_of("sweep").read_bytes()))
        except (OSError, ValueError) as error:
            raise RunError(f"sweep {record.id} cannot be written", got=str(error)) from error
        self.settled = self._sweep.state == RunState.RUNNING
        if self.settled:
            message = "the process that carried it out is gone"
            self.transition(RunState.FAILED, reason=INTERRUPTED, message=message)
        remove_unfinished(record.path)

    @property
    def sweep(self) -> Sweep:
        """The sweep as last written."""
        return self._sweep

    @property
    def state(self) -> RunState:
        """Where the sweep is in its life."""
        return RunState(self._sweep.state)

    def transition(
        self, state: RunState, *, reason: str | None = None, message: str | None = None
    ) -> None:
        """Change the state of the sweep.

        Raises:
            RunError: If the state cannot follow the present one, or the disk is full.
        """
        state = RunState(state)
        check_transition(self.state, state)
        started = self._sweep.started
        if state is RunState.RUNNING:
            started = started or now()
            withdraw_cancel(self.record)
        changed = replace(
            self._sweep,
            state=str(state),
            reason=reason,
            message=message,
            started=started,
            ended=now() if state in ENDED else None,
        )
        self._save(changed, durable=True)

    def update(self, **fields: Any) -> Sweep:
        """Write the sweep with other values of ``executor``, ``options`` or ``summary``.

        Raises:
            RunError: If a field is none of these.
        """
        if unknown := set(fields) - {"executor", "options", "summary"}:
            raise RunError("a sweep has no such field to update", got=", ".join(sorted(unknown)))
        self._save(replace(self._sweep, **fields))
        return self._sweep

    def note(
        self, index: int, *, evaluation: Mapping[str, Any] | None, error: str | None = None
    ) -> None:
        """Write down what came of a variant's evaluation."""
        variant = replace(self._sweep.variants[index], evaluation=evaluation, error=error)
        self._save(self._sweep.with_variant(variant))

    def abandon(self, error: BaseException | None) -> None:
        """Called when the owner leaves: a sweep that is still running has failed."""
        if self.state is not RunState.RUNNING:
            return
        reason = ERROR if isinstance(error, Exception) else INTERRUPTED
        message = f"{type(error).__name__}: {error}" if error else "its process let go of it"
        with suppress(RunError):  # a full disk: readers see that its process is gone
            self.transition(RunState.FAILED, reason=reason, message=message)

    def _save(self, sweep: Sweep, *, durable: bool = False) -> None:
        self._sweep = sweep
        write_json(self.record.path_of("sweep"), sweep.stored(), durable=durable)
