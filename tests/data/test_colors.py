from __future__ import annotations

import colorsys

import numpy as np
import pytest

from latelier.data.colors import (
    hsv_grid,
    hsv_to_rgb,
    make_colors,
    sampling_weight,
    similarity,
    vibrancy,
)


def test_the_cube_has_every_combination_once_and_a_cyclic_hue():
    hsv = hsv_grid()
    assert len(np.unique(hsv, axis=0)) == len(hsv) == 3600
    hues = np.unique(hsv[:, 0])
    assert np.allclose(hues, np.arange(0, 360, 10) / 360)
    assert np.allclose(np.unique(hsv[:, 1]), np.linspace(0, 1, 10))
    assert (hsv[:, 2].min(), hsv[:, 2].max()) == (0, 1)


def test_conversion_is_that_of_the_standard_library():
    hsv = hsv_grid()
    expected = [colorsys.hsv_to_rgb(*row) for row in hsv]
    assert np.allclose(hsv_to_rgb(hsv), expected, atol=1e-12)
    assert np.allclose(vibrancy(hsv_to_rgb(hsv)), hsv[:, 1] * hsv[:, 2])


def test_weights_count_black_and_each_gray_once():
    hsv = hsv_grid()
    weight = sampling_weight(hsv[:, 1], hsv[:, 2])
    for s, v in ((0.3, 0.8), (0.0, 0.4), (1.0, 1.0)):
        expected = (1 - v) / (10 * 36) + (1 - s) * v / 36 + s * v
        assert sampling_weight(np.array([s]), np.array([v]))[0] == pytest.approx(expected)
    black, white = hsv[:, 2] == 0, (hsv[:, 1] == 0) & (hsv[:, 2] == 1)
    assert weight[black].sum() == pytest.approx(1)
    assert weight[white].sum() == pytest.approx(1)
    assert weight[(hsv[:, 1] == 1) & (hsv[:, 2] == 1)].tolist() == [1] * 36


def test_labels_have_their_formulas():
    rgb = np.array([[1.0, 0.0, 0.0], [1.0, 1.0, 1.0], [0.8, 0.3, 0.1], [0.0, 1.0, 0.0]])
    red, vibrant = similarity(rgb).T
    r, g, b = rgb.T
    assert np.allclose(red, r - r * g / 2 - r * b / 2)
    assert np.allclose(vibrant, [1, 0, 0.7, 1])
    colors = make_colors()
    assert colors.rgb.shape == (4112, 3)
    assert np.allclose(colors.probability[:, 0], colors.similarity[:, 0] ** 10)
    assert np.allclose(colors.probability[:, 1], colors.similarity[:, 1] ** 100)
    assert colors.probability.max(0).tolist() == [1, 1]
    assert colors.probability.min() >= 0


def test_the_test_part_is_the_rgb_cube():
    cube = make_colors().rgb[3600:]
    assert len(np.unique(cube, axis=0)) == 512
    assert np.allclose(np.unique(cube), np.arange(8) / 7)
