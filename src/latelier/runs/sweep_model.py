"""What ``sweep.json`` says, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from latelier.runs.events import now
from latelier.runs.ids import is_run_id
from latelier.runs.states import INTERRUPTED, RunState

SWEEP_VERSION = 1


@dataclass(frozen=True, slots=True)
class SweepVariant:
    """One variant of a sweep.

    Attributes:
        index: Its place in the sweep, from 0.
        name: What people call it, made of the values that set it apart.
        slug: The same as a safe file name; no other variant of the sweep has it.
        values: What it changes in the sweep's configuration, by dotted key.
        places: Where it stands on each axis: axis → label.
        run_id: Its run, in the folder of runs.
        evaluation: What was made and scored after training; None before.
        error: What went wrong outside its run, in words.
    """

    index: int
    name: str
    slug: str
    values: Mapping[str, Any]
    places: Mapping[str, str]
    run_id: str
    evaluation: Mapping[str, Any] | None = None
    error: str | None = None

    @classmethod
    def from_dict(cls, value: Any) -> SweepVariant:
        """Read one item of ``variants``; unknown fields are left out.

        Raises:
            ValueError: If it is not one.
        """
        if not isinstance(value, dict):
            raise ValueError("a variant is not an object")
        known = {f.name: value[f.name] for f in fields(cls) if f.name in value}
        wrong = [n for n, kind in _VARIANT_TYPES.items() if not isinstance(known.get(n), kind)]
        if wrong or not is_run_id(known["run_id"]):
            raise ValueError(f"a variant has no usable {', '.join(wrong) or 'run_id'}")
        return cls(**known)

    def as_dict(self) -> dict[str, Any]:
        """One item of ``variants``."""
        return {item.name: getattr(self, item.name) for item in fields(self)}


@dataclass(frozen=True, slots=True)
class Sweep:
    """The content of ``sweep.json``.

    Attributes:
        sweep_id: Name of the sweep's folder.
        name: What people call it.
        state: One of `RunState`: ``completed`` when every variant is; ``failed`` when one is not
            and nobody stopped the sweep.
        reason: Why it was cancelled or failed: ``variants_failed``, ``interrupted``, ``error``.
        message: The same in words.
        created: When it was made; times are UTC, ISO 8601.
        started: When it was begun first.
        ended: When it stopped last.
        executor: Who carries out its runs: ``local``, ``ensemble``, ``ray``.
        options: How: ``max_workers``, ``grace`` (seconds), ``address``.
        definition: The checked `sweep` section, as `SweepConfig` dumps it.
        base: The configuration that the variants change, as `RunConfig` dumps it.
        written: The same as it was written, without defaults: what the variants are made from.
        layout: How a page arranges the variants; see docs/spec.md.
        reference: Index of the variant that maps are aligned to.
        variants: The variants, in order.
        summary: Table and Pareto front, once all runs have ended; None before.
        version: Version of Latelier that made it.
        live: Whether a process carries it out now; None unless it is running.
    """

    sweep_id: str
    name: str
    state: str
    executor: str
    definition: Mapping[str, Any]
    base: Mapping[str, Any]
    layout: Mapping[str, Any]
    variants: tuple[SweepVariant, ...]
    written: Mapping[str, Any] = field(default_factory=dict)
    reference: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None
    message: str | None = None
    created: str | None = None
    started: str | None = None
    ended: str | None = None
    summary: Mapping[str, Any] | None = None
    version: str = ""
    live: bool | None = None

    @classmethod
    def begun(cls, sweep_id: str, name: str, content: Mapping[str, Any]) -> Sweep:
        """Make a new sweep, in state ``created``."""
        from latelier.config.version import __version__

        return cls(
            sweep_id=sweep_id,
            name=name,
            state=str(RunState.CREATED),
            created=now(),
            version=__version__,
            **content,
        )

    @classmethod
    def from_dict(cls, sweep_id: str, value: Any) -> Sweep:
        """Read the content of ``sweep.json``; fields that a later version added are left out.

        Raises:
            ValueError: If it is not one; the message says what is missing or wrong.
        """
        if not isinstance(value, dict):
            raise ValueError("sweep.json is not an object")
        if value.get("state") not in set(RunState):
            raise ValueError("sweep.json has no usable state")
        known = {f.name: value[f.name] for f in fields(cls) if f.name in value}
        known |= {"sweep_id": sweep_id, "live": None}
        wrong = [name for name, kind in _TYPES.items() if not isinstance(known.get(name), kind)]
        if wrong:
            raise ValueError(f"sweep.json has no usable {', '.join(wrong)}")
        known["variants"] = tuple(map(SweepVariant.from_dict, known["variants"]))
        return cls(**known)

    def stored(self) -> dict[str, Any]:
        """The content of ``sweep.json``."""
        value = {"schema_version": SWEEP_VERSION} | self.as_dict()
        del value["live"]
        return value

    def as_dict(self) -> dict[str, Any]:
        """All of it, for JSON."""
        value = {item.name: getattr(self, item.name) for item in fields(self)}
        return value | {"variants": [variant.as_dict() for variant in self.variants]}

    def with_live(self, live: bool) -> Sweep:
        """The same sweep, with whether a process carries it out."""
        return replace(self, live=live)

    def as_interrupted(self) -> Sweep:
        """The same sweep, seen to have lost its process."""
        return replace(self, state=str(RunState.FAILED), reason=INTERRUPTED, live=False)

    def with_variant(self, variant: SweepVariant) -> Sweep:
        """The same sweep, with one variant in place of the one of its index."""
        rest = self.variants
        index = variant.index
        return replace(self, variants=(*rest[:index], variant, *rest[index + 1 :]))


_VARIANT_TYPES: dict[str, type] = {
    "index": int,
    "name": str,
    "slug": str,
    "values": dict,
    "places": dict,
    "run_id": str,
}
_TYPES: dict[str, type] = {
    "name": str,
    "executor": str,
    "definition": dict,
    "base": dict,
    "layout": dict,
    "variants": list,
}
