from __future__ import annotations

import json

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latelier.analysis.alignment import Alignment, align_map, align_pca, aligned
from latelier.analysis.projection import Projection, bounds_of, pca
from latelier.config.errors import DataError, ShapeError


def stretched(points: int, dimensions: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    scales = np.linspace(3.0, 0.5, dimensions)
    turn = np.linalg.qr(rng.normal(size=(dimensions, dimensions)))[0]
    return (rng.normal(size=(points, dimensions)) * scales) @ turn + rng.normal(size=dimensions)


def rotated_copy(drawn: Projection, matrix: np.ndarray, shift: np.ndarray) -> Projection:
    coords = (drawn.coords @ matrix + shift).astype(np.float32)
    return Projection(
        method=drawn.method,
        dataset_idx=drawn.dataset_idx,
        coords=coords,
        mean=drawn.mean,
        components=drawn.components,
        explained_variance_ratio=drawn.explained_variance_ratio,
        padded=0,
        bounds=bounds_of(coords, drawn.method),
    )


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000), dims=st.sampled_from([2, 3]), mirror=st.booleans())
def test_a_turned_mirrored_and_shifted_copy_comes_back(seed, dims, mirror):
    rng = np.random.default_rng(seed)
    drawn = pca(rng.normal(size=(60, 6)), dims)
    matrix = np.linalg.qr(rng.normal(size=(dims, dims)))[0]
    if (np.linalg.det(matrix) < 0) != mirror:
        matrix[:, 0] *= -1
    moved = rotated_copy(drawn, matrix, rng.normal(size=dims))
    motion = align_pca(drawn, moved)
    assert motion.residual < 1e-6
    assert motion.changed
    assert np.linalg.det(motion.matrix) == pytest.approx(-1 if mirror else 1)
    np.testing.assert_allclose(aligned(moved, motion).coords, drawn.coords, atol=2e-6)


def test_alignment_is_the_best_of_all_turns():
    """Second method: try every angle, with and without mirroring."""
    rng = np.random.default_rng(3)
    before = pca(rng.normal(size=(50, 5)), 2)
    after = rotated_copy(before, np.array([[0.6, 0.8], [-0.8, 0.6]]), np.zeros(2))
    after = rotated_copy(after, np.eye(2), rng.normal(scale=0.3, size=(50, 2)))
    motion = align_pca(before, after)
    source = after.coords - after.coords.mean(axis=0)
    target = before.coords - before.coords.mean(axis=0)
    best = np.inf
    for angle in np.linspace(0, 2 * np.pi, 3601):
        c, s = np.cos(angle), np.sin(angle)
        for turn in (np.array([[c, -s], [s, c]]), np.array([[c, s], [s, -c]])):
            left = np.sqrt(((source @ turn - target) ** 2).sum(axis=1).mean())
            best = min(best, left)
    assert motion.residual <= best + 1e-9
    assert motion.residual == pytest.approx(best, rel=1e-5)
    radius = np.sqrt((target**2).sum(axis=1).mean())
    assert motion.relative_residual == pytest.approx(motion.residual / radius, rel=1e-6)


def test_aligned_keeps_the_formula_the_ratios_and_the_bounds_true():
    latents = stretched(80, 7)
    now = pca(latents, 3)
    some = np.argsort(latents[:, 0])[:30]  # the common points lie off the center
    before = pca(stretched(80, 7, seed=9)[:30], 3, dataset_idx=some)
    motion = align_pca(before, now)
    assert np.abs(motion.shift).max() > 0.1
    moved = aligned(now, motion)
    again = (latents - moved.mean) @ moved.components.T
    np.testing.assert_allclose(moved.coords, again, atol=1e-5)
    share = moved.coords.astype(np.float64).var(axis=0) / latents.var(axis=0).sum()
    np.testing.assert_allclose(moved.explained_variance_ratio, share, rtol=1e-6)
    assert moved.explained_variance_ratio.sum() == pytest.approx(
        now.explained_variance_ratio.sum(), rel=1e-6
    )
    np.testing.assert_array_equal(moved.bounds.high, moved.coords.max(axis=0))


def test_alignment_matches_points_by_key_not_by_row():
    rng = np.random.default_rng(4)
    latents = rng.normal(size=(30, 5))
    keys = rng.permutation(1000)[:30]
    before = pca(latents, 2, dataset_idx=keys)
    order = rng.permutation(30)
    shuffled = Projection(
        **{
            **vars(before),
            "coords": before.coords[order] * np.float32(-1),
            "dataset_idx": keys[order],
        }
    )
    motion = align_pca(before, shuffled)
    assert motion.residual < 1e-6
    assert motion.common_points == 30
    np.testing.assert_allclose(motion.matrix, -np.eye(2), atol=1e-6)
    fewer = Projection(
        **{**vars(shuffled), "coords": shuffled.coords[:10], "dataset_idx": keys[order][:10]}
    )
    assert align_pca(before, fewer).common_points == 10


