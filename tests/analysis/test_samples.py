"""Draws in latent space against torch.distributions, and sheets against a loop over pixels."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from latelier.analysis.samples import (
    gaussian_samples,
    image_sheet,
    mixture_samples,
    shrunk,
    to_unit,
)
from latelier.config import DataError, ShapeError

RNG = np.random.default_rng(0)


def test_draws_have_the_mean_and_the_variances_of_the_gaussian():
    mu, log_var = np.array([1.0, -2.0, 0.0]), np.array([0.0, -4.0, 2.0])
    z = gaussian_samples(mu, log_var, RNG.standard_normal((200_000, 3)))
    assert z.dtype == np.float32
    assert np.allclose(z.mean(0), mu, atol=0.02)
    assert np.allclose(np.log(z.var(0)), log_var, atol=0.02)
    assert np.allclose(np.corrcoef(z.T), np.eye(3), atol=0.01)


def test_draws_have_the_log_density_of_torch():
    mu, log_var, noise = RNG.normal(size=4), RNG.normal(size=4), RNG.standard_normal((50, 4))
    z = torch.from_numpy(gaussian_samples(mu, log_var, noise)).double()
    normal = torch.distributions.Normal(torch.from_numpy(mu), torch.from_numpy(log_var / 2).exp())
    standard = torch.distributions.Normal(0.0, 1.0).log_prob(torch.from_numpy(noise))
    expected = standard - torch.from_numpy(log_var / 2)
    assert torch.allclose(normal.log_prob(z), expected, atol=1e-5)


def test_every_draw_is_of_the_component_that_it_names():
    mu, log_var = RNG.normal(size=(3, 2)) * 10, RNG.normal(size=(3, 2))
    chosen, noise = RNG.integers(3, size=40), RNG.standard_normal((40, 2))
    z = mixture_samples(mu, log_var, chosen, noise)
    for row, component in enumerate(chosen):
        alone = gaussian_samples(mu[component], log_var[component], noise[row : row + 1])
        assert np.array_equal(z[row], alone[0])


@pytest.mark.parametrize("component", [-1, 3])
def test_a_component_that_does_not_exist_is_refused(component):
    with pytest.raises(DataError, match="0 to 2"):
        mixture_samples(np.zeros((3, 2)), np.zeros((3, 2)), [0, component], np.zeros((2, 2)))


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ShapeError, match="do not fit"):
        gaussian_samples(np.zeros(3), np.zeros(3), np.zeros((5, 2)))


@given(
    count=st.integers(1, 9),
    columns=st.integers(1, 5),
    gap=st.integers(0, 3),
    channels=st.sampled_from([1, 3]),
    size=st.tuples(st.integers(1, 4), st.integers(1, 4)),
)
@settings(deadline=None, max_examples=50)
def test_every_image_lies_where_the_layout_says(count, columns, gap, channels, size):
    height, width = size
    images = np.random.default_rng(count).random((count, channels, height, width))
    sheet = image_sheet(images, columns=columns, gap=gap)
    pixels = sheet.pixels if channels == 3 else sheet.pixels[..., None]
    seen = np.full(pixels.shape, 255, dtype=np.uint8)
    for number in range(count):
        row, column = divmod(number, sheet.columns)
        top, left = row * (height + gap), column * (width + gap)
        for y in range(height):
            for x in range(width):
                seen[top + y, left + x] = np.rint(images[number, :, y, x] * 255)
    assert np.array_equal(pixels, seen)
    assert sheet.rows == -(-count // columns)
    assert sheet.layout() == {
        "columns": columns,
        "rows": sheet.rows,
        "tile": {"width": width, "height": height},
        "gap": gap,
    }


def test_a_sheet_is_about_square_and_tells_what_it_clips():
    images = np.full((10, 1, 2, 2), 0.5)
    images[0, 0, 0, 0], images[1, 0, 0, 1] = 1.5, -0.1
    sheet = image_sheet(images)
    assert (sheet.columns, sheet.rows) == (4, 3)
    assert sheet.clipped == pytest.approx(2 / 40)
    assert sheet.pixels.ndim == 2
    assert sheet.pixels[0, 0] == 255


@pytest.mark.parametrize(
    ("images", "columns", "error"),
    [
        (np.zeros((2, 2, 3, 3)), None, ShapeError),
        (np.zeros((2, 4)), None, ShapeError),
        (np.zeros((2, 1, 3, 3)), 0, DataError),
        (np.full((2, 1, 3, 3), np.nan), None, DataError),
    ],
)
def test_what_is_no_sheet_is_refused(images, columns, error):
    with pytest.raises(error):
        image_sheet(images, columns=columns)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9))
@settings(deadline=None, max_examples=50)
def test_shrinking_averages_areas(height, width, side):
    image = np.random.default_rng(side).random((1, 1, height, width))
    small = shrunk(image, side)
    if max(height, width) <= side:
        assert np.array_equal(small, image)
        return
    assert max(small.shape) <= side
    # A second way: repeat every pixel so often that areas fall on pixel borders, then average.
    h, w = small.shape[2:]
    big = image[0, 0].repeat(h, axis=0).repeat(w, axis=1)
    expected = big.reshape(h, height, w, width).mean(axis=(1, 3))
    assert np.allclose(small[0, 0], expected)
    assert small.mean() == pytest.approx(image.mean())


def test_an_image_without_pixels_is_refused():
    with pytest.raises(DataError, match="pixels"):
        shrunk(np.zeros((1, 1, 4, 4)), 0)


def test_values_are_scaled_from_their_range():
    assert np.allclose(to_unit([-1.0, 0.0, 1.0, 2.0], (-1.0, 1.0)), [0.0, 0.5, 1.0, 1.5])
    assert np.allclose(to_unit([3.0], (3.0, 3.0)), [0.0])
