"""The chain: what an artifact needs is made before it, in order, and only what is missing.

Maps are laid on those of the epoch before, so an epoch's maps need those of every epoch before it.
What is there is kept as it is; what is made is what training would have made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from safetensors.numpy import load as load_tensors

from latelier.config import RunError, RunNotFoundError
from latelier.lab.cadence import anchors, before, fast_epochs
from latelier.lab.fast_set import FastSet
from latelier.lab.full_set import Progress, array_kinds, array_part, write_product
from latelier.lab.kinds import (
    CHAIN,
    FAST,
    QUALITY,
    THUMBNAILS,
    UNITS,
    Facts,
    checkpointed,
    facts_of,
    missing,
    possible,
)
from latelier.lab.moment import Keys, write_products
from latelier.lab.sink import Held
from latelier.runs import ARTIFACTS, RunRecord, RunStore

if TYPE_CHECKING:
    from latelier.lab.analyst import Analyst

_ON_GRIDS = ("trust_2d", "decode_point")


class Stopped(Exception):  # noqa: N818  # nothing went wrong
    """Raised between two steps of a computation that was asked to stop."""


class Chain:
    """Makes artifacts of a run, and before them what they need.

    Args:
        record: The run.
        analyst: Asked for the run in memory, when the model is needed.

    Attributes:
        progress: Called with the share of a slow computation that is done.
        stop: Asked between two steps.
        made: Kind and epoch of everything that was written.
    """

    def __init__(self, record: RunRecord, analyst: Callable[[], Analyst]) -> None:
        self.record, self._analyst = record, analyst
        self.progress: Progress = lambda done: None  # noqa: ARG005
        self.stop: Callable[[], bool] = lambda: False
        self.made: list[tuple[str, int]] = []

    @cached_property
    def facts(self) -> Facts:
        """What decides which artifacts the run can have."""
        return facts_of(self.record)

    def links(self) -> list[int]:
        """Return the epochs of the chain: those of the cadence that are recorded or can be made."""
        config, total = self.record.config(), self.record.summary().total_epochs
        there = {*checkpointed(self.record)}
        there |= {e for e in self.record.epochs("latents") if not missing(self.record, CHAIN, e)}
        if total is None:
            return sorted(there)
        return sorted(there & set(fast_epochs(int(config["analysis"]["every_epochs"]), total)))

    # Units

    def make(self, kind: str, epoch: int) -> None:
        """Have an artifact that is named by its epoch alone."""
        unit = UNITS.get(kind)
        if unit is None:
            self.model_part(kind, epoch)
        elif kind in CHAIN:
            self.maps(epoch)
        elif unit == "fast":
            self.fast(epoch, (kind,))
        elif unit == "umap":
            self.umap(epoch)
        else:
            self.plane(epoch, unit, (kind,))

    def maps(self, epoch: int) -> None:
        """Have latents and PCA maps of an epoch, and those that they are laid on."""
        lacking, links = [], self.links()
        link: int | None = epoch
        while link is not None and missing(self.record, CHAIN, link):
            lacking.append(link)
            link = before(links, link)
        for link in reversed(lacking):
            self._measure(link, missing(self.record, CHAIN, link))

    def fast(self, epoch: int, kinds: Iterable[str] = FAST) -> None:
        """Have the fast set of an epoch, or some kinds of it."""
        earlier = before(self.links(), epoch)
        if earlier is not None:
            self.maps(earlier)
        if wanted := self.lacking(epoch, kinds):
            self._measure(epoch, wanted)

    def lacking(self, epoch: int, kinds: Iterable[str] = FAST) -> list[str]:
        """Return those of the fast set's kinds that an epoch could have and does not."""
        wanted = missing(self.record, (k for k in kinds if possible(k, self.facts)), epoch)
        first = before(self.links(), epoch) is None and self._parent_of(epoch) is None
        if first and "neighbor_churn" in wanted:
            wanted.remove("neighbor_churn")
        known = "mixture_health" in wanted and self.record.has("latents", epoch=epoch)
        if known and "responsibilities" not in self._latents(epoch):  # the mixture's warm-up
            wanted.remove("mixture_health")
        return wanted

    def plane(self, epoch: int, unit: str, kinds: Iterable[str] | None = None) -> None:
        """Have the grids over the 2-D map of an epoch (``plane_pca``, ``plane_umap``)."""
        self.maps(epoch)
        if unit == "plane_umap":
            self.umap(epoch)
        can = self._array_kinds(epoch, unit)
        wanted = [kind for kind in can if kinds is None or kind in kinds]
        if wanted := missing(self.record, wanted, epoch):
            self._arrays(epoch, unit, wanted, self.progress)

    def umap(self, epoch: int) -> None:
        """Have the UMAP maps of an epoch, and those of the anchors before it."""
        self.maps(epoch)
        lacking = []
        for link in (*(e for e in anchors(self.links()) if e < epoch), epoch):
            self.maps(link)
            if missing(self.record, self._array_kinds(link, "umap"), link):
                lacking.append(link)
        for number, link in enumerate(lacking):
            wanted = missing(self.record, self._array_kinds(link, "umap"), link)

            def share(done: float, before: int = number, of: int = len(lacking)) -> None:
                """Pass on how much is done of all epochs, from how much is of one."""
                self.progress((before + done) / of)

            self._arrays(link, "umap", [*wanted, QUALITY], share)

    def model_part(self, kind: str, epoch: int, keys: Keys | None = None) -> None:
        """Have what a maker makes with the model; its maps and grids are made first.

        Args:
            kind: A kind of `MAKERS`.
            epoch: An epoch with a checkpoint.
            keys: The other keys of its name.
        """
        from latelier.lab.makers import MAKERS

        if kind not in MAKERS:
            raise RunError(f"{kind} is not made on demand", expected="a kind that the run offers")
        keys = keys or {}
        method = "umap" if kind.endswith("_umap") else str(keys.get("method", "pca"))
        if kind.startswith(_ON_GRIDS):
            self.plane(epoch, f"plane_{method}")
        elif method == "umap":
            self.umap(epoch)
        elif kind.startswith("atlas"):
            self.maps(epoch)
        self._check()
        analyst = self._analyst()
        moment = analyst.at(epoch)
        held = Held()
        with analyst.executing():
            write_products(held, moment, MAKERS[kind].make(moment, keys))
        self._write(held)

    def missing_model_part(self, kind: str, epoch: int) -> None:
        """Have what a maker makes of an epoch, and keep it where it is there."""
        kinds = [kind, *([f"{kind}_image"] if f"{kind}_image" in ARTIFACTS else [])]
        if missing(self.record, kinds, epoch):
            self.model_part(kind, epoch)

    def thumbnails(self) -> None:
        """Have what the fixed points look like: thumbnails, or a list of colors."""
        lacking = [k for k in THUMBNAILS if possible(k, self.facts) and not self.record.has(k)]
        if not lacking:
            return
        from latelier.lab.thumbnails import write_thumbnails

        held = Held(frozenset(lacking).__contains__)
        write_thumbnails(held, self._analyst().at("latest").session)
        self._write(held)

    # Steps

    def _measure(self, epoch: int, kinds: Iterable[str]) -> None:
        """Compute the fast set of an epoch from its checkpoint, and write some kinds of it."""
        self._check()
        analyst = self._analyst()
        moment, held = analyst.at(epoch), Held()
        with analyst.executing():
            fast_set = FastSet(
                moment.session,
                held,
                lambda: moment.digest,
                wanted=frozenset(kinds).__contains__,
                points=moment.points,
            )
            fast_set.restore(self._parent_of(epoch) or self.record, epoch - 1)
            fast_set.run(stop=self.stop)
        self._write(held)
        self._check()

    def _arrays(self, epoch: int, unit: str, kinds: Iterable[str], progress: Progress) -> None:
        """Compute one unit of the array part, and write some kinds of it."""

        def told(done: float) -> None:
            """Pass on how much is done, unless somebody has asked to stop."""
            self._check()
            progress(done)

        self._check()
        held = Held(frozenset(kinds).__contains__)
        for product in array_part(self.record, epoch, unit, told):
            self._check()
            write_product(self.record, held, product)
        self._write(held)

    def _write(self, held: Held) -> None:
        self.made += held.write(self.record)

    def _check(self) -> None:
        if self.stop():
            raise Stopped

    def _array_kinds(self, epoch: int, unit: str) -> tuple[str, ...]:
        return array_kinds(self._latents(epoch), unit)

    def _latents(self, epoch: int) -> Mapping[str, Any]:
        return load_tensors(self.record.read_bytes("latents", epoch=epoch))

    def _parent_of(self, epoch: int) -> RunRecord | None:
        """Return the run whose maps a fork's first epoch is laid on; None for any other epoch."""
        parent: Mapping[str, object] | None = self.record.summary().parent
        if parent is None or parent["epoch"] != epoch:
            return None
        try:
            return RunStore(self.record.path.parent).open(str(parent["run_id"]))
        except RunNotFoundError:
            return None
