from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latelier.config.errors import RunError
from latelier.runs.encoding import dumps, loads


@pytest.mark.parametrize(
    "value",
    [
        [1.0, float("nan"), float("inf"), -float("inf")],
        np.array([1.0, np.nan, np.inf, -np.inf]),
        np.array([1.0, np.nan, np.inf, -np.inf], dtype=np.float32),
        np.array([[1.0, 0.0], [np.nan, 0.0], [np.inf, 0.0], [-np.inf, 0.0]])[:, 0],
        (np.float64(1.0), np.float32("nan"), np.float64("inf"), np.float32("-inf")),
    ],
)
def test_numbers_that_are_not_finite_become_null(value: object) -> None:
    assert json.loads(dumps(value)) == [1.0, None, None, None]


def test_a_transposed_array_keeps_its_order() -> None:
    assert loads(dumps(np.arange(6).reshape(2, 3).T)) == [[0, 3], [1, 4], [2, 5]]


def test_keys_that_are_numbers_become_strings() -> None:
    assert dumps({1: "a", "b": 2}) == b'{"1":"a","b":2}'


def test_paths_sets_and_whatever_has_tolist() -> None:
    class Tensor:
        def tolist(self) -> list[int]:
            return [3, 4]

    assert loads(dumps([Path("a/b"), {2, 1}, Tensor()])) == ["a/b", [1, 2], [3, 4]]


def test_what_has_no_json_form_is_refused_by_name() -> None:
    with pytest.raises(RunError, match=r"got builtins\.object"):
        dumps({"x": object()})


def test_indented_json_ends_in_a_newline() -> None:
    assert dumps({"a": 1}, indent=True) == b'{\n  "a": 1\n}\n'


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=12,
    )
)
@settings(deadline=None, max_examples=30)
def test_what_is_written_is_strict_json_and_reads_back(value: object) -> None:
    def refuse(constant: str) -> object:
        raise AssertionError(constant)

    text = dumps(value)
    assert json.loads(text, parse_constant=refuse) == loads(text)
    assert dumps(loads(text)) == text
