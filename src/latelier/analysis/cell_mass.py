"""How much of a planar mixture lies in each cell of a grid: fast for many components.

Shapes: P components, R axis-aligned pieces, W × H cells. Lengths are counted in cells.

A Gaussian whose axes are those of the grid is a product, and so is its mass in a cell: two
differences of the normal distribution function, exact for any width. Two steps bring any mixture
into that form.

1. *Correlation.* N(m, S) is a mixture of uncorrelated Gaussians along a line: with v vᵀ of S's
   covariance, S = D + v vᵀ and N(m, S) = ∫ N(m + t v, D) φ(t) dt. A quadrature of few nodes
   replaces the integral (`_NODES_UP_TO`); it keeps mean and variances exactly. Error: at most 0.5 %
   of a component's peak; one that is thin and oblique is drawn wider by at most `_THIN` cells.
2. *Number.* More than `EXACT_PIECES` pieces are sorted into classes of equal deviation along
   each axis, and within a class onto a lattice of 1.6 places per deviation, each piece shared
   between the nearest places and classes so that mass, mean and variance are kept. A class is
   then one matrix product. Error: about 1 % of a component's peak, 2 % at most while variances
   differ by less than a factor 60 along an axis (it is one of the fourth moment, and smaller for
   the sum of many). Along an axis on which a piece is narrower than `NARROW` cells, its mass in
   the cells around is exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from latelier.analysis.arrays import Floats, Integers
from latelier.analysis.gaussians import PlaneMixture
from latelier.analysis.grid import Grid

EXACT_PIECES = 1024
"""Up to so many pieces each is integrated by itself."""

CLASS_RATIO = 1.3
"""Ratio of the variances of neighboring classes, while there are at most `MAX_CLASSES`."""

MAX_CLASSES = 16
"""Most classes along an axis; more different variances get a greater ratio."""

NARROW = 0.6
"""Along an axis on which its deviation is below so many cells, a piece is integrated by itself."""

_WINDOW = np.arange(-3, 5)  # cells around a narrow piece: at least five deviations each way
_ROOM = 1 + 0.25 / 1.6**2  # what sharing between places adds to a variance, at most
_BINS_PER_DEVIATION = 1.6
_REACH = 5.5
_CHUNK = 1 << 17
# Largest deviation of the line, in deviations of a piece, for 1, 2, … Gauss-Hermite nodes at an
# error of 0.4 % of the peak; beyond, evenly spaced nodes are more accurate.
_NODES_UP_TO = (0.08, 0.34, 0.57, 0.76, 0.92)
_EVEN_REACH = 3.2
_EVEN_SPACING = 1.6
_THIN = 0.25


def cell_mass(mixture: PlaneMixture, grid: Grid) -> npt.NDArray[np.float64]:
    """Integrate a mixture over every cell.

    Args:
        mixture: The mixture, [P] components; a covariance may be singular, even zero.
        grid: The cells.

    Returns:
        Mass of each cell, [H, W]; the sum is the mass inside the grid. Same input, same output.
    """
    pieces = _uncorrelated(mixture, grid)
    if len(pieces.weight) <= EXACT_PIECES:
        return _exact(pieces, grid)
    return _binned(pieces, grid)


@dataclass(frozen=True, eq=False)
class _Pieces:
    """Axis-aligned Gaussians: mean [R, 2], variance [R, 2] and weight [R], in cells."""

    mean: Floats
    variance: Floats
    weight: Floats


def _uncorrelated(mixture: PlaneMixture, grid: Grid) -> _Pieces:
    """Replace every component by pieces along a line; see step 1 of the module."""
    cell = grid.cell
    mean = (mixture.mean - grid.low) / cell
    variance = mixture.covariance[:, [0, 2]] / cell**2
    product = np.sqrt(variance.prod(axis=1))
    shared = mixture.covariance[:, 1] / cell.prod()
    rho = np.clip(shared / np.where(product > 0, product, 1.0), -1.0, 1.0)
    rho[product == 0] = 0.0
    line = np.sqrt(np.abs(rho)[:, None] * variance)
    line[:, 1] *= np.sign(rho)
    counts, kept = _node_counts(np.abs(rho), line)
    line *= kept[:, None]
    left = variance - line**2
    parts = [
        _spread(mean[rows], np.maximum(left[rows], 0.0), mixture.weights[rows], line[rows], count)
        for count in np.unique(counts)
        for rows in [counts == count]
    ]
    return _Pieces(*(np.concatenate([getattr(p, name) for p in parts]) for name in _FIELDS))


_FIELDS = ("mean", "variance", "weight")


def _node_counts(rho: Floats, line: Floats) -> tuple[Integers, Floats]:
    """Choose the number of nodes on each line, and how much of its length they span, [P] each.

    Along a thin component, nodes as close as its width would be many and show nothing that the
    cells resolve. There the pieces get a width of `_THIN` cells, which the line gives up.
    """
    with np.errstate(divide="ignore"):
        ratio = np.sqrt(2 * rho / (1 - rho))  # deviation of the line over that of a piece
    needed = np.where(
        ratio <= _NODES_UP_TO[-1], np.searchsorted(_NODES_UP_TO, ratio) + 1, _even_nodes(ratio)
    )
    length = np.abs(line).max(axis=1)
    width = np.minimum(_THIN / np.where(length > 0, length, 1.0), 1.0)
    kept = np.sqrt(1 - width**2)
    resolved = np.where(kept > 0, _even_nodes(kept * length / _THIN), 1)
    thin = resolved < needed
    counts = np.where(thin, resolved, needed).astype(np.int64)
    return counts, np.where(counts > 1, np.where(thin, kept, 1.0), 0.0)


def _even_nodes(ratio: Floats) -> Floats:
    """Return how many evenly spaced nodes a line needs, from its deviation over a piece's."""
    return np.asarray(np.ceil(2 * _EVEN_REACH * np.minimum(ratio, 1e6) / _EVEN_SPACING) + 1)


