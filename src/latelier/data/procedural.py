"""The data set `factors`: every picture of a colored shape, drawn from its six factors.

All 36,864 combinations of 3 shapes, 4 scales, 8 rotations, 8 positions in x and in y, and 6 hues,
as 32×32 RGB on black. They are drawn anew at each load, always the same.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from latelier.data.factors import FactorTable

SHAPES = ("triangle", "corner", "half disc")
SIZES = {"shape": 3, "scale": 4, "rotation": 8, "x": 8, "y": 8, "hue": 6}
SIDE = 32
_SAMPLES = 3  # per pixel and axis: edges come in ten shades
_RADII = (4.0, 5.25, 6.5, 7.75)  # pixels from the center to the farthest point of a shape
_FIRST, _LAST = 8.5, 23.5  # pixels: centers keep every shape inside the picture
_HUES = ((255, 61, 61), (255, 214, 0), (61, 214, 61), (0, 214, 255), (82, 102, 255), (255, 61, 235))

Masks = NDArray[np.float32]


def factor_grid() -> FactorTable:
    """Return the factors of all examples; none of the shapes looks the same when turned."""
    return FactorTable.of_grid(SIZES)


def draw_factors() -> NDArray[np.uint8]:
    """Draw the whole data set.

    Returns:
        [36864, 3, 32, 32] uint8, in the order of `factor_grid`.
    """
    masks = np.concatenate(
        [
            _placed(shape, radius, 2 * np.pi * turn / SIZES["rotation"])
            for shape in SHAPES
            for radius in _RADII
            for turn in range(SIZES["rotation"])
        ]
    )  # [3·4·8·8·8, 32, 32]
    colors = np.array(_HUES, dtype=np.float32)[:, :, None, None]  # [6, 3, 1, 1]
    images = np.empty((len(masks), len(_HUES), 3, SIDE, SIDE), dtype=np.uint8)
    for at in range(0, len(masks), 512):
        part = masks[at : at + 512, None, None] * colors
        images[at : at + 512] = (part + 0.5).astype(np.uint8)
    return images.reshape(-1, 3, SIDE, SIDE)


def _placed(shape: str, radius: float, angle: float) -> Masks:
    """Draw one turned shape at all positions: coverage in [0, 1], [8·8, 32, 32], x before y."""
    offsets = (np.arange(SIDE * _SAMPLES) + 0.5) / _SAMPLES
    centers = np.linspace(_FIRST, _LAST, SIZES["x"])
    x = (offsets - centers[:, None])[:, None, None, :]  # [8, 1, 1, columns]
    y = (offsets - centers[:, None])[None, :, :, None]  # [1, 8, rows, 1]
    across, along = np.cos(angle), np.sin(angle)
    u, v = (x * across + y * along) / radius, (y * across - x * along) / radius
    inside = _INSIDE[shape](u, v)
    blocks = inside.reshape(-1, SIDE, _SAMPLES, SIDE, _SAMPLES)
    coverage: Masks = blocks.mean(axis=(2, 4), dtype=np.float32)
    return coverage


def _triangle(u: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.bool_]:
    """A tall isosceles triangle whose tip points to −v."""
    return (v < 0.75) & (v > -1 + 3.0 * np.abs(u))


def _corner(u: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.bool_]:
    """An L with arms of different length."""
    upright = (u > -0.55) & (u < -0.05) & (v > -0.8) & (v < 0.75)
    foot = (u > -0.55) & (u < 0.6) & (v > 0.25) & (v < 0.75)
    return upright | foot


def _half_disc(u: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Half of a disc, its flat side towards +v."""
    return (u * u + (v - 0.3) * (v - 0.3) < 0.9) & (v < 0.3)


_INSIDE = {"triangle": _triangle, "corner": _corner, "half disc": _half_disc}
