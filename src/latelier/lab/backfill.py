"""Backfill: give a recorded run the artifacts that it would have had from the start.

Nothing is trained and nothing is copied: weights are read from checkpoints, and what is there
already stays as it is, to the byte.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
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
    THUMBNAILS,
    UMAP,
    UNITS,
    Facts,
    checkpointed,
    closes,
    facts_of,
    missing,
    possible,
)
from latelier.runs import RunRecord, artifact_spec

if TYPE_CHECKING:
    from latelier.lab.chain import Chain
    from latelier.lab.prepare import Model

Progress = Callable[[int, int, str], None]

DIAGNOSES = "diagnoses"
_KINDS = (*THUMBNAILS, *(kind for kind in OFFERED if kind in UNITS), DIAGNOSES)
FILLED = (*_KINDS, *MODEL_PARTS["pca"], *MODEL_PARTS["umap"], *CLOSING)
"""Every kind that a backfill can make; what needs further keys is made on demand."""


@dataclass(frozen=True)
class BackfillReport:
    """What a backfill did.

    Attributes:
        made: Kind and epoch of what was written.
        present: How many artifacts were there already.
        left_out: Kind and epoch of what only a checkpoint could give that the run did not keep.
        epochs: The epochs that were looked at, ascending.
        stopped: Whether it was stopped before its end; doing it again goes on.
    """

    made: tuple[tuple[str, int], ...]
    present: int
    left_out: tuple[tuple[str, int], ...]
    epochs: tuple[int, ...]
    stopped: bool


@dataclass(frozen=True)
class _Task:
    """One step: have some kinds of one epoch; others are left out for want of a checkpoint."""

    what: str
    epoch: int
    kinds: tuple[str, ...]
    act: Callable[[], None]
    left_out: tuple[str, ...] = ()


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

    Epochs whose checkpoint was not kept get what follows from their recorded latents; the rest is
    left out, and reported.

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
        RunError: If a kind is unknown or the run cannot have it, an epoch that is asked for has no
            checkpoint and the kinds that are asked for need one, or what came from Python is not
            given again.
    """
    from latelier.lab.analyst import chain_of
    from latelier.lab.chain import Stopped
    from latelier.lab.computing import computing

    chain = chain_of(record, data=data, model=model, allow_code=allow_code)
    chain.stop = stop or (lambda: False)
    tasks, chosen = list(_tasks(chain, kinds, epochs)), _epochs(record, epochs)
    left_out = [(kind, task.epoch) for task in tasks for kind in task.left_out]
    if left_out and kinds and epochs:
        raise _needs_checkpoint(record, left_out)
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
        except RunError:
            if task.epoch not in chain.facts.epochs or task.epoch in checkpointed(record):
                raise
            # A live run let go of the checkpoint meanwhile.
            left_out += [(kind, task.epoch) for kind in missing(record, task.kinds, task.epoch)]
        stopped = chain.stop()
        if stopped:
            break
    if progress is not None and not stopped:
        progress(len(tasks), len(tasks), "done")
    left_out = [one for one in left_out if missing_of(record, one[:1], one[1])]
    return BackfillReport(tuple(chain.made), present, tuple(left_out), chosen, stopped)


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
        cadence = settings.get("full_set", "fibonacci")
        wanted = {kind for kind in FILLED if settings.get("umap", False) or kind not in ON_UMAP}
        wanted -= {kind for kind in CLOSING if not closes(kind, facts, cadence)}
        full: Iterable[int] = epochs
        if chosen is None:
            total = record.summary().total_epochs or max(epochs, default=0)
            full = full_epochs(cadence, total, epochs)
    else:
        wanted, full = {*kinds}, epochs
    wanted = {kind for kind in wanted if possible(kind, facts)}
    if epochs and (looks := [kind for kind in THUMBNAILS if kind in wanted]):
        yield _Task("thumbnails", 0, tuple(looks), chain.thumbnails)
    for epoch in epochs:
        yield from _tasks_of(chain, epoch, wanted, full=epoch in full)
    last = record.summary().total_epochs
    for kind in (kind for kind in CLOSING if kind in wanted):
        for epoch in epochs if kinds or chosen else sorted({*epochs} & {last}):
            yield _model_task(chain, epoch, kind)
    if DIAGNOSES in wanted:
        yield _Task("diagnoses", 0, (DIAGNOSES,), partial(_diagnose, chain, record))


def _tasks_of(chain: Chain, epoch: int, wanted: set[str], *, full: bool) -> Iterator[_Task]:
    def task(what: str, kinds: Iterable[str], act: Callable[..., None], *given: object) -> _Task:
        """Describe one piece of the epoch's work, which `act` carries out."""
        return _Task(f"{what} of epoch {epoch}", epoch, tuple(kinds), partial(act, *given))

    if fast := [kind for kind in FAST if kind in wanted]:
        yield _fast_task(chain, epoch, fast)
    if not full:
        return
    for method in ("pca", "umap"):
        unit = f"plane_{method}"
        if method == "umap" and wanted & set(UMAP):
            yield task("umap maps", UMAP, chain.umap, epoch)
        made_by = [kind for kind, by in UNITS.items() if by == unit and kind in wanted]
        if made_by:
            yield task(f"{method} grids", made_by, chain.plane, epoch, unit, made_by)
        for kind in (kind for kind in MODEL_PARTS[method] if kind in wanted):
            yield _model_task(chain, epoch, kind)


def _fast_task(chain: Chain, epoch: int, kinds: Sequence[str]) -> _Task:
    out = [] if epoch in chain.facts.epochs else chain.lacking(epoch, kinds)
    rest = tuple(kind for kind in kinds if kind not in out)
    act = partial(chain.fast, epoch, rest)
    return _Task(f"fast set of epoch {epoch}", epoch, rest, act, tuple(out))


def _model_task(chain: Chain, epoch: int, kind: str) -> _Task:
    what = f"{kind} of epoch {epoch}"
    if epoch in chain.facts.epochs or chain.record.has(kind, epoch=epoch):
        return _Task(what, epoch, (kind,), partial(chain.missing_model_part, kind, epoch))
    return _Task(what, epoch, (), lambda: None, (kind,))


def _needs_checkpoint(record: RunRecord, left_out: Sequence[tuple[str, int]]) -> RunError:
    kinds = ", ".join(sorted({kind for kind, _ in left_out}))
    there = ", ".join(map(str, checkpointed(record)))
    return RunError(
        f"run {record.id} has no checkpoint of that epoch, which {kinds} would need",
        got=", ".join(map(str, sorted({epoch for _, epoch in left_out}))),
        expected=f"one of {there}" if there else "a run with checkpoints",
    )


def _diagnose(chain: Chain, record: RunRecord) -> None:
    from latelier.lab.closing import write_diagnoses
    from latelier.lab.sink import Held

    if chain.made or not record.has(DIAGNOSES):
        held = Held()
        write_diagnoses(record, held)
        chain.made += held.write(record)
