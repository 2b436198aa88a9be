"""A lattice of places on a 2-D map, what the decoder makes of each, and how far that is from data.

Shapes: N points, D latent dimensions, M places on the map, coordinates [M, 2] in map units.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from latelier.analysis.arrays import Floats, Integers, finite_array
from latelier.analysis.grid import Grid
from latelier.analysis.projection import Bounds, Projection
from latelier.analysis.samples import Sheet, image_sheet, sheet_layout, shrunk, to_unit
from latelier.config.errors import ShapeError

MARGIN = 0.05
"""An atlas reaches over the full bounds of the points by this share of their extent, each side."""

MAX_TILE = 28
"""Pixels: the longest side of a tile."""

MAX_SHEET = 700
"""Pixels: the longest side of a sheet, while a tile has a pixel."""

ROWS = 512
"""Codes whose images are held at a time, where images are not kept."""

Codes = Callable[[Floats], Floats]
"""Coordinates [M, 2] → latents [M, D]."""

Model = Callable[[Floats], Floats]
"""An encoder [M, *shape] → [M, D], or a decoder [M, D] → [M, *shape]."""


@dataclass(frozen=True, eq=False)
class Atlas:
    """Decoded tiles over a map; see `decode_atlas`.

    Attributes:
        sheet: The tiles side by side, rows from the largest y down.
        grid: The cells; each tile is decoded at the center of its own.
        distance: Latent distance from each tile's code to the nearest point's, [rows · columns].
        nearest: The row number of that point, [rows · columns].
    """

    sheet: Sheet
    grid: Grid
    distance: Floats
    nearest: Integers

    def payload(self) -> dict[str, Any]:
        """Return the JSON form; whoever knows the map adds method and out-of-plane numbers."""
        sheet = self.sheet
        layout = sheet_layout(sheet.columns, sheet.rows, sheet.tile, sheet.gap)
        return layout | {
            "bounds": {"min": self.grid.low, "max": self.grid.high},
            "order": "rows from the largest y down",
            "distance": self.distance,
            "clipped": sheet.clipped,
        }


def atlas_grid(bounds: Bounds, tiles: int) -> Grid:
    """Lay a grid over all points of a map and a little more.

    Args:
        bounds: The map's bounds, two-dimensional.
        tiles: Cells on each side.

    Returns:
        A grid over the full bounds and `MARGIN` of their extent on each side. An axis on which
        all points agree gets the extent of the other one, or 1 where that has none too.

    Raises:
        ShapeError: If the map has not two dimensions.
        DataError: If there are no tiles.
    """
    low, high = np.asarray(bounds.low, np.float64), np.asarray(bounds.high, np.float64)
    if low.shape != (2,):
        raise ShapeError(f"the map has {low.size} dimensions", expected="2")
    extent = high - low
    extent = np.where(extent > 0, extent, extent.max() if extent.max() > 0 else 1.0)
    middle, reach = (low + high) / 2, extent * (0.5 + MARGIN)
    return Grid(tiles, tiles, middle - reach, middle + reach)


def centers_from_the_top(grid: Grid) -> Floats:
    """Return the centers of a grid's cells, rows from the largest y down, [H · W, 2]."""
    rows = grid.centers().reshape(grid.height, grid.width, 2)
    return np.ascontiguousarray(rows[::-1].reshape(-1, 2))


def plane_codes(projection: Projection) -> Codes:
    """Return the function that takes coordinates on a linear map to latents in its plane.

    The plane is that of the map's axes through `projection.mean`, which is the mean of the
    latents moved within the plane: what lies off the map has its mean value everywhere.

    Args:
        projection: A linear map; its rows of components are orthonormal or zero.

    Returns:
        Coordinates [M, d] → `mean + coords · components`, [M, D].
    """

    def codes(coords: Floats) -> Floats:
        """Lift coordinates [M, d] to latents [M, D]."""
        return np.asarray(projection.mean + coords @ projection.components)

    return codes


def off_plane(latents: npt.ArrayLike, projection: Projection) -> dict[str, float]:
    """Measure what a linear map leaves out.

    Args:
        latents: Latents, [N, D].
        projection: The map.

    Returns:
        `variance_share`: share of the latents' total variance that is off the plane (0 where
        there is no variance); `median_distance`: of the latents to the plane, latent units.
    """
    points = finite_array("latents", latents, dims=2)
    coords = (points - projection.mean) @ projection.components.T
    left = points - plane_codes(projection)(coords)
    total, off = float(points.var(axis=0).sum()), float(left.var(axis=0).sum())
    return {
        "variance_share": min(off / total, 1.0) if total > 0 else 0.0,
        "median_distance": float(np.median(np.linalg.norm(left, axis=1))),
    }


def nearest_point(codes: npt.ArrayLike, latents: npt.ArrayLike) -> tuple[Integers, Floats]:
    """Find the nearest of the points to each code.

    Args:
        codes: Latents, [M, D].
        latents: The points' latents, [N, D].

    Returns:
        Row number of the nearest point and the Euclidean distance to it, [M] each.
    """
    from scipy.spatial.distance import cdist

    wanted = finite_array("codes", codes, dims=2)
    points = finite_array("latents", latents, dims=2)
    rows, distances = np.empty(len(wanted), dtype=np.int64), np.empty(len(wanted))
    for start in range(0, len(wanted), 256):  # 256 × N distances at once, not M × N
        part = slice(start, start + 256)
        table = cdist(wanted[part], points)
        rows[part] = table.argmin(axis=1)
        distances[part] = table.min(axis=1)
    return rows, distances


def cycle_error(codes: npt.ArrayLike, encode: Model, decode: Model) -> Floats:
    """Measure how far a code comes back when it is decoded and encoded again.

    Args:
        codes: Latents, [M, D].
        encode: The encoder without noise.
        decode: The decoder.

    Returns:
        Euclidean distance between each code and its return, [M], latent units.
    """
    z = finite_array("codes", codes, dims=2)
    parts = np.split(z, range(ROWS, len(z), ROWS))
    return np.concatenate([np.linalg.norm(encode(decode(z)) - z, axis=1) for z in parts])


def latent_radius(latents: npt.ArrayLike) -> float:
    """Return the root mean square distance of latents [N, D] from their mean, latent units."""
    return float(np.sqrt(finite_array("latents", latents, dims=2).var(axis=0).sum()))


def decode_atlas(
    grid: Grid,
    codes: Codes,
    decode: Model,
    latents: npt.ArrayLike,
    *,
    value_range: tuple[float, float] = (0.0, 1.0),
) -> Atlas:
    """Decode every cell of a grid at its center, onto one sheet.

    Args:
        grid: The cells.
        codes: From coordinates to latents.
        decode: [M, D] → images [M, channels, H, W].
        latents: The points' latents, [N, D].
        value_range: What is drawn black and white.

    Returns:
        Tiles of at most `MAX_TILE` pixels, side by side without a gap; larger images are shrunk
        by averaging areas, so that the sheet has at most `MAX_SHEET` pixels on its side.

    Raises:
        ShapeError: If what is decoded are no images.
        DataError: If a latent or a pixel is not finite.
    """
    z = codes(centers_from_the_top(grid))
    images = to_unit(decode(z), value_range)
    side = min(MAX_TILE, max(MAX_SHEET // max(grid.width, grid.height), 1))
    sheet = image_sheet(shrunk(images, side), columns=grid.width, gap=0)
    nearest, distance = nearest_point(z, latents)
    return Atlas(sheet, grid, distance, nearest)
