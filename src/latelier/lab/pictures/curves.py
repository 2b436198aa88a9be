"""Metrics over the epochs: one narrow panel each, name and last value beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from latelier.config.errors import DataError, ShapeError
from latelier.lab.pictures import theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, LEFT, RIGHT = 1120.0, 240.0, 96.0
HEADER, PANEL, GAP, FOOTER = 84.0, 84.0, 26.0, 46.0
QUIET = (theme.SECOND, theme.THIRD, theme.STRONG_LINE)


@dataclass(frozen=True)
class Panel:
    """One metric, or a few that share a unit.

    Attributes:
        title: Name of the metric.
        lines: Values by name, one per epoch; None and NaN leave a gap. The first line is drawn
            in the accent color and gives the number beside the title.
        unit: Unit of the values; empty for none.
        log: Whether the axis is logarithmic; values of 0 or less leave a gap.
    """

    title: str
    lines: Mapping[str, Sequence[float | None]]
    unit: str = ""
    log: bool = False


def draw_curves(
    epochs: Sequence[float],
    panels: Sequence[Panel],
    *,
    title: str = "Curves",
    subtitle: str = "",
    phases: Sequence[tuple[float, str]] = (),
    x_name: str = "epoch",
) -> bytes:
    """Draw panels over one axis.

    Args:
        epochs: Where the values stand, ascending, [E].
        panels: The panels from the top; each line has E values.
        title: What the picture shows.
        subtitle: A second line.
        phases: Start (in the unit of `epochs`) and name of each phase, shaded in turn.
        x_name: What the axis counts.

    Returns:
        PNG bytes.

    Raises:
        DataError: If there is no panel or no epoch.
        ShapeError: If a line does not have one value per epoch; the message names it.
    """
    x = np.asarray(epochs, dtype=np.float64)
    _require_lines(x, panels)
    body = len(panels) * (PANEL + GAP) - GAP
    canvas = theme.Canvas(WIDTH, HEADER + (18 if phases else 0) + body + FOOTER)
    canvas.heading(24, 34, title, subtitle)
    top = HEADER + (18 if phases else 0)
    span = (float(x[0]), float(x[-1]) if x[-1] > x[0] else float(x[0]) + 1)
    _shade_phases(canvas, phases, span, top, body)
    for place, panel in enumerate(panels):
        start = top + place * (PANEL + GAP)
        last = place == len(panels) - 1
        _draw_panel(canvas, panel, x, span, start, x_name if last else None)
    return canvas.png()


def _require_lines(x: np.ndarray, panels: Sequence[Panel]) -> None:
    if len(panels) == 0 or len(x) == 0:
        raise DataError("there is nothing to draw", expected="at least one panel and one epoch")
    for panel in panels:
        for name, values in panel.lines.items():
            if len(values) != len(x):
                raise ShapeError(
                    f"{panel.title}, {name} has {len(values)} values",
                    expected=f"{len(x)}, one per epoch",
                )


def _shade_phases(
    canvas: theme.Canvas,
    phases: Sequence[tuple[float, str]],
    span: tuple[float, float],
    top: float,
    body: float,
) -> None:
    """Shade every other phase behind all panels, and write the names above."""
    width = WIDTH - LEFT - RIGHT
    area = canvas.axes(LEFT, top, width, body)
    area.set_xlim(*span)
    for place, (start, end, name) in enumerate(theme.phase_spans(phases, span[1])):
        if place % 2 == 0:
            area.axvspan(max(start, span[0]), end, color=theme.RAISED, linewidth=0)
        left = LEFT + (max(start, span[0]) - span[0]) / (span[1] - span[0]) * width
        canvas.text(left, top - 7, name, size=theme.SMALL, color=theme.THIRD)


def _draw_panel(
    canvas: theme.Canvas,
    panel: Panel,
    x: np.ndarray,
    span: tuple[float, float],
    top: float,
    x_name: str | None,
) -> None:
    area = canvas.axes(LEFT, top, WIDTH - LEFT - RIGHT, PANEL)
    area.set_xlim(*span)
    lines = {name: _plottable(values, panel.log) for name, values in panel.lines.items()}
    _scale(area, list(lines.values()), panel.log)
    for rank, y in reversed(list(enumerate(lines.values()))):
        color = theme.ACCENT if rank == 0 else QUIET[min(rank - 1, len(QUIET) - 1)]
        area.plot(x, y, color=color, linewidth=theme.points(1.6 if rank == 0 else 1.2),
                  solid_joinstyle="round", solid_capstyle="round", clip_on=False)  # fmt: skip
        known = np.flatnonzero(np.isfinite(y))
        if rank == 0 and known.size:
            area.plot(x[known[-1]], y[known[-1]], "o", color=color, clip_on=False,
                      markersize=theme.points(5.5), markeredgewidth=0)  # fmt: skip
    _name_lines(canvas, area, lines, top)
    _title_panel(canvas, panel, next(iter(lines.values()), np.array([])), top)
    _label_axes(area, x_name)


def _plottable(values: Sequence[float | None], log: bool) -> np.ndarray:
    y = np.array([np.nan if v is None else v for v in values], dtype=np.float64)
    y[~np.isfinite(y)] = np.nan
    if log:
        y[y <= 0] = np.nan
    return y


def _scale(area: Axes, lines: Sequence[np.ndarray], log: bool) -> None:
    """Set the vertical limits and two to four round ticks within them."""
    from matplotlib.ticker import FixedLocator, LogLocator, MaxNLocator

    known = np.concatenate([y[np.isfinite(y)] for y in lines]) if lines else np.array([])
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    if low == high:
        room = abs(low) * 0.1 or 1.0
        low, high = (low / 1.5, high * 1.5) if log else (low - room, high + room)
    if log:
        area.set_yscale("log")
        low, high = low / (high / low) ** 0.05, high * (high / low) ** 0.05
        ticks = LogLocator(subs=(1.0, 2.0, 5.0)).tick_values(low, high)
    else:
        low, high = low - 0.05 * (high - low), high + 0.05 * (high - low)
        ticks = MaxNLocator(nbins=3, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    inside = [tick for tick in ticks if low <= tick <= high]
    thinned = inside[:: max(1, -(-len(inside) // 4))]
    area.set_ylim(low, high)
    area.yaxis.set_major_locator(FixedLocator(thinned))
    area.yaxis.set_minor_locator(FixedLocator([]))


def _label_axes(area: Axes, x_name: str | None) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    area.yaxis.set_major_formatter(FuncFormatter(lambda value, _: theme.number(value)))
    area.grid(axis="y", color=theme.LINE, linewidth=theme.points(1))
    area.set_axisbelow(True)
    area.tick_params(length=0, pad=theme.points(8), labelsize=theme.points(theme.SMALL),
                     labelcolor=theme.THIRD, labelfontfamily="DejaVu Sans")  # fmt: skip
    if x_name is not None:
        area.xaxis.set_major_locator(MaxNLocator(nbins=10, integer=True, steps=[1, 2, 5, 10]))
        area.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        area.set_xlabel(x_name, fontsize=theme.points(theme.SMALL), color=theme.THIRD,
                        family="DejaVu Sans", labelpad=theme.points(2))  # fmt: skip


def _title_panel(canvas: theme.Canvas, panel: Panel, y: np.ndarray, top: float) -> None:
    """Write name, unit and last value to the left of a panel."""
    known = y[np.isfinite(y)]
    canvas.text(24, top + 11, panel.title, weight="bold")
    note = ", ".join(part for part in (panel.unit, "log scale" if panel.log else "") if part)
    canvas.text(24, top + 28, note, size=theme.SMALL, color=theme.THIRD)
    value = theme.number(float(known[-1])) if known.size else "–"
    canvas.text(24, top + (54 if note else 38), value, size=theme.TITLE)


def _name_lines(
    canvas: theme.Canvas, area: Axes, lines: Mapping[str, np.ndarray], top: float
) -> None:
    """Write the lines' names at their ends, moved apart where they would touch."""
    if len(lines) < 2:
        return
    ends: list[tuple[float, int, str]] = []
    for rank, (name, y) in enumerate(lines.items()):
        known = y[np.isfinite(y)]
        if known.size:
            height = area.transAxes.inverted().transform(
                area.transData.transform((area.get_xlim()[1], known[-1]))
            )[1]
            ends.append((top + (1 - float(height)) * PANEL + 4, rank, name))
    lowest = -math.inf
    for end, rank, name in sorted(ends):
        lowest = baseline = max(end, lowest + 13)
        color = theme.ACCENT if rank == 0 else QUIET[min(rank - 1, 1)]
        canvas.text(WIDTH - RIGHT + 12, baseline, name, size=theme.SMALL, color=color)
