"""summary.json and labels.json: all that a list of runs opens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from latelier.config.errors import RunError
from latelier.config.html import html_table
from latelier.runs.events import Event
from latelier.runs.states import ENDED, INTERRUPTED, UNREADABLE, RunState

SUMMARY_VERSION = 1


@dataclass(frozen=True, slots=True)
class Labels:
    """What people say about a run; it changes nothing that was computed.

    Attributes:
        display_name: Shown instead of the run id; empty for none.
        tags: Words to filter by.
        note: Free text.
    """

    display_name: str = ""
    tags: tuple[str, ...] = ()
    note: str = ""

    @classmethod
    def from_dict(cls, value: Any) -> Labels:
        """Read the content of ``labels.json``; unknown fields are left out.

        Raises:
            ValueError: If it is not one.
        """
        if not isinstance(value, dict) or not isinstance(value.get("tags", []), list):
            raise ValueError("labels.json is not an object with a list of tags")
        tags = tuple(str(tag) for tag in value.get("tags", []))
        return cls(str(value.get("display_name", "")), tags, str(value.get("note", "")))

    def as_dict(self) -> dict[str, Any]:
        """The content of ``labels.json``."""
        return {"display_name": self.display_name, "tags": list(self.tags), "note": self.note}


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One row of a list of runs.

    Attributes:
        run_id: Name of the run's folder.
        state: One of `RunState`, or ``unreadable``.
        reason: Why it was cancelled or failed: ``interrupted``, ``non_finite``, …
        message: The error in words, when there is one.
        name: Name given when the run was made.
        model_kind: Kind of the model.
        dataset: Name of the data set.
        seed: The run's seed.
        created: When it was made; times are UTC, ISO 8601.
        started: When its first update began.
        ended: When it stopped last.
        step: Updates done so far.
        epoch: Complete passes so far.
        total_steps: Updates that it was made for.
        total_epochs: Passes that it was made for.
        duration_s: Seconds spent running, resumptions included.
        last_metrics: Key metrics as last measured.
        best_metrics: The best value each key metric has had.
        version: Version of Latelier that made it.
        parent: ``{run_id, epoch, checkpoint_hash}`` of the run it was forked from.
        labels: Display name, tags and note (out of labels.json).
        live: Whether a process writes it now; None unless it is running.
    """

    run_id: str
    state: str
    reason: str | None = None
    message: str | None = None
    name: str = ""
    model_kind: str = ""
    dataset: str = ""
    seed: int | None = None
    created: str | None = None
    started: str | None = None
    ended: str | None = None
    step: int = 0
    epoch: int = 0
    total_steps: int | None = None
    total_epochs: int | None = None
    duration_s: float | None = None
    last_metrics: Mapping[str, float | None] = field(default_factory=dict)
    best_metrics: Mapping[str, float | None] = field(default_factory=dict)
    version: str = ""
    parent: Mapping[str, Any] | None = None
    labels: Labels = field(default_factory=Labels)
    live: bool | None = None

    @classmethod
    def from_dict(cls, run_id: str, value: Any) -> RunSummary:
        """Read the content of ``summary.json``; fields that a later version added are left out.

        Args:
            run_id: Name of the folder it lies in, which counts.
            value: The parsed JSON.

        Raises:
            ValueError: If it is not a summary; the message says what is missing or wrong.
        """
        if not isinstance(value, dict):
            raise ValueError("summary.json is not an object")
        known = {name: value[name] for name in _TYPES if name in value}
        wrong = [name for name, kept in known.items() if not _fits(kept, _TYPES[name])]
        if value.get("state") not in set(RunState):
            wrong.append("state")
        if wrong:
            raise ValueError(f"summary.json has no usable {', '.join(dict.fromkeys(wrong))}")
        return cls(run_id=run_id, **known)

    @classmethod
    def unreadable(cls, run_id: str, why: str) -> RunSummary:
        """Stand in for a run whose summary cannot be read."""
        return cls(run_id=run_id, state=UNREADABLE, reason=why)

    @property
    def display_name(self) -> str:
        """What to call it: the label, else the name, else the id."""
        return self.labels.display_name or self.name or self.run_id

    def as_dict(self) -> dict[str, Any]:
        """All of it, for JSON output; labels are spread."""
        value: dict[str, Any] = asdict(self)
        labels: dict[str, Any] = value.pop("labels")
        return value | labels | {"display_name": self.display_name}

    def _repr_html_(self) -> str:
        names = ("state", "message", "model_kind", "dataset", "step", "epoch", "duration_s")
        rows = [(name, getattr(self, name)) for name in names if getattr(self, name) is not None]
        metrics = [(name, self.last_metrics[name]) for name in self.last_metrics]
        return html_table(("", self.display_name), [*rows, *metrics], caption=self.run_id)

    def stored(self) -> dict[str, Any]:
        """The content of ``summary.json``."""
        value: dict[str, Any] = {"schema_version": SUMMARY_VERSION, "run_id": self.run_id}
        return value | {name: getattr(self, name) for name in _TYPES}

    def with_labels(self, labels: Labels, *, live: bool | None) -> RunSummary:
        """The same run with what people say about it, and whether a process writes it."""
        return replace(self, labels=labels, live=live)

    def as_interrupted(self) -> RunSummary:
        """The same run, seen to have lost its process."""
        return replace(self, state=RunState.FAILED, reason=INTERRUPTED, live=False)

    def told_by(self, event: Event, state: RunState) -> RunSummary:
        """The summary that the last ``run.*`` event calls for, when the stored one is behind."""
        fields: dict[str, Any] = {"state": str(state), "step": event.step, "epoch": event.epoch}
        if state in ENDED:
            names = ("reason", "message", "duration_s")
            fields |= {"ended": event.time, **{name: event.data.get(name) for name in names}}
        return self.updated(fields, allowed=tuple(fields))

    def updated(self, changes: Mapping[str, Any], *, allowed: Sequence[str]) -> RunSummary:
        """A copy with other values.

        Raises:
            RunError: If a field may not be changed this way, or has a wrong type.
        """
        unknown = [name for name in changes if name not in allowed]
        if unknown:
            raise RunError(
                "no such field of the summary to update",
                got=", ".join(unknown),
                expected=", ".join(allowed),
            )
        wrong = [name for name, value in changes.items() if not _fits(value, _TYPES[name])]
        if wrong:
            raise RunError(
                "a field of the summary has a wrong type",
                got=", ".join(f"{name} = {changes[name]!r}" for name in wrong),
            )
        return replace(self, **changes)


def _fits(value: object, kinds: tuple[type, ...]) -> bool:
    return isinstance(value, kinds) and (not isinstance(value, bool) or bool in kinds)


_NONE = type(None)
_TEXT, _MAYBE_TEXT = (str,), (str, _NONE)
_COUNT, _MAYBE_COUNT = (int,), (int, _NONE)
_TYPES: dict[str, tuple[type, ...]] = {
    "name": _TEXT,
    "state": _TEXT,
    "reason": _MAYBE_TEXT,
    "message": _MAYBE_TEXT,
    "model_kind": _TEXT,
    "dataset": _TEXT,
    "seed": _MAYBE_COUNT,
    "created": _MAYBE_TEXT,
    "started": _MAYBE_TEXT,
    "ended": _MAYBE_TEXT,
    "step": _COUNT,
    "epoch": _COUNT,
    "total_steps": _MAYBE_COUNT,
    "total_epochs": _MAYBE_COUNT,
    "duration_s": (int, float, _NONE),
    "last_metrics": (dict,),
    "best_metrics": (dict,),
    "version": _TEXT,
    "parent": (dict, _NONE),
}
SUMMARY_FIELDS = tuple(item.name for item in fields(RunSummary) if item.name in _TYPES)
