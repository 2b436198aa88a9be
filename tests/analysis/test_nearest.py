from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_info, threadpool_limits

from latelier.analysis import nearest as module
from latelier.analysis.nearest import nearest


def every_pair(points: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The definition: squared differences summed in float64, equal ones by row number."""
    indices, squared = np.empty((len(points), k), np.int64), np.empty((len(points), k))
    for row, point in enumerate(points):
        others = np.delete(np.arange(len(points)), row)
        with np.errstate(over="ignore"):
            difference = points[others] - point
            sizes = np.einsum("nd,nd->n", difference, difference)
        best = np.lexsort((others, sizes))[:k]
        indices[row], squared[row] = others[best], sizes[best]
    return indices, squared


def assert_exact(points: np.ndarray, k: int) -> None:
    found, expected = nearest(points, k), every_pair(points, k)
    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_array_equal(found[1], expected[1])


def cloud(kind: str, count: int, dimensions: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    normal = rng.normal(size=(count, dimensions))
    return {
        "normal": lambda: normal,
        "uniform": lambda: rng.uniform(size=(count, dimensions)),
        "lattice": lambda: rng.integers(0, 3, (count, dimensions)).astype(float),
        "copies": lambda: normal[rng.integers(0, 1 + count // 4, count)],
        "nearly copies": lambda: normal[rng.integers(0, 1 + count // 4, count)] + 1e-9 * normal,
        "half on one spot": lambda: np.where(np.arange(count)[:, None] % 2, normal, 0.3),
        "heavy tails": lambda: rng.standard_cauchy((count, dimensions)),
        "far away": lambda: normal + 1e7,
        "far apart": lambda: normal + 1e5 * rng.integers(0, 2, (count, 1)),
        "an outlier": lambda: np.where(np.arange(count)[:, None] == 1, 1e12, normal),
        "scales by column": lambda: normal * 10.0 ** rng.integers(-9, 9, dimensions),
        "scales by row": lambda: normal * 10.0 ** rng.integers(-9, 9, (count, 1)),
        "vanishing": lambda: rng.integers(0, 3, (count, dimensions)) * 1e-200,
        "vanishing beside 1": lambda: np.where(np.arange(dimensions) == 0, 1.0, normal * 1e-170),
        "vanishing beside zeros": lambda: np.select(
            [np.arange(count)[:, None] % 8 == 0, np.arange(count)[:, None] % 8 < 6],
            [np.sign(normal) * 1e-200, 0.0],
            normal,
        ),
        "tiny beside an outlier": lambda: np.where(
            np.arange(count)[:, None] == 1, 1.0, normal * 10.0 ** -rng.integers(19, 24)
        ),
        "vanishing beside an outlier": lambda: np.where(
            np.arange(count)[:, None] == 1, 1.0, normal * 10.0 ** -rng.integers(155, 164)
        ),
        "one spot": lambda: np.full((count, dimensions), 0.1),
    }[kind]()


KINDS = [
    "normal",
    "uniform",
    "lattice",
    "copies",
    "nearly copies",
    "half on one spot",
    "heavy tails",
    "far away",
    "far apart",
    "an outlier",
    "scales by column",
    "scales by row",
    "vanishing",
    "vanishing beside 1",
    "vanishing beside zeros",
    "vanishing beside an outlier",
    "tiny beside an outlier",
    "one spot",
]


@settings(deadline=None, max_examples=150)
@given(
    kind=st.sampled_from(KINDS),
    count=st.integers(2, 90),
    dimensions=st.sampled_from([1, 3, 7, 12, 33]),
    seed=st.integers(0, 10_000),
    scale=st.sampled_from([1.0, 1.0, 0.1, 1e-6, 1e6, 1e-45, 1e38, 1e-160, 1e150, 1e280]),
    crowd=st.sampled_from([1, 16]),
    data=st.data(),
)
def test_is_what_comparing_every_pair_gives(kind, count, dimensions, seed, scale, crowd, data):
    """With groups, tiles, blocks and crowds of a size at which a few points have several."""
    points = cloud(kind, count, dimensions, seed) * scale
    k = data.draw(st.one_of(st.integers(1, count - 1), st.just(count - 1)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_GROUPS", 4)
        patch.setattr(module, "_BLOCK_NUMBERS", 500)
        patch.setattr(module, "_SMALL_PRODUCT", 2000)
        patch.setattr(module, "_CROWD", crowd)
        assert_exact(points, k)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dimensions", [2, 16])
def test_is_exact_at_its_real_sizes(kind, dimensions):
    assert_exact(cloud(kind, 701, dimensions, 1), 7)


@pytest.mark.parametrize("number", [np.float32, np.float64])
@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind not in ("vanishing", "vanishing beside 1")]
)
def test_the_screen_lets_every_neighbor_pass(kind, number):
    points = cloud(kind, 600, 16, 2)
    expected, _ = every_pair(points, 10)
    scaled, ordinary = module._scaled(points)
    assert ordinary
    screen = module._Screen(scaled, number, 10)
    for rows, near in screen.passed(iter([np.arange(250), np.arange(250, 600)[::2]])):
        assert np.take_along_axis(near, expected[rows], 1).all()


@pytest.mark.parametrize("kind", ["normal", "uniform", "heavy tails", "far away", "an outlier"])
def test_the_float32_screen_lets_few_others_pass(kind):
    scaled, _ = module._scaled(cloud(kind, 3000, 16, 3))
    screen = module._Screen(scaled, np.float32, 10)
    (marked,) = (near.sum(axis=1) for _, near in screen.passed(iter([np.arange(250)])))
    marked = np.sort(marked)[:-1]  # but for the outlier
    assert marked.mean() < 2 * 11
    assert marked.max() <= module._CROWD * 11


@pytest.mark.parametrize("power", [-300, -70, 70, 300])
def test_powers_of_two_change_nothing_though_float32_ends_before(power):
    points = cloud("normal", 600, 9, 4)
    found, scaled = nearest(points, 5), nearest(np.ldexp(points, power), 5)
    np.testing.assert_array_equal(scaled[0], found[0])
    np.testing.assert_array_equal(scaled[1], np.ldexp(found[1], 2 * power))


def screens_of(patch: pytest.MonkeyPatch, points: np.ndarray, k: int) -> list[tuple[str, int]]:
    """The numbers that the screens computed with, and how many rows they were asked for."""
    asked, original = [], module._screened

    def spy(found, screen, rows, *, leave_wide):
        asked.append((screen.own.dtype.name, screen.left.dtype.name, len(rows)))
        return original(found, screen, rows, leave_wide=leave_wide)

    patch.setattr(module, "_screened", spy)
    nearest(points, k)
    return [one[1:] for one in asked]


def test_most_points_are_screened_once_and_difficult_ones_again(monkeypatch):
    assert screens_of(monkeypatch, cloud("lattice", 600, 9, 5), 4) == [("float32", 600)]
    apart = screens_of(monkeypatch, cloud("far apart", 600, 9, 5), 4)
    assert [number for number, _ in apart] == ["float32", "float64"]
    assert 0 < apart[1][1] <= 600


def test_collapsed_latents_are_not_screened_again(monkeypatch):
    spots = np.repeat(cloud("normal", 2, 9, 0), 300, axis=0)
    assert screens_of(monkeypatch, spots, 4) == [("float32", 600)]
    assert screens_of(monkeypatch, spots[:, :3], 4) == []


def test_a_screen_that_lets_most_pass_is_given_up(monkeypatch):
    seen, original = [], module._Found.keep_best

    def spy(found, rows, near, *, leave_wide):
        seen.append((leave_wide, len(rows)))
        return original(found, rows, near, leave_wide=leave_wide)

    monkeypatch.setattr(module, "_threads", lambda: 1)
    monkeypatch.setattr(module, "_BLOCK_ROWS", 50)
    monkeypatch.setattr(module._Found, "keep_best", spy)
    spots = 1e5 * np.random.default_rng(6).integers(0, 4, (900, 1))
    assert_exact(cloud("normal", 900, 9, 6) + spots, 3)
    assert seen.count((True, 50)) == 1
    assert sum(rows for leave_wide, rows in seen if not leave_wide) > 850


def test_different_points_with_one_fingerprint_are_no_duplicates(monkeypatch):
    monkeypatch.setattr(module, "_fingerprints", lambda points: np.zeros(len(points), np.uint64))
    assert_exact(cloud("half on one spot", 400, 8, 7), 5)


def test_zeros_of_either_sign_are_duplicates():
    points = np.where(np.arange(300)[:, None] % 2, np.zeros((1, 8)), -np.zeros((1, 8)))
    assert len(set(module._fingerprints(points).tolist())) == 1
    assert_exact(points, 5)


@pytest.mark.parametrize("kind", ["normal", "copies", "far apart"])
def test_threads_change_nothing(kind, monkeypatch):
    points = cloud(kind, 900, 9, 8)
    monkeypatch.setattr(module, "_BLOCK_ROWS", 20)
    monkeypatch.setattr(module, "_threads", lambda: 1)
    alone = nearest(points, 6)
    monkeypatch.setattr(module, "_threads", lambda: 4)
    together = nearest(points, 6)
    np.testing.assert_array_equal(together[0], alone[0])
    np.testing.assert_array_equal(together[1], alone[1])


def test_as_many_threads_as_blas_may_use_and_the_setting_stays():
    before = [library["num_threads"] for library in threadpool_info()]
    running = threading.active_count()
    with threadpool_limits(1):
        assert module._threads() == 1
    with threadpool_limits(3, user_api="blas"):
        assert module._threads() == 3
        nearest(cloud("normal", 700, 9, 9), 6)
        assert module._threads() == 3
    with threadpool_limits(1000, user_api="blas"):
        assert module._threads() <= module._MOST_THREADS
    assert [library["num_threads"] for library in threadpool_info()] == before
    assert threading.active_count() == running


def test_an_error_in_a_thread_is_not_lost(monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("broken")

    monkeypatch.setattr(module, "_threads", lambda: 3)
    monkeypatch.setattr(module, "_BLOCK_ROWS", 20)
    monkeypatch.setattr(module._Found, "keep_best", fail)
    with pytest.raises(RuntimeError, match="broken"):
        nearest(cloud("normal", 200, 9, 10), 6)
