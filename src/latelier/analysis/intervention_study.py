"""Every intervention on a code, against every concept: whom does it hurt, and how much?

Shapes: N examples with latents of D dimensions; S subjects, I interventions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from latelier.analysis.interventions import (
    Array,
    ablate,
    alignment,
    effect,
    prune,
    repel,
    squared_error,
    suppress,
)
from latelier.config.errors import ConfigError, ShapeError

MAX_DIMENSIONS = 32
"""Dimensions that are taken out one by one; of more, those of greatest variance."""

SMALL_LENGTH = 1e-6
"""A mean shorter than this share of the latents' root mean square length has no direction."""

Decode = Callable[[Array], npt.ArrayLike]


@dataclass(frozen=True, eq=False)
class Subject:
    """A concept, and where in the code it is thought to be.

    Attributes:
        name: Of the regularizer, concept or label.
        of: ``"regularizer"``, ``"concept"`` or ``"label"``.
        kind: Kind of the regularizer; None for others.
        labels: Label → strength, what its similarity is the sum of; empty where it is the
            alignment with the direction, clamped to 0…1.
        similarity: How near each example is, in 0…1, [N].
        direction: [D]; None where it has none.
        source: Where the direction is from, ``"anchor"`` or ``"mean"``; None without one.
    """

    name: str
    of: str
    kind: str | None
    labels: Mapping[str, float]
    similarity: Array
    direction: Array | None
    source: str | None

    def payload(self, z: Array) -> dict[str, Any]:
        """Return it as JSON-able values, with the alignment of the latents z [N, D]."""
        vector, cosine = self.direction, None
        if vector is not None:
            cosine = alignment(z, vector)
        return {
            "name": self.name,
            "of": self.of,
            "kind": self.kind,
            "labels": dict(self.labels),
            "similarity": _short(self.similarity),
            "direction": None if vector is None else {"from": self.source, "vector": vector},
            "alignment": None if cosine is None else _short(cosine),
        }


@dataclass(frozen=True)
class Dimensions:
    """Dimensions that are taken out together.

    Attributes:
        name: For people.
        dimensions: Which.
        regularizer: The regularizer that names them, or the others; None for a single one.
    """

    name: str
    dimensions: tuple[int, ...]
    regularizer: str | None = None


@dataclass(frozen=True, eq=False)
class Intervention:
    """One way to change all latents.

    Attributes:
        kind: ``"suppress"``, ``"repel"``, ``"ablate"`` or ``"prune"``.
        name: For people.
        change: Latents → latents, [N, D].
        subject: Place of the subject whose direction it is about; None for dimensions.
        dimensions: Those that it takes out; None for a direction.
    """

    kind: str
    name: str
    change: Callable[[Array], Array]
    subject: int | None = None
    dimensions: Dimensions | None = None

    def payload(self, added: Array) -> dict[str, Any]:
        """Return it as JSON-able values, with the error that it adds to each example, [N]."""
        out = self.dimensions
        return {
            "name": f"{self.kind} {self.name}",
            "kind": self.kind,
            "subject": self.subject,
            "dimensions": [] if out is None else list(out.dimensions),
            "regularizer": None if out is None else out.regularizer,
            "added": _short(added),
            "mean": float(added.mean()),
        }


