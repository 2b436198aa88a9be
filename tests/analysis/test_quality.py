from __future__ import annotations

import numpy as np
import orjson
import pytest
from sklearn.manifold import trustworthiness

from latelier.analysis import quality as module
from latelier.analysis.projection import pca
from latelier.analysis.quality import projection_quality
from latelier.config.errors import DataError, ShapeError


def naive_point_scores(points: np.ndarray, shown: np.ndarray, k: int) -> list[float]:
    """Venna and Kaski's sum, with sorted lists; equal distances are ordered by row."""
    count = len(points)
    scores = []
    for row in range(count):
        by_distance, drawn = (
            sorted(range(count), key=lambda j: (j != row, np.sum((p[j] - p[row]) ** 2), j))
            for p in (points, shown)
        )
        penalty = sum(max(by_distance.index(j) - k, 0) for j in drawn[1 : k + 1])
        scores.append(1 - 2 * penalty / (k * (2 * count - 3 * k - 1)))
    return scores


@pytest.mark.parametrize("k", [1, 5, 12])
def test_agrees_with_sorted_lists_and_scikit_learn(monkeypatch, k):
    monkeypatch.setattr(module, "BLOCK_ROWS", 17)
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
    read = orjson.loads(orjson.dumps(scores.payload(), option=orjson.OPT_SERIALIZE_NUMPY))
    assert read["k"] == 3
    assert len(read["point_continuity"]) == 20
    with pytest.raises(ShapeError, match="coords has 19 rows; expected 20"):
        projection_quality(latents, latents[:19], 3)
    with pytest.raises(DataError, match="k = 10 of 20 points; expected 1 <= k < N / 2"):
        projection_quality(latents, latents, 10)
