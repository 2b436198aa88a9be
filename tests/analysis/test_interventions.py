from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latelier.analysis.interventions import (
    ablate,
    alignment,
    effect,
    gate,
    measure,
    prune,
    repel,
    suppress,
)
from latelier.config import ConfigError, ShapeError

V = np.array([1.0, 0, 0, 0])


def latents(rows=200, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, 4))


def test_suppression_removes_the_direction_and_nothing_else():
    z = latents()
    changed = suppress(z, 3 * V)
    assert np.array_equal(changed[:, 1:], z[:, 1:])
    cosine = alignment(z, V)
    expected = z[:, 0] * (1 - np.clip(cosine, 0, 1))
    assert np.allclose(changed[:, 0], expected)
    assert np.array_equal(changed[cosine <= 0], z[cosine <= 0])
    assert np.allclose(suppress([[2.0, 0, 0, 0]], V), 0)
    assert np.array_equal(suppress(z, V, strength=0.0), z)


def test_a_threshold_leaves_what_is_less_aligned_alone():
    z = latents()
    low = alignment(z, V) <= 0.6
    for change in (suppress, repel):
        changed = change(z, V, threshold=0.6)
        assert np.array_equal(changed[low], z[low])
        assert (changed[~low] != z[~low]).any(axis=1).all()
    assert gate([0.6, 0.8, 1.0], 0.6).tolist() == pytest.approx([0, 0.5, 1])


@given(st.floats(0, 0.95), st.floats(0, 1), st.integers(0, 9))
@settings(deadline=None, max_examples=40)
def test_repulsion_turns_away_at_the_same_length(threshold, strength, seed):
    z = latents(50, seed)
    changed = repel(z, V, strength=strength, threshold=threshold)
    assert np.allclose(np.linalg.norm(changed, axis=1), np.linalg.norm(z, axis=1))
    assert (alignment(changed, V) <= alignment(z, V) + 1e-9).all()
    # It stays in the plane of the latent and the direction.
    aside, was = changed[:, 1:], z[:, 1:]
    assert np.allclose(alignment_rows(aside, was), 1)


def alignment_rows(a, b):
    return (a * b).sum(1) / (np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1))


def test_repulsion_knows_where_to_turn_what_lies_on_the_direction():
    changed = repel([[2.0, 0, 0, 0], [0, 0, 0, 0]], V, threshold=0.5)
    assert np.linalg.norm(changed[0]) == pytest.approx(2)
    assert alignment(changed, V)[0] == pytest.approx(0.5)
    assert changed[1].tolist() == [0, 0, 0, 0]


def test_ablation_and_pruning():
    z = latents(5)
    assert ablate(z, [1, 3])[:, [1, 3]].tolist() == [[0, 0]] * 5
    assert ablate(z, [1, 3], fill=[7, 8])[:, [1, 3]].tolist() == [[7, 8]] * 5
    assert np.array_equal(ablate(z, [1, 3])[:, [0, 2]], z[:, [0, 2]])
    assert np.array_equal(prune(z, [2]), ablate(z, [2]))
    unit = prune(z, [2], on_sphere=True)
    assert np.allclose(np.linalg.norm(unit, axis=1), 1)
    assert not unit[:, 2].any()
    assert prune([[0, 0, 5.0, 0]], [2], on_sphere=True).tolist() == [[0, 0, 0, 0]]


def test_an_effect_is_a_line_over_the_similarity():
    rng = np.random.default_rng(0)
    similarity, before = rng.random(500), rng.random(500)
    found = effect(before, before + 0.5 * similarity + 0.1, similarity)
    assert (found.r2, found.slope, found.intercept) == pytest.approx((1, 0.5, 0.1))
    assert found.bins == pytest.approx([0.1 + 0.5 * (b + 0.5) / 10 for b in range(10)], abs=0.01)
    noise = rng.normal(size=500)
    noisy = effect(before, before + similarity + noise, similarity)
    expected = np.corrcoef(similarity, similarity + noise)[0, 1] ** 2
    assert noisy.r2 == pytest.approx(expected)
    unrelated = effect(before, before + noise, similarity)
    assert unrelated.r2 < 0.02


def test_no_variation_has_no_score():
    found = effect([1, 1], [1, 1], [0.2, 0.9])
    assert (found.r2, found.slope, found.added) == (None, None, 0)
    assert effect([1, 1], [1, 2], [0.5, 0.5]).r2 is None
    assert found.payload()["bins"][0] is None


def test_an_intervention_spoils_what_is_of_the_concept():
    """A code that holds redness alone in dimension 0: without it, reddish examples lose it."""
    x = np.random.default_rng(0).random((400, 3))
    z = np.concatenate([x, np.zeros((400, 1))], 1)
    found = measure(z, x, x[:, 0], decode=lambda c: c[:, :3], change=lambda c: ablate(c, [0]))
    other = measure(z, x, x[:, 1], decode=lambda c: c[:, :3], change=lambda c: ablate(c, [0]))
    assert found.before == 0
    assert found.r2 > 0.9
    assert other.r2 < 0.05


def test_what_does_not_fit_is_refused():
    z = latents(3)
    with pytest.raises(ConfigError, match="points nowhere"):
        suppress(z, [0, 0, 0, 0])
    with pytest.raises(ConfigError, match="threshold"):
        repel(z, V, threshold=1.0)
    with pytest.raises(ConfigError, match="0 to 3"):
        ablate(z, [4])
    with pytest.raises(ShapeError, match="direction does not fit"):
        suppress(z, [1, 0, 0])
    with pytest.raises(ShapeError, match="errors and similarity"):
        effect([1, 2], [1, 2], [1])