def mean_direction(z: npt.ArrayLike, weights: npt.ArrayLike) -> Array | None:
    """Return where the examples of a concept lie, seen from the mean of all, [D].

    Args:
        z: Latents, [N, D].
        weights: How much each example counts, at least 0, [N].

    Returns:
        The weighted mean less the mean; None where nobody counts or both are the same place.
    """
    latents, shares = np.asarray(z, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    total = float(shares.sum())
    if total <= 0:
        return None
    direction: Array = shares @ latents / total - latents.mean(0)
    scale = float(np.sqrt((latents**2).sum(1).mean()))
    return direction if np.linalg.norm(direction) > SMALL_LENGTH * scale else None


def single_dimensions(z: npt.ArrayLike) -> tuple[list[Dimensions], list[int]]:
    """Return each dimension by itself, and those left out beyond `MAX_DIMENSIONS`.

    Args:
        z: Latents, [N, D]. Of more dimensions, those of least variance are left out.
    """
    variance = np.asarray(z, dtype=np.float64).var(0)
    order = np.argsort(-variance, kind="stable")
    kept, left = sorted(order[:MAX_DIMENSIONS].tolist()), sorted(order[MAX_DIMENSIONS:].tolist())
    return [Dimensions(str(d), (d,)) for d in kept], left


def study(
    z: npt.ArrayLike,
    inputs: npt.ArrayLike,
    subjects: Sequence[Subject],
    sets: Sequence[Dimensions],
    *,
    decode: Decode,
    strength: float = 1.0,
    threshold: float = 0.0,
    on_sphere: bool = False,
) -> dict[str, Any]:
    """Decode latents as they are and after every intervention, and relate what that costs.

    Suppression and repulsion follow each subject's direction; ablation sets dimensions to their
    mean over the examples, pruning removes them. The error is squared, the mean over an
    example's values.

    Args:
        z: Latents, [N, D].
        inputs: Examples, [N, *shape].
        subjects: What similarity is measured to, S of them.
        sets: Dimensions to take out.
        decode: Latents [N, D] → reconstructions [N, *shape]; called with the latents as they are,
            then once for each intervention, in their order.
        strength: Of suppression and repulsion, above 0, at most 1.
        threshold: Alignment from which these begin, at least 0 and below 1.
        on_sphere: Whether the model divides codes by their length; see `prune`.

    Returns:
        ``error`` [N], ``subjects`` [S], ``interventions`` [I] and ``effects`` [I][S].

    Raises:
        ShapeError: If the examples do not fit the latents, or a subject does not fit either.
        ConfigError: If the strength or the threshold is out of bounds.
    """
    latents, x = np.asarray(z, dtype=np.float64), np.asarray(inputs, dtype=np.float64)
    _require_fit(latents, x, subjects, strength)
    before, told, effects = squared_error(decode, latents, x), [], []
    for one in _interventions(latents, subjects, sets, strength, threshold, on_sphere):
        after = squared_error(decode, one.change(latents), x)
        told.append(one.payload(after - before))
        effects.append([_relation(before, after, subject) for subject in subjects])
    return {
        "error": _short(before),
        "subjects": [subject.payload(latents) for subject in subjects],
        "interventions": told,
        "effects": effects,
    }


def _interventions(
    z: Array,
    subjects: Sequence[Subject],
    sets: Sequence[Dimensions],
    strength: float,
    threshold: float,
    on_sphere: bool,
) -> Iterator[Intervention]:
    for place, subject in enumerate(subjects):
        v = subject.direction
        if v is None:
            continue
        ways = {"suppress": suppress, "repel": repel}
        for kind in ways if z.shape[1] > 1 else ("suppress",):  # on a line nothing can be turned
            change = partial(ways[kind], direction=v, strength=strength, threshold=threshold)
            yield Intervention(kind, subject.name, change, place)
    mean = z.mean(0)
    for out in sets:
        which = list(out.dimensions)
        fill = partial(ablate, dimensions=which, fill=mean[which])
        yield Intervention("ablate", out.name, fill, dimensions=out)
        cut = partial(prune, dimensions=which, on_sphere=on_sphere)
        yield Intervention("prune", out.name, cut, dimensions=out)


def _short(values: Array) -> npt.NDArray[np.float32]:
    """Return numbers with the digits that a float32 has: half as long to store."""
    return values.astype(np.float32)


def _relation(before: Array, after: Array, subject: Subject) -> dict[str, Any]:
    found = effect(before, after, subject.similarity).payload()
    return {name: found[name] for name in ("r2", "slope", "intercept", "bins")}


def _require_fit(z: Array, x: Array, subjects: Sequence[Subject], strength: float) -> None:
    if z.ndim != 2 or len(x) != len(z) or not len(z):
        raise ShapeError(
            "latents and examples do not fit",
            got=f"{list(z.shape)} and {list(x.shape)}",
            expected="[N, D] and [N, *shape], N ≥ 1",
        )
    for subject in subjects:
        if subject.similarity.shape != z.shape[:1]:
            raise ShapeError(
                f"the similarity to {subject.name} does not fit the latents",
                got=list(subject.similarity.shape),
                expected=f"[{len(z)}]",
            )
    if not 0 < strength <= 1:
        raise ConfigError(
            "the strength is no share of an intervention", got=strength, expected="above 0, up to 1"
        )
