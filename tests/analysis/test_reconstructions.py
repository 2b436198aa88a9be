from __future__ import annotations

import numpy as np
import pytest

from latelier.analysis.reconstructions import GAP, PAPER, reconstruction_grid
from latelier.config.errors import DataError, ShapeError


def images(count: int, channels: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    given = rng.random((count, channels, 6, 5), dtype=np.float32)
    return given, np.clip(given + 0.2 * rng.normal(size=given.shape), 0, 1).astype(np.float32)


def naive_grid(given: np.ndarray, made: np.ndarray, columns: int) -> np.ndarray:
    """Pixel by pixel, in RGB."""
    count, channels, height, width = given.shape
    columns = min(columns, count)
    bands = -(-count // columns)
    sheet = np.full(
        (bands * 3 * (height + GAP) - GAP, columns * (width + GAP) - GAP, 3), PAPER, np.uint8
    )
    for image in range(count):
        shown = (given[image], made[image], abs(given[image].astype(float) - made[image]))
        for row, picture in enumerate(shown):
            top = ((image // columns) * 3 + row) * (height + GAP)
            left = (image % columns) * (width + GAP)
            for y in range(height):
                for x in range(width):
                    for c in range(3):
                        value = float(picture[c if channels == 3 else 0, y, x])
                        sheet[top + y, left + x, c] = round(min(max(value, 0.0), 1.0) * 255)
    return sheet


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("count", "columns"), [(1, 16), (7, 3), (6, 3)])
def test_agrees_with_pixel_by_pixel(channels, count, columns):
    given, made = images(count, channels)
    grid = reconstruction_grid(given, made, columns=columns)
    expected = naive_grid(given, made, columns)
    np.testing.assert_array_equal(grid.pixels, expected if channels == 3 else expected[..., 0])
    assert grid.pixels.flags.c_contiguous
    layout = grid.payload()["layout"]
    assert (layout["columns"], layout["bands"]) == (min(count, columns), -(-count // columns))


def test_errors_are_summed_per_image():
    given, made = images(4, 3)
    grid = reconstruction_grid(given, made)
    for image in range(4):
        difference = given[image].astype(float).ravel() - made[image].astype(float).ravel()
        assert grid.squared_error[image] == pytest.approx(sum(difference**2))
        assert grid.absolute_error[image] == pytest.approx(sum(abs(difference)) / 90)


def test_the_error_row_has_one_fixed_scale():
    given = np.zeros((2, 1, 2, 2))
    made = given.copy()
    made[0, 0, 0, 0] = 0.5
    pixels = reconstruction_grid(given, made).pixels
    assert pixels[2 * (2 + GAP), 0] == 128
    assert (pixels[2 * (2 + GAP) :, 2 + GAP :] == 0).all()


def test_outputs_outside_the_range_are_drawn_at_its_ends_and_counted():
    given = np.full((1, 1, 2, 2), 0.5)
    made = np.array([[[[1.5, -1.0], [0.5, 0.5]]]])
    grid = reconstruction_grid(given, made)
    assert grid.clipped == 0.5
    assert grid.pixels[2 + GAP : 4 + GAP].tolist() == [[255, 0], [128, 128]]
    assert grid.squared_error[0] == pytest.approx(1.0 + 2.25)


def test_refusals():
    given, made = images(2, 1)
    with pytest.raises(ShapeError, match=r"expected \[2, 1, 6, 5\], as inputs"):
        reconstruction_grid(given, made[:1])
    with pytest.raises(ShapeError, match="2 channels; expected 1"):
        reconstruction_grid(np.zeros((1, 2, 3, 3)), np.zeros((1, 2, 3, 3)))
    with pytest.raises(DataError, match=r"outside \[0, 1\].*Scale by"):
        reconstruction_grid(given * 255, made)
    with pytest.raises(DataError, match="outputs is not finite at row 1"):
        reconstruction_grid(given, np.stack([made[0], made[1] * np.nan]))
    with pytest.raises(DataError, match="a grid needs columns; got 0"):
        reconstruction_grid(given, made, columns=0)
