"""Grids of input, output and error, as pixels ready for a PNG.

Shapes: M images, channels 1 (gray) or 3 (RGB), height H, width W; images in [0, 1].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from latelier.analysis.arrays import Bytes, Floats, finite_array
from latelier.config.errors import DataError, ShapeError

ROWS = ("input", "output", "error")
"""What the three rows of each band show, from the top."""

GAP = 2
"""Pixels between tiles."""

PAPER = 255
"""Gray value of the gaps."""


@dataclass(frozen=True, eq=False)
class ReconstructionGrid:
    """Pixels of a reconstruction grid, and the numbers behind them.

    Attributes:
        pixels: Gray [height, width] or RGB [height, width, 3], uint8.
        squared_error: Sum over pixels and channels of (input - output)^2, per image, [M].
        absolute_error: Mean over pixels and channels of |input - output|, per image, [M].
        clipped: Share of output values outside [0, 1], which are drawn as 0 or 1.
        columns: Images per band.
        bands: Bands of three rows, from the top.
        tile: Height and width of one image.
    """

    pixels: Bytes
    squared_error: Floats
    absolute_error: Floats
    clipped: float
    columns: int
    bands: int
    tile: tuple[int, int]

    def payload(self) -> dict[str, Any]:
        """Return the JSON form: errors per image and where each tile is."""
        return {
            "squared_error": self.squared_error,
            "absolute_error": self.absolute_error,
            "clipped": self.clipped,
            "layout": {
                "rows": list(ROWS),
                "columns": self.columns,
                "bands": self.bands,
                "tile": {"height": self.tile[0], "width": self.tile[1]},
                "gap": GAP,
            },
        }


def reconstruction_grid(
    inputs: npt.ArrayLike, outputs: npt.ArrayLike, *, columns: int = 16
) -> ReconstructionGrid:
    """Lay out inputs, outputs and their absolute error.

    Image i stands in column i mod `columns` of band i // `columns`. All three rows use one fixed
    scale, 0 to 1: an error of 1 is white at every epoch and for every image.

    Args:
        inputs: Images in [0, 1], [M, channels, H, W].
        outputs: Their reconstructions, the same shape.
        columns: Images per band; fewer where there are fewer images.

    Returns:
        The pixels and the errors. Errors are computed before values are clipped for drawing.

    Raises:
        ShapeError: If the shapes differ, or there are not 1 or 3 channels.
        DataError: If a value is not finite, an input is outside [0, 1], or `columns` < 1.
    """
    given, made = _image_pair(inputs, outputs)
    if columns < 1:
        raise DataError("a grid needs columns", got=columns, expected="1 or more")
    difference = given - made
    rows = np.stack([given, np.clip(made, 0, 1), np.clip(np.abs(difference), 0, 1)])
    width = min(columns, len(given))
    return ReconstructionGrid(
        pixels=_lay_out(np.rint(rows * 255).astype(np.uint8), width),
        squared_error=(difference**2).sum(axis=(1, 2, 3)),
        absolute_error=np.abs(difference).mean(axis=(1, 2, 3)),
        clipped=float(((made < 0) | (made > 1)).mean()),
        columns=width,
        bands=-(-len(given) // width),
        tile=(given.shape[2], given.shape[3]),
    )


def _image_pair(inputs: npt.ArrayLike, outputs: npt.ArrayLike) -> tuple[Floats, Floats]:
    given = finite_array("inputs", inputs, dims=4)
    made = finite_array("outputs", outputs, dims=4)
    if given.shape != made.shape:
        raise ShapeError(
            f"outputs has shape {list(made.shape)}", expected=f"{list(given.shape)}, as inputs"
        )
    if given.shape[1] not in (1, 3):
        raise ShapeError(f"inputs has {given.shape[1]} channels", expected="1 (gray) or 3 (RGB)")
    if given.min() < 0 or given.max() > 1:
        raise DataError(
            "inputs holds values outside [0, 1]",
            got=f"{given.min():.6g} to {given.max():.6g}",
            expected="0 to 1",
            remedy="Scale by the data set's value range before.",
        )
    return given, made


def _lay_out(rows: Bytes, columns: int) -> Bytes:
    """Place tiles [3, M, channels, H, W] into bands; empty places keep the color of the gaps."""
    kinds, count, channels, height, width = rows.shape
    bands = -(-count // columns)
    tiles = np.full(
        (bands, kinds, height + GAP, columns, width + GAP, channels), PAPER, dtype=np.uint8
    )
    for image in range(count):
        band, column = divmod(image, columns)
        tiles[band, :, :height, column, :width] = rows[:, image].transpose(0, 2, 3, 1)
    sheet = tiles.reshape(bands * kinds * (height + GAP), columns * (width + GAP), channels)
    trimmed = sheet[: -GAP or None, : -GAP or None]
    return np.ascontiguousarray(trimmed[..., 0] if channels == 1 else trimmed)
