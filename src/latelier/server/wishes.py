"""From what a client asks to be computed to what a worker is told. No torch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from latelier.config.errors import RunError
from latelier.lab.backfill import FILLED
from latelier.lab.kinds import (
    FROM_ARRAYS,
    MODEL_PARTS,
    OFFERED,
    UNITS,
    Facts,
    computable,
    facts_of,
    named,
    possible,
)
from latelier.lab.on_demand import base_kind, is_slow
from latelier.runs import ARTIFACTS, LATEST, RunRecord, artifact_spec
from latelier.server.computations import Job, LaneName
from latelier.server.errors import ApiError

_ON_MAPS = frozenset({*UNITS, *MODEL_PARTS["pca"], *MODEL_PARTS["umap"]})


@dataclass(frozen=True)
class Wish:
    """An artifact that somebody wants.

    Attributes:
        record: The run.
        kind: A kind of `OFFERED`.
        keys: Every key of its name, the epoch as a number.
    """

    record: RunRecord
    kind: str
    keys: dict[str, int | str]

    @property
    def lane(self) -> LaneName:
        """Who makes it: what needs UMAP maps, or the maps of many epochs first, takes seconds."""
        if is_slow(self.record, self.kind, self.keys):
            return "slow"
        measured = self.record.has("latents", epoch=self.keys["epoch"])
        return "quick" if measured or self.kind not in _ON_MAPS else "slow"

    @property
    def job(self) -> Job:
        """What the worker is asked."""
        path = str(self.record.path)
        return "make", {"path": path, "kind": self.kind, "keys": self.keys}

    def there(self) -> dict[str, Any] | None:
        """Return the artifact's receipt if all of it is on the disk."""
        if not self.record.has(self.kind, **self.keys):
            return None
        if artifact_spec(self.kind).media_type != "application/json":
            return {}
        try:
            payload: dict[str, Any] = self.record.read_json(self.kind, **self.keys)
        except RunError:
            return None  # damaged: it is made again
        picture = f"{self.kind}_image"
        pictured = picture in ARTIFACTS and "decoded" not in payload
        if pictured and not self.record.has(picture, **self.keys):
            return None
        return payload


def read_wish(record: RunRecord, kind: str, wanted: Mapping[str, int | str]) -> Wish:
    """Check what a client wants of a run.

    Args:
        record: The run.
        kind: A kind, or one with ``_image``.
        wanted: Keys and options; the epoch may be ``latest``.

    Raises:
        ApiError: If there is no such kind, it is not made on demand, its keys do not fit, or the
            run cannot have it; the message says what is available.
    """
    kind = base_kind(kind)
    if kind not in ARTIFACTS or ARTIFACTS[kind].record:
        raise ApiError(404, "no such kind of artifact", got=kind[:64], expected=_list(OFFERED))
    if kind not in OFFERED:
        raise ApiError(422, f"{kind} is not made on demand", expected=_list(OFFERED))
    facts = facts_of(record)
    keys = named(wanted)
    if keys["epoch"] == LATEST:
        keys["epoch"] = _newest(record, facts)
    try:
        artifact_spec(kind).path(**keys)
    except RunError as error:
        raise ApiError(422, error.what, got=error.got, expected=error.expected) from error
    wish = Wish(record, kind, keys)
    if wish.there() is None:
        _check_kind(record, kind, facts)
        arrays = kind in FROM_ARRAYS
        _check_epochs(record, facts, [int(keys["epoch"])], recorded=arrays)
    return wish


def backfill_job(
    record: RunRecord, kinds: list[str] | None, epochs: list[int] | None
) -> tuple[dict[str, Any], Job]:
    """Check what a client wants to have completed.

    Returns:
        What tells it from other backfills, and what the worker is asked.

    Raises:
        ApiError: If the run has no such kind or epoch.
    """
    facts = facts_of(record)
    if not facts.epochs and not facts.recorded:
        raise _nothing_there(record)
    for kind in kinds or ():
        if kind not in FILLED or not possible(kind, facts):
            can = _list(kind for kind in FILLED if possible(kind, facts))
            raise ApiError(422, "a backfill makes no such kind", got=kind[:64], expected=can)
    _check_epochs(record, facts, epochs or [])
    chosen = {
        "kinds": None if kinds is None else [kind for kind in FILLED if kind in kinds],
        "epochs": None if epochs is None else sorted(set(epochs)),
    }
    return chosen, ("backfill", {"path": str(record.path), **chosen})


def _check_kind(record: RunRecord, kind: str, facts: Facts) -> None:
    can = computable(facts)
    if kind in can:
        return
    if facts.given and possible(kind, facts):
        raise ApiError(
            409,
            f"{kind} needs the {' and the '.join(facts.given)} of run {record.id}, which came from "
            "Python",
            expected="one of " + _list(can) if can else None,
            remedy="Ask for it in Python.",
        )
    if not can:
        raise _nothing_there(record)
    raise ApiError(
        409,
        f"run {record.id} has no {kind}",
        got="a model that can " + (_list(sorted(facts.capabilities)) or "nothing"),
        expected="one of " + _list(can),
    )


def _check_epochs(
    record: RunRecord, facts: Facts, epochs: list[int], *, recorded: bool = True
) -> None:
    """Refuse epochs without a checkpoint; where recorded latents do, those are enough."""
    missing = [
        epoch
        for epoch in epochs
        if epoch not in facts.epochs and not (recorded and record.has("latents", epoch=epoch))
    ]
    if missing:
        raise ApiError(
            422,
            f"run {record.id} has no checkpoint of that epoch",
            got=_list(map(str, missing[:10])),
            expected="one of " + _list(map(str, facts.epochs)),
        )


def _nothing_there(record: RunRecord) -> ApiError:
    return ApiError(
        409,
        f"run {record.id} has no checkpoint to compute from",
        expected="a run with a checkpoint at the end of an epoch",
    )


def _newest(record: RunRecord, facts: Facts) -> int:
    known = facts.epochs or tuple(record.epochs("latents"))
    if not known:
        raise _nothing_there(record)
    return known[-1]


def _list(words: Iterable[str]) -> str:
    return ", ".join(words)
