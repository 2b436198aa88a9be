"""How well an assignment to clusters agrees with labels it never saw.

Shapes: N points, L classes, C clusters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from latelier.analysis.arrays import Floats, Integers, index_array
from latelier.config.errors import DataError


@dataclass(frozen=True, eq=False)
class ClusteringScores:
    """Agreement of clusters and classes; every score is 1 for a perfect match.

    Attributes:
        accuracy: Share of points whose cluster is matched to their class, one cluster per class.
        nmi: Normalized mutual information, 0..1.
        ari: Adjusted Rand index; 0 is what chance gives.
        purity: Share of points in the most frequent class of their cluster: several clusters
            may hold one class.
        matching: The class matched to each cluster, [C]; -1 where more clusters than classes.
        contingency: Number of points per cluster and class, [C, L].
    """

    accuracy: float
    nmi: float
    ari: float
    purity: float
    matching: Integers
    contingency: Integers

    def payload(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "accuracy": self.accuracy,
            "nmi": self.nmi,
            "ari": self.ari,
            "purity": self.purity,
            "matching": self.matching,
            "contingency": self.contingency,
        }


def clustering_scores(
    labels: npt.ArrayLike, assigned: npt.ArrayLike, classes: int, clusters: int
) -> ClusteringScores:
    """Score an assignment of points to clusters against their labels.

    Args:
        labels: Class of each point, [N], 0 to `classes` - 1.
        assigned: Cluster of each point, [N], 0 to `clusters` - 1.
        classes: L.
        clusters: C. Empty clusters are fine.

    Returns:
        The scores. NMI and ARI of two partitions that are both a single block are 1, as they
        agree; NMI is 0 if only one of them is.

    Raises:
        ShapeError: If there is not one label and one cluster per point.
        DataError: If a number is outside its range, or there is no point.

    Source:
        Accuracy: Kuhn's assignment (1955), as in Xie et al., arXiv:1511.06335. NMI with the
        arithmetic mean of both entropies: Vinh et al. (2010), JMLR 11. ARI: Hubert & Arabie
        (1985), Journal of Classification 2.
    """
    from scipy.optimize import linear_sum_assignment

    table = contingency_table(labels, assigned, classes, clusters)
    count = int(table.sum())
    rows, columns = linear_sum_assignment(table, maximize=True)
    matching = np.full(clusters, -1, dtype=np.int64)
    matching[rows] = columns
    return ClusteringScores(
        accuracy=float(table[rows, columns].sum() / count),
        nmi=_normalized_mutual_information(table),
        ari=_adjusted_rand_index(table),
        purity=float(table.max(axis=1).sum() / count),
        matching=matching,
        contingency=table,
    )


def contingency_table(
    labels: npt.ArrayLike, assigned: npt.ArrayLike, classes: int, clusters: int
) -> npt.NDArray[np.int64]:
    """Count points per cluster and class.

    Args:
        labels: Class of each point, [N].
        assigned: Cluster of each point, [N].
        classes: L.
        clusters: C.

    Returns:
        Counts, [C, L].

    Raises:
        ShapeError: If there is not one label and one cluster per point.
        DataError: If a number is outside its range, or there is no point.
    """
    label = index_array("labels", labels, count=np.size(labels))
    cluster = index_array("assigned", assigned, count=len(label))
    _require_range("labels", label, classes)
    _require_range("assigned", cluster, clusters)
    counts = np.bincount(cluster * classes + label, minlength=clusters * classes)
    return counts.reshape(clusters, classes).astype(np.int64)


def _require_range(name: str, values: Integers, size: int) -> None:
    if len(values) == 0:
        raise DataError(f"{name} holds no point", expected="at least one")
    outside = values[(values < 0) | (values >= size)]
    if outside.size:
        raise DataError(
            f"{name} holds a number outside its range",
            got=int(outside[0]),
            expected=f"0 to {size - 1}",
        )


def _normalized_mutual_information(table: Integers) -> float:
    joint = table / table.sum()
    cluster, label = joint.sum(axis=1), joint.sum(axis=0)
    both = _entropy(cluster) + _entropy(label)
    if both <= 0:
        return 1.0
    shared = max(both - _entropy(joint.reshape(-1)), 0.0)
    return float(min(2.0 * shared / both, 1.0))


def _entropy(probabilities: Floats) -> float:
    positive = probabilities[probabilities > 0]
    return float(-(positive * np.log(positive)).sum())


def _adjusted_rand_index(table: Integers) -> float:
    pairs = _pairs(table.sum())
    together = _pairs(table).sum()
    in_cluster = _pairs(table.sum(axis=1)).sum()
    in_class = _pairs(table.sum(axis=0)).sum()
    largest = (in_cluster + in_class) / 2
    expected = in_cluster * in_class / pairs if pairs else 0.0
    return 1.0 if largest == expected else float((together - expected) / (largest - expected))


def _pairs(counts: npt.ArrayLike) -> Floats:
    sizes = np.asarray(counts, dtype=np.float64)
    return sizes * (sizes - 1) / 2
