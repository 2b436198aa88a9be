"""What runs record where the factors of their data are known: scores, and what pairs share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from latelier.analysis.disentanglement import (
    factor_scores,
    mutual_information_gap,
    scorable,
    shared_dimensions,
)
from latelier.config import ConfigError
from latelier.data import Dataset, partner_indices
from latelier.training import Encoded, Session
from latelier.training.tasks import BATCH, Sharing, in_batches

Array = npt.NDArray[Any]

SCORED = 5000
"""Examples that all scores together are measured on; they take about two seconds."""

EXAMPLES = 12
"""Pairs that are told one by one."""


def factor_gap(dataset: Dataset, rows: Array, z: Array) -> dict[str, float]:
    """Return the MIG of codes z [N, D] of the examples `rows` [N], by its name.

    Nothing where the data has no factors, or these examples are too few or all alike in one.
    """
    if dataset.factors is None:
        return {}
    factors = dataset.factors.values[rows]
    return {"mig": mutual_information_gap(z, factors).value} if scorable(factors) else {}


def has_factors(dataset: Dataset) -> bool:
    """Tell whether codes of this data can be scored against its factors."""
    return dataset.factors is not None and scorable(dataset.factors.values, least_factors=2)


@torch.no_grad()
def factor_scores_body(session: Session) -> dict[str, Any]:
    """Score codes of up to `SCORED` examples of the whole data set, drawn by the run's seed.

    Args:
        session: The run in memory.

    Returns:
        The payload of `factor_scores`.

    Raises:
        ConfigError: If the factors of the data are unknown, or too few examples have them.
    """
    dataset, seed = session.dataset, session.config.seed
    if dataset.factors is None or not has_factors(dataset):
        raise ConfigError(
            "factor_scores needs data whose factors are known",
            got=f"the data set {dataset.name}",
            expected="factors, dsprites or shapes3d",
        )
    count = len(dataset)
    rows = np.arange(count)
    if count > SCORED:
        rows = np.sort(np.random.default_rng([seed, 5]).choice(count, SCORED, replace=False))
    session.model.eval()
    parts = [
        session.task.encode(dataset.examples(some).inputs.to(session.device)).z
        for some in torch.from_numpy(rows).split(BATCH)
    ]
    z = torch.cat(parts).float().cpu().numpy()
    found = factor_scores(z, dataset.factors.values[rows], seed=seed)
    return found.payload(dataset.factors.names)


@dataclass(frozen=True)
class ExamplePairs:
    """A few of the pairs that are measured, to be looked at.

    Attributes:
        places: Which of the points they are, ascending.
        first: dataset_idx of those points.
        second: dataset_idx of their partners.
    """

    places: Array
    first: tuple[int, ...]
    second: tuple[int, ...]


def example_pairs(session: Session, rows: Array) -> ExamplePairs | None:
    """Draw up to `EXAMPLES` pairs, in which every factor changes as often as they allow.

    Args:
        session: The run in memory.
        rows: dataset_idx of the points, [N].

    Returns:
        The same pairs all through a run; None for a task without pairs.
    """
    dataset = session.dataset
    if not isinstance(session.task, Sharing) or dataset.factors is None:
        return None
    partners = _partners(session, rows)
    values = dataset.factors.values
    changed = values[rows] != values[partners]
    order = np.random.default_rng([session.config.seed, 6]).permutation(len(rows))
    # Pairs in turns: one for each factor, then a second one for each, and so on.
    mixed = changed[order]
    turns = np.where(mixed, mixed.cumsum(axis=0) - 1, len(rows)).min(axis=1)
    places = np.sort(order[np.argsort(turns, kind="stable")[:EXAMPLES]])
    return ExamplePairs(places, tuple(rows[places].tolist()), tuple(partners[places].tolist()))


def _partners(session: Session, rows: Array) -> Array:
    chosen = torch.from_numpy(rows)
    drawn = partner_indices(session.dataset, session.config.data, chosen, seed=session.config.seed)
    partners: Array = drawn.numpy()
    return partners


@torch.no_grad()
def sharing_body(
    session: Session, rows: Array, encoded: Sequence[Encoded]
) -> dict[str, Any] | None:
    """Count which dimensions the fixed points share with partners that never change.

    Args:
        session: The run in memory, its model in eval mode.
        rows: dataset_idx of the points, [N].
        encoded: What the encoder says about them, in batches.

    Returns:
        The payload of `shared_dimensions`; None for a task without pairs.
    """
    task, dataset = session.task, session.dataset
    if not isinstance(task, Sharing) or dataset.factors is None:
        return None
    partners = _partners(session, rows)
    inputs = dataset.examples(torch.from_numpy(partners)).inputs
    others = in_batches(task.encode, inputs.to(session.device))
    pairs = zip(encoded, others, strict=True)
    shared = torch.cat([task.shared(first, second) for first, second in pairs]).cpu().numpy()
    values = dataset.factors.values
    changed = values[rows] != values[partners]
    found = shared_dimensions(shared, changed)
    return {
        "points": len(rows),
        "factors": list(dataset.factors.names),
        "dimension": found.dimension,
        "by_factor": found.by_factor,
        "pairs": found.pairs,
        "examples": _examples(session, rows, changed, shared),
    }


def _examples(session: Session, rows: Array, changed: Array, shared: Array) -> list[dict[str, Any]]:
    chosen = example_pairs(session, rows)
    assert chosen is not None, "the task has pairs"
    return [
        {
            "first": first,
            "second": second,
            "changed": np.flatnonzero(changed[place]).tolist(),
            "shared": shared[place].astype(bool).tolist(),
        }
        for place, first, second in zip(chosen.places, chosen.first, chosen.second, strict=True)
    ]
