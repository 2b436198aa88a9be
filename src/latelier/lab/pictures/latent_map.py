"""The map of the latents: points in the colors of their labels, names where they gather."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from latelier.config.errors import ShapeError
from latelier.lab.pictures import theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    Floats = npt.NDArray[np.float64]

WIDTH, MARGIN, HEADER, FOOTER = 860.0, 24.0, 76.0, 34.0
FLATTEST, STEEPEST = 0.6, 1.1
"""Height of the map over its width, at least and at most; what is left over stays empty."""

BINS = 160
"""Cells of the smoothed count along the longer side."""

SMOOTHING = 4.5
"""Standard deviation of the smoothing, in cells."""

MAX_NAMES = 40
NAME_DISTANCE = 24.0
"""Names are moved apart until their centers are this many design pixels away from each other."""


def draw_map(
    coords: npt.ArrayLike,
    labels: npt.ArrayLike | None = None,
    names: Sequence[str] | None = None,
    title: str = "Latent map",
    *,
    subtitle: str = "",
    axis_names: tuple[str, str] | None = None,
) -> bytes:
    """Draw a two-dimensional map.

    Both axes have one scale. Fine lines enclose half, four fifths and 97 % of the points, as a
    smoothed count shows them.

    Args:
        coords: Coordinates, [N, 2].
        labels: Label of each point, [N], 0 or more; None draws all points alike.
        names: Name of each label; the number where not given.
        title: What the picture shows.
        subtitle: A second line, such as the epoch and the number of points.
        axis_names: Written along the lower and the left edge, such as `"PC 1, 31 % of variance"`.

    Returns:
        PNG bytes.

    Raises:
        ShapeError: If the shapes are not [N, 2] and [N], or there are fewer names than labels.
    """
    points, label = _read(coords, labels, names)
    low, size = _window(points)
    height = WIDTH * float(size[1] / size[0])
    canvas = theme.Canvas(WIDTH + 2 * MARGIN, HEADER + height + FOOTER)
    canvas.heading(MARGIN, 34, title, subtitle)
    area = canvas.axes(MARGIN, HEADER, WIDTH, height)
    area.set_xlim(low[0], low[0] + size[0])
    area.set_ylim(low[1], low[1] + size[1])
    _draw_contours(area, points, low, size)
    _draw_points(area, points, label)
    if label is not None:
        _draw_names(area, points, label, names, size)
    if axis_names is not None:
        _name_axes(canvas, axis_names, HEADER + height)
    return canvas.png()


def _read(
    coords: npt.ArrayLike, labels: npt.ArrayLike | None, names: Sequence[str] | None
) -> tuple[Floats, npt.NDArray[np.int64] | None]:
    points = np.asarray(coords, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) == 0:
        raise ShapeError(f"coords has shape {list(points.shape)}", expected="[N, 2], N >= 1")
    if labels is None:
        return points, None
    label = np.asarray(labels, dtype=np.int64)
    if label.shape != (len(points),):
        raise ShapeError(f"labels has shape {list(label.shape)}", expected=f"[{len(points)}]")
    if names is not None and label.max() >= len(names):
        raise ShapeError(f"there are {len(names)} names", expected=f"{label.max() + 1} or more")
    return points, label


def _window(points: Floats) -> tuple[Floats, Floats]:
    """Return the lower left corner of what is shown, and its width and height."""
    low, high = points.min(axis=0), points.max(axis=0)
    extent = (high - low) * 1.08
    if not extent.any():
        extent = np.ones(2)
    width = max(extent[0], extent[1] / STEEPEST)
    size = np.array([width, max(extent[1], width * FLATTEST)])
    return (low + high) / 2 - size / 2, size


def _name_axes(canvas: theme.Canvas, names: tuple[str, str], bottom: float) -> None:
    style = {"size": theme.SMALL, "color": theme.THIRD}
    canvas.text(MARGIN, bottom + 16, names[0] + "  →", **style)
    canvas.text(
        MARGIN - 8, bottom, names[1] + "  →", rotation=90, va="bottom", ha="center", **style
    )


def _draw_points(area: Axes, points: Floats, label: npt.NDArray[np.int64] | None) -> None:
    diameter = float(np.clip(2.2 + 110 / np.sqrt(len(points)), 2.4, 8.0))
    # A fixed shuffle: no label lies on top of another because of its number.
    order = np.random.default_rng(0).permutation(len(points))
    colors: Any = theme.SECOND
    if label is not None:
        palette = np.array(theme.class_colors(int(label.max()) + 1))
        colors = palette[label[order]]
    area.scatter(
        points[order, 0],
        points[order, 1],
        s=theme.points(diameter) ** 2,
        c=colors,
        alpha=0.62,
        linewidths=0,
        zorder=2,
    )


def _draw_contours(area: Axes, points: Floats, low: Floats, size: Floats) -> None:
    density = _density(points, low, size)
    if density is None:
        return
    ordered = np.sort(density.reshape(-1))[::-1]
    mass = np.cumsum(ordered)
    # The density above which lie 97 %, 80 % and half of the points.
    levels = sorted({float(ordered[np.searchsorted(mass, q * mass[-1])]) for q in (0.97, 0.8, 0.5)})
    cell = size.max() / BINS
    rows, columns = density.shape
    area.contour(
        low[0] + (np.arange(columns) + 0.5) * cell,
        low[1] + (np.arange(rows) + 0.5) * cell,
        density,
        levels=levels,
        colors=[theme.STRONG_LINE],
        linewidths=theme.points(0.8),
        zorder=1,
    )


def _density(points: Floats, low: Floats, size: Floats) -> Floats | None:
    """Return a smoothed count in square cells, rows along y; None for a handful of points."""
    from scipy.ndimage import gaussian_filter

    if len(points) < 50:
        return None
    columns, rows = (int(n) for n in np.ceil(size / size.max() * BINS))
    cells = ((points - low) / (size.max() / BINS)).astype(int)
    count = np.bincount(cells[:, 1] * columns + cells[:, 0], minlength=rows * columns)
    if (count > 0).sum() < 8:
        return None
    smooth: Floats = gaussian_filter(count.reshape(rows, columns).astype(np.float64), SMOOTHING)
    return smooth


def _draw_names(
    area: Axes,
    points: Floats,
    label: npt.NDArray[np.int64],
    names: Sequence[str] | None,
    size: Floats,
) -> None:
    from matplotlib.patheffects import withStroke

    present = [int(c) for c in np.unique(label)]
    if len(present) > MAX_NAMES:
        return
    spots = np.stack([_crowded_spot(points[label == c], size) for c in present])
    spots = _spread(spots, NAME_DISTANCE / WIDTH * float(size[0]))
    palette = theme.class_colors(max(present) + 1)
    for place, (x, y) in zip(present, spots, strict=True):
        area.text(
            float(x),
            float(y),
            str(place) if names is None else names[place],
            fontsize=theme.points(14),
            family="DejaVu Sans",
            weight="bold",
            color=theme.shaded(palette[place], -0.4),
            ha="center",
            va="center",
            parse_math=False,
            path_effects=[withStroke(linewidth=theme.points(4), foreground=theme.SURFACE)],
            zorder=3,
        )


def _crowded_spot(points: Floats, size: Floats) -> Floats:
    """Return the point of a label around which most of its points lie."""
    near = size.max() / 12
    sample = points if len(points) <= 500 else points[:: len(points) // 500]
    squared = ((sample[:, None] - sample[None]) ** 2).sum(axis=2)
    crowd = np.exp(-squared / (2 * near**2))
    center = crowd[crowd.sum(axis=1).argmax()]
    spot: Floats = center @ sample / center.sum()
    return spot


def _spread(spots: Floats, distance: float) -> Floats:
    """Move spots apart, a little at a time, until none is nearer than `distance` to another."""
    spots = spots + 1e-6 * distance * np.arange(len(spots))[:, None]
    for _ in range(60):
        gap = spots[:, None] - spots[None]
        length = np.hypot(gap[..., 0], gap[..., 1]) + np.eye(len(spots)) * distance
        lack = np.maximum(distance - length, 0) / 2
        if not lack.any():
            break
        spots = spots + (gap / length[..., None] * lack[..., None]).sum(axis=1)
    return spots