def _spread(mean: Floats, variance: Floats, weight: Floats, line: Floats, count: int) -> _Pieces:
    nodes, shares = _nodes(int(count))
    places = mean[:, None] + nodes[:, None] * line[:, None]
    return _Pieces(
        places.reshape(-1, 2), np.repeat(variance, count, 0), np.outer(weight, shares).ravel()
    )


@lru_cache(maxsize=256)
def _nodes(count: int) -> tuple[Floats, Floats]:
    """Return nodes and weights of a quadrature of N(0, 1) with the right variance."""
    if count <= len(_NODES_UP_TO):
        nodes, weights = np.polynomial.hermite_e.hermegauss(count)
        return nodes, weights / weights.sum()
    nodes = np.linspace(-_EVEN_REACH, _EVEN_REACH, count)
    weights = np.exp(-0.5 * nodes**2)
    weights /= weights.sum()
    return nodes / np.sqrt(weights @ nodes**2), weights


def _exact(pieces: _Pieces, grid: Grid) -> npt.NDArray[np.float64]:
    deviation = np.sqrt(pieces.variance)
    across = _interval_mass(grid.width, pieces.mean[:, 0], deviation[:, 0])
    up = _interval_mass(grid.height, pieces.mean[:, 1], deviation[:, 1])
    mass: npt.NDArray[np.float64] = (up.T * pieces.weight) @ across
    return mass


def _interval_mass(count: int, mean: Floats, deviation: Floats | float) -> Floats:
    """Return the mass of N(mean, deviation²) in [0, 1], [1, 2], …, [R, count]."""
    from scipy.special import ndtr

    # A deviation of zero is a step: half of the mass on each side of an edge.
    scale = np.broadcast_to(np.maximum(deviation, 1e-9), mean.shape)
    edges = (np.arange(count + 1) - mean[:, None]) / scale[:, None]
    return np.asarray(np.diff(ndtr(edges), axis=1))


@dataclass(frozen=True, eq=False)
class _Axis:
    """Lattices along one axis: that of the cells first, then one for each class of deviations.

    Attributes:
        deviation: Of each class, ascending, [C]; 0 for the cells.
        bin: Distance of the lattice's places, [C].
        start: The first place, [C].
        count: The number of places, [C].
        offset: Number of the first place among the places of all lattices, [C].
    """

    deviation: Floats
    bin: Floats
    start: Floats
    count: Integers
    offset: Integers

    def places(self, one: int) -> Floats:
        """Return the places of one lattice."""
        return np.asarray(self.start[one] + np.arange(self.count[one]) * self.bin[one])


