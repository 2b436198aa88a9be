"""Scores that hold one factor still and let the others vary: β-VAE score and FactorVAE score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from latelier.analysis.arrays import Integers
from latelier.analysis.disentanglement.reading import CodeSource, codes_of, read_factors
from latelier.analysis.probe import linear_probe

DEAD_SHARE = 1e-4
"""A dimension whose variance is a smaller share of the largest one's is taken to be unused."""


@dataclass(frozen=True)
class BetaVAEScore:
    """β-VAE score.

    Attributes:
        value: Accuracy of a linear classifier that names the factor held still; chance is 1/F.
        groups: Groups of pairs that it was fitted to and tested on together.
    """

    value: float
    groups: int


@dataclass(frozen=True, eq=False)
class FactorVAEScore:
    """FactorVAE score.

    Attributes:
        value: Accuracy of the majority vote that names the factor held still; chance is 1/F.
        votes: How often each dimension varied least while each factor was still, [D, F].
        active: Dimensions that took part, [D].
    """

    value: float
    votes: Integers
    active: npt.NDArray[np.bool_]


def beta_vae_score(
    codes: CodeSource,
    factors: npt.ArrayLike,
    *,
    seed: int = 0,
    groups: int = 1200,
    pairs: int = 64,
) -> BetaVAEScore:
    """Score codes by whether the factor that pairs agree in can be told from their differences.

    A group holds pairs whose two examples agree in one factor; its feature is the mean of
    |z₁ − z₂| over the pairs, [D]. The classifier is linear discriminant analysis, fitted to
    three quarters of the groups, so that neither scale nor a mixing of the dimensions that keeps
    them apart matters.

    Args:
        codes: Codes of all rows, [N, D], or a function from rows to codes.
        factors: [N, F] integers, F ≥ 2; the rows are what is drawn from, so they should combine
            the factors freely, as a complete grid or a random part of it does.
        seed: Of the draws and of the split.
        groups: Groups, over all factors.
        pairs: Pairs in a group.

    Raises:
        ShapeError: If there is not one code per row.
        DataError: If a code is not finite, a factor constant, there are too few examples, or one
            factor.

    Source:
        Higgins et al., "beta-VAE", ICLR 2017, section 3.
    """
    table, still, rng = _held_still(factors, groups, seed)
    first = rng.integers(len(table), size=(groups, pairs))
    second = _agreeing(table, np.repeat(still, pairs), first.reshape(-1), rng)
    apart = np.abs(codes_of(codes, first) - codes_of(codes, second.reshape(groups, pairs)))
    probe = linear_probe(apart.mean(axis=1), still, table.shape[1], seed=seed)
    return BetaVAEScore(probe.accuracy, groups)


def factor_vae_score(
    codes: CodeSource,
    factors: npt.ArrayLike,
    *,
    seed: int = 0,
    groups: int = 1600,
    examples: int = 64,
) -> FactorVAEScore:
    """Score codes by whether the dimension that varies least names the factor that is still.

    All examples of a group agree in one factor. The dimension with the least variance, relative
    to its variance over all examples, casts a vote for that factor. Half of the groups decide
    which factor each dimension stands for, the other half tests it. Dimensions that are unused
    (`DEAD_SHARE`) cast no vote: their variance would always be least.

    Args:
        codes: Codes of all rows, [N, D], or a function from rows to codes.
        factors: [N, F] integers, F ≥ 2; see `beta_vae_score`.
        seed: Of the draws.
        groups: Groups, over all factors.
        examples: Examples in a group.

    Raises:
        ShapeError: If there is not one code per row.
        DataError: If a code is not finite, a factor constant, there are too few examples, or one
            factor.

    Source:
        Kim & Mnih, arXiv:1802.05983, section 4 and algorithm 2.
    """
    table, still, rng = _held_still(factors, groups, seed)
    anchors = np.repeat(rng.integers(len(table), size=groups), examples)
    rows = _agreeing(table, np.repeat(still, examples), anchors, rng).reshape(groups, examples)
    drawn = codes_of(codes, rows)  # [groups, examples, D]
    overall = codes_of(codes, rng.integers(len(table), size=4096)).var(axis=0, ddof=1)
    active = overall > DEAD_SHARE * overall.max()
    relative = drawn.var(axis=1, ddof=1) / np.where(active, overall, 1.0)
    least = np.where(active, relative, np.inf).argmin(axis=1)
    votes = np.zeros((2, drawn.shape[2], table.shape[1]), dtype=np.int64)
    np.add.at(votes, (np.arange(groups) % 2, least, still), 1)
    stands_for = votes[0].argmax(axis=1)
    right = votes[1][np.arange(len(stands_for)), stands_for].sum()
    return FactorVAEScore(float(right / votes[1].sum()), votes.sum(axis=0), active)


def _held_still(
    factors: npt.ArrayLike, groups: int, seed: int
) -> tuple[Integers, Integers, np.random.Generator]:
    """Draw the factor that each group holds still, [groups]; the table [N, F] comes with it.

    The generator that drew is what the rest of the score draws from.
    """
    table, _ = read_factors(factors, least_factors=2)
    rng = np.random.default_rng(seed)
    return table, rng.integers(table.shape[1], size=groups), rng


def _agreeing(
    table: Integers, still: Integers, rows: Integers, rng: np.random.Generator
) -> Integers:
    """Draw for each row [M] another that agrees in factor `still` [M] and is free otherwise."""
    drawn = np.empty_like(rows)
    for factor in range(table.shape[1]):
        chosen = np.flatnonzero(still == factor)
        values = table[rows[chosen], factor]
        by_value = np.argsort(table[:, factor], kind="stable")
        sizes = np.bincount(table[:, factor])
        starts = np.cumsum(sizes) - sizes
        place = (rng.random(len(chosen)) * sizes[values]).astype(np.int64)
        drawn[chosen] = by_value[starts[values] + place]
    return drawn
