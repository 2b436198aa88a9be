"""The k nearest others of every point: a fast screen, then exact distances to what it lets pass.

In few dimensions a k-d tree names candidates. Above, |b|² - 2ab is computed for all pairs as a
matrix product, first in float32, and every point that may be among the k nearest, whatever the
rounding did, passes this screen. Rows that let many pass (those with many ties, or far from the
origin beside their spacing) are screened again in float64. What passes is compared by its squared
distance, summed in float64 from differences, and by row number where these are equal: as if every
pair had been compared so.

Shapes: N points, D dimensions, K neighbors, B rows of a block, W candidates of a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from threadpoolctl import ThreadpoolController

from latelier.analysis.arrays import Floats, Integers

TREE_MAX_DIMENSION = 6
"""Up to this many dimensions a k-d tree is asked, above it every distance is computed.

Measured with 2,000, 10,000 and 60,000 Gaussian points, clustered and not. A tree takes, beside the
screen, in 4 dimensions about 1, 0.5 and 0.13 of its time; in 6 dimensions 1.3 to 2, 0.9 and 0.3 to
0.5; in 8 dimensions 1 to 3, 1.4 to 4 and 0.8 to 1.7, least with clusters.
"""

_EXTRA_CANDIDATES = 2
"""How many more points than needed a tree names, so that its last one is farther than the k-th."""

_MOST_IN_GROUP, _GROUPS = 64, 256
"""Columns that one minimum stands for while a row's k-th smallest is bounded; minima of a row."""

_CROWD = 16
"""Times K + 1 points: where more pass in float32, screening again costs less than comparing."""

_SAMPLE = 512
"""Rows that the center is estimated from."""

_BLOCK_NUMBERS, _BLOCK_ROWS = 2**20, 256
"""Size of a block of fast distances: from step to step it stays in the cache."""

_SMALL_PRODUCT = 2**18
"""OpenBLAS starts no threads for a product of so few multiplications: the blocks have ours."""

_TABLE_BYTES = 32 * 2**20
_MOST_THREADS = 8
_FAR = 2.0**100

Bools: TypeAlias = npt.NDArray[np.bool_]
Work: TypeAlias = Callable[[Iterator[Integers]], list[Integers]]


