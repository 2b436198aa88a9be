from __future__ import annotations

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.manifold import trustworthiness

from latelier.analysis import quality as module
from latelier.analysis.projection import pca
from latelier.analysis.quality import projection_quality, quality_of_maps, quality_payload
from latelier.config.errors import DataError, ShapeError


def naive_point_scores(points: np.ndarray, shown: np.ndarray, k: int) -> list[float]:
    """Venna and Kaski's sum, with sorted lists; a rank is one more than the points before it."""
    count = len(points)
    scores = []
    for row in range(count):
        others = [j for j in range(count) if j != row]
        far = {j: np.sum((points[j] - points[row]) ** 2) for j in others}
        drawn = sorted(others, key=lambda j: (np.sum((shown[j] - shown[row]) ** 2), j))
        penalty = 0
        for claimed in drawn[:k]:
            rank = 1 + sum(far[j] < far[claimed] for j in others)
            penalty += max(rank - k, 0)
        scores.append(1 - 2 * penalty / (k * (2 * count - 3 * k - 1)))
    return scores


@pytest.mark.parametrize("k", [1, 5, 12])
def test_agrees_with_sorted_lists_and_scikit_learn(monkeypatch, k):
    monkeypatch.setattr(module, "BLOCK_BYTES", 17 * 60)
    latents = np.random.default_rng(k).normal(size=(60, 6))
    coords = pca(latents, 2).coords
    scores = projection_quality(latents, coords, k)
    np.testing.assert_allclose(scores.point_trustworthiness, naive_point_scores(latents, coords, k))
    np.testing.assert_allclose(scores.point_continuity, naive_point_scores(coords, latents, k))
    assert scores.trustworthiness == pytest.approx(trustworthiness(latents, coords, n_neighbors=k))
    assert scores.continuity == pytest.approx(trustworthiness(coords, latents, n_neighbors=k))


def test_duplicates_do_not_confuse_a_point_with_itself():
    rng = np.random.default_rng(1)
    latents, coords = rng.integers(0, 2, (30, 1)), rng.integers(0, 3, (30, 2))
    scores = projection_quality(latents, coords, 4)
    np.testing.assert_allclose(scores.point_trustworthiness, naive_point_scores(latents, coords, 4))
    np.testing.assert_allclose(scores.point_continuity, naive_point_scores(coords, latents, 4))


def test_collapsed_latents_accuse_no_map():
    coords = np.random.default_rng(2).normal(size=(30, 2))
    scores = projection_quality(np.ones((30, 4)), coords, 4)
    assert scores.trustworthiness == 1.0
    assert scores.continuity < 0.9


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000), count=st.integers(9, 50), k=st.integers(1, 4))
def test_the_order_of_points_does_not_matter_and_several_maps_are_scored_as_one(seed, count, k):
    rng = np.random.default_rng(seed)
    latents, flat, deep = (rng.normal(size=(count, d)) for d in (5, 2, 3))
    scores = quality_of_maps(latents, {"2d": flat, "3d": deep}, k)
    for name, coords in (("2d", flat), ("3d", deep)):
        alone = projection_quality(latents, coords, k)
        np.testing.assert_array_equal(alone.point_continuity, scores[name].point_continuity)
        assert alone.trustworthiness == scores[name].trustworthiness
        assert ((alone.point_trustworthiness >= 0) & (alone.point_trustworthiness <= 1)).all()
    order = rng.permutation(count)
    shuffled = projection_quality(latents[order], flat[order], k)
    np.testing.assert_allclose(
        shuffled.point_trustworthiness, scores["2d"].point_trustworthiness[order]
    )


def test_ranks_of_many_points_are_added_up_in_parts():
    """More than 8 * 255 points: a byte would overflow."""
    line = np.arange(2200.0)[:, None]
    folded = np.where(line == 2199, 0.4, line)  # the last point is drawn beside the first two
    scores = projection_quality(line, folded, 2)
    assert scores.point_trustworthiness[2199] == pytest.approx(
        1 - ((2199 - 2) + (2198 - 2)) / (2 * (2 * 2200 - 6 - 1) / 2)
    )


def test_a_turned_copy_is_perfect_and_noise_is_not():
    rng = np.random.default_rng(0)
    latents = rng.normal(size=(100, 2))
    turned = latents @ np.array([[0.0, 1.0], [-1.0, 0.0]])
    perfect = projection_quality(latents, turned, 10)
    assert (perfect.trustworthiness, perfect.continuity) == (1, 1)
    noise = projection_quality(latents, rng.normal(size=(100, 2)), 10)
    assert noise.trustworthiness < 0.7


def test_a_crushed_map_intrudes_and_a_torn_map_tears():
    line = np.linspace(0, 1, 80)[:, None]
    folded = projection_quality(line, np.abs(line - 0.5), 5)
    assert folded.trustworthiness < folded.continuity
    torn = projection_quality(line, line + 5.0 * (line > 0.5) * (np.arange(80)[:, None] % 2), 5)
    assert torn.continuity < 1


def test_payload_and_refusals():
    latents = np.random.default_rng(0).normal(size=(20, 4))
    scores = projection_quality(latents, latents[:, :2], 3)
    payload = quality_payload({"2d_pca": scores})
    read = orjson.loads(orjson.dumps(payload, option=orjson.OPT_SERIALIZE_NUMPY))
    read = read["maps"]["2d_pca"]
    assert read["k"] == 3
    assert set(read) == {
        "k", "trustworthiness", "continuity", "point_trustworthiness", "point_continuity",
    }  # fmt: skip
    assert len(read["point_continuity"]) == 20
    with pytest.raises(ShapeError, match="coords has 19 rows; expected 20"):
        projection_quality(latents, latents[:19], 3)
    with pytest.raises(DataError, match="k = 10 of 20 points; expected 1 <= k < N / 2"):
        projection_quality(latents, latents, 10)
