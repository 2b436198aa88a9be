from __future__ import annotations

import pytest

from latelier.config import ConfigError
from latelier.timeline.steps import resolve_steps


def resolved(*cells: str) -> list[int]:
    return resolve_steps(list(enumerate(cells, 1)))


@pytest.mark.parametrize(
    ("cells", "steps"),
    [
        (["0", "10"], [0, 10]),
        (["5"], [5]),
        (["0", "+10", "100"], [0, 10, 100]),
        (["0", "-10", "100"], [0, 90, 100]),
        (["0", "+0.25", "100"], [0, 25, 100]),
        (["0", "-0.25", "100"], [0, 75, 100]),
        (["100", "+.5", "200"], [100, 150, 200]),
        # A relative row never counts from another relative row.
        (["0", "+10", "+20", "100", "+10"], [0, 10, 20, 100, 110]),
        (["0", "-20", "-10", "100"], [0, 80, 90, 100]),
        # It may lie beyond the next anchor; rows are sorted afterwards.
        (["0", "+30", "20"], [0, 30, 20]),
        (["-3", "10"], [7, 10]),
        # Exact fractions, halves to even.
        (["0", "+0.5", "5"], [0, 2, 5]),
        (["0", "+0.5", "7"], [0, 4, 7]),
        (["0", "+0.7", "10"], [0, 7, 10]),
        (["5000", "+0.5", "10000"], [5000, 7500, 10000]),
        (["0", "+0.29", "100"], [0, 29, 100]),
        (["007"], [7]),
    ],
)
def test_steps_resolve(cells: list[str], steps: list[int]) -> None:
    assert resolved(*cells) == steps


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["x"], r"row 1, column STEP cannot be read; got 'x'"),
        (["0", "1.5"], "row 2, column STEP cannot be read; got '1.5'"),
        (["0", "0.5", "9"], "row 2, column STEP cannot be read"),
        (["0", "+1.5", "9"], "row 2, column STEP cannot be read"),
        (["0", "+", "9"], "cannot be read"),
        (["0", "--5", "9"], "cannot be read"),
        (["1e3"], "cannot be read"),
        (["1_000"], "cannot be read"),
        (["٣"], "cannot be read"),
        (["nan"], "cannot be read"),
        (["+5"], r"row 1, column STEP cannot be resolved; got \+5 with no anchor before it"),
        (["+5", "10"], "no anchor before"),
        (["10", "-5"], "row 2, column STEP cannot be resolved; got -5 with no anchor after it"),
        (["10", "+0.5"], "no anchor after"),
        (["+0.5", "10"], "no anchor before"),
        (["-0.5", "10"], "no anchor before"),
        (["10", "-0.5"], "no anchor after"),
        (["10", "5"], "row 2, column STEP does not rise; got 5; expected more than 10.*row 1"),
        (["10", "10"], "does not rise"),
        (["0", "+5", "3", "4", "2"], "row 5, column STEP does not rise; got 2; .* row 4"),
        (["0", "+10", "10"], r"row 3, column STEP repeats a step; got 10, .* step 10 as in row 2"),
        (["0", "+0.5", "+0.501", "10"], "row 3, column STEP repeats a step"),
        (["0", "+0", "10"], "repeats a step"),
        (["-11", "10"], "row 1, column STEP is negative; got -11, which is step -1"),
    ],
)
def test_steps_that_cannot_be_resolved(cells: list[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        resolved(*cells)
