"""Latents through pairs of their dimensions: the last step large, earlier ones small."""

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

PANEL, GAP, MARGIN = 320.0, 28.0, 24.0
HEADER, NAMES, FOOTER = 76.0, 30.0, 26.0
THUMBNAIL_GAP = 8.0
LARGEST_THUMBNAIL = 96.0
WIDTH = 3 * PANEL + 2 * GAP
"""Width of the pictures together; fewer pairs leave the rest empty, more share it."""

Frame = tuple[int, npt.ArrayLike]


def draw_pairs(
    frames: Sequence[Frame],
    colors: npt.ArrayLike,
    pairs: Sequence[tuple[int, int]],
    *,
    thumbnails: Sequence[int] = (),
    title: str = "Latents through pairs of dimensions",
    subtitle: str = "",
) -> bytes:
    """Draw the newest latents through every pair of dimensions, and earlier ones through the first.

    All pictures have one scale, both axes alike, and the unit circle around the origin.

    Args:
        frames: Step and latents, [N, D], of each recorded moment, oldest first; with none, the
            picture says that there is nothing yet.
        colors: Color of each point, [N, 3] in 0…1.
        pairs: Dimensions across and up, for each large picture.
        thumbnails: Places in ``frames`` to show small, oldest first.
        title: What the picture shows.
        subtitle: A second line, such as the variant; the step is added.

    Returns:
        PNG bytes.

    Raises:
        ShapeError: If latents and colors do not have N rows, or a dimension is none of theirs.
    """
    shades = np.asarray(colors, dtype=np.float64)
    history = [(step, _read(z, shades, pairs)) for step, z in frames]
    side = min(PANEL, (WIDTH - GAP * (len(pairs) - 1)) / max(len(pairs), 1))
    small = _thumbnail_side(len(thumbnails))
    height = HEADER + NAMES + side + (GAP + small + FOOTER if thumbnails else MARGIN)
    canvas = theme.Canvas(WIDTH + 2 * MARGIN, height)
    if not history:
        canvas.heading(MARGIN, 34, title, " · ".join(filter(None, [subtitle, "nothing yet"])))
        return canvas.png()
    step, newest = history[-1]
    canvas.heading(MARGIN, 34, title, " · ".join(filter(None, [f"Step {step:,}", subtitle])))
    reach = _reach([newest, *(history[place][1] for place in thumbnails)], pairs)
    top = HEADER + NAMES
    for place, (across, up) in enumerate(pairs):
        left = MARGIN + place * (side + GAP)
        canvas.text(left, top - 10, f"z{across} across, z{up} up", color=theme.SECOND)
        area = canvas.axes(left, top, side, side)
        _draw(area, newest[:, [across, up]], shades, reach, diameter=side / 40)
    for place, index in enumerate(thumbnails):
        at, z = history[index]
        left = MARGIN + place * (small + THUMBNAIL_GAP)
        area = canvas.axes(left, top + side + GAP, small, small)
        _draw(area, z[:, list(pairs[0])], shades, reach, diameter=small / 24)
        middle = left + small / 2
        style: dict[str, Any] = {"size": theme.SMALL, "color": theme.THIRD, "ha": "center"}
        canvas.text(middle, top + side + GAP + small + 14, f"{at:,}", **style)
    return canvas.png()


def _thumbnail_side(count: int) -> float:
    free = WIDTH - THUMBNAIL_GAP * (count - 1)
    return min(LARGEST_THUMBNAIL, free / max(count, 1))


def _read(z: npt.ArrayLike, colors: Floats, pairs: Sequence[tuple[int, int]]) -> Floats:
    latents = np.asarray(z, dtype=np.float64)
    if latents.ndim != 2 or colors.shape != (len(latents), 3):
        raise ShapeError(
            f"latents {list(latents.shape)} and colors {list(colors.shape)} do not fit",
            expected="[N, D] and [N, 3]",
        )
    beyond = sorted({d for pair in pairs for d in pair if d >= latents.shape[1]})
    if beyond:
        raise ShapeError(
            "there are no such dimensions to draw",
            got=", ".join(map(str, beyond)),
            expected=f"0 to {latents.shape[1] - 1}",
            remedy="Correct analysis.pairs.dimensions.",
        )
    return latents


def _reach(frames: Sequence[Floats], pairs: Sequence[tuple[int, int]]) -> float:
    """Return how far the pictures reach from the origin: past the unit circle, and past the points.

    A few points that are far out do not shrink everything else.
    """
    drawn = sorted({d for pair in pairs for d in pair})
    sizes = [np.abs(z[:, drawn]) for z in frames]
    usual = max(float(np.quantile(size, 0.99)) for size in sizes)
    return 1.08 * max(1.0, min(max(float(size.max()) for size in sizes), 1.5 * usual))


def _draw(area: Axes, points: Floats, colors: Floats, reach: float, *, diameter: float) -> None:
    from matplotlib.patches import Circle

    area.set_xlim(-reach, reach)
    area.set_ylim(-reach, reach)
    disc = {"facecolor": theme.RAISED, "edgecolor": theme.STRONG_LINE}
    area.add_patch(Circle((0, 0), 1, linewidth=theme.points(1), zorder=0, **disc))
    area.scatter(
        points[:, 0],
        points[:, 1],
        s=theme.points(diameter) ** 2,
        c=colors.clip(0, 1),
        alpha=0.8,
        # White points on a white ground are seen by their edge.
        edgecolors=theme.STRONG_LINE,
        linewidths=theme.points(0.5),
        zorder=2,
    )
