"""The recorder of the full set while training: what is due when, who computes it, what is lost.

The array part (grids, quality, UMAP) goes to the companion process, or is computed on the spot
where the points are few; UMAP always goes to the companion. The model part (atlas, trust) needs
the weights of its epoch: a copy of the model waits until the grids that it reads are written.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from safetensors.numpy import load as load_tensors

from latelier.config import RunError
from latelier.lab.cadence import anchors, fast_epochs, full_epochs
from latelier.lab.companion import Companion, Unit, remedy
from latelier.lab.full_set import INLINE_POINTS, array_kinds, array_part, write_product
from latelier.lab.kinds import MODEL_PARTS, chain_epochs, closes, facts_of
from latelier.lab.moment import Moment, write_products
from latelier.lab.points import Points
from latelier.runs import RunWriter
from latelier.training import Session, shielded
from latelier.training.meter import Meter
from latelier.training.signals import Signals


@dataclass(frozen=True)
class _Waiting:
    """An epoch whose model part waits for its grids."""

    epoch: int
    session: Session
    step: int
    digest: str | None


class FullSetRecorder:
    """Have the full set made at its cadence.

    Args:
        session: The run in memory.
        writer: Where artifacts go.
        checkpoint_hash: Asked for the digest of the checkpoint that belongs to this moment.
        points: The fixed points.
    """

    def __init__(
        self,
        session: Session,
        writer: RunWriter,
        checkpoint_hash: Callable[[], str | None],
        points: Points,
    ) -> None:
        self._writer, self._hash, self._points = writer, checkpoint_hash, points
        self._settings = session.config.analysis
        self._companion = Companion(writer)
        self._waiting: list[_Waiting] = []
        total = session.clock.total_epochs
        recorded = fast_epochs(self._settings.every_epochs, total)
        self._due = frozenset(full_epochs(self._settings.full_set, total, recorded))

    def epoch_ended(self, session: Session) -> None:
        """Take up an epoch whose fast set was just recorded, and what has become ready."""
        epoch = session.clock.epoch
        if epoch in self._due and not session.stop():
            self._take_up(session, epoch)
        self._catch_up(session.stop)

    def _take_up(self, session: Session, epoch: int) -> None:
        waiting = _Waiting(epoch, session, session.clock.step, self._hash())
        if len(self._points.indices) <= INLINE_POINTS:
            with self._surviving(f"plane_pca of epoch {epoch}"):
                for product in array_part(self._writer.record, epoch, "plane_pca"):
                    write_product(self._writer.record, self._writer, product)
                self._model_part(waiting)
        else:
            self._companion.submit(Unit(epoch, "plane_pca"))
            with self._surviving(f"atlas and trust of epoch {epoch}"):
                if _parts(session):
                    self._waiting.append(replace(waiting, session=frozen(session)))
        if self._settings.umap:
            self._submit_umap(epoch)

    def finish(self, session: Session) -> None:
        """Wait for everything that was taken up; a request to stop drops what has not begun."""
        self._companion.finish(session.stop)
        self._catch_up(session.stop)
        self._tell_lost()
        self._test_structure(session)

    def drop(self) -> None:
        """Let go of everything that has not begun, and say how to make up for it."""
        self._companion.close()
        self._catch_up(lambda: True)
        self._tell_lost()

    # Array part

    def _submit_umap(self, epoch: int) -> None:
        """Have the UMAP maps of an epoch, and those of the recorded anchors before it."""
        record = self._writer.record
        if not array_kinds(load_tensors(record.read_bytes("latents", epoch=epoch)), "umap"):
            return
        for anchor in anchors(chain_epochs(record)):
            unit = Unit(anchor, "umap")
            made = record.has("latent_2d_umap", epoch=anchor) or self._companion.waiting(unit)
            if anchor < epoch and not made:
                self._companion.submit(unit)
        self._companion.submit(Unit(epoch, "umap"))
        self._companion.submit(Unit(epoch, "plane_umap"))

    # Model part

    def _catch_up(self, stop: Callable[[], bool]) -> None:
        """Make the model parts whose grids are there."""
        for waiting in list(self._waiting):
            if stop():
                return
            unit = Unit(waiting.epoch, "plane_pca")
            if not self._companion.waiting(unit) and unit not in self._companion.lost:
                self._waiting.remove(waiting)
                with self._surviving(f"atlas and trust of epoch {waiting.epoch}"):
                    self._model_part(waiting)

    def _model_part(self, waiting: _Waiting) -> None:
        self._make(waiting, _parts(waiting.session))

    def _test_structure(self, session: Session) -> None:
        """Write the interventions of the end, where the latents are meant to have a structure."""
        facts, kind = facts_of(self._writer.record), "interventions"
        if not closes(kind, facts, self._settings.full_set) or session.stop():
            return
        clock = session.clock
        with self._surviving(f"{kind} of epoch {clock.epoch}"):
            self._make(_Waiting(clock.epoch, session, clock.step, self._hash()), (kind,))

    def _make(self, waiting: _Waiting, kinds: Iterable[str]) -> None:
        from latelier.lab.makers import MAKERS

        moment = Moment(
            self._writer.record,
            waiting.session,
            keys={"epoch": waiting.epoch},
            step=waiting.step,
            digest=waiting.digest,
            points=self._points,
        )
        with shielded():
            for kind in kinds:
                write_products(self._writer, moment, MAKERS[kind].make(moment, {}))

    # What is lost

    @contextmanager
    def _surviving(self, what: str) -> Iterator[None]:
        """Let training survive what goes wrong in the block, and say it."""
        try:
            yield
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            self._warn(f"{what} was not made: {reason}", "full_set_failed")

    def _tell_lost(self) -> None:
        lost = [f"{unit.name} of epoch {unit.epoch}" for unit in self._companion.lost]
        self._companion.lost.clear()
        lost += [f"atlas and trust of epoch {waiting.epoch}" for waiting in self._waiting]
        self._waiting.clear()
        if lost:
            with contextlib.suppress(RunError):  # a full disk: whatever ended the run says more
                self._warn(f"Not made of the full set: {', '.join(lost)}.", "full_set_incomplete")

    def _warn(self, message: str, code: str) -> None:
        summary = self._writer.summary
        data = {"message": f"{message} {remedy(self._writer)}", "code": code}
        self._writer.event("log.warning", data, step=summary.step, epoch=summary.epoch)


def _parts(session: Session) -> tuple[str, ...]:
    """Return the kinds of the model part that a run has."""
    if not {"encode", "decode"} <= session.task.capabilities:
        return ()
    return MODEL_PARTS["pca"] if session.dataset.is_image else MODEL_PARTS["pca"][1:]


def frozen(session: Session) -> Session:
    """Return the session as it is now, with a model of its own: training changes it no more."""
    kept = (session.config, session.dataset)
    task = copy.deepcopy(session.task, {id(part): part for part in kept})
    clock = replace(session.clock)
    return replace(session, task=task, clock=clock, signals=Signals(), meter=Meter())
