"""A grid of pixels as a PNG, fast enough for every epoch."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt

from latelier.config.errors import DataError, ShapeError

COMPRESSION = 1
"""Of zlib's levels the fastest: a grid is written at every epoch and read a few times."""


def png_bytes(pixels: npt.ArrayLike, *, scale: int = 1) -> bytes:
    """Encode pixels as a PNG.

    Args:
        pixels: Gray [height, width] or RGB [height, width, 3], uint8.
        scale: Side of the square that each pixel becomes; 1 keeps the size.

    Returns:
        The file's bytes; the same pixels give the same bytes.

    Raises:
        ShapeError: If the array is neither gray nor RGB.
        DataError: If it is not uint8, or `scale` < 1.
    """
    from PIL import Image

    array = np.asarray(pixels)
    if not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] == 3)) or array.size == 0:
        raise ShapeError(f"pixels has shape {list(array.shape)}", expected="[H, W] or [H, W, 3]")
    if array.dtype != np.uint8:
        raise DataError(f"pixels holds {array.dtype}", expected="uint8")
    if scale < 1:
        raise DataError("pixels cannot be drawn smaller", got=scale, expected="scale >= 1")
    if scale > 1:
        array = array.repeat(scale, axis=0).repeat(scale, axis=1)
    file = io.BytesIO()
    Image.fromarray(array).save(file, "PNG", compress_level=COMPRESSION)
    return file.getvalue()
