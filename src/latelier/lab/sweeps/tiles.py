"""The tiles of a sweep's wall: small maps, written in few bytes. Pure functions over arrays.

Shapes: N points; coordinates are in latent units.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt

from latelier.analysis.alignment import align_map
from latelier.config.errors import DataError
from latelier.runs.payloads.walls import LEVELS

RUNAWAY = 5.0
"""A tile so many times larger than the median one does not decide the bounds of a frame."""

LEAST_COMMON = 3
"""Fewer points than these in common do not say how two maps lie to each other."""

Floats = npt.NDArray[np.float64]
Box = dict[str, tuple[float, float]]


def written(coords: npt.ArrayLike) -> dict[str, Any]:
    """Write coordinates as whole numbers on a square lattice over their box.

    The longer side of the box is `LEVELS` units: a tile that fills a screen is off by less than a
    pixel, and 512 points take 4.5 kB of JSON where thousandths of a unit would take 7.

    Args:
        coords: [N, 2], finite.

    Returns:
        ``x``, ``y`` (whole numbers from 0), ``origin`` and ``unit``:
        ``coords ≈ origin + unit · (x, y)``.

    Raises:
        DataError: If a coordinate is not finite.
    """
    points = np.asarray(coords, dtype=np.float64)
    if not np.isfinite(points).all():
        raise DataError("a map with coordinates that are not finite cannot be drawn")
    low = _short(points.min(axis=0))
    extent = float((points - low).max())
    unit = float(_short(extent / LEVELS if extent > 0 else 1 / LEVELS))
    levels = np.rint((points - low) / unit).clip(0, LEVELS).astype(int)
    return {
        "x": levels[:, 0].tolist(),
        "y": levels[:, 1].tolist(),
        "origin": low.tolist(),
        "unit": unit,
    }


def restored(tile: Mapping[str, Any]) -> Floats:
    """Read the coordinates of a tile back, [N, 2]; off by half a ``unit`` at most."""
    levels = np.array([tile["x"], tile["y"]], dtype=np.float64).T
    return np.asarray(tile["origin"], dtype=np.float64) + float(tile["unit"]) * levels


def ring_error(coords: npt.ArrayLike) -> float:
    """Return the mean distance to the unit circle, mean |‖(x, y)‖ − 1|, in radii."""
    points = np.asarray(coords, dtype=np.float64)
    return float(_short(np.abs(np.hypot(points[:, 0], points[:, 1]) - 1).mean()))


def turned(
    coords: npt.ArrayLike,
    dataset_idx: npt.ArrayLike,
    reference: npt.ArrayLike,
    reference_idx: npt.ArrayLike,
) -> tuple[Floats, float] | None:
    """Lay a map on the reference's by a turn or mirroring and a shift, never a scale.

    Args:
        coords: The map, [N, 2].
        dataset_idx: Its points, [N].
        reference: The reference's map, [M, 2].
        reference_idx: Its points, [M].

    Returns:
        The map as it lies then, and the root mean square distance left between the points that
        both have; None where they have fewer than `LEAST_COMMON` in common.
    """
    if len(np.intersect1d(dataset_idx, reference_idx)) < LEAST_COMMON:
        return None
    motion = align_map(reference, reference_idx, coords, dataset_idx)
    return motion.moved(coords).astype(np.float64), float(_short(motion.residual))


def bounds_of_tiles(tiles: Sequence[Mapping[str, Any]], *, circle: bool) -> Box | None:
    """Return the box of a frame.

    Args:
        tiles: Its tiles, as `written` made them.
        circle: Whether the unit circle shall be in it.

    Returns:
        ``x`` and ``y``, low and high each. Tiles more than `RUNAWAY` times as large as the median
        one are left out. None without a tile.
    """
    if not tiles:
        return None
    sides = [LEVELS * tile["unit"] for tile in tiles]
    most = RUNAWAY * median(sides)
    boxes = [_box(tile) for tile, side in zip(tiles, sides, strict=True) if side <= most]
    return joined([*boxes, {"x": (-1.0, 1.0), "y": (-1.0, 1.0)}] if circle else boxes)


def joined(boxes: Sequence[Mapping[str, Sequence[float]]]) -> Box | None:
    """Return the smallest box that holds all of them; None without one."""
    if not boxes:
        return None
    return {
        axis: (min(box[axis][0] for box in boxes), max(box[axis][1] for box in boxes))
        for axis in ("x", "y")
    }


def _box(tile: Mapping[str, Any]) -> Box:
    origin, unit = tile["origin"], tile["unit"]
    return {
        axis: (start, float(_short(start + unit * max(tile[axis]))))
        for axis, start in zip(("x", "y"), origin, strict=True)
    }


def _short(values: npt.ArrayLike) -> Floats:
    """Round to seven significant digits: as many as a float32 has."""
    found = np.asarray(values, dtype=np.float64)
    rounded = [float(f"{value:.7g}") for value in found.ravel()]
    return np.array(rounded).reshape(found.shape)