def nearest(points: Floats, k: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Find the k nearest others of every point.

    Runs on as many threads as BLAS may use at the time of the call, and leaves that setting.

    Args:
        points: Finite float64, [N, D].
        k: 1 to N - 1.

    Returns:
        Row numbers [N, K] and squared distances [N, K], ascending, equal ones by row number.
        Squares that overflow are equal, and so are squares that underflow.
    """
    found = _Found(points, k)
    scaled, ordinary = _scaled(points)
    rest: Integers = np.arange(len(points))
    if not ordinary:
        _screened(found, _Screen(scaled, np.float64, k, reach=np.inf), rest, leave_wide=False)
        return found.indices, found.squared
    if points.shape[1] <= TREE_MAX_DIMENSION:
        rest = _tree_searched(found)
    else:
        rest = _screened(found, _Screen(scaled, np.float32, k), rest, leave_wide=True)
    rest = found.settle_duplicates(rest)
    if len(rest):
        _screened(found, _Screen(scaled, np.float64, k), rest, leave_wide=False)
    return found.indices, found.squared


class _Found:
    """The neighbors found so far: exact distances decide, whoever names the candidates."""

    def __init__(self, points: Floats, k: int) -> None:
        self.points, self.k = points, k
        self.indices = np.zeros((len(points), k), dtype=np.int64)
        self.squared = np.zeros((len(points), k))

    def keep_best(self, rows: Integers, near: Bools, *, leave_wide: bool) -> Integers:
        """Compare each of the rows [B] with the points marked in near [B, N].

        Returns:
            The rows that were left, because they have many points marked.
        """
        place, column = np.divmod(np.flatnonzero(near), near.shape[1])
        wide = np.bincount(place, minlength=len(rows)) > _CROWD * (self.k + 1)
        if not wide.any():
            self.keep_best_in_parts(rows, _table(rows, place, column))
            return rows[:0]
        if not wide.all():
            self.keep_best(rows[~wide], near[~wide], leave_wide=True)
        if leave_wide:
            return rows[wide]
        for row, marks in zip(rows[wide], near[wide], strict=True):  # no table is that wide
            self.keep_best_of(row[None], np.flatnonzero(marks)[None])
        return rows[:0]

    def keep_best_in_parts(self, rows: Integers, candidates: Integers) -> None:
        """Do as `keep_best_of`, in tables of bounded size."""
        size = max(1, _TABLE_BYTES // (8 * candidates.shape[1] * self.points.shape[1]))
        for begin in range(0, len(rows), size):
            part = slice(begin, begin + size)
            self.keep_best_of(rows[part], candidates[part])

    def keep_best_of(self, rows: Integers, candidates: Integers) -> None:
        """Compare each of the rows [B] with its candidates [B, W], ascending; itself is ignored."""
        squared = self._squared(rows, candidates)
        if candidates.shape[1] > _CROWD * (self.k + 1):  # sorting all of them would take long
            bound = np.partition(squared, self.k - 1, axis=1)[:, self.k - 1, None]
            place, column = np.nonzero(squared <= bound)
            candidates = _table(rows, place, candidates[place, column])
            squared = self._squared(rows, candidates)
        best = np.argsort(squared, axis=1, kind="stable")[:, : self.k]
        self.indices[rows] = np.take_along_axis(candidates, best, 1)
        self.squared[rows] = np.take_along_axis(squared, best, 1)

    def _squared(self, rows: Integers, candidates: Integers) -> Floats:
        with np.errstate(over="ignore"):
            difference = self.points.take(candidates, axis=0)
            difference -= self.points[rows, None, :]
            squared: Floats = np.einsum("nkd,nkd->nk", difference, difference)
        squared[candidates == rows[:, None]] = np.nan  # sorted last, even behind infinity
        return squared

    def settle_duplicates(self, rows: Integers) -> Integers:
        """Fill in all points that have k exact duplicates; return those of the rows without.

        Collapsed latents are one point N times: comparing each with all would take O(N² D).
        """
        if len(rows) == 0 or _differences_may_vanish(self.points):
            return rows
        _, spot, count = np.unique(
            _fingerprints(self.points), return_inverse=True, return_counts=True
        )
        order, ends = np.argsort(spot, kind="stable"), np.cumsum(count)
        settled = np.zeros(len(self.points), dtype=bool)
        for end, many in zip(ends[count > self.k], count[count > self.k], strict=True):
            members = order[end - many : end]
            settled[members] = self._settle_spot(members)
        return rows[~settled[rows]]

    def _settle_spot(self, members: Integers) -> bool:
        """Make the first of the members neighbors of all, if the members really coincide."""
        if (self.points[members] != self.points[members[0]]).any():
            return False
        head = members[: self.k + 1]
        self.squared[members] = 0.0
        self.indices[members] = head[: self.k]
        for place, row in enumerate(head):
            self.indices[row] = np.delete(head, place)
        return True


class _Screen:
    """Fast distances of rows to all points, and which of these may be among the k nearest.

    The fast value f of a pair with norms |a|, |b| is a sum of D + 1 products in numbers with the
    rounding unit u, of coordinates that were rounded to such numbers. So f + |a|² is off the
    squared distance d² by at most e (|a| + |b|)², where e = 1.25 (D + 8) u has room for terms of
    higher order while D < 10^6. Since |b| <= |a| + d, that is at most e (8 |a|² + 2 d²): a bound
    for this row alone, so that a far outlier costs the others nothing.

    Where K + 1 points have f + |a|² <= t, at least K of them are others, and the K-th neighbor is
    no farther than d² = (t + 8e |a|²) / (1 - 2e). What is as near, by the distance that is computed
    in the end, is within d² (1 + e), and has f + |a|² <= d² (1 + e) (1 + 2e) + 8e |a|². No number
    overflows, since the largest norm is 1, and a share for what underflows is added.
    """

    def __init__(
        self, scaled: Floats, number: type[np.floating[Any]], k: int, reach: float = 0.0
    ) -> None:
        count, dimensions = scaled.shape
        rounded = scaled.astype(number)
        self.k, self.count, self.least_reach = k, count, reach
        self.own = np.einsum("nd,nd->n", rounded, rounded, dtype=np.float64)
        units = (dimensions + 8) * np.finfo(number).epsneg + dimensions * np.finfo(float).epsneg
        self.error = 1.25 * units
        self.underflow = (dimensions + 8) * (2.0**-120 if number is np.float32 else 2.0**-200)
        self.group = max(1, min(_MOST_IN_GROUP, count // max(_GROUPS, 2 * (k + 1))))
        self.stride = -(-count // self.group // 16) * 16
        self.rows = max(1, min(_BLOCK_ROWS, _BLOCK_NUMBERS // count))
        self.left = np.column_stack([rounded, np.ones(count, number)])
        self.right = self._tiles(rounded)

    def _tiles(self, rounded: Floats) -> Floats:
        """Cut the right factor, [D + 1, columns], into tiles [T, D + 1, width]."""
        count, dimensions = rounded.shape
        width = max(16, _SMALL_PRODUCT // (self.rows * (dimensions + 1)) // 16 * 16)
        tiles = -(-self.group * self.stride // width)
        right = np.zeros((dimensions + 1, tiles * width), rounded.dtype)
        right[:-1, :count] = -2 * rounded.T
        right[-1] = _FAR
        right[-1, :count] = self.own
        return np.ascontiguousarray(right.reshape(-1, tiles, width).swapaxes(0, 1))

    def passed(self, blocks: Iterator[Integers]) -> Iterator[tuple[Integers, Bools]]:
        """Yield the rows [B] of each block and what may be near them, [B, N], until the next."""
        tiles, _, width = self.right.shape
        fast = np.empty((self.rows, tiles * width), self.right.dtype)
        near = np.empty((self.rows, self.count), dtype=bool)
        for rows in blocks:
            here = fast[: len(rows)]
            tiled = here.reshape(len(rows), tiles, width).swapaxes(0, 1)
            np.matmul(self.left[rows], self.right, out=tiled)
            limit = self._limit(rows, here)
            yield rows, np.less_equal(here[:, : self.count], limit, out=near[: len(rows)])

    def _limit(self, rows: Integers, fast: Floats) -> Floats:
        """Return what the fast values of the K nearest surely do not exceed, [B, 1]."""
        grouped = fast[:, : self.group * self.stride].reshape(len(rows), self.group, self.stride)
        least = np.partition(grouped.min(axis=1), self.k, axis=1)[:, self.k]
        own = self.own[rows]
        reach = np.maximum(least + own, self.least_reach) + self.underflow
        lost = 8 * self.error * own
        farthest = (reach + lost) / (1 - 2 * self.error) * (1 + self.error)
        limit = farthest * (1 + 2 * self.error) + lost + self.underflow - own
        rounded: Floats = np.nextafter(limit.astype(fast.dtype), np.inf, dtype=fast.dtype)
        return rounded[:, None]


def _table(rows: Integers, place: Integers, column: Integers) -> Integers:
    """Write pairs, by place in rows [B], as one line [W] per row, filled up with the row itself."""
    counts = np.bincount(place, minlength=len(rows))
    table = np.repeat(rows[:, None], int(counts.max()), axis=1)
    table[np.arange(table.shape[1]) < counts[:, None]] = column
    return table


def _screened(found: _Found, screen: _Screen, rows: Integers, *, leave_wide: bool) -> Integers:
    """Find the neighbors of the rows; return those that were left because many points pass.

    Where most rows are left, the others are given up too: the next screen will do.
    """

    def work(blocks: Iterator[Integers]) -> list[Integers]:
        """Screen some blocks; return the rows that are left, in parts."""
        left, surplus = [rows[:0]], 0
        for block, near in screen.passed(blocks):
            left.append(found.keep_best(block, near, leave_wide=leave_wide))
            surplus += 2 * len(left[-1]) - len(block)
            if surplus > 0:
                left.extend(blocks)
        return left

    blocks = [rows[start : start + screen.rows] for start in range(0, len(rows), screen.rows)]
    return np.sort(np.concatenate(_dealt(blocks, work)))


def _dealt(blocks: list[Integers], work: Work) -> list[Integers]:
    """Deal blocks to threads, each of which works at its own; return what they all return."""
    shared = iter(blocks)
    threads = min(_threads(), len(blocks))
    if threads == 1:
        return work(shared)
    with ThreadPoolExecutor(threads) as pool:
        done = [pool.submit(work, shared) for _ in range(threads)]
        return [rows for one in done for rows in one.result()]


def _threads() -> int:
    """Return how many threads BLAS may use now; what it may not use, others need."""
    allowed = [library["num_threads"] for library in _blas().info()]
    return min(max(allowed, default=1), _MOST_THREADS)


@cache
def _blas() -> Any:
    return ThreadpoolController().select(user_api="blas")


def _tree_searched(found: _Found) -> Integers:
    """Let a k-d tree name candidates; return the rows for which it may have left out a tie."""
    from scipy.spatial import cKDTree

    points, k = found.points, found.k
    asked = min(len(points), k + 1 + _EXTRA_CANDIDATES)
    distances, candidates = cKDTree(points).query(points, asked, workers=_threads())
    candidates = np.sort(candidates, axis=1)
    rows = np.arange(len(points))
    found.keep_best_in_parts(rows, candidates)
    if asked == len(points):
        return rows[:0]
    # Beyond the horizon nothing was looked at: a k-th neighbor that is not surely nearer may have
    # an equal or better rival there.
    limits = np.finfo(np.float64)
    horizon = distances[:, -1] ** 2 * (1 - 64 * limits.eps) - 64 * limits.tiny
    return np.flatnonzero(found.squared[:, -1] >= horizon)


def _scaled(points: Floats) -> tuple[Floats, bool]:
    """Center and scale by a power of two, to a largest norm of 1/2 to 1.

    Returns:
        The points, [N, D], and whether their squared distances neither overflow nor underflow
        enough to matter.
    """
    _, first = np.frexp(np.abs(points).max(initial=0.0))
    centered = np.ldexp(points, -first)
    # Rounding grows with the distance from the center, which a few outliers must not move.
    centered -= np.median(centered[:: -(-len(points) // _SAMPLE)], axis=0)
    _, second = np.frexp(np.sqrt(np.einsum("nd,nd->n", centered, centered).max()))
    return np.ldexp(centered, -second), -400 < int(first) + int(second) < 500


def _differences_may_vanish(points: Floats) -> bool:
    """Tell whether squares of differences may be 0 between points that are not the same."""
    size = np.abs(points)
    return bool(((size > 0) & (size < 2.0**-480)).any())


def _fingerprints(points: Floats) -> npt.NDArray[np.uint64]:
    """Return one number per point, [N]: the same for equal points, rarely for others."""
    bits = (points + 0.0).view(np.uint64)  # -0.0 becomes 0.0
    factors = np.random.default_rng(0).integers(2**63, size=points.shape[1], dtype=np.uint64)
    mixed = (bits ^ (bits >> np.uint64(32))) * (2 * factors + 1)
    numbers: npt.NDArray[np.uint64] = mixed.sum(axis=1, dtype=np.uint64)
    return numbers
