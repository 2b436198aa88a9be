"""Any task, with regularizers: its objective plus a weighted sum of terms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from latelier.config import ConfigError, LatelierError, TrainingError
from latelier.config.regularizers import Anchored, RegularizerConfig
from latelier.data import Batch, with_partners
from latelier.models import LossResult
from latelier.models.base import Autoencoder
from latelier.timeline import Frame, Track
from latelier.training.captures import LATENTS, Captures, joined
from latelier.training.clock import Clock
from latelier.training.determinism import shielded
from latelier.training.plan import Plan, read_dopesheet
from latelier.training.tasks.base import BATCH, Encoded, Prior, Task
from latelier.training.terms import Term, configured_anchor

if TYPE_CHECKING:
    from latelier.training.session import Session

ANCHOR_ACTION = "anchor-from-data"


class RegularizedTask(Task[Any]):
    """Minimize a task's objective + Σ weight · term, the weights being timeline columns.

    Everything else is the task's own. Terms are measured before their weight, under their names;
    one that is not there (weight 0, no example that is meant, no anchor yet) is measured as NaN.

    Args:
        inner: The task, checked.
    """

    def __init__(self, inner: Task[Any]) -> None:
        self.inner = inner
        self.capabilities = inner.capabilities
        super().__init__(inner.model, inner.config, inner.dataset)

    def check(self) -> None:
        """See `Task.check`."""
        self.terms = [
            Term.of(section, self.dataset)
            for section in self.config.regularizers
            if section.enabled
        ]
        self._refuse_labelled_pairs()
        targets = {term.config.target for term in self.terms}
        # A module of the user's own says what its latents are only when asked to encode.
        self._encodes = LATENTS in targets and not isinstance(self.model, Autoencoder)
        self._captures = Captures(self.model, targets - ({LATENTS} if self._encodes else set()))
        if self.terms:
            self._probe()

    def _refuse_labelled_pairs(self) -> None:
        labelled = [term.config.name for term in self.terms if term.config.labels]
        if labelled and self.config.data.pairs != "off":
            raise ConfigError(
                "regularizers are meant for labels, but the other halves of pairs have none",
                got=", ".join(labelled),
                expected="regularizers without labels where data.pairs is on",
                remedy="Remove their labels.",
            )

    def _probe(self) -> None:
        """Let every term see two examples, so that what does not fit fails before training."""
        modes = [(part, part.training) for part in self.model.modules()]
        with shielded(), torch.no_grad():
            self.model.eval()
            batch = self._examples(self.dataset.train[:2])
            found = self._look(batch, lambda: self.model(batch.fed))
        for part, training in modes:
            part.training = training
        for term in self.terms:
            self._check_fit(term, found.get(term.config.target))

    def _check_fit(self, term: Term, z: Tensor | None) -> None:
        where = f"regularizer {term.config.name}"
        if z is None:
            raise ConfigError(
                f"{where}: the layer {term.config.target} takes no part in the forward pass",
                remedy="Name another layer.",
            )
        dimensions = (*getattr(term.config, "plane", ()), *getattr(term.config, "dimensions", ()))
        beyond = [d for d in dimensions if d >= z.shape[1]]
        if beyond and term.config.kind != "planarity":
            raise ConfigError(
                f"{where}: there are no such dimensions",
                got=", ".join(map(str, beyond)),
                expected=f"0 to {z.shape[1] - 1}",
            )
        if not term.ready:
            return
        try:
            term.losses(z)
        except LatelierError as error:
            raise ConfigError(
                f"{where}: {error.what}",
                got=error.got,
                expected=error.expected,
                remedy=error.remedy,
            ) from error

    def _examples(self, rows: Tensor) -> Batch:
        batch = self.dataset.examples(rows)
        batch = with_partners(self.dataset, self.config.data, batch, seed=self.config.seed)
        return batch.to(next(self.model.parameters()).device)

    def _look(self, batch: Batch, forward: Callable[[], object]) -> dict[str, Tensor]:
        """Return what the targets hold while ``forward`` runs, [B, D] each."""
        with self._captures.listening() as caught:
            forward()
            found = joined(caught)
        if self._encodes:
            found[LATENTS] = self.inner.encode(batch.inputs).z
        return found

    def check_trainable(self) -> None:
        """See `Task.check_trainable`."""
        self.inner.check_trainable()

    def plan(self, clock: Clock) -> Plan:
        """See `Task.plan`: the task's columns, and one per regularizer.

        Raises:
            ConfigError: If a regularizer in force has neither a column in the dopesheet nor a
                weight, or its column has another meaning.
        """
        plan = self.inner.plan(clock)
        schedule = self.config.schedule
        sheet = None if schedule.dopesheet is None else read_dopesheet(schedule)
        in_sheet = {track.name for track in sheet.tracks} if sheet else set()
        columns: dict[str, Track] = {}
        for section in self.config.regularizers:
            if section.enabled or section.weight_column in in_sheet:
                _add_column(columns, section, plan.columns, in_sheet)
        return Plan({**plan.columns, **columns}, plan.phases, plan.actions)

    def loss(self, batch: Batch, frame: Frame) -> LossResult:
        """See `Task.loss`. Measured besides: the task's own objective, as ``unregularized``."""
        results: list[LossResult] = []
        found = self._look(batch, lambda: results.append(self.inner.loss(batch, frame)))
        result = results[0]
        objective = result.objective
        measured = {**result.measured, "unregularized": objective.detach()}
        for term in self.terms:
            weight: Any = frame.props[term.column]
            # A tensor holds a weight for each member of an ensemble, some of them 0.
            if not term.ready or (not isinstance(weight, Tensor) and weight == 0):
                measured[term.name] = objective.new_full((), torch.nan)
                continue
            value, seen = term.value(found[term.config.target], batch)
            if isinstance(weight, Tensor):
                seen = torch.where(weight == 0, torch.nan, seen)
            measured[term.name] = seen
            objective = objective + weight * value
        return LossResult(objective, measured)

    def encode(self, inputs: Tensor) -> Encoded:
        """See `Task.encode`."""
        return self.inner.encode(inputs)

    def decode(self, z: Tensor) -> Tensor:
        """See `Task.decode`."""
        return self.inner.decode(z)

    def prior(self, frame: Frame) -> Prior | None:
        """See `Task.prior`."""
        return self.inner.prior(frame)

    def anatomy(self, inputs: Tensor, encoded: Encoded, frame: Frame) -> dict[str, Tensor]:
        """See `Task.anatomy`: the parts of the task's own loss."""
        return self.inner.anatomy(inputs, encoded, frame)

    def parameter_groups(self) -> list[dict[str, Any]]:
        """See `Task.parameter_groups`."""
        return self.inner.parameter_groups()

    @property
    def actions(self) -> Mapping[str, Callable[[Session], dict[str, Any]]]:
        """See `Task.actions`: ``anchor-from-data`` for every anchor ``data``, or for one by name.

        An anchor is the mean of what the term looks at over the training examples, weighted as
        they are drawn and by how much the term means them.
        """
        anchored = [term for term in self.terms if isinstance(term.config, Anchored)]
        taking = [term for term in anchored if term.config.anchor == "data"]  # type: ignore[union-attr]
        own: dict[str, Callable[[Session], dict[str, Any]]] = {
            f"{ANCHOR_ACTION}-{term.config.name}": lambda _, term=term: self._anchor([term])  # type: ignore[misc]
            for term in anchored
        }
        if taking:
            own[ANCHOR_ACTION] = lambda _: self._anchor(taking)
        return {**self.inner.actions, **own}

    @torch.no_grad()
    def _anchor(self, terms: Sequence[Term]) -> dict[str, Any]:
        """Take the anchors of some terms from the training data; return them by name."""
        sums: dict[str, Tensor] = {}
        totals = dict.fromkeys((term.name for term in terms), 0.0)
        with shielded():
            self.model.eval()
            for rows in self.dataset.train.split(BATCH):
                batch = self._examples(rows)
                found = self._look(batch, lambda b=batch: self.model(b.fed))  # type: ignore[misc]
                for term in terms:
                    z = found[term.config.target].double()
                    weights = self._weights(term, batch, len(z)).to(z.device)
                    sums[term.name] = sums.get(term.name, 0) + weights @ z
                    totals[term.name] += float(weights.sum())
        for term in terms:
            if totals[term.name] <= 0:
                raise TrainingError(
                    f"regularizer {term.config.name} takes its anchor from no example at all",
                    got=", ".join(term.config.labels),
                    expected="labels that some training example has",
                )
            term.anchor = (sums[term.name] / totals[term.name]).float()
        return {"anchors": {term.config.name: _rounded(term.anchor) for term in terms}}

    def _weights(self, term: Term, batch: Batch, count: int) -> Tensor:
        affinities = term.affinity(batch)
        weights = torch.ones(count, dtype=torch.float64)
        if self.config.data.sampling != "shuffle" and self.dataset.weights is not None:
            weights = self.dataset.weights[batch.indices.cpu()].double()
        return weights if affinities is None else weights * affinities.double().cpu()

    def state(self) -> dict[str, Tensor]:
        """See `Task.state`: the anchors that were taken from the data."""
        taken = {
            anchor_name(term.config): term.anchor
            for term in self.terms
            if isinstance(term.config, Anchored) and term.anchor is not None
        }
        return {**self.inner.state(), **taken}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """See `Task.load_state`."""
        self.inner.load_state(state)
        for term in self.terms:
            anchor = state.get(anchor_name(term.config))
            if anchor is not None:
                term.anchor = anchor

    def reset(self) -> None:
        """See `Task.reset`: anchors are the configuration's."""
        self.inner.reset()
        for term in self.terms:
            term.anchor = configured_anchor(term.config)


def anchor_name(config: RegularizerConfig) -> str:
    """Return the name of a regularizer's anchor in `Task.state`."""
    return f"anchor.{config.name}"


def _add_column(
    columns: dict[str, Track],
    section: RegularizerConfig,
    taken: Mapping[str, Track],
    in_sheet: set[str],
) -> None:
    name, known = section.weight_column, columns.get(section.weight_column)
    if section.enabled and section.weight is None and name not in in_sheet:
        raise ConfigError(
            f"regularizer {section.name} has no weight",
            got=f"no column {name} in the dopesheet",
            expected=f"a column {name}, or a number in its setting weight",
            remedy=f"Add the column, set weight, or set enabled: false for {section.name}.",
        )
    track = Track.constant(name, section.weight or 0.0)
    if name in taken or (known is not None and name not in in_sheet and known != track):
        raise ConfigError(
            f"the column of regularizer {section.name} has another meaning already",
            got=name,
            expected="a column of its own, or one that means the same weight for each",
            remedy=f"Set another column for {section.name}.",
        )
    columns[name] = track


def _rounded(anchor: Tensor | None) -> list[float]:
    assert anchor is not None
    return [round(value, 6) for value in anchor.tolist()]
