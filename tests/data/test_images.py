from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from latelier.config.errors import DataError
from latelier.data.images import is_color, open_image, pixels

RGB = np.random.default_rng(0).integers(0, 256, (4, 5, 3), dtype=np.uint8)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_modes_that_lose_nothing(mode):
    image = Image.fromarray(RGB).convert(mode)
    array = pixels(image, "i", color=is_color(image, "i"))
    expected = np.asarray(image.convert("RGB"))
    assert array.dtype == np.uint8
    assert array.shape == (1 if mode in {"1", "L", "LA"} else 3, 4, 5)
    assert np.array_equal(np.broadcast_to(array, (3, 4, 5)), expected.transpose(2, 0, 1))


@pytest.mark.parametrize("mode", ["I;16", "F", "CMYK", "HSV"])
def test_modes_that_would_lose_something(mode):
    with pytest.raises(DataError, match=f"image i has pixels.*got mode {mode}"):
        is_color(Image.new(mode, (2, 2)), "i")


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_transparent_images_are_refused(mode):
    image = Image.new(mode, (2, 2), 0)
    with pytest.raises(DataError, match="image i is transparent in places"):
        pixels(image, "i", color=mode == "RGBA")


def test_a_transparent_palette(tmp_path: Path):
    image = Image.fromarray(RGB).convert("P")
    image.save(tmp_path / "p.gif", transparency=image.getpixel((0, 0)))
    with pytest.raises(DataError, match="transparent"):
        pixels(open_image(tmp_path / "p.gif", decode=True), "p.gif", color=True)


def test_upright(tmp_path: Path):
    image = Image.fromarray(RGB)
    exif = image.getexif()
    exif[0x0112] = 6  # the camera was turned by 90°
    image.save(tmp_path / "t.png", exif=exif)
    array = pixels(open_image(tmp_path / "t.png", decode=True), "t", color=True)
    assert np.array_equal(array, np.rot90(RGB, -1).transpose(2, 0, 1))


@pytest.mark.parametrize("keep", [0, 40, 100])
def test_a_damaged_file_is_named(tmp_path: Path, keep):
    noise = np.random.default_rng(0).integers(0, 256, (40, 40), dtype=np.uint8)
    path = tmp_path / "broken.png"
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(DataError, match=r"broken\.png cannot be read"):
        open_image(path, decode=True)
