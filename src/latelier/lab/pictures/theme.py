"""The look of all pictures: colors, sizes in pixels, and a figure that knows them.

Positions and sizes are in design pixels from the top left corner, as on the page; a file has
`PIXEL_RATIO` times as many. The colors are the light ones of the page. DejaVu Sans comes with
Matplotlib, so a picture looks the same on every machine.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from latelier.config.errors import DataError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SURFACE = "#ffffff"
RAISED = "#f4f5f6"
LINE = "#e3e5e8"
STRONG_LINE = "#c9cdd3"
TEXT = "#16191d"
SECOND = "#525b66"
THIRD = "#68717c"
ACCENT = "#0b69b7"

CLASSES = (
    "#2f6fb0", "#e07a1f", "#1d8a5b", "#b8378a", "#7a6a12",
    "#6a4fc0", "#0f8d99", "#b02a3a", "#5b6673", "#6b4310",
)  # fmt: skip
"""Colors of labels 0 to 9."""

PIXEL_RATIO = 2
_DOTS_PER_INCH = 100
_POINTS_PER_PIXEL = 72 / _DOTS_PER_INCH

TITLE, BODY, SMALL = 18.0, 12.5, 11.0
"""Sizes of type, in design pixels."""


def points(pixels: float) -> float:
    """Convert design pixels to typographic points, the unit of fonts and lines.

    Args:
        pixels: A length in design pixels.

    Returns:
        The same length in points.
    """
    return pixels * _POINTS_PER_PIXEL


def class_colors(count: int) -> list[str]:
    """Choose a color for each of `count` labels.

    Args:
        count: The number of labels; 0 or more.

    Returns:
        Hex colors: the ten of the page, then the same ten lighter and darker in turn.
    """
    shades = [0.0, 0.38, -0.32, 0.58, -0.52]
    chosen = []
    for label in range(count):
        turn, place = divmod(label, len(CLASSES))
        chosen.append(shaded(CLASSES[place], shades[turn % len(shades)]))
    return chosen


class Canvas:
    """A figure measured in design pixels from its top left corner.

    Args:
        width: Width in design pixels.
        height: Height in design pixels.
    """

    def __init__(self, width: float, height: float) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.width, self.height = width, height
        size = (width / _DOTS_PER_INCH, height / _DOTS_PER_INCH)
        self.figure: Figure = Figure(figsize=size, dpi=_DOTS_PER_INCH, facecolor=SURFACE)
        FigureCanvasAgg(self.figure)

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Add a plotting area without frame, ticks or background.

        Args:
            left: Distance of its left edge from the figure's.
            top: Distance of its top edge from the figure's.
            width: Its width.
            height: Its height.

        Returns:
            The axes.
        """
        bottom = self.height - top - height
        area = self.figure.add_axes(
            (left / self.width, bottom / self.height, width / self.width, height / self.height)
        )
        area.set_facecolor("none")
        for spine in area.spines.values():
            spine.set_visible(False)
        area.set_xticks([])
        area.set_yticks([])
        return area

    def text(self, left: float, top: float, words: str, **style: Any) -> Any:
        """Write words with their first baseline `top` below the figure's top edge.

        Args:
            left: Distance of the anchor from the figure's left edge.
            top: Distance of the baseline from the figure's top edge.
            words: What to write; `$` has no meaning.
            **style: `size` in design pixels, `color`, `weight`, `ha`, `rotation`, `va`.

        Returns:
            Matplotlib's text.
        """
        style.setdefault("va", "baseline")
        style.setdefault("color", TEXT)
        size = style.pop("size", BODY)
        return self.figure.text(
            left / self.width,
            1 - top / self.height,
            words,
            fontsize=points(size),
            family="DejaVu Sans",
            parse_math=False,
            **style,
        )

    def heading(self, left: float, top: float, title: str, subtitle: str = "") -> None:
        """Write a title, and a subtitle in a quieter color below it.

        Args:
            left: Distance from the figure's left edge.
            top: Distance of the title's baseline from the figure's top edge.
            title: The title.
            subtitle: The line below; empty for none.
        """
        self.text(left, top, title, size=TITLE, weight="bold")
        if subtitle:
            self.text(left, top + 21, subtitle, color=SECOND)

    def png(self) -> bytes:
        """Return the picture as PNG bytes; the same drawing gives the same bytes."""
        file = io.BytesIO()
        self.figure.savefig(
            file,
            format="png",
            dpi=_DOTS_PER_INCH * PIXEL_RATIO,
            metadata={"Software": None},
            pil_kwargs={"compress_level": 3},
        )
        return file.getvalue()


def number(value: float) -> str:
    """Write a number the short way: three significant digits, no needless zeros.

    Args:
        value: A number; NaN and infinities are written as a dash.

    Returns:
        Such as `0.136`, `18.4`, `1,084`, `4.4e−5`.
    """
    if not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    magnitude = abs(value)
    if magnitude >= 1e6 or magnitude < 1e-4:
        mantissa, exponent = f"{value:.2e}".split("e")
        return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}".replace("-", "−")
    if magnitude >= 1000:
        return f"{value:,.0f}".replace("-", "−")
    digits = max(0, 2 - _floor_log10(magnitude))
    text = f"{value:.{digits}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")


def phase_spans(phases: Sequence[tuple[float, str]], end: float) -> list[tuple[float, float, str]]:
    """Turn the starts of phases into spans.

    Args:
        phases: Start and name of each phase, in order.
        end: Where the last one ends.

    Returns:
        Start, end and name of each phase that begins before `end`.

    Raises:
        DataError: If the starts are not in order.
    """
    starts = [start for start, _ in phases]
    if starts != sorted(starts):
        raise DataError("phases are out of order", got=starts, expected="ascending starts")
    ends = [*starts[1:], end] if starts else []
    return [
        (start, min(stop, end), name)
        for (start, name), stop in zip(phases, ends, strict=True)
        if start < end
    ]


def shaded(color: str, amount: float) -> str:
    """Mix a color with white or black.

    Args:
        color: `#rrggbb`.
        amount: 0 changes nothing, 1 is white, -1 is black.

    Returns:
        The mixed color as `#rrggbb`.
    """
    goal = 255 if amount > 0 else 0
    channels = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    mixed = [round(c + (goal - c) * abs(amount)) for c in channels]
    return "#" + "".join(f"{c:02x}" for c in mixed)


def _floor_log10(magnitude: float) -> int:
    return int(f"{magnitude:.2e}".split("e")[1])