def _binned(pieces: _Pieces, grid: Grid) -> npt.NDArray[np.float64]:
    """Integrate classes instead of pieces; see step 2 of the module."""
    sides = (grid.width, grid.height)
    across, up = axes = [_axis(pieces.variance[:, a], sides[a]) for a in (0, 1)]
    width = int(across.count.sum())
    table = np.zeros(int(up.count.sum()) * width)
    narrow = pieces.variance < NARROW**2
    for kind in ((False, False), (False, True), (True, False), (True, True)):
        chosen = np.flatnonzero((narrow == kind).all(axis=1))
        for start in range(0, len(chosen), _CHUNK):
            rows = chosen[start : start + _CHUNK]
            (x, share_x), (y, share_y) = (
                (_cell_shares if kind[a] else _class_shares)(
                    axes[a], pieces.mean[rows, a], pieces.variance[rows, a]
                )
                for a in (0, 1)
            )
            places = (y * width)[:, None] + x[None]
            share = (share_y * pieces.weight[rows])[:, None] * share_x[None]
            table += np.bincount(places.ravel(), share.ravel(), minlength=len(table))
    return _smeared(table.reshape(-1, width), across, up, sides)


def _smeared(
    table: Floats, across: _Axis, up: _Axis, sides: tuple[int, int]
) -> npt.NDArray[np.float64]:
    """Spread the mass on the lattices over the cells, class by class."""
    kernel = np.concatenate([_kernel(across, one, sides[0]) for one in range(len(across.count))])
    mass = np.zeros((sides[1], sides[0]))
    for one in range(len(up.count)):
        part = table[up.offset[one] : up.offset[one] + up.count[one]]
        rows, used = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
        if len(used):
            smeared = part[np.ix_(rows, used)] @ kernel[used]
            mass += _kernel(up, one, sides[1])[rows].T @ smeared
    return mass


def _kernel(axis: _Axis, one: int, side: int) -> Floats:
    """Return the mass that each place of a lattice puts into each cell, [places, side]."""
    return _interval_mass(side, axis.places(one), float(axis.deviation[one]))


def _axis(variance: Floats, side: int) -> _Axis:
    """Choose classes that span the variances, and their lattices."""
    wide = variance[variance >= NARROW**2]
    smallest, largest = (wide.min() / _ROOM, wide.max()) if len(wide) else (1.0, 1.0)
    span = float(np.log(largest / smallest))
    ratio = max(float(np.log(CLASS_RATIO)), span / MAX_CLASSES)
    steps = np.arange(int(np.ceil(span / ratio)) + 1)
    deviation = np.sqrt(smallest * np.exp(ratio * steps))
    size = deviation / _BINS_PER_DEVIATION
    margin = np.ceil(_REACH * deviation / size) + 1
    count = np.concatenate([[side], np.ceil(side / size) + 2 * margin]).astype(np.int64)
    return _Axis(
        deviation=np.concatenate([[0.0], deviation]),
        bin=np.concatenate([[1.0], size]),
        start=np.concatenate([[0.5], (0.5 - margin) * size]),
        count=count,
        offset=np.cumsum(count) - count,
    )


def _cell_shares(axis: _Axis, mean: Floats, variance: Floats) -> tuple[Integers, Floats]:
    """Share each narrow piece between the cells around it, by its mass there: [8, R] each."""
    side = int(axis.count[0])
    first = np.floor(np.clip(mean, -10.0, side + 10.0))
    mass = _interval_mass(len(_WINDOW), mean - first - _WINDOW[0], np.sqrt(variance)).T
    places = first.astype(np.int64) + _WINDOW[:, None]
    inside = (places >= 0) & (places < side)
    return np.where(inside, places, 0), np.where(inside, mass, 0.0)


def _class_shares(axis: _Axis, mean: Floats, variance: Floats) -> tuple[Integers, Floats]:
    """Share each piece between two classes, and in each between two places: [4, R] each.

    The shares of the classes are such that their variances, and the one that sharing between
    places adds, give the piece's variance. The lower class is narrow enough to leave room for
    that, so that no share of the wider one is negative.
    """
    classes = axis.deviation[1:] ** 2
    found = np.searchsorted(classes * _ROOM, variance, side="right")
    lower = np.clip(found, 1, max(len(classes) - 1, 1))
    places, spread, shares = [], [], []
    for one in (lower, lower + 1):
        position = (mean - axis.start[one]) / axis.bin[one]
        first = np.floor(np.clip(position, -2.0, axis.count[one] + 1.0))
        rest = np.clip(position - first, 0.0, 1.0)
        spread.append(axis.deviation[one] ** 2 + rest * (1 - rest) * axis.bin[one] ** 2)
        for place, share in ((first, 1 - rest), (first + 1, rest)):
            inside = (place >= 0) & (place < axis.count[one])
            places.append(np.where(inside, place, 0).astype(np.int64) + axis.offset[one])
            shares.append(np.where(inside, share, 0.0))
    upper = (variance - spread[0]) / (spread[1] - spread[0])
    split = np.stack([1 - upper, 1 - upper, upper, upper])
    return np.stack(places), np.stack(shares) * split
