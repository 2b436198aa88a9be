"""Draws from Gaussians in latent space, and sheets of the images that are decoded from them.

Shapes: m samples, D latent dimensions, P components, C channels (1 gray, 3 RGB), height H, width W.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from latelier.analysis.arrays import Bytes, Floats, finite_array, index_array
from latelier.analysis.reconstructions import GAP, PAPER
from latelier.config.errors import DataError, ShapeError


@dataclass(frozen=True, eq=False)
class Sheet:
    """Images side by side, number i in column i mod `columns` of row i // `columns`.

    Attributes:
        pixels: Gray [height, width] or RGB [height, width, 3], uint8.
        columns: Images in a row.
        rows: Rows; places after the last image have the color of the gaps.
        tile: Height and width of one image, pixels.
        gap: Pixels between images.
        clipped: Share of values outside [0, 1], which are drawn as 0 or 1.
    """

    pixels: Bytes
    columns: int
    rows: int
    tile: tuple[int, int]
    gap: int
    clipped: float

    def layout(self) -> dict[str, Any]:
        """Return the JSON form of where each image is."""
        return sheet_layout(self.columns, self.rows, self.tile, self.gap)


def sheet_layout(columns: int, rows: int, tile: tuple[int, int], gap: int) -> dict[str, Any]:
    """Return the JSON form of a sheet's layout; ``tile`` is (height, width) in pixels."""
    return {
        "columns": columns,
        "rows": rows,
        "tile": {"width": tile[1], "height": tile[0]},
        "gap": gap,
    }


def square_columns(count: int) -> int:
    """Return how many columns make a sheet of ``count`` images about square."""
    return math.ceil(math.sqrt(count))


def gaussian_samples(
    mu: npt.ArrayLike, log_var: npt.ArrayLike, noise: npt.ArrayLike
) -> npt.NDArray[np.float32]:
    """Turn standard normal noise into draws from N(mu, exp(log_var)).

    Args:
        mu: Mean, [D].
        log_var: Natural log of the variances, [D].
        noise: Independent draws from N(0, 1), [m, D].

    Returns:
        `mu + exp(log_var / 2) · noise`, [m, D] float32.

    Raises:
        ShapeError: If the shapes do not fit.
        DataError: If a number is not finite.
    """
    single = finite_array("mu", mu, dims=1)[None]
    chosen = np.zeros(len(np.asarray(noise)), dtype=np.int64)
    return mixture_samples(single, finite_array("log_var", log_var, dims=1)[None], chosen, noise)


def mixture_samples(
    mu: npt.ArrayLike, log_var: npt.ArrayLike, components: npt.ArrayLike, noise: npt.ArrayLike
) -> npt.NDArray[np.float32]:
    """Turn standard normal noise into draws from the components of a mixture.

    Args:
        mu: Mean of each component, [P, D].
        log_var: Natural log of their variances, [P, D].
        components: The component of each draw, [m], 0 … P − 1.
        noise: Independent draws from N(0, 1), [m, D].

    Returns:
        Latents, [m, D] float32.

    Raises:
        ShapeError: If the shapes do not fit.
        DataError: If a number is not finite, or a component does not exist.
    """
    means, spreads = finite_array("mu", mu, dims=2), finite_array("log_var", log_var, dims=2)
    draws = finite_array("noise", noise, dims=2)
    if means.shape != spreads.shape or means.shape[1] != draws.shape[1]:
        raise ShapeError(
            f"mu {list(means.shape)}, log_var {list(spreads.shape)} and noise "
            f"{list(draws.shape)} do not fit",
            expected="[P, D], [P, D] and [m, D]",
        )
    chosen = index_array("components", components, count=len(draws))
    if chosen.min() < 0 or chosen.max() >= len(means):
        raise DataError(
            "no such component",
            got=f"{chosen.min()} to {chosen.max()}",
            expected=f"0 to {len(means) - 1}",
        )
    return (means[chosen] + np.exp(spreads[chosen] / 2) * draws).astype(np.float32)


def to_unit(images: npt.ArrayLike, value_range: tuple[float, float]) -> Floats:
    """Scale values from the data's range to [0, 1]; what lies outside stays outside."""
    low, high = value_range
    return np.asarray((np.asarray(images, dtype=np.float64) - low) / ((high - low) or 1.0))


def image_sheet(images: npt.ArrayLike, *, columns: int | None = None, gap: int = GAP) -> Sheet:
    """Lay out images row by row.

    Args:
        images: Images in [0, 1], [m, C, H, W].
        columns: Images in a row; about as many as there are rows where not given.
        gap: Pixels between images.

    Returns:
        The sheet; gray images give gray pixels. Values are clipped for drawing, and the share is
        told.

    Raises:
        ShapeError: If these are no images.
        DataError: If a value is not finite, or ``columns`` < 1.
    """
    values = finite_array("images", images, dims=4)
    count, channels, height, width = values.shape
    if channels not in (1, 3):
        raise ShapeError(f"images has {channels} channels", expected="1 (gray) or 3 (RGB)")
    across = square_columns(count) if columns is None else columns
    if across < 1:
        raise DataError("a sheet needs columns", got=across, expected="1 or more")
    down = -(-count // across)
    tiles = np.full((down * across, height + gap, width + gap, channels), PAPER, dtype=np.uint8)
    drawn = np.rint(values.clip(0, 1) * 255).astype(np.uint8)
    tiles[:count, :height, :width] = drawn.transpose(0, 2, 3, 1)
    sheet = tiles.reshape(down, across, height + gap, width + gap, channels).swapaxes(1, 2)
    sheet = sheet.reshape(down * (height + gap), across * (width + gap), channels)
    trimmed = sheet[: -gap or None, : -gap or None]
    return Sheet(
        pixels=np.ascontiguousarray(trimmed[..., 0] if channels == 1 else trimmed),
        columns=across,
        rows=down,
        tile=(height, width),
        gap=gap,
        clipped=float(((values < 0) | (values > 1)).mean()),
    )


def shrunk(images: npt.ArrayLike, side: int) -> Floats:
    """Shrink images so that their longer side is at most ``side`` pixels, by averaging areas.

    Args:
        images: [m, C, H, W].
        side: Pixels, at least 1.

    Returns:
        [m, C, h, w] in the proportions of the images; unchanged where they are small
        enough. The mean of an image stays what it was.

    Raises:
        DataError: If ``side`` < 1, or a value is not finite.
    """
    values = finite_array("images", images, dims=4)
    if side < 1:
        raise DataError("an image needs pixels", got=side, expected="a side of 1 or more")
    height, width = values.shape[2:]
    scale = side / max(height, width)
    if scale >= 1:
        return values
    rows = _area_weights(height, max(round(height * scale), 1))
    columns = _area_weights(width, max(round(width * scale), 1))
    return np.asarray(rows @ values @ columns.T)


def _area_weights(size: int, smaller: int) -> Floats:
    """Return how much of each of `size` pixels lies in each of `smaller` ones: rows sum to 1."""
    edges = np.linspace(0, size, smaller + 1)
    pixel = np.arange(size)
    covered = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
    return np.asarray(covered.clip(0) * (smaller / size))
