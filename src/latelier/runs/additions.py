"""Artifacts that are added to a run by somebody who does not train it.

Where nobody owns the run, it is owned for as long as the files are written, and each is announced
by an event. Where a live process owns it, the files are written beside what that process writes,
without events: only an owner may write those.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import final

from latelier.config.errors import RunBusyError
from latelier.runs.artifact_writer import ArtifactWriter
from latelier.runs.atomic import write_bytes
from latelier.runs.naming import LATEST, ArtifactSpec
from latelier.runs.receipt import Made
from latelier.runs.record import RunRecord
from latelier.runs.summary import RunSummary
from latelier.runs.writer import RunWriter


@final
class LooseWriter(ArtifactWriter):
    """Writes artifacts into a run that another process owns.

    Args:
        record: The run.
    """

    def __init__(self, record: RunRecord) -> None:
        self.record = record
        self._summary = record.summary()

    @property
    def summary(self) -> RunSummary:
        """The summary as it was when writing began."""
        return self._summary

    def _after(
        self,
        spec: ArtifactSpec,
        data: bytes,  # noqa: ARG002
        made: Made,
        names: Mapping[str, object],
    ) -> None:
        """Renew the mirror, without an event: only the owner may write one."""
        if spec.latest is not None and not made.snapshot:
            self._renew_mirror(spec, names)

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
