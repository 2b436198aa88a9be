"""Artifacts on demand: what somebody asks for is made once, and found from then on."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from latelier.config import RunError
from latelier.lab.kinds import (
    CHAIN,
    FROM_ARRAYS,
    OFFERED,
    ON_UMAP,
    UNITS,
    Facts,
    computable,
    facts_of,
    missing,
    named,
    possible,
)
from latelier.runs import ARTIFACTS, LATEST, RunRecord, artifact_spec
from latelier.runs.encoding import loads

if TYPE_CHECKING:
    from latelier.lab.analyst import Analyst
    from latelier.lab.moment import Keys

__all__ = ["SLOW", "Facts", "Made", "computable", "facts_of", "is_slow", "make"]

SLOW: frozenset[str] = ON_UMAP
"""Kinds that may take seconds: those that need UMAP maps."""


@dataclass(frozen=True)
class Made:
    """What became of a request.

    Attributes:
        kind: The kind, without ``_image``.
        keys: All keys of its name; the epoch is a number.
        paths: Its files: the JSON, and its picture where it has one.
        cached: Whether it was there already.
        compute_ms: Milliseconds it took, with what had to be made before; 0 where it was there.
    """

    kind: str
    keys: dict[str, int | str]
    paths: tuple[Path, ...]
    cached: bool
    compute_ms: float


def make(
    record: RunRecord,
    kind: str,
    keys: Keys,
    *,
    progress: Callable[[float], None] | None = None,
    stop: Callable[[], bool] | None = None,
    analyst: Analyst | None = None,
) -> Made:
    """Have an artifact: return it if it is there, else make it, and first what it needs.

    Args:
        record: The run.
        kind: A kind of `computable`; an ``_image`` is made with its JSON.
        keys: The keys of its name; ``epoch`` may be ``"latest"``.
        progress: Called with the share that is done, where it takes long.
        stop: Asked between two steps.
        analyst: The run in memory, where it is at hand.

    Returns:
        Where it is. Equal requests, from other processes too, compute it once.

    Raises:
        RunError: If there is no such kind, key, checkpoint or capability; the message says what
            there is.
        ConfigError: If a key is out of the bounds of the run.
        Stopped: If it was asked to stop.
    """
    from latelier.lab.computing import computing

    stop = stop or (lambda: False)
    kind, facts = base_kind(kind), facts_of(record)
    _check_kind(record, kind, facts, given=analyst is not None)
    names = _names(record, kind, keys, facts)
    if (found := _found(record, kind, names, facts)) is not None:
        return Made(kind, names, found, True, 0.0)
    since = time.perf_counter()
    with computing(record, slow=is_slow(record, kind, names), stop=stop):
        found = _found(record, kind, names, facts)
        if found is None:
            _compute(record, kind, names, analyst, progress, stop)
            found = _found(record, kind, names, facts)
            if found is None:
                raise _none_there(record, kind, names)
            return Made(kind, names, found, False, round((time.perf_counter() - since) * 1e3, 3))
    return Made(kind, names, found, True, 0.0)


def base_kind(kind: str) -> str:
    """Return the kind whose request makes this one: an ``_image`` comes with its JSON."""
    return kind if kind in OFFERED else kind.removesuffix("_image")


def is_slow(record: RunRecord, kind: str, keys: Keys) -> bool:
    """Tell whether a request may take seconds: it needs UMAP maps that are not there."""
    kind, epoch = base_kind(kind), keys.get("epoch")
    if kind not in SLOW and keys.get("method") != "umap":
        return False
    if UNITS.get(kind) == "umap":
        return True
    epoch = max(facts_of(record).epochs, default=None) if epoch == LATEST else epoch
    return not isinstance(epoch, int) or not record.has("latent_2d_umap", epoch=epoch)


def _check_kind(record: RunRecord, kind: str, facts: Facts, *, given: bool) -> None:
    offered = computable(facts)
    if kind in OFFERED and given and possible(kind, facts):
        return
    if kind in offered:
        return
    artifact_spec(kind)  # an unknown kind says so, with close ones
    if facts.given and kind in OFFERED and possible(kind, facts):
        raise RunError(
            f"{kind} needs the {' and '.join(facts.given)} of run {record.id}, which came from "
            "Python and cannot be made again",
            expected=f"one of {', '.join(offered)}" if offered else None,
            remedy="Pass model= and data= to Analyst.open, and the analyst to make().",
        )
    why = "has no checkpoint" if not facts.epochs else f"offers {', '.join(offered)}"
    raise RunError(
        f"run {record.id} has no {kind} on demand",
        got=f"a model that can {', '.join(sorted(facts.capabilities)) or 'nothing yet'}",
        expected=f"a kind that it offers; it {why}",
    )


def _names(record: RunRecord, kind: str, keys: Keys, facts: Facts) -> dict[str, int | str]:
    """Check the keys one by one, and return those of the name."""
    names = named(keys)
    spec = artifact_spec(kind)
    if names.get("epoch") == LATEST and facts.epochs:
        names["epoch"] = facts.epochs[-1]
    spec.path(**names)
    epoch = names["epoch"]
    if epoch in facts.epochs or (kind in FROM_ARRAYS and not missing(record, CHAIN, int(epoch))):
        return names
    raise RunError(
        f"run {record.id} has no checkpoint of that epoch",
        got=epoch,
        expected=f"one of {', '.join(map(str, facts.epochs))}",
    )


def _found(
    record: RunRecord, kind: str, names: dict[str, int | str], facts: Facts
) -> tuple[Path, ...] | None:
    """Return the files of an artifact if all of them are there, and its JSON can be read."""
    kinds = [kind]
    if f"{kind}_image" in ARTIFACTS and facts.image:
        kinds.append(f"{kind}_image")
    paths = tuple(record.path_of(one, **names) for one in kinds)
    there = all(path.is_file() for path in paths)
    return paths if there and not _damaged(record, kind, names) else None


def _damaged(record: RunRecord, kind: str, names: dict[str, int | str]) -> bool:
    """Tell whether an artifact is there and is no JSON, though it should be."""
    if artifact_spec(kind).media_type != "application/json":
        return False
    try:
        loads(record.path_of(kind, **names).read_bytes())
    except OSError:
        return False
    except ValueError:
        return True
    return False


def _compute(
    record: RunRecord,
    kind: str,
    names: dict[str, int | str],
    analyst: Analyst | None,
    progress: Callable[[float], None] | None,
    stop: Callable[[], bool],
) -> None:
    from latelier.lab.analyst import chain_of

    if _damaged(record, kind, names):
        record.path_of(kind, **names).unlink(missing_ok=True)
    chain = chain_of(record, analyst)
    chain.stop = stop
    chain.progress = progress or (lambda done: None)  # noqa: ARG005
    epoch = int(names["epoch"])
    if UNITS.get(kind) is None:
        others = {name: value for name, value in names.items() if name != "epoch"}
        chain.model_part(kind, epoch, others)
    else:
        chain.make(kind, epoch)


def _none_there(record: RunRecord, kind: str, names: dict[str, int | str]) -> RunError:
    return RunError(
        f"epoch {names['epoch']} of run {record.id} has no {kind}",
        expected="an epoch at which the model has it: a mixture is there after its warm-up, a "
        "change after the first epoch",
    )
