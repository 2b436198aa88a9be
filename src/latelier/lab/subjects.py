"""What a run's interventions are about: its anchored regularizers, concepts and labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from latelier.analysis.intervention_study import (
    Dimensions,
    Subject,
    mean_direction,
    single_dimensions,
)
from latelier.analysis.interventions import alignment
from latelier.config.regularizers import Anchored, RegularizerConfig
from latelier.data import Dataset
from latelier.training import Session
from latelier.training.tasks import RegularizedTask

Array = npt.NDArray[np.float64]
LATENTS = "latents"

MAX_SUBJECTS = 24
"""Subjects that are studied; of data with more classes, the first of them."""


class Graded:
    """How much examples are of each concept and class, by its name.

    Args:
        dataset: The data.
        rows: dataset_idx of the examples, [N].
    """

    def __init__(self, dataset: Dataset, rows: npt.NDArray[Any]) -> None:
        chosen, table = torch.from_numpy(rows.astype(np.int64)), dataset.concepts
        self.concepts = () if table is None else table.names
        self._of: dict[str, tuple[Array, Array]] = {}
        if table is not None:
            near, likely = (_rows(part, chosen) for part in (table.similarity, table.probability))
            self._of = {name: (near[:, k], likely[:, k]) for k, name in enumerate(table.names)}
        self.classes = class_names(dataset)
        if dataset.labels is not None:
            own = dataset.labels[chosen].numpy()
            for place, name in enumerate(self.classes):
                share = (own == place).astype(np.float64)
                self._of.setdefault(name, (share, share))
        self._count = len(rows)

    def similarity(self, labels: Mapping[str, float]) -> Array:
        """Return clamp(Σ similarity · strength, 0, 1), [N]; a class counts 0 or 1."""
        return self._sum(labels, 0)

    def probability(self, labels: Mapping[str, float]) -> Array:
        """Return the same of the probabilities with which examples are labelled so, [N]."""
        return self._sum(labels, 1)

    def _sum(self, labels: Mapping[str, float], part: int) -> Array:
        total = np.zeros(self._count)
        for name, strength in labels.items():
            total += strength * self._of[name][part]
        return np.clip(total, 0, 1)


def _rows(values: torch.Tensor, rows: torch.Tensor) -> Array:
    taken: Array = values.index_select(0, rows).double().numpy()
    return taken


def class_names(dataset: Dataset) -> tuple[str, ...]:
    """Return the names of the classes, or their numbers as text."""
    if dataset.label_names is not None:
        return dataset.label_names
    return tuple(map(str, range(dataset.classes or 0)))


def subjects_of(
    session: Session, rows: npt.NDArray[Any], z: npt.NDArray[Any]
) -> tuple[list[Subject], list[str]]:
    """Return what similarity is measured to, and the names beyond `MAX_SUBJECTS`.

    These are the anchored regularizers of the latents that are in force and have their anchor;
    then the concepts of the data, and the classes that a regularizer means. Without any of them
    they are all classes.

    Args:
        session: The run in memory; anchors that it took from its data are in its task.
        rows: dataset_idx of the examples, [N].
        z: Their latents, [N, D].
    """
    graded = Graded(session.dataset, rows)
    found = [*_anchored(session, graded, z), *_labelled(session, graded, z)]
    if not found:
        found = [_by_label("label", name, graded, z) for name in graded.classes]
    return found[:MAX_SUBJECTS], [subject.name for subject in found[MAX_SUBJECTS:]]


def _anchored(session: Session, graded: Graded, z: npt.NDArray[Any]) -> Iterator[Subject]:
    task = session.task
    for term in task.terms if isinstance(task, RegularizedTask) else ():
        config = term.config
        if not isinstance(config, Anchored) or config.target != LATENTS or term.anchor is None:
            continue
        point = term.anchor.double().cpu().numpy()
        direction = point if point.any() else None
        if config.labels:
            similarity = graded.similarity(config.labels)
        elif direction is None:
            continue  # the origin, for everyone: there is nothing to be similar to
        else:
            similarity = np.clip(alignment(z, direction), 0, 1)
        yield Subject(
            config.name,
            "regularizer",
            config.kind,
            config.labels,
            similarity,
            direction,
            None if direction is None else "anchor",
        )


def _labelled(session: Session, graded: Graded, z: npt.NDArray[Any]) -> Iterator[Subject]:
    meant = {label for part in in_force(session) for label in part.labels}
    for name in graded.concepts:
        yield _by_label("concept", name, graded, z)
    for name in graded.classes:
        if name in meant and name not in graded.concepts:
            yield _by_label("label", name, graded, z)


def _by_label(of: str, name: str, graded: Graded, z: npt.NDArray[Any]) -> Subject:
    labels = {name: 1.0}
    direction = mean_direction(z, graded.probability(labels))
    source = None if direction is None else "mean"
    return Subject(name, of, None, labels, graded.similarity(labels), direction, source)


def in_force(session: Session) -> list[RegularizerConfig]:
    """Return the regularizers of the configuration that are switched on."""
    return [part for part in session.config.regularizers if part.enabled]


def dimensions_of(session: Session, z: npt.NDArray[Any]) -> tuple[list[Dimensions], list[int]]:
    """Return which dimensions are taken out together, and the single ones that are left out.

    Each by itself; then, for every regularizer that names a plane or subspace of the latents,
    those that it names, and the others.
    """
    sets, left = single_dimensions(z)
    every = range(z.shape[1])
    for part in in_force(session):
        named = getattr(part, "plane", None) or getattr(part, "dimensions", None)
        if named is None or part.target != LATENTS:
            continue
        inside = tuple(d for d in every if d in named)
        outside = tuple(d for d in every if d not in named)
        for name, which in ((part.name, inside), (f"outside {part.name}", outside)):
            if which:
                sets.append(Dimensions(name, which, part.name))
    return sets, left
