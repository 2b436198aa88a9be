"""IRS: how far a dimension moves, at most, while its factor is still and the others change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from latelier.analysis.arrays import Floats
from latelier.analysis.disentanglement.reading import CodeSource, codes_of, read_factors

QUANTILE = 0.99


@dataclass(frozen=True, eq=False)
class IRS:
    """Interventional robustness.

    Attributes:
        value: Mean over dimensions, weighted by how far they move at all, in 0..1; 1 is best.
        matrix: Robustness of each dimension while each factor is still, [D, F].
        weights: Largest deviation of each dimension from its mean, [D], in units of the code.
    """

    value: float
    matrix: Floats
    weights: Floats


def irs(codes: CodeSource, factors: npt.ArrayLike, *, quantile: float = QUANTILE) -> IRS:
    """Score codes by interventional robustness.

    For each value of factor f, the reference is the mean code of all examples with that value;
    what the other factors do to dimension d is the largest distance from it. Averaged over the
    values by their frequency and divided by the largest deviation of d from its overall mean,
    that is 1 − the robustness of d to everything but f. The factor that a dimension is most
    robust for is taken to be its own.

    Args:
        codes: Codes of all rows, [N, D], or a function from rows to codes.
        factors: [N, F] integers. The rows stand for interventions, so they should combine the
            factors freely, as a complete grid or a random part of it does.
        quantile: What "largest" means, of both deviations: outliers are left out. Where a group
            moves farther than that, its robustness is 0.

    Raises:
        ShapeError: If there is not one code per row.
        DataError: If a code is not finite, a factor constant, or there are too few examples.

    Source:
        Suter et al., arXiv:1811.00007, section 4 and algorithm 1.
    """
    table, sizes = read_factors(factors)
    points = codes_of(codes, np.arange(len(table)))
    weights = _largest(points, quantile)
    moved = np.zeros((points.shape[1], len(sizes)))
    for f, size in enumerate(sizes):
        for number in range(size):
            group = points[table[:, f] == number]
            frequency = len(group) / len(points)
            moved[:, f] += frequency * _largest(group, quantile)
    still = weights[:, None] <= 0  # a constant dimension does not move, and has no weight
    share = np.divide(moved, weights[:, None], out=np.zeros_like(moved), where=~still)
    matrix = np.clip(1.0 - share, 0.0, 1.0)
    best = matrix.max(axis=1)
    value = float(np.average(best, weights=weights)) if weights.sum() > 0 else 0.0
    return IRS(value, matrix, weights)


def _largest(points: Floats, quantile: float) -> Floats:
    """Return the largest deviation from the mean, [D], up to a quantile."""
    return np.asarray(np.quantile(np.abs(points - points.mean(axis=0)), quantile, axis=0))
