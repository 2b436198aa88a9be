from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latelier.config.errors import RunNotFoundError
from latelier.runs.ids import check_run_id, is_run_id, new_run_id, resolve

BAD = [
    "",
    ".",
    "..",
    "../x",
    "a/b",
    "a\\b",
    "/etc",
    "C:",
    "a\0b",
    "a#b",
    "a?b",
    "%2e%2e",
    "%252e",
    "-a",
    "_a",
    "A",
    "a b",
    "a\n",
    "a" * 65,
    "é",
    "٣",
    "\\\\host\\share",
    ".trash",
]


def test_an_id_tells_time_model_and_data() -> None:
    at = 1795230724.9  # 2026-11-21 03:12:04 UTC
    assert new_run_id("gmvae", "mnist", at=at, token="k3f9") == "20261121-031204-gmvae-mnist-k3f9"


@given(st.text(max_size=80), st.text(max_size=80), st.floats(0, 4e9))
@settings(deadline=None, max_examples=50)
def test_any_names_give_a_safe_id(model: str, dataset: str, at: float) -> None:
    run_id = new_run_id(model, dataset, at=at)
    assert re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", run_id)
    assert "--" not in run_id


@given(st.lists(st.integers(0, 4_000_000_000), min_size=2, max_size=5))
@settings(deadline=None, max_examples=30)
def test_ids_sort_by_time(seconds: list[int]) -> None:
    ids = [new_run_id("vae", "digits", at=at, token="aaaa") for at in seconds]
    assert sorted(ids) == [
        new_run_id("vae", "digits", at=at, token="aaaa") for at in sorted(seconds)
    ]


def test_random_tokens_differ() -> None:
    assert len({new_run_id("vae", "digits", at=0) for _ in range(20)}) > 15


@pytest.mark.parametrize("text", BAD)
def test_what_is_not_an_id_is_refused(text: str) -> None:
    assert not is_run_id(text)
    with pytest.raises(RunNotFoundError, match="not a run id"):
        check_run_id(text)
    with pytest.raises(RunNotFoundError):
        resolve(text, ["a", "b"])


def test_a_beginning_that_only_one_run_has_names_it() -> None:
    ids = ["2026-a", "2026-ab", "2027-c"]
    assert resolve("2027", ids) == "2027-c"
    assert resolve("2026-a", ids) == "2026-a"
    assert resolve("2026-ab", ids) == "2026-ab"


def test_no_run_or_several_are_told_apart() -> None:
    with pytest.raises(RunNotFoundError, match="no such run; got '2030'"):
        resolve("2030", ["2026-a"])
    with pytest.raises(RunNotFoundError, match=r"2 runs begin with '2026'.*2026-a, 2026-b"):
        resolve("2026", ["2026-b", "2026-a"])
