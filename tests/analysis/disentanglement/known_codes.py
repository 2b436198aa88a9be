"""Codes of known quality, for every score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
SIZES = (3, 4, 8, 6)


@dataclass(frozen=True)
class Codes:
    """Factors [N, 4], and codes that tell of them well, turned in two planes, and not at all."""

    factors: Array
    perfect: Array
    mixed: Array
    useless: Array


def factors_of(count: int, sizes: tuple[int, ...] = SIZES, seed: int = 0) -> Array:
    rng = np.random.default_rng(seed)
    return np.stack([rng.integers(size, size=count) for size in sizes], axis=1)


def rotation(degrees: float) -> Array:
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[cos, -sin], [sin, cos]])


def codes(count: int = 600, seed: int = 0) -> Codes:
    factors, rng = factors_of(count, seed=seed), np.random.default_rng([seed, 1])
    standard = (factors - factors.mean(axis=0)) / factors.std(axis=0)
    turned = np.zeros((4, 4))
    turned[:2, :2], turned[2:, 2:] = rotation(45), rotation(20)
    return Codes(
        factors,
        perfect=(factors * np.array([1.0, -2.0, 0.5, 3.0]) + 7.0)[:, [2, 0, 3, 1]],
        mixed=standard @ turned + 0.2 * rng.normal(size=standard.shape),
        useless=rng.normal(size=standard.shape),
    )
