from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from latelier.analysis.clustering import clustering_scores, contingency_table
from latelier.config.errors import DataError, ShapeError


def best_accuracy(labels: np.ndarray, assigned: np.ndarray, size: int) -> float:
    """Try every one-to-one relabeling."""
    return max(
        float(np.mean(np.array(order)[assigned] == labels)) for order in permutations(range(size))
    )


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    count=st.integers(1, 60),
    classes=st.integers(1, 5),
    clusters=st.integers(1, 5),
)
def test_agrees_with_all_relabelings_and_scikit_learn(seed, count, classes, clusters):
    rng = np.random.default_rng(seed)
    labels, assigned = rng.integers(0, classes, count), rng.integers(0, clusters, count)
    scores = clustering_scores(labels, assigned, classes, clusters)
    assert scores.accuracy == pytest.approx(best_accuracy(labels, assigned, max(classes, clusters)))
    assert scores.ari == pytest.approx(adjusted_rand_score(labels, assigned), abs=1e-12)
    assert scores.nmi == pytest.approx(normalized_mutual_info_score(labels, assigned), abs=1e-9)
    by_hand = sum(
        max((labels[assigned == c] == v).sum() for v in range(classes)) for c in range(clusters)
    )
    assert scores.purity == pytest.approx(by_hand / count)
    matched = scores.matching[assigned] == labels
    assert scores.accuracy == pytest.approx(matched.mean())


def test_a_renamed_partition_is_perfect():
    labels = np.array([0, 0, 1, 1, 2, 2])
    scores = clustering_scores(labels, np.array([2, 2, 0, 0, 1, 1]), 3, 3)
    assert (scores.accuracy, scores.nmi, scores.ari, scores.purity) == (1, pytest.approx(1), 1, 1)
    assert scores.matching.tolist() == [1, 2, 0]
    assert scores.payload()["contingency"].tolist() == [[0, 2, 0], [0, 0, 2], [2, 0, 0]]


def test_extra_clusters_count_as_errors_in_accuracy_but_not_in_purity():
    labels, assigned = np.array([0, 0, 0, 1, 1]), np.array([0, 0, 1, 2, 2])
    scores = clustering_scores(labels, assigned, 2, 4)
    assert scores.accuracy == pytest.approx(4 / 5)
    assert scores.purity == 1
    assert scores.matching.tolist() == [0, -1, 1, -1]


def test_one_cluster_says_nothing():
    labels = np.array([0, 0, 1, 1])
    scores = clustering_scores(labels, np.zeros(4, int), 2, 3)
    assert scores.accuracy == 0.5
    assert scores.nmi == pytest.approx(0, abs=1e-12)
    assert scores.ari == 0


def test_refusals():
    with pytest.raises(ShapeError, match=r"assigned has shape \[2\]; expected \[3\]"):
        clustering_scores([0, 1, 1], [0, 1], 2, 2)
    with pytest.raises(DataError, match="labels holds a number outside its range; got 2"):
        clustering_scores([0, 2], [0, 1], 2, 2)
    with pytest.raises(DataError, match="assigned holds a number outside its range; got -1"):
        contingency_table([0, 1], [0, -1], 2, 2)
    with pytest.raises(DataError, match="no point"):
        contingency_table(np.array([], int), np.array([], int), 2, 2)
    with pytest.raises(DataError, match="float64; expected integers"):
        contingency_table([0.0, 1.0], [0, 1], 2, 2)
