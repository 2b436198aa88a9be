from __future__ import annotations

import pytest

from latelier.config import (
    ConfigError,
    DataError,
    LatelierError,
    NonFiniteObjectiveError,
    RunBusyError,
    RunNotFoundError,
    ShapeError,
    TrainingError,
)


def test_message_says_what_got_expected_and_remedy() -> None:
    error = DataError("the set is too small", got=3, expected="at least 10", remedy="Add some.")
    assert str(error) == "the set is too small; got 3; expected at least 10. Add some."
    assert (error.what, error.got) == ("the set is too small", 3)


def test_message_leaves_out_what_is_not_known() -> None:
    assert str(ConfigError("no column STEP")) == "no column STEP."


def test_text_is_shown_as_it_is() -> None:
    assert str(ConfigError("bad", got="a.yaml")) == "bad; got a.yaml."


def test_errors_of_values_are_value_errors() -> None:
    assert all(issubclass(e, ValueError) for e in (ConfigError, DataError, ShapeError))
    assert issubclass(RunNotFoundError, LookupError)


def test_exit_codes_differ_by_family() -> None:
    families = (LatelierError, RunNotFoundError, RunBusyError, TrainingError)
    assert len({e.exit_code for e in families}) == len(families)


def test_non_finite_objective_names_step_terms_and_examples() -> None:
    error = NonFiniteObjectiveError(7, {"kl": float("nan")}, [4, 2])
    assert (error.step, error.batch_indices) == (7, [4, 2])
    for part in ("step 7", "kl = nan", "batch of 2 examples", "[4, 2"):
        assert part in str(error)


def test_a_config_error_without_fields_has_no_problems() -> None:
    with pytest.raises(ConfigError) as caught:
        raise ConfigError("bad")
    assert caught.value.problems == ()
