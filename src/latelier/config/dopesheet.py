"""The raw cells of a dopesheet: a CSV file becomes rows of text, so that a config holds its sheet.

What the cells mean is the timeline's business.
"""

from __future__ import annotations

import csv
from itertools import zip_longest
from pathlib import Path

from latelier.config.errors import ConfigError

_SAVE_AS_CSV = "Save the sheet as comma-separated UTF-8 text."


def read_dopesheet_rows(path: Path) -> tuple[dict[str, str | None], ...]:
    """Read the cells of a dopesheet's CSV file, unchanged but for surrounding spaces.

    Args:
        path: A UTF-8 file, comma-separated, whose first line names the columns.

    Returns:
        One mapping from column to text per line below the header; None for a blank cell. A blank
        line inside the sheet is a row of blank cells, so that row n stays on line n + 1.

    Raises:
        ConfigError: If the file cannot be read, has no header or repeats a column, or a line has
            more cells than the header.
    """
    lines = _read_lines(path)
    if not lines or not any(lines[0]):
        raise ConfigError(
            f"the dopesheet {path} is empty",
            expected="a header STEP, PHASE, ACTION, … and a row per keyframe",
            remedy="Write one, or leave schedule.dopesheet out.",
        )
    columns = _header(path, lines[0])
    rows = tuple(_row(path, number, columns, line) for number, line in enumerate(lines[1:], 2))
    filled = [number for number, row in enumerate(rows, 1) if any(row.values())]
    return rows[: filled[-1]] if filled else ()


def _read_lines(path: Path) -> list[list[str]]:
    try:
        # A spreadsheet's byte order mark would otherwise become part of the word STEP.
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [[cell.strip() for cell in line] for line in csv.reader(file, strict=True)]
    except FileNotFoundError:
        raise ConfigError(
            "the dopesheet does not exist", got=str(path), remedy="Check schedule.dopesheet."
        ) from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(
            f"the dopesheet {path} cannot be read", got=str(error), remedy=_SAVE_AS_CSV
        ) from None


def _header(path: Path, names: list[str]) -> list[str]:
    for name in names:
        if name and names.count(name) > 1:
            raise ConfigError(
                f"the dopesheet {path} has the column {name} more than once",
                remedy="Merge or rename them.",
            )
    return names


def _row(path: Path, number: int, columns: list[str], cells: list[str]) -> dict[str, str | None]:
    row: dict[str, str | None] = {}
    for column, cell in zip_longest(columns, cells, fillvalue=""):
        if column:
            row[column] = cell or None
        elif cell:
            raise ConfigError(
                f"line {number} of the dopesheet {path} has a cell without a column",
                got=repr(cell),
                expected=f"{len([name for name in columns if name])} cells",
                remedy="Name the column, or quote cells that contain a comma.",
            )
    return row
