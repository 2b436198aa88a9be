"""The one process that writes a run: events, artifacts, checkpoints, state."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, final

from latelier.config.errors import RunError
from latelier.runs.artifact_writer import ArtifactWriter
from latelier.runs.artifacts import artifact_spec
from latelier.runs.atomic import remove_folder, replaced_folder, sweep, write_bytes, write_json
from latelier.runs.events import Event, EventLog, now
from latelier.runs.liveness import Ownership
from latelier.runs.metrics import check_metrics
from latelier.runs.naming import LATEST, ArtifactSpec
from latelier.runs.receipt import Made
from latelier.runs.record import RunRecord
from latelier.runs.states import ERROR, INTERRUPTED, RunState, event_type, replay
from latelier.runs.summary import RunSummary

_UPDATABLE = ("step", "epoch", "total_steps", "total_epochs", "last_metrics", "best_metrics")


@contextmanager
def owned(record: RunRecord) -> Iterator[RunWriter]:
    """Own a run inside a ``with``; see `RunRecord.own`."""
    ownership = Ownership(
        record.id, lock=record.path_of("owner_lock"), owner=record.path_of("owner")
    )
    try:
        log = EventLog(record.path_of("events"), record.id)
        try:
            writer = RunWriter(record, log)
            try:
                yield writer
            except BaseException as error:
                writer.abandon(error)
                raise
            writer.abandon(None)
        finally:
            log.close()
    finally:
        ownership.release()


@final
class RunWriter(ArtifactWriter):
    """Writes one run. Made by `RunRecord.own`; any thread of the owner may use it.

    Attributes:
        record: The run.
        settled: Whether an earlier owner's sudden end had to be written down first.
    """

    def __init__(self, record: RunRecord, log: EventLog) -> None:
        self.record = record
        self._log = log
        self._lock = threading.RLock()
        self._newest: dict[tuple[object, ...], tuple[int, tuple[int, int] | None]] = {}
        self._running_since: float | None = None
        value = record.read_json("summary")
        try:
            self._summary = RunSummary.from_dict(record.id, value)
        except ValueError as error:
            raise RunError(
                f"run {record.id} cannot be written",
                got=str(error),
                remedy=f"See `latelier verify {record.id}`.",
            ) from error
        self.settled = self._settle()
        sweep(record.path)

    @property
    def state(self) -> RunState:
        """Where the run is in its life."""
        return RunState(self._summary.state)

    @property
    def summary(self) -> RunSummary:
        """The summary as last written."""
        return self._summary

    # Events and state

    def listen(self, listener: Callable[[Event], None]) -> None:
        """Call ``listener`` with every event from now on, in the thread that wrote it."""
        self._log.listeners.append(listener)

    def event(self, name: str, data: Mapping[str, Any], *, step: int, epoch: int) -> int:
        """Write one event.

        Args:
            name: Its type, one of `EVENT_TYPES` except ``run.*``, which `transition` writes.
            data: Its fields; see docs/spec.md.
            step: Optimizer updates done so far.
            epoch: Complete passes so far.

        Returns:
            Its id.

        Raises:
            RunError: If the type or the data is wrong, or the disk is full. The events are
                as before, and the id is not used up.
        """
        if name.startswith("run."):
            raise RunError(f"{name} is written by a change of state", remedy="Call transition().")
        if name == "train.metrics":
            check_metrics(data)
        with self._lock:
            event_id = self._log.append(name, data, step=step, epoch=epoch)
            if name.startswith("train."):
                self._summary = replace(self._summary, step=step, epoch=epoch)
            return event_id

    def transition(
        self,
        state: RunState | str,
        *,
        step: int | None = None,
        epoch: int | None = None,
        **data: Any,
    ) -> int:
        """Change the state of the run: one ``run.*`` event, then the summary.

        Args:
            state: Where it goes.
            step: Updates done so far; as last written by default (or ``from_step``).
            epoch: Complete passes so far; as last written by default.
            **data: Fields of the event. ``from_step`` is needed to resume, ``reason`` to fail;
                ``total_steps`` and ``total_epochs`` go to the summary too.

        Returns:
            Id of the event.

        Raises:
            RunError: If the state cannot follow the present one, or a needed field is missing.
        """
        after = RunState(state)
        with self._lock:
            name = event_type(self.state, after)
            needed = {"run.resumed": "from_step", "run.failed": "reason"}.get(name)
            if needed and data.get(needed) is None:
                raise RunError(f"{name} needs {needed}", got=", ".join(data) or "nothing")
            step = data.get("from_step", self._summary.step) if step is None else step
            epoch = self._summary.epoch if epoch is None else epoch
            return self._change(name, after, {"step": step, "epoch": epoch}, data)

    def update_summary(self, **fields: Any) -> RunSummary:
        """Write the summary with other numbers.

        Args:
            **fields: Any of ``step``, ``epoch``, ``total_steps``, ``total_epochs``,
                ``last_metrics``, ``best_metrics``.

        Raises:
            RunError: If a field is none of these, has a wrong type, or the disk is full.
        """
        with self._lock:
            self._save(self._summary.updated(fields, allowed=_UPDATABLE))
            return self._summary

    # Checkpoints

    @contextmanager
    def checkpoint(self, *, epoch: int, step: int, mid_epoch: bool = False) -> Iterator[Path]:
        """Write a checkpoint that appears as a whole or not at all.

        Args:
            epoch: Complete passes so far.
            step: Updates done so far.
            mid_epoch: Taken inside an epoch (cancel, a cadence in steps): the name carries the
                step.

        Yields:
            An empty folder for ``model.safetensors``, ``optimizer.safetensors``,
            ``state.safetensors`` and ``checkpoint.json``, whose ``files`` holds the SHA-256 of
            each of the others. On leaving, they are synced to disk and get their name.

        Raises:
            RunError: If ``checkpoint.json`` is missing, or the disk is full. An earlier
                checkpoint of that name is intact then.
        """
        keys = {"epoch": epoch} | ({"step": step} if mid_epoch else {})
        target = self.record.path_of("checkpoint", **keys)
        with replaced_folder(target.parent) as folder:
            yield folder
            if not (folder / target.name).is_file():
                raise RunError("a checkpoint has no checkpoint.json", got=str(folder))
        made = Made(epoch, step, mid_epoch, None)
        self._after(artifact_spec("checkpoint"), target.read_bytes(), made, keys)

    def drop_checkpoint(self, *, epoch: int, step: int | None = None) -> None:
        """Remove a checkpoint (retention). Removing one that is not there is fine."""
        keys = {"epoch": epoch} | ({} if step is None else {"step": step})
        remove_folder(self.record.path_of("checkpoint", **keys).parent)

    def abandon(self, error: BaseException | None) -> None:
        """Called when the owner leaves: a run that is still running has failed."""
        if self.state is not RunState.RUNNING:
            return
        reason = ERROR if isinstance(error, Exception) else INTERRUPTED
        message = f"{type(error).__name__}: {error}" if error else "its process let go of it"
        with contextlib.suppress(RunError):  # a full disk: readers see that its process is gone
            self.transition(RunState.FAILED, reason=reason, message=message)

    # Inside

    def _change(
        self, name: str, after: RunState, clock: dict[str, int], data: dict[str, Any]
    ) -> int:
        fields: dict[str, Any] = {"state": str(after), **clock}
        fields |= {key: data[key] for key in ("total_steps", "total_epochs") if key in data}
        fields |= {"reason": data.get("reason"), "message": data.get("message")}
        if after is RunState.RUNNING:
            fields |= {"ended": None, "started": self._summary.started or now()}
        else:
            fields |= {"ended": now(), "duration_s": self._duration()}
            data = {**data, "duration_s": fields["duration_s"]}
        summary = self._summary.updated(fields, allowed=tuple(fields))
        event_id = self._log.append(name, data, **clock, durable=True)
        self._running_since = time.monotonic() if after is RunState.RUNNING else None
        if name == "run.resumed":
            self.record.path_of("cancel").unlink(missing_ok=True)
        self._save(summary, durable=True)
        return event_id

    def _duration(self) -> float | None:
        if self._running_since is None:
            return self._summary.duration_s
        stretch = time.monotonic() - self._running_since
        return round((self._summary.duration_s or 0.0) + stretch, 3)

    def _save(self, summary: RunSummary, *, durable: bool = False) -> None:
        self._summary = summary  # first: what an event has settled holds, even on a full disk
        write_json(self.record.path_of("summary"), summary.stored(), indent=True, durable=durable)

    def _settle(self) -> bool:
        """Make summary and events agree; the events are right, for they are written first."""
        told, _ = replay(event.type for event in self._log.life)
        if told is None:
            raise RunError(
                f"the events of run {self.record.id} do not begin with run.created",
                remedy="Restore events.jsonl from a copy; nothing was changed.",
            )
        last = self._log.last
        if told is RunState.RUNNING and last is not None:
            self._summary = replace(self._summary, state=str(told))
            message = "the process that trained it is gone"
            self.transition(
                RunState.FAILED,
                step=last.step,
                epoch=last.epoch,
                reason=INTERRUPTED,
                message=message,
            )
            return True
        if told != self._summary.state:
            self._save(self._summary.told_by(self._log.life[-1], told))
            return True
        return False

    def _after(
        self, spec: ArtifactSpec, data: bytes, made: Made, names: Mapping[str, object]
    ) -> None:
        with self._lock:
            latest = None if made.snapshot else self._mirror(spec, data, names)
            fields = {
                "kind": spec.kind,
                "path": spec.path(**names),
                "keys": dict(names),
                "latest": latest,
                "media_type": spec.media_type,
                "bytes": len(data),
                "compute_ms": made.compute_ms,
            }
            self._log.append(
                "artifact.created",
                fields,
                step=self._summary.step if made.step is None else made.step,
                epoch=self._summary.epoch if made.epoch is None else made.epoch,
            )

    def _mirror(self, spec: ArtifactSpec, data: bytes, names: Mapping[str, object]) -> str | None:
        """Renew the ``latest`` file, unless an artifact of a later epoch is there already."""
        if spec.latest is None:
            return None
        others = {name: value for name, value in names.items() if name != "epoch"}
        epoch = int(str(names["epoch"]))
        which = (spec.kind, *sorted(others.items()))
        mirror = self.record.path_of(spec.kind, **{**names, "epoch": LATEST})
        newest, seen = self._newest.get(which, (epoch, None))
        if seen is None or seen != _identity(mirror):  # others add artifacts to a live run
            newest = max([epoch, *self.record.epochs(spec.kind, **others)])
            self._newest[which] = (newest, _identity(mirror))
        if epoch < newest:
            return None
        write_bytes(mirror, data)
        self._newest[which] = (epoch, _identity(mirror))
        return spec.path(**{**names, "epoch": LATEST})


def _identity(path: Path) -> tuple[int, int] | None:
    """Tell one content of a file from another that took its name; None if it is not there."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns
