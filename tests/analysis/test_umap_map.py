from __future__ import annotations

import builtins
import subprocess
import sys

import numpy as np
import orjson
import pytest
from sklearn.metrics import silhouette_score

from latelier.analysis.neighbors import knn
from latelier.analysis.projection import pca
from latelier.analysis.quality import projection_quality
from latelier.analysis.umap_map import UmapMap, _Progress, umap_map
from latelier.config.errors import ConfigError, DataError, ShapeError

slow = pytest.mark.slow


def blobs(count: int = 150, width: int = 6, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 3
    centers = np.eye(3, width) * 9
    return centers[labels] + rng.normal(size=(count, width)), labels


def drawn(latents: np.ndarray, dims: int = 2, k: int = 10, **options: object) -> np.ndarray:
    init = pca(latents, dims).coords
    return umap_map(latents, knn(latents, k), init, **{"seed": 3, **options})


@slow
@pytest.mark.parametrize("dims", [2, 3])
def test_a_map_is_the_same_bit_for_bit_and_parts_what_is_apart(dims):
    latents, labels = blobs()
    one = drawn(latents, dims)
    assert one.dtype == np.float32
    assert one.shape == (150, dims)
    assert one.tobytes() == drawn(latents, dims).tobytes()
    assert one.tobytes() != drawn(latents, dims, seed=4).tobytes()
    assert silhouette_score(one, labels) > 0.7
    assert projection_quality(latents, one, 10).trustworthiness > 0.9


@slow
def test_the_map_is_umap_learns_own():
    """Second method: the library's parts, put together by hand around the same neighbors."""
    latents = blobs()[0].astype(np.float32)
    ours = drawn(latents, k=10)
    from umap.umap_ import find_ab_params, fuzzy_simplicial_set, simplicial_set_embedding

    near = knn(latents, 9)
    rows = np.arange(len(latents))[:, None]
    indices = np.hstack([rows, near.indices])
    distances = np.hstack([0 * rows, near.distances]).astype(np.float32)
    random_state = np.random.RandomState(3)
    graph, *_ = fuzzy_simplicial_set(
        latents, 10, random_state, "euclidean", knn_indices=indices, knn_dists=distances
    )
    a, b = find_ab_params(1.0, 0.1)
    layout, _ = simplicial_set_embedding(
        latents, graph, 2, 1.0, a, b, 1.0, 5, None, pca(latents, 2).coords, random_state,
        "euclidean", {}, False, {}, False,
    )  # fmt: skip
    np.testing.assert_array_equal(ours, layout)


@slow
def test_the_layout_begins_at_the_start_it_is_given():
    latents, _ = blobs()
    init = pca(latents, 2).coords
    turned = init @ np.array([[0, 1], [-1, 0]], dtype=np.float32)
    near = knn(latents, 10)
    one, other = (umap_map(latents, near, start, seed=0) for start in (init, turned))
    assert np.corrcoef(one[:, 0], init[:, 0])[0, 1] > 0.8
    assert np.corrcoef(other[:, 0], turned[:, 0])[0, 1] > 0.8
    assert (one.min(axis=0) != other.min(axis=0)).any()


@slow
def test_progress_ascends_to_one_and_can_end_the_layout():
    import numba

    latents, _ = blobs(1500)
    seen: list[float] = []
    quiet = drawn(latents)
    assert drawn(latents, progress=seen.append).tobytes() == quiet.tobytes()
    assert len(seen) > 2
    assert seen == sorted(set(seen))
    assert seen[-1] == 1.0
    threads = numba.get_num_threads()

    def enough(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        drawn(latents, progress=enough)
    assert numba.get_num_threads() == threads


@slow
@pytest.mark.parametrize("count", [3, 4, 5, 7])
def test_a_few_points_are_a_map_too(count):
    latents = np.random.default_rng(count).normal(size=(count, 5))
    for dims in (2, 3):
        coords = drawn(latents, dims, k=min(4, count - 1))
        assert np.isfinite(coords).all()
        assert len(np.unique(coords, axis=0)) == count


@slow
def test_flat_and_doubled_latents_are_drawn_without_a_gap():
    line = np.random.default_rng(0).normal(size=(60, 1)) * np.ones((1, 5))
    coords = drawn(line)
    assert np.isfinite(coords).all()
    assert coords.tobytes() == drawn(line).tobytes()
    doubled = np.repeat(np.random.default_rng(1).normal(size=(20, 5)), 3, axis=0)
    assert np.isfinite(drawn(doubled)).all()


@slow
def test_large_maps_never_compile_a_neighbor_search_and_nobody_else_notices():
    """In a process of its own: what the import does to global state counts too."""
    program = """
import random, warnings
warnings.simplefilter("error")
import numpy as np
import sklearn.neighbors  # which draws a random number when it is first imported
np.random.seed(1); random.seed(1)
def state():
    name, keys, *rest = np.random.get_state()
    return name, keys.tobytes(), rest, random.getstate()
before = state()
from latelier.analysis import knn, pca, umap_map, warm_up
warm_up()
points = np.random.default_rng(0).normal(size=(4200, 4))
umap_map(points, knn(points, 5), pca(points, 2).coords, seed=0)
assert state() == before
import pynndescent.pynndescent_ as search
assert not search.nn_descent.signatures, search.nn_descent.signatures
print("quiet")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.stdout == "quiet\n", done.stderr
    assert done.stderr == ""


def test_what_cannot_be_drawn_is_refused_before_the_library_is_loaded(monkeypatch):
    monkeypatch.setitem(sys.modules, "umap", None)
    latents, _ = blobs(20)
    near, init = knn(latents, 5), np.asarray(latents)[:, :2]
    with pytest.raises(DataError, match="2-D latents are shown as they are"):
        umap_map(init, near, init, seed=0)
    with pytest.raises(DataError, match="3-D latents are shown as they are"):
        umap_map(latents[:, :3], near, latents[:, :3], seed=0)
    with pytest.raises(DataError, match="two or three dimensions; got 4"):
        umap_map(latents, near, latents[:, :4], seed=0)
    with pytest.raises(ShapeError, match="neighbors has 20 rows; expected 19"):
        umap_map(latents[:19], near, init[:19], seed=0)
    with pytest.raises(ShapeError, match="init has 19 rows"):
        umap_map(latents, near, init[:19], seed=0)
    with pytest.raises(DataError, match="20 points, 1 neighbors"):
        umap_map(latents, knn(latents, 1), init, seed=0)
    with pytest.raises(DataError, match="min_dist is out of range"):
        umap_map(latents, near, init, seed=0, min_dist=1.5)


def test_a_missing_package_says_how_to_get_it(monkeypatch):
    found = builtins.__import__

    def without(name, *rest):
        if name == "umap":
            raise ModuleNotFoundError("No module named 'umap'", name="umap")
        return found(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    latents, _ = blobs(20)
    with pytest.raises(ConfigError, match=r'Run `pip install "latelier\[projections\]"`'):
        umap_map(latents, knn(latents, 5), latents[:, :2], seed=0)


def test_collapsed_latents_are_one_point():
    seen: list[float] = []
    latents = np.full((10, 5), 2.0)
    coords = umap_map(
        latents, knn(latents, 3), pca(latents, 2).coords, seed=0, progress=seen.append
    )
    assert coords.shape == (10, 2)
    assert not coords.any()
    assert seen == [1.0]


def test_progress_is_read_from_what_tqdm_writes():
    seen: list[float] = []
    file = _Progress(seen.append)
    for text in ("\r0/500", "\r125/500", "\r125/500  ", "", "\n", "\r400/500", "\r500/500", "x"):
        file.write(text)
    assert seen == [0.25, 0.8]


def test_the_payload_survives_json_and_measures_the_map():
    latents, labels = blobs(40)
    coords = latents[:, :2]
    made = UmapMap.measured(
        latents, coords, seed=7, n_neighbors=15, min_dist=0.1, dataset_idx=np.arange(40) * 2
    )
    payload = made.payload() | {"label": labels}
    read = orjson.loads(orjson.dumps(payload, option=orjson.OPT_SERIALIZE_NUMPY))
    scores = projection_quality(latents, coords.astype(np.float32), 15)
    assert read["quality"] == {
        "k": 15, "trustworthiness": scores.trustworthiness, "continuity": scores.continuity,
    }  # fmt: skip
    assert read["parameters"] == {"n_neighbors": 15, "min_dist": 0.1, "seed": 7, "init": "pca"}
    assert (read["method"], read["dims"], read["bounds"]["method"]) == ("umap", 2, "umap")
    back = UmapMap.from_payload(read)
    assert (back.coords == made.coords).all()
    assert (back.dataset_idx == made.dataset_idx).all()
    assert back.payload().keys() == made.payload().keys()
    np.testing.assert_allclose(back.bounds.robust_high, made.bounds.robust_high)
    few = UmapMap.measured(latents[:6], coords[:6], seed=7, n_neighbors=15, min_dist=0.1)
    assert few.quality["k"] == 2
