"""DCI: which dimensions are needed to predict each factor, read from the trees that predict it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from latelier.analysis.arrays import Floats, Integers
from latelier.analysis.disentanglement.reading import read

TREES, LEAST_LEAF = 10, 4
TEST_SHARE = 0.25


@dataclass(frozen=True, eq=False)
class DCI:
    """Disentanglement, completeness and informativeness, each in 0..1; 1 is best.

    Attributes:
        disentanglement: Does a dimension serve one factor? Mean weighted by importance.
        completeness: Is a factor served by one dimension? Mean over factors, weighted by
            importance.
        informativeness: Share of examples, held back, whose factor is predicted; mean over factors.
        importance: Importance of each dimension for each factor, [D, F]; columns add up to 1, or
            are 0 where nothing predicts the factor.
        per_dimension: Disentanglement of each dimension, [D].
        per_factor: Completeness of each factor, [F].
        accuracy: Informativeness of each factor, [F].
    """

    disentanglement: float
    completeness: float
    informativeness: float
    importance: Floats
    per_dimension: Floats
    per_factor: Floats
    accuracy: Floats


def dci(codes: npt.ArrayLike, factors: npt.ArrayLike, *, seed: int = 0) -> DCI:
    """Score codes by DCI.

    The predictor is a forest of 10 trees, as in the paper, that considers all dimensions at each
    split and leaves at least 4 examples in a leaf; its importance is the mean decrease of
    impurity. With the usual random subset of dimensions, trees are made to use dimensions that
    know nothing, and a perfect code looks imperfect; boosted trees give the same order of codes
    and take ten times as long. Each factor is a class, so that hues and shapes need no order.

    Args:
        codes: [N, D]. A code of one dimension is complete by definition.
        factors: [N, F] integers, F ≥ 2.
        seed: Of the split into 75 % to fit and 25 % to test, and of the forest.

    Raises:
        ShapeError: If codes and factors differ in their rows.
        DataError: If a code is not finite, a factor constant, there are too few examples, or one
            factor.

    Source:
        Eastwood & Williams, "A framework for the quantitative evaluation of disentangled
        representations", ICLR 2018, section 2.
    """
    found = read(codes, factors, least_factors=2)
    order = np.random.default_rng(seed).permutation(len(found.codes))
    cut = round(len(order) * TEST_SHARE)
    fitted = [
        _predict(found.codes, values, order[cut:], order[:cut], seed + number)
        for number, values in enumerate(found.factors.T)
    ]
    importance = np.stack([weights for weights, _ in fitted], axis=1)
    accuracy = np.array([share for _, share in fitted])
    per_dimension, per_factor = _concentration(importance), _concentration(importance.T)
    return DCI(
        _weighted(per_dimension, importance.sum(axis=1)),
        _weighted(per_factor, importance.sum(axis=0)),
        float(accuracy.mean()),
        importance,
        per_dimension,
        per_factor,
        accuracy,
    )


def _predict(
    codes: Floats, values: Integers, fit: Integers, test: Integers, seed: int
) -> tuple[Floats, float]:
    """Return the importance of each dimension for one factor, [D], and the accuracy on `test`."""
    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(
        TREES, max_features=None, min_samples_leaf=LEAST_LEAF, random_state=seed, n_jobs=1
    )
    forest.fit(codes[fit], values[fit])
    accuracy = float((forest.predict(codes[test]) == values[test]).mean())
    return np.asarray(forest.feature_importances_, dtype=np.float64), accuracy


def _concentration(importance: Floats) -> Floats:
    """Return 1 − entropy of each row, in units of its largest value; 0 for a row of zeros."""
    total = importance.sum(axis=1, keepdims=True)
    shares = np.divide(importance, total, out=np.zeros_like(importance), where=total > 0)
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    columns = importance.shape[1]
    entropy = -(shares * logs).sum(axis=1) / np.log(columns) if columns > 1 else 0.0
    return np.where(total[:, 0] > 0, np.clip(1.0 - entropy, 0.0, 1.0), 0.0)


def _weighted(scores: Floats, weights: Floats) -> float:
    return float(np.average(scores, weights=weights)) if weights.sum() > 0 else 0.0
