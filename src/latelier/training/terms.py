"""Terms of an objective made of regularizers: criteria bound to a run's labels.

Shapes: B examples, D dimensions of what a term looks at, K concepts, C classes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import torch
from torch import Tensor

from latelier.config import ConfigError
from latelier.config.regularizers import Anchored, RegularizerConfig
from latelier.data import Batch, Dataset
from latelier.losses import (
    angular_anchor,
    anti_anchor,
    batches_differ,
    orthogonality,
    pin,
    planarity,
    separate,
    sparsity,
    subspace,
    unitarity,
    weighted_mean,
)
from latelier.models.precision import upcast

Criterion = Callable[[Any, Tensor, Tensor], Tensor]

CRITERIA: dict[str, Criterion] = {
    "unitarity": lambda c, z, anchor: unitarity(z),  # noqa: ARG005
    "planarity": lambda c, z, anchor: planarity(z, c.plane),  # noqa: ARG005
    "subspace": lambda c, z, anchor: subspace(z, c.dimensions),  # noqa: ARG005
    "pin": lambda c, z, anchor: pin(z, anchor),  # noqa: ARG005
    "angular-anchor": lambda c, z, anchor: angular_anchor(z, anchor),  # noqa: ARG005
    "anti-anchor": lambda c, z, anchor: anti_anchor(z, anchor, c.power),
    "orthogonality": lambda c, z, anchor: orthogonality(z, anchor),  # noqa: ARG005
    "sparsity": lambda c, z, anchor: sparsity(z, scale_free=c.scale_free),  # noqa: ARG005
    "separate": lambda c, z, anchor: separate(  # noqa: ARG005
        z, channels=c.channels, power=c.power, shift=c.shift, over=c.over
    ),
}
"""Kind → (config, z [B, D], anchor [D]) → one number per example, [B]. A new one is a row here."""


@dataclass
class Affinity:
    """How much each example of a batch is meant by a term, in 0…1.

    Args:
        concepts: Strength per concept, [K]; None where no concept counts.
        classes: Strength per class, [C]; None where no class counts.
    """

    concepts: Tensor | None = None
    classes: Tensor | None = None

    @classmethod
    def of(cls, name: str, labels: Mapping[str, float], dataset: Dataset) -> Affinity:
        """Bind strengths by label to the concepts and classes of a data set.

        Raises:
            ConfigError: If nothing in the data gives a label; the message lists what there is.
        """
        concepts = () if dataset.concepts is None else dataset.concepts.names
        classes = _class_names(dataset)
        strengths = torch.zeros(len(concepts)), torch.zeros(len(classes))
        for label, strength in labels.items():
            _require_label(name, label, (*concepts, *classes))
            if label in concepts:
                strengths[0][concepts.index(label)] = strength
            else:
                strengths[1][classes.index(label)] = strength
        return cls(*(part if part.any() else None for part in strengths))

    def __call__(self, batch: Batch) -> Tensor | None:
        """Return clamp(Σ label · strength, 0, 1), [B]; None where all examples count alike."""
        total: Tensor | None = None
        if self.concepts is not None:
            assert batch.concepts is not None
            self.concepts = self.concepts.to(batch.concepts.device)
            total = batch.concepts @ self.concepts
        if self.classes is not None:
            assert batch.labels is not None
            self.classes = self.classes.to(batch.labels.device)
            own = self.classes[batch.labels]
            total = own if total is None else total + own
        return None if total is None else total.clamp(0, 1)


def _class_names(dataset: Dataset) -> tuple[str, ...]:
    if dataset.label_names is not None:
        return dataset.label_names
    return tuple(map(str, range(dataset.classes or 0)))


def _require_label(name: str, label: str, known: tuple[str, ...]) -> None:
    if label in known:
        return
    close = get_close_matches(label, known, n=1)
    raise ConfigError(
        f"regularizer {name} is meant for a label that nothing in the data gives",
        got=label,
        expected=", ".join(known[:20]) or "no label: the data has none",
        remedy=f"Did you mean {close[0]}?" if close else "Correct regularizers[…].labels.",
    )


def configured_anchor(config: RegularizerConfig) -> Tensor | None:
    """Return the point of reference that a configuration gives, [D]; None where it gives none."""
    if not isinstance(config, Anchored) or config.anchor == "data":
        return None
    return torch.tensor(config.anchor)


@dataclass
class Term:
    """One regularizer of a run.

    Args:
        config: What it is.
        affinity: Which examples it is meant for.
        anchor: Its point of reference, [D]; None before it is taken from the data, and for kinds
            that have none.
    """

    config: RegularizerConfig
    affinity: Affinity
    anchor: Tensor | None = field(default=None)

    @classmethod
    def of(cls, config: RegularizerConfig, dataset: Dataset) -> Term:
        """Bind a regularizer to the data's labels."""
        affinity = Affinity.of(config.name, config.labels, dataset)
        return cls(config, affinity, configured_anchor(config))

    @property
    def name(self) -> str:
        """Name of the measurement, which is that of its timeline column by default."""
        return f"reg-{self.config.name}"

    @property
    def column(self) -> str:
        """Timeline column of its weight."""
        return self.config.weight_column

    @property
    def ready(self) -> bool:
        """Whether it has the anchor that it needs."""
        return self.anchor is not None or not isinstance(self.config, Anchored)

    def losses(self, z: Tensor) -> Tensor:
        """Return its criterion for z [B, D], one number per example, [B]."""
        anchor = z.new_zeros(0) if self.anchor is None else self.anchor.to(z)
        return CRITERIA[self.config.kind](self.config, z, anchor)

    def value(self, z: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the term, a scalar with its graph, and what is recorded of it.

        What is recorded is the term before its weight; NaN, "not there", where no example of the
        batch is meant. Nothing here waits for an accelerator.
        """
        z = upcast(z)
        affinities = self.affinity(batch)
        if affinities is None:
            value = weighted_mean(self.name, self.losses(z), z.new_ones(len(z)))
            return value, value.detach()
        if affinities.device.type == "cpu" and not batches_differ() and not affinities.any():
            return z.new_zeros(()), z.new_full((), torch.nan)  # the same value and gradient, sooner
        value = weighted_mean(self.name, self.losses(z), affinities)
        absent = torch.full_like(value, torch.nan)
        return value, torch.where(affinities.sum() > 0, value.detach(), absent)
