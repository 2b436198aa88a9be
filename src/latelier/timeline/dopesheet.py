"""Dopesheets: rows of keyframes, parsed into tracks, phases and actions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from types import MappingProxyType
from typing import Self, cast

from latelier.config.dopesheet import read_dopesheet_rows
from latelier.config.errors import ConfigError
from latelier.timeline.steps import resolve_steps
from latelier.timeline.track import SPACES, TIMINGS, Space, Timing, Track

_RESERVED = ("STEP", "PHASE", "ACTION")
_CORRECT = "Correct the cell, or clear it: a blank cell is no keyframe."

Row = Mapping[str, str | int | float | None]


@dataclass(frozen=True)
class Dopesheet:
    """Keyframes of a run, from a CSV or the same rows in a configuration.

    Columns are ``STEP``, ``PHASE``, ``ACTION`` and properties named ``name[:space[:timing]]``.
    Rows are numbered from 1, below the header, in messages.

    Args:
        tracks: One per property, in the order of the columns.
        phases: First step and name of each phase.
        actions: Names of actions by step.
        length: Number of steps: the last row's step + 1.
    """

    tracks: tuple[Track, ...]
    phases: tuple[tuple[int, str], ...]
    actions: Mapping[int, tuple[str, ...]]
    length: int

    @classmethod
    def from_csv(cls, path: str | Path) -> Self:
        """Parse a CSV file.

        Raises:
            ConfigError: If the file or its rows cannot be used; see `from_rows`.
        """
        rows = read_dopesheet_rows(Path(path))
        try:
            return cls.from_rows(rows)
        except ConfigError as error:
            what = f"{path}: {error.what}"
            raise ConfigError(
                what, got=error.got, expected=error.expected, remedy=error.remedy
            ) from None

    @classmethod
    def from_rows(cls, rows: Iterable[Row]) -> Self:
        """Parse rows of cells: text or numbers; None or blank text is no keyframe.

        Raises:
            ConfigError: If the sheet is empty or has no STEP, a column or cell cannot be read, or
                steps cannot be resolved; the message names row and column.
        """
        cells = [
            (number, {column: _text(cell) for column, cell in row.items()})
            for number, row in enumerate(rows, 1)
        ]
        columns = list(dict.fromkeys(column for _, row in cells for column in row))
        filled = [(number, row) for number, row in cells if any(row.values())]
        if not filled:
            raise ConfigError("the dopesheet has no rows", remedy="Add a row with STEP 0.")
        _check_reserved(columns)
        return cls._parse(columns, _by_step(filled))

    @classmethod
    def _parse(cls, columns: Sequence[str], rows: Sequence[_StepRow]) -> Self:
        properties = _properties([c for c in columns if c not in _RESERVED])
        return cls(
            tracks=tuple(_track(p, rows) for p in properties),
            phases=tuple((r.step, r.cells["PHASE"]) for r in rows if r.cells.get("PHASE")),
            actions=MappingProxyType({r.step: _actions(r) for r in rows if r.cells.get("ACTION")}),
            length=rows[-1].step + 1,
        )


@dataclass(frozen=True)
class _StepRow:
    """A row with its resolved step and its number in the file."""

    step: int
    number: int
    cells: dict[str, str]


@dataclass(frozen=True)
class _Property:
    """A property column: its header, and what the header says."""

    column: str
    name: str
    space: Space
    timing: Timing


def _text(cell: str | int | float | None) -> str:
    return "" if cell is None else str(cell).strip()


def _check_reserved(columns: Sequence[str]) -> None:
    for column in columns:
        if column.upper() in _RESERVED and column not in _RESERVED:
            raise ConfigError(
                f"the dopesheet's column {column} must be written {column.upper()}",
                remedy="Rename it.",
            )
    if "STEP" not in columns:
        raise ConfigError(
            "the dopesheet has no column STEP",
            got=", ".join(columns),
            remedy="Name the column of step numbers STEP, and separate columns by commas.",
        )


def _by_step(rows: Sequence[tuple[int, dict[str, str]]]) -> list[_StepRow]:
    for number, row in rows:
        if not row.get("STEP"):
            raise ConfigError(
                f"dopesheet row {number}, column STEP is blank", remedy="Fill it, or clear the row."
            )
    steps = resolve_steps([(number, row["STEP"]) for number, row in rows])
    resolved = (_StepRow(s, number, row) for s, (number, row) in zip(steps, rows, strict=True))
    return sorted(resolved, key=lambda row: row.step)


def _properties(columns: Sequence[str]) -> list[_Property]:
    found: dict[str, _Property] = {}
    for column in columns:
        parsed = _property(column)
        if parsed.name in found:
            raise ConfigError(
                f"the dopesheet has two columns for {parsed.name}",
                got=f"{found[parsed.name].column} and {column}",
                remedy="Merge or rename them.",
            )
        found[parsed.name] = parsed
    return list(found.values())


def _property(column: str) -> _Property:
    name, *words = (part.strip() for part in column.split(":"))
    if not name or len(words) > 2:
        raise ConfigError(
            "the name of a dopesheet column cannot be read",
            got=repr(column),
            expected="name, name:space or name:space:timing",
        )
    space, timing = (*words, "", "")[:2]
    return _Property(
        column,
        name,
        cast(Space, _word(column, "space", space or "linear", SPACES)),
        cast(Timing, _word(column, "timing", timing or "minjerk", TIMINGS)),
    )


def _word(column: str, what: str, word: str, known: Sequence[str]) -> str:
    if word in known:
        return word
    close = get_close_matches(word, known, n=1)
    # `lr:step-end` leaves the space out, which takes two colons.
    misplaced = what == "space" and word in TIMINGS
    remedy = f"Write {column.replace(':', '::', 1)}." if misplaced else None
    raise ConfigError(
        f"dopesheet column {column} has an unknown {what}",
        got=word,
        expected=", ".join(known),
        remedy=remedy or (f"Did you mean {close[0]}?" if close else None),
    )


def _track(prop: _Property, rows: Sequence[_StepRow]) -> Track:
    filled = [row for row in rows if row.cells.get(prop.column)]
    if not filled:
        raise ConfigError(
            f"dopesheet column {prop.column} has no keyframe", remedy="Fill a cell, or remove it."
        )
    keyframes = tuple((row.step, _number(prop, row)) for row in filled)
    return Track(prop.name, keyframes, prop.space, prop.timing)


def _number(prop: _Property, row: _StepRow) -> float:
    text = row.cells[prop.column]
    where = f"dopesheet row {row.number}, column {prop.column}"
    try:
        # Python reads 1_000 as a number; a sheet should not.
        value = float(text.replace("_", "?"))
    except ValueError:
        raise ConfigError(
            f"{where} is not a number", got=repr(text), expected="a number", remedy=_CORRECT
        ) from None
    if not isfinite(value):
        raise ConfigError(
            f"{where} is not finite", got=text, expected="a finite number", remedy=_CORRECT
        )
    if prop.space == "log" and value <= 0:
        raise ConfigError(
            f"{where} has no logarithm",
            got=text,
            expected="a number above 0",
            remedy=f"Begin with a small number such as 1e-8, or name the column {prop.name}, "
            "which is linear.",
        )
    return value


def _actions(row: _StepRow) -> tuple[str, ...]:
    names = tuple(name.strip() for name in row.cells["ACTION"].split(","))
    if not all(names):
        raise ConfigError(
            f"dopesheet row {row.number}, column ACTION has an empty name",
            got=repr(row.cells["ACTION"]),
            expected="names separated by commas",
            remedy="Remove the extra comma.",
        )
    return names
