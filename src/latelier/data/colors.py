"""The data set `colors`: RGB values as vectors; one cube in HSV, which trains, and one in RGB.

Rows 0 to 3599 are the HSV cube, which trains: 36 hues by 10 saturations by 10 values, hue slowest.
Black and the grays are in it many times over, which the sampling weights make up for. Rows 3600
to 4111 are the RGB cube of 8×8×8, red slowest, which is the set's test part.

Shapes: N colors of three channels in 0…1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HUES, LEVELS, SIDE = 36, 10, 8
TRAIN = HUES * LEVELS * LEVELS
TEST = SIDE**3
CONCEPTS = ("red", "vibrant")
_SHARPNESS = (10, 100)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Colors:
    """All colors and what is known of them.

    Attributes:
        rgb: [N, 3] float32, the HSV cube first.
        weight: How often each is drawn, relative to the others, [N]; 1 for the RGB cube.
        vibrancy: Saturation times value, [N].
        similarity: How near each is to the concepts of `CONCEPTS`, in 0…1, [N, 2].
        probability: With what probability each is labelled so, unscaled, [N, 2].
    """

    rgb: NDArray[np.float32]
    weight: Floats
    vibrancy: Floats
    similarity: Floats
    probability: Floats


def make_colors() -> Colors:
    """Compute the whole data set, 4,112 colors."""
    hsv = hsv_grid()
    axis = np.linspace(0, 1, SIDE)
    rgb_cube = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)
    rgb = np.concatenate([hsv_to_rgb(hsv), rgb_cube])
    likeness = similarity(rgb)
    return Colors(
        rgb=rgb.astype(np.float32),
        weight=np.concatenate([sampling_weight(hsv[:, 1], hsv[:, 2]), np.ones(TEST)]),
        vibrancy=vibrancy(rgb),
        similarity=likeness,
        probability=likeness**_SHARPNESS,
    )


def hsv_grid() -> Floats:
    """Return hue, saturation and value of the training cube, [3600, 3], each in 0…1.

    Hue is cyclic: its end, which is its beginning, is left out.
    """
    hue = np.arange(HUES) / HUES
    level = np.linspace(0, 1, LEVELS)
    return np.stack(np.meshgrid(hue, level, level, indexing="ij"), -1).reshape(-1, 3)


def hsv_to_rgb(hsv: Floats) -> Floats:
    """Convert hue, saturation and value, [N, 3] in 0…1, to red, green and blue, [N, 3].

    Example:
        >>> hsv_to_rgb(np.array([[1 / 3, 1.0, 0.5]])).tolist()
        [[0.0, 0.5, 0.0]]
    """
    hue, saturation, value = (hsv[:, i, None] for i in range(3))
    # Each channel falls and rises linearly over the six sextants of the circle.
    place = (np.array([5.0, 3.0, 1.0]) + 6 * hue) % 6
    away = np.clip(np.minimum(place, 4 - place), 0, 1)
    rgb: Floats = value * (1 - saturation * away)
    return rgb


def sampling_weight(saturation: Floats, value: Floats) -> Floats:
    """Return how often a point of the HSV cube is drawn: (1−v)/(n_s·n_h) + (1−s)·v/n_h + s·v.

    Black is in the cube n_s·n_h times and every gray n_h times; the weight counts each as one.
    """
    weight: Floats = (
        (1 - value) / (LEVELS * HUES) + (1 - saturation) * value / HUES + saturation * value
    )
    return weight


def vibrancy(rgb: Floats) -> Floats:
    """Return saturation times value of colors [N, 3]: the largest channel less the smallest."""
    spread: Floats = rgb.max(-1) - rgb.min(-1)
    return spread


def similarity(rgb: Floats) -> Floats:
    """Return how red and how vibrant colors [N, 3] are, in 0…1, [N, 2].

    Red is r·(1 − g/2 − b/2). A label's probability is a power of it: 10 for red, 100 for vibrant.
    """
    red, green, blue = rgb.T
    return np.stack([red * (1 - green / 2 - blue / 2), vibrancy(rgb)], -1)