def test_real_change_stays_as_residual_and_growth_is_not_undone():
    before = pca(stretched(100, 6), 2)
    grown = rotated_copy(before, np.eye(2), np.zeros(2))
    grown = Projection(**{**vars(grown), "coords": before.coords * np.float32(2)})
    motion = align_pca(before, grown)
    assert motion.scale == 1.0
    assert not motion.changed
    assert motion.relative_residual == pytest.approx(1.0, rel=1e-3)
    assert aligned(grown, motion) is grown


def test_latents_shown_as_they_are_are_never_turned():
    rng = np.random.default_rng(5)
    latents = rng.normal(size=(40, 2))
    before, now = pca(latents, 2), pca(latents @ np.array([[0, 1], [-1, 0]]), 2)
    motion = align_pca(before, now)
    assert not motion.changed
    assert motion.residual > 0.5
    assert aligned(now, motion) is now


def test_a_collapsed_epoch_aligns_without_nan():
    before, now = pca(stretched(20, 5), 2), pca(np.ones((20, 5)), 2)
    motion = align_pca(before, now)
    np.testing.assert_allclose(motion.matrix @ motion.matrix.T, np.eye(2), atol=1e-12)
    assert align_pca(now, now).relative_residual == 0.0


def test_the_payload_survives_json():
    now, before = pca(stretched(20, 5), 2), pca(stretched(20, 5, seed=1), 2)
    motion = align_pca(before, now)
    text = orjson.dumps(motion.payload(), option=orjson.OPT_SERIALIZE_NUMPY)
    back = Alignment.from_payload(json.loads(text))
    assert (back.matrix == motion.matrix).all()
    assert (back.shift == motion.shift).all()
    assert (back.residual, back.changed) == (motion.residual, motion.changed)
    assert not Alignment.identity(3).changed


def test_refusals_name_what_is_wrong():
    with pytest.raises(DataError, match="without a common point"):
        align_pca(pca(np.eye(5), 2), pca(np.eye(5), 2, dataset_idx=range(5, 10)))
    with pytest.raises(ShapeError, match="3 dimensions"):
        align_pca(pca(np.eye(5), 2), pca(np.eye(5), 3))
    with pytest.raises(ShapeError, match=r"\[3, 3\]"):
        aligned(pca(np.eye(5), 2), Alignment.identity(3))


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    dims=st.sampled_from([2, 3]),
    count=st.integers(4, 60),
    scale=st.floats(0.01, 100),
)
def test_any_map_turned_comes_back_whatever_points_and_order(seed, dims, count, scale):
    rng = np.random.default_rng(seed)
    before = rng.normal(size=(count, dims)) * scale
    keys = rng.permutation(1000)[:count]
    matrix = np.linalg.qr(rng.normal(size=(dims, dims)))[0]
    shift = rng.normal(size=dims) * scale
    kept = rng.permutation(count)[: max(count // 2, dims + 1)]
    strangers = rng.normal(size=(3, dims)) * 1e3
    now = np.vstack([before[kept] @ matrix + shift, strangers])
    motion = align_map(before, keys, now, [*keys[kept], 2000, 2001, 2002])
    assert motion.common_points == len(kept)
    assert motion.residual < 1e-6
    assert motion.scale == 1.0
    np.testing.assert_allclose(motion.matrix @ motion.matrix.T, np.eye(dims), atol=1e-12)
    np.testing.assert_allclose(motion.moved(now)[:-3], before[kept], atol=1e-5 * scale)


def test_any_map_and_a_projection_are_aligned_alike():
    before, now = pca(stretched(40, 5), 2), pca(stretched(40, 5, seed=1), 2)
    one = align_pca(before, now)
    other = align_map(before.coords, before.dataset_idx, now.coords, now.dataset_idx)
    assert (one.matrix == other.matrix).all()
    assert one.residual == other.residual
    assert (aligned(now, one).coords == other.moved(now.coords)).all()


def test_a_map_that_did_not_move_stays_bit_for_bit():
    coords = np.random.default_rng(0).normal(size=(20, 2)).astype(np.float32)
    motion = align_map(coords, np.arange(20), coords, np.arange(20))
    assert not motion.changed
    assert (motion.moved(coords) == coords).all()
    with pytest.raises(ShapeError, match="3 dimensions"):
        align_map(coords, np.arange(20), np.ones((20, 3)), np.arange(20))
    with pytest.raises(DataError, match="without a common point"):
        align_map(coords, np.arange(20), coords, np.arange(20, 40))
