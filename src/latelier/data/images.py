"""Image files to pixel arrays, without loss or guess: gray or RGB, upright."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from latelier.config.errors import DataError

GRAY = ("1", "L", "LA")
COLOR = ("P", "RGB", "RGBA")


def open_image(path: Path, *, decode: bool) -> Image.Image:
    """Open an image file.

    Args:
        path: The file.
        decode: Read its pixels and turn it upright; otherwise read only its head.

    Raises:
        DataError: If it cannot be read as an image; the message names the file.
    """
    try:
        with Image.open(path) as image:
            if not decode:
                return image
            image.load()
            return ImageOps.exif_transpose(image)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DataError(
            f"the image {path} cannot be read",
            got=str(error),
            expected="a complete image file",
            remedy="Repair or remove that file.",
        ) from error


def is_color(image: Image.Image, name: str) -> bool:
    """Tell whether an image has color; DataError for pixel formats that would lose something."""
    if image.mode in GRAY:
        return False
    if image.mode in COLOR:
        return True
    raise DataError(
        f"the image {name} has pixels that do not convert to 8-bit gray or RGB without loss",
        got=f"mode {image.mode}",
        expected=f"one of {', '.join(GRAY + COLOR)}",
        remedy="Convert it to an 8-bit gray or RGB image.",
    )


def pixels(image: Image.Image, name: str, *, color: bool) -> NDArray[Any]:
    """Return the pixels of a decoded image, [C, H, W] uint8, C = 3 if `color` else 1.

    Raises:
        DataError: If the image is transparent anywhere: what lies behind it is not ours to guess.
    """
    if image.has_transparency_data:
        image = image.convert("RGBA" if is_color(image, name) else "LA")
        if image.getextrema()[-1] != (255, 255):
            raise DataError(
                f"the image {name} is transparent in places",
                got=f"mode {image.mode}",
                expected="opaque images",
                remedy="Flatten it onto a background.",
            )
    array = np.asarray(image.convert("RGB" if color else "L"))
    return array.transpose(2, 0, 1) if color else array[None]
