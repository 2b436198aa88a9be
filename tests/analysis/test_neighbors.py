from __future__ import annotations

import tracemalloc

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latelier.analysis import nearest as search
from latelier.analysis import neighbors as module
from latelier.analysis.neighbors import (
    Neighbors,
    drawn_distances,
    edge_weight,
    extent_radius,
    knn,
    neighbor_churn,
    neighbors_payload,
)
from latelier.config.errors import DataError, ShapeError


def naive_knn(points: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Every pair, one at a time; sorted by distance, then row."""
    indices, distances = [], []
    for row, point in enumerate(points.astype(np.float64)):
        others = [
            (float(np.sum((point - other) ** 2)), column)
            for column, other in enumerate(points.astype(np.float64))
            if column != row
        ]
        nearest = sorted(others)[:k]
        indices.append([column for _, column in nearest])
        distances.append([squared**0.5 for squared, _ in nearest])
    return np.array(indices), np.array(distances)


@pytest.mark.parametrize("dimensions", [1, 2, 6, 7, 10, 40])
def test_agrees_with_every_pair(dimensions):
    points = np.random.default_rng(dimensions).normal(size=(120, dimensions)) + 100
    found = knn(points, 9)
    indices, distances = naive_knn(points, 9)
    np.testing.assert_array_equal(found.indices, indices)
    np.testing.assert_allclose(found.distances, distances, rtol=1e-12)
    np.testing.assert_array_equal(found.kth_distance, found.distances[:, 8])
    assert found.k == 9


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    dimensions=st.sampled_from([2, 8]),
    count=st.integers(3, 40),
    levels=st.integers(1, 3),
    data=st.data(),
)
def test_ties_and_duplicates_are_ordered_by_row(seed, dimensions, count, levels, data):
    """Points on a small lattice: nearly every distance is tied, and many points coincide."""
    points = np.random.default_rng(seed).integers(0, levels, size=(count, dimensions))
    k = data.draw(st.integers(1, count - 1))
    found = knn(points, k)
    indices, distances = naive_knn(points, k)
    np.testing.assert_array_equal(found.indices, indices)
    np.testing.assert_allclose(found.distances, distances)
    assert (found.indices != np.arange(count)[:, None]).all()


@pytest.mark.parametrize("dimensions", [3, 12])
def test_a_far_away_cloud_with_tiny_distances_is_still_exact(dimensions):
    rng = np.random.default_rng(0)
    points = np.vstack([rng.normal(size=(60, dimensions)) * 1e-7, np.full((1, dimensions), 1e3)])
    found = knn(points, 5)
    indices, _ = naive_knn(points, 5)
    np.testing.assert_array_equal(found.indices, indices)


def test_collapsed_latents_are_settled_without_comparing_all_pairs(monkeypatch):
    def refuse(*_):
        raise AssertionError("compared with all points")

    monkeypatch.setattr(search._Found, "keep_best_of", refuse)
    found = knn(np.full((500, 10), 0.1), 4)
    assert found.indices[0].tolist() == [1, 2, 3, 4]
    assert found.indices[2].tolist() == [0, 1, 3, 4]
    assert found.indices[499].tolist() == [0, 1, 2, 3]
    assert (found.distances == 0).all()


def test_differences_that_underflow_are_not_mistaken_for_duplicates():
    points = np.zeros((12, 2))
    points[:, 0] = np.arange(12) * 1e-200
    indices, _ = naive_knn(points, 3)
    np.testing.assert_array_equal(knn(points, 3).indices, indices)


def test_memory_is_not_quadratic():
    points = np.random.default_rng(0).normal(size=(6000, 10)).astype(np.float32)
    knn(points[:100], 5)
    tracemalloc.start()
    knn(points, 15)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6000**2 * 8 / 4


def test_work_is_cut_into_bounded_blocks_and_blocks_change_nothing(monkeypatch):
    assert [block.stop - block.start for block in module._blocks(10, 2**20)] == [4, 4, 2]
    rng = np.random.default_rng(0)
    before, now = rng.normal(size=(90, 8)), rng.normal(size=(90, 8))
    whole = knn(before, 6), knn(now, 6)
    monkeypatch.setattr(module, "_BLOCK_BYTES", 8 * 7 * 36)
    monkeypatch.setattr(search, "_BLOCK_NUMBERS", 7 * 90)
    monkeypatch.setattr(search, "_TABLE_BYTES", 8 * 2 * 7 * 8)
    cut = knn(before, 6), knn(now, 6)
    np.testing.assert_array_equal(cut[0].indices, whole[0].indices)
    np.testing.assert_array_equal(cut[1].distances, whole[1].distances)
    np.testing.assert_array_equal(
        neighbor_churn(*cut).churn, neighbor_churn(whole[0], whole[1]).churn
    )


@pytest.mark.parametrize("k", [0, 5, 6])
def test_too_many_neighbors_are_refused(k):
    with pytest.raises(DataError, match=f"got k = {k}; expected 1 to 4"):
        knn(np.eye(5), k)


def test_neighbors_are_named_by_dataset_idx():
    found = knn([[0.0], [1.0], [5.0]], 1, dataset_idx=[70, 20, 90])
    assert found.neighbor_idx.tolist() == [[20], [70], [20]]


def with_keys(keys: list[int], neighbor_rows: list[list[int]]) -> Neighbors:
    rows = np.array(neighbor_rows)
    return Neighbors(np.array(keys), rows, np.ones(rows.shape))


def test_churn_counts_what_sets_differ_in():
    rng = np.random.default_rng(1)
    latents = rng.normal(size=(80, 5))
    keys = rng.permutation(500)[:80]
    before = knn(latents, 7, dataset_idx=keys)
    order = rng.permutation(80)
    later = latents + 0.5 * rng.normal(size=latents.shape)
    now = knn(later[order], 7, dataset_idx=keys[order])
    churn = neighbor_churn(before, now)
    known = {
        int(key): set(row.tolist()) for key, row in zip(keys, before.neighbor_idx, strict=True)
    }
    for key, row, value in zip(now.dataset_idx, now.neighbor_idx, churn.churn, strict=True):
        expected = 1 - len(known[int(key)] & set(row.tolist())) / 7
        assert value == pytest.approx(expected, abs=1e-6)
    assert churn.mean == pytest.approx(churn.churn.mean(), rel=1e-6)
    assert 0.1 < churn.mean < 0.9


def test_churn_of_the_same_epoch_is_zero_and_of_strangers_is_one():
    before = with_keys([1, 2, 3, 4], [[1], [0], [3], [2]])
    assert neighbor_churn(before, before).mean == 0
    after = with_keys([1, 2, 3, 4], [[2], [3], [0], [1]])
    assert neighbor_churn(before, after).churn.tolist() == [1, 1, 1, 1]


def test_churn_of_a_new_point_is_unknown():
    before = with_keys([1, 2, 3], [[1], [0], [1]])
    now = with_keys([9, 2, 1], [[1], [2], [1]])
    churn = neighbor_churn(before, now)
    assert np.isnan(churn.churn[0])
    assert churn.churn[1:].tolist() == [0, 0]
    assert churn.mean == 0
    text = orjson.dumps(churn.payload(), option=orjson.OPT_SERIALIZE_NUMPY)
    assert orjson.loads(text)["churn"] == [None, 0.0, 0.0]
    strangers = neighbor_churn(with_keys([7, 8], [[1], [0]]), now)
    assert np.isnan(strangers.mean)


def test_churn_refuses_another_k():
    with pytest.raises(DataError, match="one size; got 2; expected k = 1"):
        neighbor_churn(knn(np.eye(4), 2), knn(np.eye(4), 1))


@pytest.mark.parametrize("dims", [2, 3])
def test_drawn_distances_use_every_drawn_dimension(dims):
    rng = np.random.default_rng(2)
    near = knn(rng.normal(size=(20, 5)), 4)
    coords = rng.normal(size=(20, dims))
    drawn = drawn_distances(coords, near)
    for row in range(20):
        for place in range(4):
            difference = coords[row] - coords[near.indices[row, place]]
            assert drawn[row, place] == pytest.approx(sum(difference**2) ** 0.5)
    with pytest.raises(ShapeError, match="coords has 19 rows; expected 20"):
        drawn_distances(coords[:19], near)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000))
def test_extents_are_strictly_monotone_in_d_k(seed):
    rng = np.random.default_rng(seed)
    d_k, drawn = rng.gamma(1.0, size=40) + 1e-6, rng.gamma(1.0, size=40)
    radius = extent_radius(d_k, drawn)
    order = np.argsort(d_k)
    assert (np.diff(radius[order]) > 0).all()
    assert np.median(radius) == pytest.approx(np.median(drawn))


def test_extents_of_collapsed_latents_are_zero():
    assert extent_radius(np.zeros(5), np.zeros(5)).tolist() == [0] * 5
    mostly_zero = extent_radius([0.0, 0.0, 0.0, 2.0], [0.0, 0.0, 0.0, 1.0])
    assert mostly_zero.tolist() == [0, 0, 0, 1.0]
    with pytest.raises(ShapeError, match="drawn_kth_distance"):
        extent_radius(np.ones(3), np.ones(4))


def test_the_gate_fades_without_a_jump():
    assert edge_weight([0.0, 1.0], 1.0, width=0.5).tolist() == [1.0, 1.0]
    beyond = edge_weight(np.linspace(1, 3, 200), 1.0, width=0.5)
    assert (np.diff(beyond) < 0).all()
    assert np.abs(np.diff(beyond)).max() < 0.03
    assert edge_weight(1.5, 1.0, width=0.5) == pytest.approx(np.exp(-1))
    assert edge_weight([0.0, 0.1], 0.0, width=0.0).tolist() == [1.0, 0.0]


def test_the_payload_can_be_recomputed_from_latents_and_coordinates():
    rng = np.random.default_rng(3)
    latents, keys = rng.normal(size=(40, 6)), np.arange(40) * 3
    maps = {"2d": rng.normal(size=(40, 2)), "3d": rng.normal(size=(40, 3))}
    near = knn(latents, 5, dataset_idx=keys)
    text = orjson.dumps(neighbors_payload(near, maps), option=orjson.OPT_SERIALIZE_NUMPY)
    read = orjson.loads(text)
    row_of = {key: row for row, key in enumerate(read["dataset_idx"])}
    for row, (ids, distances) in enumerate(zip(read["neighbors"], read["distances"], strict=True)):
        for key, distance in zip(ids, distances, strict=True):
            other = row_of[key]
            exact = np.linalg.norm(latents[row] - latents[other])
            assert distance == pytest.approx(float(f"{exact:.6g}"), rel=1e-7)
        assert read["d_k"][row] == pytest.approx(exact, rel=1e-7)
    for name, coords in maps.items():
        drawn = np.array(read["maps"][name]["drawn"])
        other = row_of[read["neighbors"][4][2]]
        exact = np.linalg.norm(coords[4] - coords[other])
        assert drawn[4, 2] == pytest.approx(float(f"{exact:.4g}"), rel=1e-7)
        radius = np.array(read["maps"][name]["extent"])
        last = [row_of[ids[-1]] for ids in read["neighbors"]]
        factor = np.median(np.linalg.norm(coords - coords[last], axis=1)) / np.median(read["d_k"])
        np.testing.assert_allclose(radius, np.array(read["d_k"]) * factor, rtol=1e-5)
        gate = read["maps"][name]["gate"]
        assert gate == {
            "kind": "exponential",
            "width": pytest.approx(module.GATE_DECAY * np.median(radius), rel=1e-5),
        }
