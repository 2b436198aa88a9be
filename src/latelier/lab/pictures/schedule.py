"""The realized schedule: one row per timeline column, phases shaded, keyframes marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from latelier.config.errors import DataError, ShapeError
from latelier.lab.pictures import theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, LEFT, RIGHT = 1120.0, 260.0, 96.0
HEADER, ROW, GAP, FOOTER = 104.0, 38.0, 32.0, 46.0
DATA = "data-"
"""Beginning of the names of columns that say what is trained on."""


@dataclass(frozen=True)
class ScheduleColumn:
    """One property over the steps.

    Attributes:
        name: The column's name.
        values: Its value at each drawn step, [P].
        keyframes: Step and value of each keyframe; marked where the column moves.
        log: Whether it moves in log space, and is drawn so where all values are positive.
    """

    name: str
    values: Sequence[float]
    keyframes: Sequence[tuple[float, float]] = ()
    log: bool = False


def draw_schedule(
    steps: Sequence[float],
    columns: Sequence[ScheduleColumn],
    *,
    length: int,
    phases: Sequence[tuple[float, str]] = (),
    actions: Sequence[tuple[float, str]] = (),
    steps_per_epoch: int | None = None,
    title: str = "Schedule",
    subtitle: str = "",
) -> bytes:
    """Draw what every column of the timeline does over the run.

    Args:
        steps: Where the values stand, ascending, [P].
        columns: The columns from the top; each has P values.
        length: The run's number of steps: the end of the axis.
        phases: First step and name of each phase, shaded in turn.
        actions: Step and name of each action, a fine line through all rows.
        steps_per_epoch: Given, the axis counts epochs; otherwise steps.
        title: What the picture shows.
        subtitle: A second line.

    Returns:
        PNG bytes.

    Raises:
        DataError: If there is no column or no step.
        ShapeError: If a column does not have one value per step; the message names it.
    """
    x = np.asarray(steps, dtype=np.float64)
    _require_columns(x, columns)
    body = len(columns) * (ROW + GAP)
    canvas = theme.Canvas(WIDTH, HEADER + body + FOOTER)
    canvas.heading(24, 34, title, subtitle)
    end = float(max(length, 1))
    _draw_phases(canvas, phases, actions, end, body)
    for place, column in enumerate(columns):
        _draw_row(canvas, column, x, end, HEADER + GAP / 2 + place * (ROW + GAP))
    _draw_axis(canvas, end, steps_per_epoch, HEADER + body)
    return canvas.png()


def _require_columns(x: np.ndarray, columns: Sequence[ScheduleColumn]) -> None:
    if len(columns) == 0 or len(x) == 0:
        raise DataError("there is nothing to draw", expected="at least one column and one step")
    for column in columns:
        if len(column.values) != len(x):
            raise ShapeError(
                f"{column.name} has {len(column.values)} values",
                expected=f"{len(x)}, one per step",
            )


def _draw_phases(
    canvas: theme.Canvas,
    phases: Sequence[tuple[float, str]],
    actions: Sequence[tuple[float, str]],
    end: float,
    body: float,
) -> None:
    width = WIDTH - LEFT - RIGHT
    area = canvas.axes(LEFT, HEADER, width, body)
    area.set_xlim(0, end)
    for place, (start, stop, name) in enumerate(theme.phase_spans(phases, end)):
        if place % 2 == 0:
            area.axvspan(start, stop, color=theme.RAISED, linewidth=0)
        canvas.text(LEFT + start / end * width, HEADER - 8, name, size=theme.SMALL,
                    color=theme.SECOND)  # fmt: skip
    for step, name in actions:
        area.axvline(step, color=theme.ACCENT, linewidth=theme.points(1))
        left = LEFT + step / end * width
        canvas.text(left, HEADER - 24, name, size=theme.SMALL, color=theme.ACCENT)


def _draw_row(
    canvas: theme.Canvas, column: ScheduleColumn, x: np.ndarray, end: float, top: float
) -> None:
    y = np.asarray(column.values, dtype=np.float64)
    area = canvas.axes(LEFT, top, WIDTH - LEFT - RIGHT, ROW)
    area.set_xlim(0, end)
    _scale_row(area, y, column)
    moves = y.min() < y.max()
    if column.name.startswith(DATA):
        # What is trained on, not how: a broad band behind the line.
        area.plot(x, y, color=theme.STRONG_LINE, clip_on=False, linewidth=theme.points(7),
                  solid_capstyle="butt", zorder=1)  # fmt: skip
    area.plot(x, y, color=theme.TEXT if moves else theme.THIRD, clip_on=False,
              linewidth=theme.points(1.4 if moves else 1.0), solid_joinstyle="round")  # fmt: skip
    if column.keyframes and moves:
        marks = np.array(column.keyframes, dtype=np.float64)
        area.plot(marks[:, 0], marks[:, 1], "o", color=theme.SURFACE, clip_on=False,
                  markersize=theme.points(5), markeredgecolor=theme.ACCENT,
                  markeredgewidth=theme.points(1.5))  # fmt: skip
    canvas.text(24, top + ROW / 2 + 4, column.name, weight="bold" if moves else "normal",
                color=theme.TEXT if moves else theme.SECOND)  # fmt: skip
    _write_range(canvas, y, top)


def _scale_row(area: Axes, y: np.ndarray, column: ScheduleColumn) -> None:
    marks = [value for _, value in column.keyframes]
    low, high = float(min([y.min(), *marks])), float(max([y.max(), *marks]))
    if column.log and 0 < low < high:
        area.set_yscale("log")
    area.minorticks_off()
    area.set_yticks([])
    if low == high:
        low, high = low - 1, high + 1
    area.set_ylim(low, high)


def _write_range(canvas: theme.Canvas, y: np.ndarray, top: float) -> None:
    """Write the largest and the smallest value before a row, and the last one after it."""
    style = {"size": theme.SMALL, "color": theme.THIRD, "ha": "right"}
    if y.min() < y.max():
        canvas.text(LEFT - 12, top + 6, theme.number(float(y.max())), **style)
        canvas.text(LEFT - 12, top + ROW + 3, theme.number(float(y.min())), **style)
    canvas.text(WIDTH - RIGHT + 12, top + ROW / 2 + 4, theme.number(float(y[-1])),
                color=theme.TEXT)  # fmt: skip


def _draw_axis(
    canvas: theme.Canvas, end: float, steps_per_epoch: int | None, bottom: float
) -> None:
    from matplotlib.ticker import MaxNLocator

    width = WIDTH - LEFT - RIGHT
    line = canvas.axes(LEFT, bottom - 1, width, 1)
    line.axhline(0, color=theme.STRONG_LINE, linewidth=theme.points(1))
    unit = float(steps_per_epoch or 1)
    ticks = MaxNLocator(nbins=10, integer=True, steps=[1, 2, 5, 10]).tick_values(0, end / unit)
    for tick in ticks:
        if 0 <= tick <= end / unit:
            left = LEFT + tick * unit / end * width
            canvas.text(left, bottom + 18, f"{tick:,.0f}", size=theme.SMALL, color=theme.THIRD,
                        ha="center")  # fmt: skip
    name = "epoch" if steps_per_epoch else "step"
    canvas.text(LEFT + width / 2, bottom + 36, name, size=theme.SMALL, color=theme.THIRD,
                ha="center")  # fmt: skip
