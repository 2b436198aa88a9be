"""Which examples are looked at, and their thumbnails on one sheet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from latelier.config.errors import DataError
from latelier.data.dataset import Dataset
from latelier.data.seeds import Stream, numpy_rng
from latelier.data.splits import stratified_sample

MAX_SIDE = 8192  # pixels; what a browser's texture holds
MAX_TILE = 64  # pixels; larger images are shrunk to it
_CHUNK = 1024  # thumbnails made together


def visualization_indices(dataset: Dataset, count: int, seed: int) -> tuple[int, ...]:
    """Choose the training examples that analysis looks at, the same ones all through a run.

    Args:
        dataset: The data.
        count: How many; all training examples where there are fewer.
        seed: Seed of the run.

    Returns:
        dataset_idx, ascending, each class in proportion to its size.
    """
    train = dataset.train.numpy()
    labels = None if dataset.labels is None else dataset.labels.numpy()
    rng = numpy_rng(seed, Stream.VISUALIZATION)
    chosen = stratified_sample(train, labels, min(count, len(train)), rng)
    return tuple(chosen.tolist())


@dataclass(frozen=True)
class SpriteLayout:
    """Where thumbnails lie on a sheet: row by row, number i in column i mod `columns`.

    Attributes:
        count: Number of thumbnails.
        tile: Side of one, pixels.
        columns: Thumbnails in a row.
        rows: Rows.
    """

    count: int
    tile: int
    columns: int
    rows: int

    @property
    def width(self) -> int:
        """Width of the sheet, pixels."""
        return self.columns * self.tile

    @property
    def height(self) -> int:
        """Height of the sheet, pixels."""
        return self.rows * self.tile


def sprite_layout(count: int, tile: int) -> SpriteLayout:
    """Lay out thumbnails on a sheet that is about square.

    Args:
        count: Number of thumbnails, at least 1.
        tile: Side of one, pixels.

    Raises:
        DataError: If there is nothing to lay out, or a side would exceed 8192 pixels.
    """
    columns = math.ceil(math.sqrt(count)) if count > 0 else 0
    if columns == 0 or not 1 <= tile <= MAX_SIDE // columns:
        raise DataError(
            "thumbnails do not fit on a sheet",
            got=f"{count} of {tile} px",
            expected=f"at least one, and sides of at most {MAX_SIDE} px",
        )
    return SpriteLayout(count, tile, columns, math.ceil(count / columns))


def default_tile(shape: tuple[int, ...], count: int) -> int:
    """Return the side of a thumbnail, pixels: the image's own up to 64, smaller for many."""
    columns = max(math.ceil(math.sqrt(count)), 1)
    return min(max(shape[1:]), MAX_TILE, MAX_SIDE // columns)


def sprite_sheet(
    dataset: Dataset, indices: Sequence[int] | Tensor, tile: int | None = None
) -> Image.Image:
    """Draw the thumbnails of examples on one sheet, as `sprite_layout` places them.

    Args:
        dataset: Images.
        indices: dataset_idx, in the order in which they are placed.
        tile: Side of a thumbnail, pixels; chosen by `default_tile` when None. Images keep their
            proportions; the rest of a tile is black.

    Returns:
        An L (gray) or RGB image; values are scaled from the data's value range to 0..255.

    Raises:
        DataError: If the examples are no images, or the sheet would be too large.
    """
    if not dataset.is_image:
        raise DataError(
            f"the examples of {dataset.name} cannot be drawn",
            got=f"shape {list(dataset.shape)}",
            expected="images, 1×H×W or 3×H×W",
        )
    rows = torch.as_tensor(indices, dtype=torch.int64)
    tile = default_tile(dataset.shape, len(rows)) if tile is None else tile
    layout = sprite_layout(len(rows), tile)
    channels = dataset.shape[0]
    cells = np.zeros((layout.rows * layout.columns, tile, tile, channels), dtype=np.uint8)
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK]
        cells[start : start + len(part)] = _thumbnails(dataset, part, tile)
    grid = cells.reshape(layout.rows, layout.columns, tile, tile, channels)
    sheet = grid.transpose(0, 2, 1, 3, 4).reshape(layout.height, layout.width, channels)
    return Image.fromarray(np.ascontiguousarray(sheet[:, :, 0] if channels == 1 else sheet))


def _thumbnails(dataset: Dataset, indices: Tensor, tile: int) -> NDArray[np.uint8]:
    """Return thumbnails, [B, tile, tile, C] uint8."""
    images = dataset.examples(indices).inputs
    least, greatest = dataset.value_range
    images = (images - least) / ((greatest - least) or 1.0)
    height, width = images.shape[-2:]
    scale = tile / max(height, width)
    size = (max(round(height * scale), 1), max(round(width * scale), 1))
    if size != (height, width):
        # Every pixel is the mean of what it covers; so enlarged ones stay sharp.
        images = F.interpolate(images, size, mode="area")
    above, left = (tile - size[0]) // 2, (tile - size[1]) // 2
    padding = (left, tile - size[1] - left, above, tile - size[0] - above)
    padded = F.pad(images, padding)
    return (padded * 255).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).numpy()
