from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from latelier.analysis import probe as module
from latelier.analysis.neighbors import knn
from latelier.analysis.probe import can_probe, knn_probe, linear_probe, stratified_test_mask
from latelier.config.errors import DataError, ShapeError


def blobs(points: int, dimensions: int, classes: int, spread: float, seed: int = 0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, points)
    centers = rng.normal(size=(classes, dimensions)) * spread
    return centers[labels] + rng.normal(size=(points, dimensions)), labels


@pytest.mark.parametrize(("dimensions", "spread"), [(2, 1.5), (10, 0.6), (10, 3.0)])
def test_agrees_with_scikit_learn(monkeypatch, dimensions, spread):
    monkeypatch.setattr(module, "SHRINKAGE", 0.0)
    latents, labels = blobs(600, dimensions, 6, spread)
    test = stratified_test_mask(labels, 6, seed=3, test_fraction=0.25)
    theirs = LinearDiscriminantAnalysis(solver="lsqr").fit(latents[~test], labels[~test])
    ours = linear_probe(latents, labels, 6, seed=3)
    assert ours.accuracy == pytest.approx(theirs.score(latents[test], labels[test]))
    assert (ours.train_points, ours.test_points) == ((~test).sum(), test.sum())


def test_a_class_between_two_others_is_seen():
    """Least squares on one-hot labels never predicts the middle one of three in a row."""
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], 100)
    latents = np.stack([labels * 10.0 + rng.normal(size=300), rng.normal(size=300)], axis=1)
    assert linear_probe(latents, labels, 3, seed=0).accuracy == 1.0


def test_noise_reads_nothing_and_constant_latents_do_not_fail():
    rng = np.random.default_rng(1)
    labels = np.arange(2000) % 10
    assert linear_probe(rng.normal(size=(2000, 10)), labels, 10, seed=0).accuracy < 0.16
    assert linear_probe(np.ones((2000, 10)), labels, 10, seed=0).accuracy == pytest.approx(0.1)
    latents, labels = blobs(300, 4, 3, 5.0)
    with_dead_unit = np.hstack([latents, np.zeros((300, 1))])
    assert linear_probe(with_dead_unit, labels, 3, seed=0).accuracy > 0.95


def test_an_empty_class_is_never_predicted():
    latents, labels = blobs(200, 3, 2, 4.0)
    with_gap = np.where(labels == 1, 2, 0)
    same = linear_probe(latents, labels, 2, seed=0).accuracy
    assert linear_probe(latents, with_gap, 3, seed=0).accuracy == same


def test_the_split_is_stratified_seeded_and_keeps_a_point_to_fit():
    labels = np.array([0] * 40 + [1] * 8 + [2] * 1 + [3] * 2)
    mask = stratified_test_mask(labels, 5, seed=0, test_fraction=0.25)
    assert Counter(labels[mask].tolist()) == {0: 10, 1: 2}
    assert (mask == stratified_test_mask(labels, 5, seed=0, test_fraction=0.25)).all()
    assert (mask != stratified_test_mask(labels, 5, seed=1, test_fraction=0.25)).any()
    most = stratified_test_mask(labels, 5, seed=0, test_fraction=0.99)
    assert set(labels[~most].tolist()) == {0, 1, 2, 3}


def test_neighbor_votes_by_hand():
    rng = np.random.default_rng(2)
    latents, labels = blobs(150, 4, 3, 1.0)
    near = knn(latents, 6).indices
    right = 0
    for row in range(150):
        voters = [(int(labels[column]), rank) for rank, column in enumerate(near[row])]
        ranking = sorted(
            {label for label, _ in voters},
            key=lambda label: (
                -sum(one == label for one, _ in voters),
                sum(rank for one, rank in voters if one == label),
                label,
            ),
        )
        right += ranking[0] == labels[row]
    assert knn_probe(near, labels, 3) == pytest.approx(right / 150)
    assert knn_probe(near, rng.permutation(labels), 3) < 0.6


def test_a_tie_of_votes_goes_to_the_nearer_voters():
    labels = [0, 0, 1, 1, 1]
    assert knn_probe([[1, 2]] * 5, labels, 2) == pytest.approx(2 / 5)
    assert knn_probe([[2, 1]] * 5, labels, 2) == pytest.approx(3 / 5)


def test_refusals():
    with pytest.raises(ShapeError, match=r"labels has shape \[3\]; expected \[4\]"):
        linear_probe(np.eye(4), [0, 1, 1], 2, seed=0)
    with pytest.raises(DataError, match="got 5; expected 0 to 1"):
        linear_probe(np.eye(4), [0, 1, 1, 5], 2, seed=0)
    with pytest.raises(DataError, match="one side empty; got 0 of 3"):
        linear_probe(np.eye(3), [0, 1, 2], 3, seed=0)
    assert not can_probe([0, 1, 2], 3)
    assert not can_probe([0, 0, 1, 2], 3), "a quarter of two is rounded to none"
    assert can_probe([0, 1, 0, 0], 3)
    with pytest.raises(DataError, match=r"no share; got 1.0"):
        stratified_test_mask([0, 1], 2, seed=0, test_fraction=1.0)
