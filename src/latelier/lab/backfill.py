"""Backfill: give a recorded run the artifacts that it would have had from the start.

Nothing is trained and nothing is copied: weights are read from checkpoints, and what is there
already stays as it is, to the byte.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from latelier.config import RunError
from latelier.lab.cadence import fast_epochs, full_epochs
from latelier.lab.kinds import (
    CHAIN,
    CLOSING,
    FAST,
    MODEL_PARTS,
    OFFERED,
    ON_UMAP,
    UMAP,
    UNITS,
    Facts,
    checkpointed,
    facts_of,
    missing,
    possible,
)
from latelier.runs import RunRecord, artifact_spec

if TYPE_CHECKING:
    from latelier.lab.chain import Chain
    from latelier.lab.prepare import Model

Progress = Callable[[int, int, str], None]

THUMBNAILS, DIAGNOSES = ("sprites", "sprites_layout"), "diagnoses"
_KINDS = (*THUMBNAILS, *(kind for kind in OFFERED if kind in UNITS), DIAGNOSES)
FILLED = (*_KINDS, *MODEL_PARTS["pca"], *MODEL_PARTS["umap"], *CLOSING)
"""Every kind that a backfill can make; what needs further keys is made on demand."""


@dataclass(frozen=True)
class BackfillReport:
    """What a backfill did.

    Attributes:
        made: Kind and epoch of what was written.
        present: How many artifacts were there already.
        epochs: The epochs that were looked at, ascending.
        stopped: Whether it was stopped before its end; doing it again goes on.
    """

    made: tuple[tuple[str, int], ...]
    present: int
    epochs: tuple[int, ...]
    stopped: bool


@dataclass(frozen=True)
class _Task:
    """One step: have some kinds of one epoch."""

    what: str
    epoch: int
    kinds: tuple[str, ...]
    act: Callable[[], None]


def backfill(
    record: RunRecord,
    *,
    kinds: Collection[str] | None = None,
    epochs: Collection[int] | None = None,
    data: object = None,
    model: Model | None = None,
    allow_code: bool = False,
    progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
) -> BackfillReport:
    """Make what a run lacks.

    Without ``kinds`` and ``epochs`` these are the artifacts that training would have made with
    `analysis.enabled`, by the run's own settings: the fast set at its cadence, the full set at
    that of `analysis.full_set`, UMAP where `analysis.umap` is set, and the diagnoses. Maps of
    earlier epochs that an epoch's are laid on are made too.

    Args:
        record: The run; it may be under way.
        kinds: Make these only, at all epochs of the cadence unless ``epochs`` says which.
        epochs: At these epochs; of all kinds, except UMAP where the settings leave it out, unless
            ``kinds`` says which.
        data: The data, if it was given from Python.
        model: The model, if its networks are your own.
        allow_code: Import and call the networks that the run's config names, if it names any.
        progress: Called with how many steps are done, how many there are, and what comes next.
        stop: Asked between artifacts; True ends it early. Doing it again goes on.

    Returns:
        What was made, and what was there.

    Raises:
        RunError: If a kind is unknown or the run cannot have it, an epoch has no checkpoint, or
            what came from Python is not given again.
    """
    from latelier.lab.analyst import chain_of
    from latelier.lab.chain import Stopped
    from latelier.lab.computing import computing

    chain = chain_of(record, data=data, model=model, allow_code=allow_code)
    chain.stop = stop or (lambda: False)
    tasks, chosen = list(_tasks(chain, kinds, epochs)), _epochs(record, epochs)
    present, stopped = 0, False
    for done, task in enumerate(tasks):
        if progress is not None:
            progress(done, len(tasks), task.what)
        present += len(task.kinds) - len(missing_of(record, task.kinds, task.epoch))
        try:
            with computing(record, slow="umap" in task.what, stop=chain.stop):
                task.act()
        except Stopped:
            stopped = True
            break
        stopped = chain.stop()
        if stopped:
            break
    if progress is not None and not stopped:
        progress(len(tasks), len(tasks), "done")
    return BackfillReport(tuple(chain.made), present, chosen, stopped)


def missing_of(record: RunRecord, kinds: Iterable[str], epoch: int) -> list[str]:
    """Return those of some kinds that are not there; a kind of the run as a whole has no epoch."""
    return [
        kind
        for kind in kinds
        if not record.has(kind, **({"epoch": epoch} if artifact_spec(kind).per_epoch else {}))
    ]


def _epochs(record: RunRecord, chosen: Collection[int] | None) -> tuple[int, ...]:
    """Return the epochs to fill: those of the cadence that can be, or those chosen."""
    there = {*checkpointed(record)}
    there |= {e for e in record.epochs("latents") if not missing(record, CHAIN, e)}
    if chosen is None:
        every = int(record.config()["analysis"]["every_epochs"])
        total = record.summary().total_epochs
        due = there if total is None else there & set(fast_epochs(every, total))
        return tuple(sorted(due))
    if unknown := sorted(set(chosen) - there):
        from latelier.lab.analyst import no_checkpoint

        raise no_checkpoint(record, ", ".join(map(str, unknown)), checkpointed(record))
    return tuple(sorted(set(chosen)))


def _check_kinds(record: RunRecord, kinds: Collection[str], facts: Facts) -> None:
    for kind in kinds:
        artifact_spec(kind)
        if kind not in FILLED or not possible(kind, facts):
            can = [kind for kind in FILLED if possible(kind, facts)]
            raise RunError(
                f"run {record.id} cannot be given {kind} by a backfill",
                got=kind,
                expected=", ".join(can),
            )


def _tasks(
    chain: Chain, kinds: Collection[str] | None, chosen: Collection[int] | None
) -> Iterator[_Task]:
    record, facts = chain.record, facts_of(chain.record)
    settings = record.config()["analysis"]
    _check_kinds(record, kinds or (), facts)
    epochs = _epochs(record, chosen)
    if kinds is None:
        wanted = {kind for kind in FILLED if settings.get("umap", False) or kind not in ON_UMAP}
        full: Iterable[int] = epochs
        if chosen is None:
            total = record.summary().total_epochs or max(epochs, default=0)
            full = full_epochs(settings.get("full_set", "fibonacci"), total, epochs)
    else:
        wanted, full = {*kinds}, epochs
    wanted = {kind for kind in wanted if possible(kind, facts)}
    if epochs and wanted & set(THUMBNAILS) and facts.image is not False:
        yield _Task("thumbnails", 0, THUMBNAILS, chain.thumbnails)
    for epoch in epochs:
        yield from _tasks_of(chain, epoch, wanted, full=epoch in full)
    last = record.summary().total_epochs
    for kind in (kind for kind in CLOSING if kind in wanted):
        for epoch in epochs if kinds or chosen else sorted({*epochs} & {last}):
            make = partial(chain.missing_model_part, kind, epoch)
            yield _Task(f"{kind} of epoch {epoch}", epoch, (kind,), make)
    if DIAGNOSES in wanted:
        yield _Task("diagnoses", 0, (DIAGNOSES,), partial(_diagnose, chain, record))


def _tasks_of(chain: Chain, epoch: int, wanted: set[str], *, full: bool) -> Iterator[_Task]:
    def task(what: str, kinds: Iterable[str], act: Callable[..., None], *given: object) -> _Task:
        return _Task(f"{what} of epoch {epoch}", epoch, tuple(kinds), partial(act, *given))

    if fast := [kind for kind in FAST if kind in wanted]:
        yield task("fast set", fast, chain.fast, epoch, fast)
    if not full:
        return
    for method in ("pca", "umap"):
        unit = f"plane_{method}"
        if method == "umap" and wanted & set(UMAP):
            yield task("umap maps", UMAP, chain.umap, epoch)
        made_by = [kind for kind, by in UNITS.items() if by == unit and kind in wanted]
        if made_by:
            yield task(f"{method} grids", made_by, chain.plane, epoch, unit, made_by)
        for kind in MODEL_PARTS[method]:
            if kind in wanted:
                yield task(kind, (kind,), chain.missing_model_part, kind, epoch)


def _diagnose(chain: Chain, record: RunRecord) -> None:
    from latelier.lab.closing import write_diagnoses
    from latelier.lab.sink import Held

    if chain.made or not record.has(DIAGNOSES):
        held = Held()
        write_diagnoses(record, held)
        chain.made += held.write(record)
