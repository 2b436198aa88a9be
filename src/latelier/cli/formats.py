"""Numbers, times and sizes as people read them, and tables that are quick to print.

Rich needs half a second for a table of a thousand rows, which is as long as `ls` may take.
"""

from __future__ import annotations

import os
import shutil
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import typer

MISSING = "–"
_GAP = "  "
_LEAST_WIDTH = 8

STATE_COLORS = {
    "created": "blue",
    "running": "cyan",
    "completed": "green",
    "cancelled": "yellow",
    "failed": "red",
    "unreadable": "red",
}


def paint(text: str, color: str | None) -> str:
    """Color a text, unless the user asked for none (NO_COLOR); a pipe gets none either way."""
    return typer.style(text, fg=color) if color and not os.environ.get("NO_COLOR") else text


def plain(text: object) -> str:
    """Return a text without control characters: a run may come from somebody else."""
    whole = str(text)
    if whole.isprintable():
        return whole
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in whole)


def number(value: object) -> str:
    """Write a number with four significant digits; lists are summed up by their length."""
    if value is None:
        return MISSING
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        return f"[{len(value)} values]"
    return plain(value)


def count(amount: int, noun: str) -> str:
    """Write `1 error` or `2 errors`."""
    return f"{amount} {noun}" if amount == 1 else f"{amount} {noun}s"


def duration(seconds: float | None) -> str:
    """Write seconds as `0.4 s`, `42 s`, `3 min 05 s`, `2 h 10 min` or `4 d`."""
    if seconds is None:
        return MISSING
    if seconds < 10:
        return f"{max(seconds, 0):.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    if whole < 86_400:
        return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
    return f"{whole // 86_400} d"


def seconds_since(time: str | None, now: datetime | None = None) -> float | None:
    """Return the seconds since a moment in ISO 8601; None if it is not one."""
    try:
        moment = datetime.fromisoformat(time or "")
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    return ((now or datetime.now(UTC)) - moment).total_seconds()


def age(time: str | None, now: datetime | None = None) -> str:
    """Write how long ago a moment was, in its largest unit: `now`, `5 min`, `3 h`, `12 d`."""
    seconds = seconds_since(time, now)
    if seconds is None:
        return MISSING
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return "now"


def size(count: float) -> str:
    """Write bytes as `812 B`, `1.2 MB`, `3.4 GB` (powers of 1000)."""
    for unit in ("B", "kB", "MB"):
        if count < 999.5:
            return f"{count:.0f} B" if unit == "B" else f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} GB" if count < 999.5 else f"{count / 1000:.3g} TB"


def table(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Sequence[str] = (),
    elastic: str | None = None,
    colors: Mapping[str, str] | None = None,
) -> str:
    """Lay out rows in columns.

    Args:
        head: Titles of the columns.
        rows: Cells, as many as titles.
        right: Titles of the columns to align on the right.
        elastic: Title of the column that is cut where the terminal is narrower than the table.
        colors: Color of a cell by its text.

    Returns:
        Lines without trailing blanks; a pipe gets every cell whole.
    """
    cells = [[plain(cell) for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(head, *cells, strict=True)]
    if elastic is not None:
        _fit(widths, head.index(elastic), _terminal_width())
    sides = [title in right for title in head]
    lines = [paint(_line(head, widths, sides, {}), "bright_black")]
    lines += [_line(row, widths, sides, colors or {}) for row in cells]
    return "\n".join(lines)


def fields(pairs: Sequence[tuple[str, str]]) -> str:
    """Lay out names and values in two columns, leaving out what is empty."""
    kept = [(name, plain(value)) for name, value in pairs if value not in {"", MISSING}]
    width = max((_width(name) for name, _ in kept), default=0)
    return "\n".join(f"{_pad(name, width)}{_GAP}{value}" for name, value in kept)


def _line(
    row: Sequence[str], widths: Sequence[int], right: Sequence[bool], colors: Mapping[str, str]
) -> str:
    parts = []
    for cell, width, on_right in zip(row, widths, right, strict=True):
        padded = _pad(_cut(cell, width), width, right=on_right)
        parts.append(paint(padded, colors.get(cell)))
    return _GAP.join(parts).rstrip()


def _fit(widths: list[int], column: int, available: int | None) -> None:
    excess = 0 if available is None else sum(widths) + len(_GAP) * (len(widths) - 1) - available
    if excess > 0:
        widths[column] = max(min(widths[column], _LEAST_WIDTH), widths[column] - excess)


def _terminal_width() -> int | None:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _pad(text: str, width: int, *, right: bool = False) -> str:
    blanks = " " * (width - _width(text))
    return blanks + text if right else text + blanks


def _cut(text: str, width: int) -> str:
    if _width(text) <= width:
        return text
    while text and _width(text) > width - 1:
        text = text[:-1]
    return text + "…"


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) > 0 for char in text)
