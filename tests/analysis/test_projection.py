from __future__ import annotations

import json

import numpy as np
import orjson
import pytest
from sklearn.decomposition import PCA

from latelier.analysis.projection import Projection, bounds_of, pca
from latelier.config.errors import DataError, ShapeError


def stretched(points: int, dimensions: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    scales = np.linspace(3.0, 0.5, dimensions)
    turn = np.linalg.qr(rng.normal(size=(dimensions, dimensions)))[0]
    return (rng.normal(size=(points, dimensions)) * scales) @ turn + rng.normal(size=dimensions)


def naive_pca(latents: np.ndarray, dims: int) -> tuple[np.ndarray, np.ndarray]:
    """By singular values instead of the covariance; one ratio per kept axis."""
    centered = latents - latents.mean(axis=0)
    left, values, _ = np.linalg.svd(centered, full_matrices=False)
    return left[:, :dims] * values[:dims], (values**2 / (values**2).sum())[:dims]


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize(("points", "dimensions"), [(200, 10), (40, 64), (500, 4)])
def test_agrees_with_singular_values_and_scikit_learn(points, dimensions, dims):
    latents = stretched(points, dimensions)
    drawn = pca(latents, dims)
    coords, ratios = naive_pca(latents, dims)
    signs = np.sign((coords * drawn.coords).sum(axis=0))
    np.testing.assert_allclose(drawn.coords, coords * signs, atol=1e-5)
    np.testing.assert_allclose(drawn.explained_variance_ratio, ratios, rtol=1e-5)
    theirs = PCA(dims, svd_solver="full").fit(latents)
    np.testing.assert_allclose(np.abs(drawn.components), np.abs(theirs.components_), atol=1e-7)
    np.testing.assert_allclose(
        drawn.explained_variance_ratio, theirs.explained_variance_ratio_, rtol=1e-5
    )


def test_the_stored_map_makes_the_coordinates():
    latents = stretched(100, 8)
    drawn = pca(latents, 3)
    again = (latents - drawn.mean) @ drawn.components.T
    np.testing.assert_allclose(drawn.coords, again, atol=1e-5)
    assert drawn.coords.dtype == np.float32
    np.testing.assert_allclose(drawn.components @ drawn.components.T, np.eye(3), atol=1e-12)


def test_signs_are_fixed_and_results_repeat_bit_for_bit():
    latents = stretched(300, 6).astype(np.float32)
    first, second = pca(latents, 2), pca(latents.copy(), 2)
    assert first.coords.tobytes() == second.coords.tobytes()
    largest = np.abs(first.components).argmax(axis=1)
    assert (first.components[[0, 1], largest] > 0).all()
    mirrored = pca(-latents, 2)
    np.testing.assert_allclose(mirrored.components, first.components, atol=1e-9)


@pytest.mark.parametrize(("dimensions", "dims", "padded"), [(2, 2, 0), (1, 2, 1), (2, 3, 1)])
def test_few_dimensions_are_shown_as_they_are(dimensions, dims, padded):
    latents = np.random.default_rng(0).normal(size=(20, dimensions)).astype(np.float32) + 5
    drawn = pca(latents, dims)
    assert drawn.method == "identity"
    assert drawn.padded == padded
    assert (drawn.coords[:, :dimensions] == latents).all()
    assert (drawn.coords[:, dimensions:] == 0).all()
    share = latents.astype(np.float64).var(axis=0)
    expected = [*(share / share.sum()), *([0.0] * padded)]
    np.testing.assert_allclose(drawn.explained_variance_ratio, expected, atol=1e-9)


@pytest.mark.parametrize("latents", [np.full((7, 5), 2.5), np.ones((1, 5)), np.ones((1, 400))])
@pytest.mark.parametrize("dims", [2, 3])
def test_constant_latents_and_a_single_point_lie_at_the_origin(latents, dims):
    drawn = pca(latents, dims)
    assert (drawn.coords == 0).all()
    assert (drawn.explained_variance_ratio == 0).all()
    assert np.isfinite(drawn.components).all()


def test_rank_one_wide_latents_leave_the_second_axis_empty():
    line = np.outer(np.arange(5.0), np.linspace(1, 2, 50))
    drawn = pca(line, 3)
    assert (drawn.coords[:, 1:] == 0).all()
    assert drawn.explained_variance_ratio[0] == pytest.approx(1.0)


def test_bounds_hold_all_points_and_the_robust_box_all_but_the_tails():
    rng = np.random.default_rng(1)
    coords = rng.normal(size=(1000, 2)).astype(np.float32)
    coords[0] = [50, -60]
    box = bounds_of(coords, "pca")
    assert box.high[0] == 50
    assert box.low[1] == -60
    assert box.robust_high[0] < 5
    for axis in range(2):
        inside = (coords[:, axis] >= box.robust_low[axis]) & (
            coords[:, axis] <= box.robust_high[axis]
        )
        assert 0.975 < inside.mean() < 0.985
    assert pca(rng.normal(size=(9, 4)), 3).bounds.payload()["dims"] == 3


def test_the_payload_survives_json():
    now = pca(stretched(20, 5), 2)
    text = orjson.dumps(now.payload(), option=orjson.OPT_SERIALIZE_NUMPY)
    read = json.loads(text)
    assert (np.asarray(read["coords"], np.float32) == now.coords).all()
    assert read["bounds"]["full"]["max"] == now.bounds.high.tolist()
    same = Projection.from_payload(read)
    assert same.coords.tobytes() == now.coords.tobytes()
    assert orjson.dumps(same.payload(), option=orjson.OPT_SERIALIZE_NUMPY) == text


def test_refusals_name_what_is_wrong():
    with pytest.raises(DataError, match="two or three dimensions; got 4"):
        pca(np.ones((5, 6)), 4)
    with pytest.raises(ShapeError, match=r"latents has shape \[5\]"):
        pca(np.ones(5), 2)
    broken = np.ones((5, 6))
    broken[3, 1] = np.nan
    with pytest.raises(DataError, match="latents is not finite at row 3"):
        pca(broken, 2)
    with pytest.raises(DataError, match="names a point twice; got 7"):
        pca(np.ones((3, 6)), 2, dataset_idx=[7, 1, 7])
