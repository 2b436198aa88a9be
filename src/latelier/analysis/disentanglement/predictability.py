"""SAP: how well one dimension alone tells a factor, against the next best one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from latelier.analysis.arrays import Floats, Integers
from latelier.analysis.disentanglement.information import top_gap
from latelier.analysis.disentanglement.reading import read

_LEAST_LEAF = 5


@dataclass(frozen=True, eq=False)
class SAP:
    """Separated attribute predictability.

    Attributes:
        value: Mean of the gaps, in 0..1; 1 is best.
        gaps: Difference of the two largest predictabilities of each factor, [F].
        predictability: Balanced accuracy of each dimension alone for each factor, chance taken
            off: 0 is chance (or below), 1 is perfect, [D, F].
    """

    value: float
    gaps: Floats
    predictability: Floats


def sap(codes: npt.ArrayLike, factors: npt.ArrayLike, *, seed: int = 0) -> SAP:
    """Score codes by SAP.

    For each dimension and factor, as many thresholds are fitted as tell the factor's values apart
    (a tree on that dimension with one leaf per value, so that any monotone change of the
    dimension leaves it as it is) to half of the examples, and tested on the rest.
    The paper's accuracy a of a factor with V values becomes (a − 1/V) / (1 − 1/V), at least 0:
    without it a perfect code would score less the fewer values its factors have.

    Args:
        codes: [N, D]. Of a single dimension the second is taken to know nothing.
        factors: [N, F] integers.
        seed: Of the split into halves.

    Raises:
        ShapeError: If codes and factors differ in their rows.
        DataError: If a code is not finite, a factor constant, or there are too few examples.

    Source:
        Kumar, Sattigeri & Balakrishnan, arXiv:1711.00848, section 3.
    """
    found = read(codes, factors)
    test = np.zeros(len(found.codes), dtype=bool)
    test[np.random.default_rng(seed).permutation(len(test))[: len(test) // 2]] = True
    table = np.empty((found.codes.shape[1], len(found.sizes)))
    for d in range(len(table)):
        for f in range(table.shape[1]):
            table[d, f] = _predictability(found.codes[:, d : d + 1], found.factors[:, f], test)
    gaps = top_gap(table)
    return SAP(float(gaps.mean()), gaps, table)


def _predictability(code: Floats, values: Integers, test: npt.NDArray[np.bool_]) -> float:
    """Return the balanced accuracy of thresholds on one dimension [N, 1], chance taken off."""
    from sklearn.tree import DecisionTreeClassifier

    classes = int(values.max()) + 1
    tree = DecisionTreeClassifier(
        max_leaf_nodes=classes,
        min_samples_leaf=_LEAST_LEAF,
        class_weight="balanced",
        random_state=0,
    )
    tree.fit(code[~test], values[~test])
    right = tree.predict(code[test]) == values[test]
    sizes = np.bincount(values[test], minlength=classes)
    hits = np.bincount(values[test], weights=right, minlength=classes)
    accuracy = float((hits[sizes > 0] / sizes[sizes > 0]).mean())
    chance = 1.0 / classes
    return max((accuracy - chance) / (1.0 - chance), 0.0)
