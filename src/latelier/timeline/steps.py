"""The STEP column of a dopesheet: from anchors and relative cells to numbers of steps."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from latelier.config.errors import ConfigError

_CELL = re.compile(r"(?P<sign>[+-]?)(?:(?P<whole>[0-9]{1,15})|(?P<fraction>0?\.[0-9]{1,15}))")
_EXPECTED = (
    "a step such as 100, a distance from an anchor such as +10 or -10, or a part of the interval "
    "between two anchors such as +0.5 or -0.5"
)


@dataclass(frozen=True)
class _Step:
    """One parsed cell: a sign ('' for an anchor) and a number of steps or a fraction."""

    row: int
    text: str
    sign: str
    amount: Fraction
    is_fraction: bool


def resolve_steps(cells: Sequence[tuple[int, str]]) -> list[int]:
    """Resolve STEP cells in file order.

    Anchors are plain integers. ``+N`` and ``-N`` count from the previous and before the next
    anchor, ``+0.f`` and ``-0.f`` the same as a fraction of the interval between the two anchors,
    rounded (halves to even). A relative cell never counts from another relative cell.

    Args:
        cells: Row number, from 1, and text of each cell.

    Returns:
        The step of each cell, in the given order; all different, none negative.

    Raises:
        ConfigError: If a cell cannot be read or resolved, anchors do not rise, or two rows meet.
    """
    steps = [_parse(row, text) for row, text in cells]
    anchors = [(i, int(step.amount)) for i, step in enumerate(steps) if not step.sign]
    _check_anchors(steps, anchors)
    resolved = [_resolve(step, i, anchors) for i, step in enumerate(steps)]
    _check_resolved(steps, resolved)
    return resolved


def _parse(row: int, text: str) -> _Step:
    match = _CELL.fullmatch(text)
    fraction = match and match["fraction"]
    if match is None or (fraction and not match["sign"]):
        raise ConfigError(
            f"dopesheet row {row}, column STEP cannot be read",
            got=repr(text),
            expected=_EXPECTED,
            remedy="Correct the cell.",
        )
    amount = Fraction(match["whole"] or "0" + match["fraction"].lstrip("0"))
    return _Step(row, text, match["sign"], amount, bool(fraction))


def _check_anchors(steps: Sequence[_Step], anchors: Sequence[tuple[int, int]]) -> None:
    for (i, earlier), (j, later) in pairwise(anchors):
        if later <= earlier:
            raise ConfigError(
                f"dopesheet row {steps[j].row}, column STEP does not rise",
                got=later,
                expected=f"more than {earlier}, the anchor in row {steps[i].row}",
                remedy="Put the rows in the order of their steps, each step once.",
            )


def _resolve(step: _Step, index: int, anchors: Sequence[tuple[int, int]]) -> int:
    before = [at for i, at in anchors if i <= index]
    after = [at for i, at in anchors if i > index]
    if not step.sign:
        return int(step.amount)
    if not before and (step.sign == "+" or step.is_fraction):
        raise _unresolved(step, "before")
    if not after and (step.sign == "-" or step.is_fraction):
        raise _unresolved(step, "after")
    distance = step.amount
    if step.is_fraction:
        distance *= after[0] - before[-1]
    return round(before[-1] + distance if step.sign == "+" else after[0] - distance)


def _unresolved(step: _Step, side: str) -> ConfigError:
    return ConfigError(
        f"dopesheet row {step.row}, column STEP cannot be resolved",
        got=f"{step.text} with no anchor {side} it",
        expected="a plain step number in a row there",
        remedy=f"Add such a row {side} it, or write the step itself.",
    )


def _check_resolved(steps: Sequence[_Step], resolved: Sequence[int]) -> None:
    seen: dict[int, _Step] = {}
    for step, at in zip(steps, resolved, strict=True):
        where = f"dopesheet row {step.row}, column STEP"
        if at < 0:
            raise ConfigError(
                f"{where} is negative",
                got=f"{step.text}, which is step {at}",
                expected="0 or more",
                remedy="Take away fewer steps, or move the anchor after it.",
            )
        if at in seen:
            raise ConfigError(
                f"{where} repeats a step",
                got=f"{step.text}, which is step {at} as in row {seen[at].row}",
                remedy="Put both rows into one.",
            )
        seen[at] = step
