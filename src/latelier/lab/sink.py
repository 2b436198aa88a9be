"""Where artifacts go: into the run at once, or held until all that belongs together is computed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from latelier.runs import RunRecord
from latelier.runs.additions import additions


class Sink(Protocol):
    """A `RunWriter`, or what stands in for one; see `RunWriter.put_json`."""

    def put_json(self, kind: str, payload: dict[str, Any], **options: Any) -> object:
        """Take a JSON artifact."""

    def put_bytes(self, kind: str, data: bytes, **options: Any) -> object:
        """Take any other artifact."""


class Held:
    """Holds artifacts until `write`, so that a run is owned no longer than writing takes.

    Args:
        wanted: Asked for each kind; what nobody wants is let go.
    """

    def __init__(self, wanted: Callable[[str], bool] = lambda kind: True) -> None:  # noqa: ARG005
        self._wanted = wanted
        self._held: list[tuple[str, dict[str, Any] | bytes, dict[str, Any]]] = []

    def put_json(self, kind: str, payload: dict[str, Any], **options: Any) -> None:
        """Hold a JSON artifact."""
        self._hold(kind, payload, options)

    def put_bytes(self, kind: str, data: bytes, **options: Any) -> None:
        """Hold any other artifact."""
        self._hold(kind, data, options)

    def _hold(self, kind: str, content: dict[str, Any] | bytes, options: dict[str, Any]) -> None:
        if self._wanted(kind):
            self._held.append((kind, content, options))

    def write(self, record: RunRecord) -> list[tuple[str, int]]:
        """Write everything; returns kinds and epochs."""
        if not self._held:
            return []
        held, self._held = self._held, []
        with additions(record) as writer:
            for kind, content, options in held:
                if isinstance(content, bytes):
                    writer.put_bytes(kind, content, **options)
                else:
                    writer.put_json(kind, content, **options)
        return [(kind, int(options["epoch"])) for kind, _, options in held]
