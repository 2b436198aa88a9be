"""Mutual information of codes and factors, and two scores that read its matrix: MIG, modularity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from latelier.analysis.arrays import Floats, Integers
from latelier.analysis.disentanglement.reading import read

BINS = 20
"""Bins of equal width that a code is cut into, as in the papers."""


@dataclass(frozen=True, eq=False)
class MutualInformation:
    """What each dimension of the code tells of each factor.

    Attributes:
        matrix: I(z_d; v_f) in nats, [D, F].
        entropy: H(v_f) in nats, [F].
        bins: Bins per dimension.
    """

    matrix: Floats
    entropy: Floats
    bins: int


@dataclass(frozen=True, eq=False)
class MutualInformationGap:
    """MIG: how far the most informative dimension of each factor is ahead of the second.

    Attributes:
        value: Mean of the gaps, in 0..1; 1 is best.
        gaps: Difference of the two largest I(z_d; v_f), over H(v_f), [F].
        dimension: The most informative dimension of each factor, [F].
        information: The matrix that it is read from.
    """

    value: float
    gaps: Floats
    dimension: Integers
    information: MutualInformation


@dataclass(frozen=True, eq=False)
class Modularity:
    """Whether each dimension tells of one factor only.

    Attributes:
        value: Mean over the dimensions that tell of any, in 0..1; 0 if none does.
        per_dimension: [D]; NaN for a dimension without information.
        information: The matrix that it is read from.
    """

    value: float
    per_dimension: Floats
    information: MutualInformation


def discretized(codes: npt.ArrayLike, bins: int = BINS) -> Integers:
    """Cut each dimension into bins of equal width between its least and its greatest value.

    Args:
        codes: [N, D].
        bins: B.

    Returns:
        The bin of each value, [N, D] int64, 0 to B − 1; 0 where a dimension is constant.
    """
    points = np.asarray(codes, dtype=np.float64)
    low = points.min(axis=0)
    width = points.max(axis=0) - low
    share = (points - low) / np.where(width > 0, width, 1.0)
    binned: Integers = np.minimum((share * bins).astype(np.int64), bins - 1)
    return binned


def mutual_information(
    codes: npt.ArrayLike, factors: npt.ArrayLike, *, bins: int = BINS
) -> MutualInformation:
    """Estimate the mutual information of every dimension with every factor, by counting.

    The estimate is that of the counts themselves and so too large by about
    (B − 1)(values − 1) / (2 N) nats.

    Args:
        codes: [N, D].
        factors: [N, F] integers.
        bins: Bins per dimension. A factor with more values than bins cannot be told in full.

    Raises:
        ShapeError: If codes and factors differ in their rows.
        DataError: If a code is not finite, a factor constant, or there are too few examples.
    """
    found = read(codes, factors)
    binned = discretized(found.codes, bins)
    matrix = np.empty((binned.shape[1], len(found.sizes)))
    entropy = np.empty(len(found.sizes))
    for f, size in enumerate(found.sizes):
        values = found.factors[:, f]
        entropy[f] = _entropy(np.bincount(values))
        for d in range(binned.shape[1]):
            joint = np.bincount(binned[:, d] * size + values, minlength=bins * size)
            of_code = joint.reshape(bins, size).sum(axis=1)
            matrix[d, f] = _entropy(of_code) + entropy[f] - _entropy(joint)
    return MutualInformation(np.maximum(matrix, 0.0), entropy, bins)  # rounding may give −1e-16


def mutual_information_gap(
    codes: npt.ArrayLike,
    factors: npt.ArrayLike,
    *,
    bins: int = BINS,
    information: MutualInformation | None = None,
) -> MutualInformationGap:
    """Score codes by MIG.

    Args:
        codes: [N, D]. Of a single dimension the second is taken to know nothing.
        factors: [N, F] integers.
        bins: Bins per dimension.
        information: The matrix, where it is at hand.

    Raises:
        ShapeError: If codes and factors differ in their rows.
        DataError: If a code is not finite, a factor constant, or there are too few examples.

    Source:
        Chen et al., arXiv:1802.04942, section 4.1; 20 bins as in Locatello et al.,
        arXiv:1811.12359, appendix B.
    """
    information = information or mutual_information(codes, factors, bins=bins)
    gaps = top_gap(information.matrix / information.entropy)
    return MutualInformationGap(
        float(gaps.mean()), gaps, information.matrix.argmax(axis=0), information
    )


def modularity(
    codes: npt.ArrayLike,
    factors: npt.ArrayLike,
    *,
    bins: int = BINS,
    information: MutualInformation | None = None,
) -> Modularity:
    """Score codes by modularity: 1 − Σ_f' m²_df' / (θ_d² (F − 1)), mean over d.

    m is the mutual information, θ_d the largest of dimension d, and f' runs over the other
    factors. It does not ask how much a dimension knows: where factors have different numbers of
    values, the error of the estimate alone makes noise look somewhat modular. Constant dimensions
    have no θ and are left out.

    Args:
        codes: [N, D].
        factors: [N, F] integers, F ≥ 2.
        bins: Bins per dimension.
        information: The matrix, where it is at hand.

    Raises:
        ShapeError: If codes and factors differ in their rows.
        DataError: If a code is not finite, a factor constant, there are too few examples, or one
            factor.

    Source:
        Ridgeway & Mozer, arXiv:1802.05312, section 3.
    """
    if information is None:
        read(codes, factors, least_factors=2)
        information = mutual_information(codes, factors, bins=bins)
    squares = information.matrix**2
    largest = squares.max(axis=1)
    others = (squares.sum(axis=1) - largest) / (squares.shape[1] - 1)
    score = 1.0 - np.divide(
        others, largest, out=np.full(len(largest), np.nan), where=largest > 1e-18
    )
    value = float(np.nanmean(score)) if np.isfinite(score).any() else 0.0
    return Modularity(value, score, information)


def top_gap(table: Floats) -> Floats:
    """Return the largest minus the second largest of each column, [D, F] → [F]; D = 1: − 0."""
    ordered = np.sort(np.concatenate([table, np.zeros((1, table.shape[1]))]), axis=0)
    if len(table) == 1:
        return np.asarray(ordered[-1])
    ordered = np.sort(table, axis=0)
    return np.asarray(ordered[-1] - ordered[-2])


def _entropy(counts: Integers) -> float:
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log(shares)).sum())
