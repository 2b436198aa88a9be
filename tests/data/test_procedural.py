from __future__ import annotations

import hashlib
from itertools import pairwise

import numpy as np
import pytest

from latelier.data.procedural import SHAPES, SIZES, draw_factors, factor_grid

IMAGES = draw_factors()
TABLE = factor_grid()


def images(**fixed: int) -> np.ndarray:
    """All images with these factors, in order."""
    chosen = np.ones(len(IMAGES), dtype=bool)
    for name, value in fixed.items():
        chosen &= TABLE.values[:, TABLE.names.index(name)] == value
    return IMAGES[chosen]


def light(some: np.ndarray) -> np.ndarray:
    """How much of each image is covered, whatever its color: [N, 32, 32] in 0..1."""
    return some.max(1) / 255


def test_it_is_the_same_everywhere() -> None:
    assert IMAGES.shape == (36_864, 3, 32, 32)
    assert len(SHAPES) == SIZES["shape"]
    digest = hashlib.sha256(np.ascontiguousarray(IMAGES)).hexdigest()
    assert digest == hashlib.sha256(np.ascontiguousarray(draw_factors())).hexdigest()


def test_no_two_images_are_alike() -> None:
    flat = IMAGES.reshape(len(IMAGES), -1)
    rows = {hashlib.md5(row.tobytes(), usedforsecurity=False).digest() for row in flat}
    assert len(rows) == len(IMAGES)


@pytest.mark.parametrize(("axis", "name"), [(2, "x"), (1, "y")])
def test_position_is_the_center(axis: int, name: str) -> None:
    """Moving one place moves the center of mass by as many pixels, at every size and turn."""
    step = 15 / (SIZES[name] - 1)
    for shape in range(3):
        centers = []
        for value in range(SIZES[name]):
            mask = light(images(shape=shape, rotation=1, hue=0, **{name: value}))
            weight = mask.sum(2 if axis == 1 else 1)
            centers.append((weight * np.arange(32)).sum(1).mean() / weight.sum(1).mean())
        assert np.diff(centers) == pytest.approx(np.full(SIZES[name] - 1, step), abs=0.2)


def test_scale_grows_the_area_and_nothing_leaves_the_picture() -> None:
    areas = [light(images(scale=scale, hue=0)).sum((1, 2)) for scale in range(SIZES["scale"])]
    for smaller, larger in pairwise(areas):
        assert (larger > 1.3 * smaller).all()
    # The area does not depend on where it lies: nothing is cut off.
    for shape in range(3):
        area = light(images(shape=shape, scale=3, rotation=3, hue=0)).sum((1, 2))
        assert area.std() < 0.02 * area.mean()


def test_hue_changes_the_color_only() -> None:
    masks = [light(images(hue=hue)) for hue in range(SIZES["hue"])]
    scaled = [mask / mask.max() for mask in masks]
    assert all(np.abs(mask - scaled[0]).max() < 0.01 for mask in scaled)
    colors = {tuple(images(hue=hue)[0].reshape(3, -1).max(1)) for hue in range(SIZES["hue"])}
    assert len(colors) == SIZES["hue"]


def test_turning_turns() -> None:
    """Two eighths of a turn apart: the same picture, turned by numpy."""
    for shape in range(3):
        quarter = [light(images(shape=shape, scale=2, hue=0, rotation=r)) for r in (1, 3)]
        grids = [mask.reshape(8, 8, 32, 32) for mask in quarter]
        # Position (x, y) = (i, j) turns to (7 − j, i).
        for i in range(8):
            for j in range(8):
                turned = np.rot90(grids[0][i, j], k=-1)
                assert np.abs(turned - grids[1][7 - j, i]).mean() < 0.01
