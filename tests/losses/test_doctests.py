from __future__ import annotations

import doctest

import pytest

from latelier.losses import divergences, entropies, reconstruction, shapes


@pytest.mark.parametrize("module", [divergences, entropies, reconstruction, shapes])
def test_the_examples_in_docstrings_hold(module: object) -> None:
    result = doctest.testmod(module)  # type: ignore[arg-type]
    assert result.attempted > 0
    assert result.failed == 0
