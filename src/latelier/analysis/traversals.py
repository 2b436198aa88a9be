"""Ways through latent space: from one latent to another, and along one dimension.

Shapes: m latents on a way, D latent dimensions.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from latelier.analysis.arrays import Floats, finite_array
from latelier.config.errors import DataError, ShapeError

SPAN = 3.0
"""A traversal goes this many standard deviations to each side."""

_OPPOSITE = 1e-6
"""Radians below π at which two directions count as opposite, or above 0 as one direction."""


def linear_path(
    start: npt.ArrayLike, end: npt.ArrayLike, m: int
) -> tuple[npt.NDArray[np.float32], Floats]:
    """Go from one latent to another in a straight line, in equal steps.

    Args:
        start: First latent, [D].
        end: Last latent, [D].
        m: Latents on the way, both ends included; 2 or more.

    Returns:
        Latents `(1 - t) start + t end`, [m, D] float32, and t from 0 to 1, [m].

    Raises:
        ShapeError: If the ends differ in size.
        DataError: If m < 2, or a number is not finite.
    """
    first, last = _ends(start, end)
    positions = _positions(0.0, 1.0, m)
    t = positions[:, None]
    return ((1 - t) * first + t * last).astype(np.float32), positions


def spherical_path(
    start: npt.ArrayLike, end: npt.ArrayLike, m: int
) -> tuple[npt.NDArray[np.float32], Floats]:
    """Go from one latent to another around the origin: equal turns, while the norm goes linearly.

    Latents drawn from N(0, I) lie near a sphere; a straight line between two of them runs through
    its inside, where there are none. Where both ends have one norm, all latents have it.

    Args:
        start: First latent, [D].
        end: Last latent, [D].
        m: Latents on the way, both ends included; 2 or more.

    Returns:
        Latents, [m, D] float32, and t from 0 to 1, [m].

    Raises:
        ShapeError: If the ends differ in size.
        DataError: If m < 2, a number is not finite, or there is no one way around: an end is the
            origin, or they lie opposite each other.

    Source:
        Shoemake, "Animating rotation with quaternion curves", SIGGRAPH 1985.
    """
    first, last = _ends(start, end)
    positions = _positions(0.0, 1.0, m)
    t = positions[:, None]
    norms = (float(np.linalg.norm(first)), float(np.linalg.norm(last)))
    if min(norms) == 0:
        raise _no_way("one end is the origin, which has no direction")
    a, b = first / norms[0], last / norms[1]
    # The angle by its half keeps its precision where arccos of a product near 1 has lost it.
    angle = 2 * math.atan2(float(np.linalg.norm(a - b)), float(np.linalg.norm(a + b)))
    if math.pi - angle < _OPPOSITE:
        raise _no_way("the ends lie opposite each other: every way around is as short")
    if angle < _OPPOSITE:
        directions = (1 - t) * a + t * b
    else:
        directions = (np.sin((1 - t) * angle) * a + np.sin(t * angle) * b) / math.sin(angle)
    radii = (1 - t) * norms[0] + t * norms[1]
    return (radii * directions).astype(np.float32), positions


def along_dimension(
    z: npt.ArrayLike, dimension: int, deviation: float, m: int, *, span: float = SPAN
) -> tuple[npt.NDArray[np.float32], Floats]:
    """Move one coordinate of a latent, in equal steps, and leave the others alone.

    Args:
        z: The latent in the middle, [D].
        dimension: Which coordinate moves, 0 … D − 1.
        deviation: Standard deviation that the moves are measured in, in latent units.
        m: Latents on the way, both ends included; 2 or more. Where m is odd the middle one is z.
        span: Deviations to each side.

    Returns:
        Latents, [m, D] float32, and the values of the coordinate, [m].

    Raises:
        DataError: If there is no such dimension, m < 2, or a number is not finite.
    """
    center = finite_array("z", z, dims=1)
    if not 0 <= dimension < len(center):
        raise DataError(
            "no such latent dimension", got=dimension, expected=f"0 to {len(center) - 1}"
        )
    if not (math.isfinite(deviation) and deviation >= 0):
        raise DataError("a deviation must be finite", got=deviation, expected="0 or more")
    values = center[dimension] + deviation * _positions(-span, span, m)
    latents = np.repeat(center[None], m, axis=0)
    latents[:, dimension] = values
    return latents.astype(np.float32), values


def mixture_deviation(mu: npt.ArrayLike, log_var: npt.ArrayLike) -> Floats:
    """Compute the standard deviation of a mixture with equal weights, per dimension.

    Args:
        mu: Mean of each component, [P, D].
        log_var: Natural log of their variances, [P, D].

    Returns:
        [D]: the root of the mean variance plus the variance of the means.

    Source:
        Law of total variance.
    """
    means, spreads = finite_array("mu", mu, dims=2), finite_array("log_var", log_var, dims=2)
    return np.asarray(np.sqrt(np.exp(spreads).mean(axis=0) + means.var(axis=0)))


def _ends(start: npt.ArrayLike, end: npt.ArrayLike) -> tuple[Floats, Floats]:
    first, last = finite_array("start", start, dims=1), finite_array("end", end, dims=1)
    if first.shape != last.shape:
        raise ShapeError(f"end has shape {list(last.shape)}", expected=f"{list(first.shape)}")
    return first, last


def _positions(low: float, high: float, m: int) -> Floats:
    if m < 2:
        raise DataError("a way has two ends", got=f"m = {m}", expected="2 or more")
    return np.linspace(low, high, m)


def _no_way(why: str) -> DataError:
    return DataError(
        "there is no spherical way between these latents",
        got=why,
        expected="two directions less than half a turn apart",
        remedy="Ask for mode=linear.",
    )
