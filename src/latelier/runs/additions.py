"""Artifacts that are added to a run by somebody who does not train it.

Where nobody owns the run, it is owned for as long as the files are written, and each is announced
by an event. Where a live process owns it, the files are written beside what that process writes,
without events: only an owner may write those.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from latelier.config.errors import RunBusyError
from latelier.runs.artifacts import artifact_spec
from latelier.runs.atomic import write_bytes
from latelier.runs.naming import LATEST, ArtifactSpec
from latelier.runs.receipt import Made, with_receipt
from latelier.runs.record import RunRecord
from latelier.runs.writer import RunWriter


class LooseWriter:
    """Writes artifacts into a run that another process owns; the methods are `RunWriter`'s.

    Args:
        record: The run.
    """

    def __init__(self, record: RunRecord) -> None:
        self.record = record
        self._summary = record.summary()

    def put_json(
        self,
        kind: str,
        payload: Mapping[str, Any],
        *,
        epoch: int | None = None,
        step: int | None = None,
        snapshot: bool = False,
        compute_ms: float | None = None,
        checkpoint_hash: str | None = None,
        **keys: object,
    ) -> Path:
        """Write a JSON artifact and its mirror; see `RunWriter.put_json`."""
        spec = artifact_spec(kind)
        made = Made(epoch, step, snapshot, compute_ms, checkpoint_hash)
        return self._put(spec, with_receipt(spec, payload, made, self._summary), made, keys)

    def put_bytes(
        self,
        kind: str,
        data: bytes,
        *,
        epoch: int | None = None,
        step: int | None = None,
        snapshot: bool = False,
        compute_ms: float | None = None,
        **keys: object,
    ) -> Path:
        """Write an artifact that is not JSON; see `RunWriter.put_bytes`."""
        made = Made(epoch, step, snapshot, compute_ms)
        return self._put(artifact_spec(kind), data, made, keys)

    def _put(self, spec: ArtifactSpec, data: bytes, made: Made, keys: Mapping[str, object]) -> Path:
        names = made.names(spec, keys)
        path = self.record.path_of(spec.kind, **names)
        write_bytes(path, data)
        if spec.latest is not None and not made.snapshot:
            self._renew_mirror(spec, names)
        return path

    def _renew_mirror(self, spec: ArtifactSpec, names: Mapping[str, object]) -> None:
        """Let the mirror show the newest epoch; look again, for the owner may write meanwhile."""
        others = {name: value for name, value in names.items() if name != "epoch"}
        mirror = self.record.path_of(spec.kind, epoch=LATEST, **others)
        shown = -1
        while (newest := max(self.record.epochs(spec.kind, **others), default=-1)) > shown:
            write_bytes(mirror, self.record.read_bytes(spec.kind, epoch=newest, **others))
            shown = newest


@contextmanager
def additions(record: RunRecord) -> Iterator[RunWriter | LooseWriter]:
    """Write artifacts into a run, whoever owns it.

    Keep the block short: as long as it lasts nobody can begin or resume the run.

    Args:
        record: The run. One that lost its process becomes failed (``interrupted``) first, as with
            any new owner.

    Yields:
        The run's writer where nobody else owns it, which announces what it writes; else a
        `LooseWriter`.
    """
    with ExitStack() as stack:
        writer: RunWriter | LooseWriter
        try:
            writer = stack.enter_context(record.own())
        except RunBusyError:
            writer = LooseWriter(record)
        yield writer
