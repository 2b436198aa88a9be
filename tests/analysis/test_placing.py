from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latelier.analysis import placing as module
from latelier.analysis.placing import place, unplace
from latelier.config.errors import DataError, ShapeError


def naive_place(new: np.ndarray, known: np.ndarray, values: np.ndarray, k: int) -> np.ndarray:
    """Franke and Nielson's formula, one point and one neighbor at a time."""
    placed = []
    for point in new:
        far = sorted((float(np.linalg.norm(point - other)), row) for row, other in enumerate(known))
        near = far[: k + 1]
        reach = near[-1][0]
        here = [row for r, row in near if r == 0]
        if here and reach > 0:
            placed.append(np.mean(values[here], axis=0))
            continue
        weights = [((reach - r) / (reach * r)) ** 2 for r, _ in near]
        placed.append(np.average(values[[row for _, row in near]], axis=0, weights=weights))
    return np.array(placed)


def scene(seed: int, count: int, width: int, new: int):
    rng = np.random.default_rng(seed)
    return (
        rng.normal(size=(new, width)),
        rng.normal(size=(count, width)),
        rng.normal(size=(count, 2)),
    )


@pytest.mark.parametrize("width", [2, 6, 7, 16])
def test_agrees_with_the_formula(monkeypatch, width):
    monkeypatch.setattr(module, "BLOCK_ROWS", 7)
    new, latents, coords = scene(width, 50, width, 20)
    np.testing.assert_allclose(place(new, latents, coords, 6), naive_place(new, latents, coords, 6))
    back = unplace(coords[:5] + 0.1, coords, latents, 4)
    np.testing.assert_allclose(back, naive_place(coords[:5] + 0.1, coords, latents, 4))


@settings(deadline=None, max_examples=50)
@given(
    seed=st.integers(0, 10_000),
    count=st.integers(1, 40),
    width=st.sampled_from([2, 5, 9]),
    k=st.integers(1, 12),
    scale=st.sampled_from([1e-6, 1.0, 1e6]),
)
def test_placed_points_are_convex_and_the_order_does_not_matter(seed, count, width, k, scale):
    new, latents, coords = scene(seed, count, width, 6)
    new, latents = new * scale, latents * scale
    placed = place(new, latents, coords, k)
    order = np.random.default_rng(seed).permutation(count)
    np.testing.assert_allclose(place(new, latents[order], coords[order], k), placed, atol=1e-9)
    nearest = np.argsort(((new[:, None] - latents[None]) ** 2).sum(axis=2), axis=1)[:, : k + 1]
    around = coords[nearest]  # [M, K, 2]; the hull's support in some directions
    for angle in np.linspace(0, 2 * np.pi, 9):
        direction = np.array([np.cos(angle), np.sin(angle)])
        assert (placed @ direction <= (around @ direction).max(axis=1) + 1e-9).all()


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000), width=st.sampled_from([3, 12]))
def test_a_point_of_the_map_is_placed_at_itself_and_what_is_near_it_nearby(seed, width):
    _, latents, coords = scene(seed, 40, width, 1)
    np.testing.assert_allclose(place(latents, latents, coords), coords, atol=1e-12)
    np.testing.assert_allclose(unplace(coords, coords, latents), latents, atol=1e-12)
    step = np.random.default_rng(seed + 1).normal(size=width)
    last = np.inf
    for length in (1e-2, 1e-4, 1e-6):
        moved = place(latents + length * step / np.linalg.norm(step), latents, coords)
        distance = np.abs(moved - coords).max()
        assert distance < last
        last = distance
    assert last < 1e-6


def test_a_path_through_latent_space_is_drawn_without_jumps():
    """Neighbors come and go along the way: a step of the path is never a jump on the map."""
    _, latents, coords = scene(3, 60, 4, 1)
    path = np.linspace(latents[0] + 0.2, latents[1] + 0.2, 4000)
    steps = np.linalg.norm(np.diff(place(path, latents, coords, 5), axis=0), axis=1)
    finer = np.linspace(latents[0] + 0.2, latents[1] + 0.2, 40_000)
    fine_steps = np.linalg.norm(np.diff(place(finer, latents, coords, 5), axis=0), axis=1)
    assert fine_steps.max() < 0.2 * steps.max()
    assert steps.max() < 0.05


def test_coinciding_points_share_and_a_lonely_point_takes_all():
    latents = np.array([[0.0, 0], [0, 0], [5, 5]])
    coords = np.array([[1.0, 1], [3, 3], [9, 9]])
    np.testing.assert_array_equal(place([[0, 0]], latents, coords, 2), [[2, 2]])
    np.testing.assert_array_equal(place([[7, 7]], latents[:1], coords[:1]), [[1, 1]])
    np.testing.assert_array_equal(place([[1, 1]], np.zeros((3, 2)), coords), [coords.mean(axis=0)])
    square = np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])
    np.testing.assert_allclose(place([[0, 0]], square, square * 2 + 1), [[1, 1]])


def test_a_place_far_from_the_origin_is_still_exact():
    rng = np.random.default_rng(0)
    latents = 1e6 + rng.normal(size=(50, 9)) * 1e-3
    coords = rng.normal(size=(50, 2))
    np.testing.assert_allclose(place(latents, latents, coords), coords)


def test_refusals_name_what_is_wrong():
    with pytest.raises(ShapeError, match="the new points have 3 dimensions; expected 4"):
        place(np.ones((2, 3)), np.eye(4), np.ones((4, 2)))
    with pytest.raises(ShapeError, match="the map has 3 rows; expected 4"):
        place(np.ones((2, 4)), np.eye(4), np.ones((3, 2)))
    with pytest.raises(DataError, match="k = 0"):
        unplace(np.ones((2, 2)), np.ones((4, 2)), np.eye(4), 0)
    with pytest.raises(DataError, match="new_latents is not finite at row 1"):
        place([[0.0] * 4, [np.nan] * 4], np.eye(4), np.ones((4, 2)))
