"""Mixtures of Gaussians: of diagonal ones in latent space, and of any on the plane of a map.

Shapes: P components, D latent dimensions, M samples. Weights sum to 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from latelier.analysis.arrays import Floats, finite_array
from latelier.analysis.mixture import row_entropy
from latelier.analysis.projection import Projection
from latelier.config.errors import DataError, ShapeError


@dataclass(frozen=True, eq=False)
class Gaussians:
    """A mixture of Gaussians with diagonal covariances in latent space.

    Attributes:
        mu: Means, [P, D].
        log_var: Natural log of the variances, [P, D].
        weights: Share of each component, [P].
    """

    mu: Floats
    log_var: Floats
    weights: Floats

    @classmethod
    def of(
        cls, mu: npt.ArrayLike, log_var: npt.ArrayLike, weights: npt.ArrayLike | None = None
    ) -> Gaussians:
        """Check and bring together the parts of a mixture.

        Args:
            mu: Means, [P, D].
            log_var: Natural log of the variances, [P, D].
            weights: Shares, [P], of any positive sum; equal where not given.

        Raises:
            ShapeError: If the shapes do not fit together.
            DataError: If a number is not finite, or weights are negative or sum to nothing.
        """
        means = finite_array("mu", mu, dims=2)
        logs = finite_array("log_var", log_var, dims=2)
        if logs.shape != means.shape:
            raise ShapeError(f"log_var has shape {logs.shape}", expected=str(means.shape))
        return cls(means, logs, shares(weights, len(means)))

    def on(self, projection: Projection) -> PlaneMixture:
        """Push the mixture through a linear map: exact, since a Gaussian stays one.

        Args:
            projection: The map, with W = `components` [2, D].

        Returns:
            Components with mean `(mu - projection.mean) Wᵀ` and covariance `W diag(σ²) Wᵀ`.

        Raises:
            ShapeError: If the map does not lead from D to two dimensions.
            DataError: If a variance is not finite.
        """
        rows = np.asarray(projection.components, dtype=np.float64)
        if rows.shape != (2, self.mu.shape[1]):
            raise ShapeError(f"the map is {rows.shape}", expected=f"(2, {self.mu.shape[1]})")
        with np.errstate(over="ignore"):
            variance = finite_array("variance", np.exp(self.log_var), dims=2)
        pairs = np.stack([rows[0] ** 2, rows[0] * rows[1], rows[1] ** 2])
        return PlaneMixture((self.mu - projection.mean) @ rows.T, variance @ pairs.T, self.weights)

    def draws(self, count: int, seed: int) -> npt.NDArray[np.float64]:
        """Draw samples; each component gets its share of them to within one.

        Args:
            count: The number of samples, M.
            seed: Seed of the noise. Same seed, same samples.

        Returns:
            Latents, [M, D], in the order of the components.
        """
        steps = (np.arange(count) + 0.5) / count
        ends = np.cumsum(self.weights)
        rows = np.minimum(np.searchsorted(ends / ends[-1], steps), len(ends) - 1)
        noise = np.random.default_rng(seed).standard_normal((count, self.mu.shape[1]))
        return np.asarray(self.mu[rows] + np.exp(0.5 * self.log_var[rows]) * noise)


@dataclass(frozen=True, eq=False)
class PlaneMixture:
    """A mixture of Gaussians on the plane of a map.

    Attributes:
        mean: Means, [P, 2], units of the map.
        covariance: Variance along the first axis, covariance, variance along the second, [P, 3].
        weights: Share of each component, [P].
    """

    mean: Floats
    covariance: Floats
    weights: Floats

    @classmethod
    def around(
        cls,
        points: npt.ArrayLike,
        covariance: npt.ArrayLike,
        weights: npt.ArrayLike | None = None,
    ) -> PlaneMixture:
        """Put one and the same Gaussian around each point: a kernel density estimate.

        Args:
            points: Coordinates, [M, 2].
            covariance: Of the kernel, [2, 2].
            weights: Share of each point, [M]; equal where not given.
        """
        places = finite_array("points", points, dims=2)
        kernel = finite_array("covariance", covariance, dims=2)
        one = np.array([kernel[0, 0], kernel[0, 1], kernel[1, 1]])
        return cls(places, np.tile(one, (len(places), 1)), shares(weights, len(places)))

    def quantile(self, axis: int, tail: float) -> tuple[float, float]:
        """Find an interval of one axis that leaves out at most a share of the mass at each end.

        Args:
            axis: 0 or 1.
            tail: The share, 0..0.5.

        Returns:
            Its ends, wider than the exact ones by at most 1/4096 of the components' extent.
        """
        from scipy.special import ndtr

        mean, deviation = self.mean[:, axis], np.sqrt(self.covariance[:, 2 * axis])
        reach = 6 * deviation
        scale = np.maximum(deviation, 1e-12 * max(float(np.ptp(mean)), 1e-300))

        def outside(edge: float, side: float) -> float:
            """Give the mass below an edge (side 1) or above it (side -1)."""
            return float(self.weights @ ndtr(side * (edge - mean) / scale))

        low, high = float((mean - reach).min()), float((mean + reach).max())
        return (
            _last(lambda edge: outside(edge, 1.0) <= tail, low, high),
            _last(lambda edge: outside(edge, -1.0) <= tail, high, low),
        )


def shares(weights: npt.ArrayLike | None, count: int) -> npt.NDArray[np.float64]:
    """Read weights and scale them to sum to 1.

    Args:
        weights: Not negative, [count]; equal ones where None.
        count: How many there must be.

    Raises:
        ShapeError: If there are not that many.
        DataError: If one is negative or not finite, or all are zero.
    """
    if weights is None:
        return np.full(count, 1.0 / count)
    given = finite_array("weights", weights, dims=1)
    if given.shape != (count,):
        raise ShapeError(f"{len(given)} weights", expected=f"{count}")
    if (given < 0).any() or given.sum() <= 0:
        raise DataError(
            "weights are no shares", got=str(given.tolist()), expected="0 or more, not all 0"
        )
    found: npt.NDArray[np.float64] = given / given.sum()
    return found


def weights_summary(weights: npt.ArrayLike) -> dict[str, float | int]:
    """Summarize the weights of a mixture.

    Args:
        weights: Shares, [P], summing to 1.

    Returns:
        `components` P, `min`, `max`, `entropy` in nats and `neff` = exp(entropy).
    """
    w = np.asarray(weights, dtype=np.float64)
    entropy = float(row_entropy(w[None])[0])
    ends = {"min": float(w.min()), "max": float(w.max())}
    return {"components": len(w), **ends, "entropy": entropy, "neff": float(np.exp(entropy))}


def _last(holds: Callable[[float], bool], yes: float, no: float) -> float:
    """Bisect for the place farthest from `yes` toward `no` where a condition holds."""
    for _ in range(12):
        middle = (yes + no) / 2
        yes, no = (middle, no) if holds(middle) else (yes, middle)
    return yes
