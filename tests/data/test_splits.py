from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latelier.config.data import DataConfig
from latelier.config.errors import DataError
from latelier.data.splits import (
    check_classes,
    quotas,
    split_rows,
    stratified_sample,
    with_label_noise,
)

LABELS = np.repeat(np.arange(4), [100, 60, 30, 10])


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 50), min_size=1, max_size=8), st.floats(0, 1))
def test_quotas_are_shares(counts, fraction):
    sizes = np.array(counts, dtype=np.int64)
    total = int(sizes.sum() * fraction)
    quota = quotas(sizes, total)
    assert quota.sum() == total
    assert (quota <= sizes).all()
    exact = sizes * total / max(sizes.sum(), 1)
    assert (np.abs(quota - exact) < 1).all()


def test_sample_is_stratified_sorted_and_repeatable():
    rows = np.arange(200)
    sample = stratified_sample(rows, LABELS, 20, np.random.default_rng(3))
    assert np.bincount(LABELS[sample]).tolist() == [10, 6, 3, 1]
    assert np.array_equal(sample, np.unique(sample))
    again = stratified_sample(rows, LABELS, 20, np.random.default_rng(3))
    assert np.array_equal(sample, again)
    other = stratified_sample(rows, LABELS, 20, np.random.default_rng(4))
    assert not np.array_equal(sample, other)


def split(labels=LABELS, *, seed=0, train_part=None, **settings_):
    return split_rows(200, labels, DataConfig(**settings_), seed=seed, train_part=train_part)


@pytest.mark.parametrize("labels", [LABELS, None])
def test_held_out_and_train_are_all_and_apart(labels):
    train, held_out = split(labels, held_out=0.25)
    assert np.array_equal(np.sort(np.concatenate([train, held_out])), np.arange(200))
    assert len(held_out) == 50
    assert np.array_equal(train, np.sort(train))
    if labels is not None:
        assert np.bincount(labels[held_out]).tolist() == [25, 15, 8, 2]
    again, _ = split(labels, held_out=0.25)
    other, _ = split(labels, held_out=0.25, seed=1)
    assert np.array_equal(train, again)
    assert not np.array_equal(train, other)


def test_a_sets_own_test_part_is_held_out():
    train, held_out = split(train_part=150, held_out=0.5)
    assert train.tolist() == list(range(150))
    assert held_out.tolist() == list(range(150, 200))


def test_limit_is_stratified_and_leaves_the_held_out_part():
    full, held_out = split(held_out=0.1)
    train, same = split(held_out=0.1, limit=36)
    assert np.array_equal(held_out, same)
    assert set(train) < set(full)
    assert np.bincount(LABELS[train]).tolist() == [18, 11, 5, 2]
    assert np.array_equal(split(held_out=0.1, limit=len(full))[0], full)


def test_nothing_held_out_only_when_asked():
    assert len(split(held_out=0)[1]) == 0
    with pytest.raises(DataError, match=r"leaves nothing in the held-out part; got 0\.001 of 200"):
        split(held_out=0.001)
    with pytest.raises(DataError, match="leaves nothing to train on"):
        split(held_out=0.999)


def test_a_limit_above_the_data():
    with pytest.raises(DataError, match=r"data\.limit is larger .*; got 181; expected at most 180"):
        split(held_out=0.1, limit=181)


def test_an_empty_class_is_named():
    train = np.arange(150)
    check_classes(LABELS, np.arange(200), 4, None)
    with pytest.raises(DataError, match=r"2 of 4 classes have no .* none of class 2, 3"):
        check_classes(LABELS, train, 4, None)
    with pytest.raises(DataError, match="none of class 'c', 'd'"):
        check_classes(LABELS, train, 4, ("a", "b", "c", "d"))


@pytest.mark.parametrize("fraction", [0.25, 1.0])
def test_label_noise_changes_exactly_that_many_training_labels(fraction):
    train = np.arange(0, 200, 2)
    noisy = with_label_noise(LABELS, train, 4, fraction, seed=0)
    changed = np.flatnonzero(noisy != LABELS)
    assert len(changed) == round(100 * fraction)
    assert set(changed) <= set(train)
    assert set(noisy) == {0, 1, 2, 3}
    assert np.array_equal(noisy, with_label_noise(LABELS, train, 4, fraction, seed=0))
    assert not np.array_equal(noisy, with_label_noise(LABELS, train, 4, fraction, seed=1))


def test_label_noise_is_uniform_over_the_other_classes():
    labels = np.zeros(3000, dtype=np.int64)
    noisy = with_label_noise(labels, np.arange(3000), 4, 1.0, seed=0)
    counts = np.bincount(noisy, minlength=4)
    assert counts[0] == 0
    assert (np.abs(counts[1:] - 1000) < 120).all()


def test_label_noise_needs_two_classes():
    with pytest.raises(DataError, match="another class"):
        with_label_noise(np.zeros(5, dtype=np.int64), np.arange(5), 1, 0.5, seed=0)
