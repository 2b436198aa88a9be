"""How an artifact gets its name, its receipt and its place, whoever writes it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from latelier.runs.artifacts import artifact_spec
from latelier.runs.atomic import write_bytes
from latelier.runs.naming import ArtifactSpec
from latelier.runs.receipt import Made, with_receipt
from latelier.runs.record import RunRecord
from latelier.runs.summary import RunSummary


class ArtifactWriter(ABC):
    """Writes artifacts into a run.

    Attributes:
        record: The run.
    """

    record: RunRecord

    @property
    @abstractmethod
    def summary(self) -> RunSummary:
        """What the run's summary says: part of a receipt is from there."""

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
        """Write a JSON artifact and its mirror; the run's owner announces it by an event.

        Args:
            kind: A kind of the name table.
            payload: Its fields. The receipt (`RECEIPT`) is put before them.
            epoch: Complete passes when it was measured.
            step: Updates when it was measured.
            snapshot: A frame inside an epoch: the name carries the step, no mirror is touched.
            compute_ms: Milliseconds it took to compute.
            checkpoint_hash: Hash of the checkpoint it was computed from, if from one.
            **keys: The other keys of its name.

        Returns:
            Where it lies.

        Raises:
            RunError: If the name or the payload is wrong, or the disk is full.
        """
        spec = artifact_spec(kind)
        made = Made(epoch, step, snapshot, compute_ms, checkpoint_hash)
        return self._put(spec, with_receipt(spec, payload, made, self.summary), made, keys)

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
        """Write an artifact that is not JSON (a picture, tensors); see `put_json`."""
        made = Made(epoch, step, snapshot, compute_ms)
        return self._put(artifact_spec(kind), data, made, keys)

    def _put(self, spec: ArtifactSpec, data: bytes, made: Made, keys: Mapping[str, object]) -> Path:
        names = made.names(spec, keys)
        path = self.record.path_of(spec.kind, **names)
        write_bytes(path, data)
        self._after(spec, data, made, names)
        return path

    @abstractmethod
    def _after(
        self, spec: ArtifactSpec, data: bytes, made: Made, names: Mapping[str, object]
    ) -> None:
        """Do what follows when an artifact has been written: its mirror, and its event."""
