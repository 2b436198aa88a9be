from __future__ import annotations

from typing import Any

import pytest

from latelier.config import ConfigError, load_config
from latelier.config.problems import real_path, shown


def message(values: dict[str, Any]) -> str:
    with pytest.raises(ConfigError) as caught:
        load_config(values)
    return str(caught.value)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (
            {"schedule": {"epochs": -1}},
            "schedule.epochs cannot be used; got -1; expected at least 0",
        ),
        (
            {"schedule": {"epochs": "5"}},
            'schedule.epochs cannot be used; got "5"; expected an integer',
        ),
        ({"schedule": {"epochs": 2.5}}, "got 2.5; expected an integer"),
        (
            {"schedule": {"lr": float("nan")}},
            "schedule.lr cannot be used; got NaN; expected a finite",
        ),
        ({"schedule": {"lr": float("inf")}}, "got Infinity; expected a finite number"),
        ({"schedule": {"lr": 0}}, "got 0; expected more than 0"),
        ({"schedule": {"lr": [1]}}, "got [1]; expected a number"),
        ({"schedule": None}, "schedule cannot be used; got null; expected a mapping"),
        ({"schedule": 3}, "schedule cannot be used; got 3; expected a mapping"),
        ({"data": {"held_out": 1.0}}, "expected less than 1"),
        ({"data": {"label_noise": 1.5}}, "expected at most 1"),
        ({"data": {"path": 3}}, "data.path cannot be used; got 3; expected a path"),
        ({"data": {"dataset": ""}}, "expected at least 1 characters"),
        ({"data": {"in_memory": "alwas"}}, "expected auto, always or never. Did you mean always?"),
        (
            {"training": {"compile": 1}},
            "training.compile cannot be used; got 1; expected true or false",
        ),
        ({"tags": "a"}, 'tags cannot be used; got "a"; expected a list'),
        ({"tags": [""]}, "tags.0 cannot be used"),
        ({"tags": [str(i) for i in range(33)]}, "expected a length of at most 32"),
        ({"name": 2026}, 'got 2026; expected text. Quote it: "2026".'),
        ({"model": "vae"}, 'model cannot be used; got "vae"; expected a mapping'),
        ({"model": {}}, "model.kind is missing; expected ae, vae, supervised-ae, gmvae, "),
        ({"model": {"kind": "vea"}}, 'model.kind cannot be used; got "vea"'),
        ({"model": {"kind": "vae", "net": {}}}, "model.net.kind is missing; expected mlp, conv"),
        ({"regularizers": [{"name": "a"}]}, "regularizers.0.kind is missing; expected unitarity, "),
        (
            {"model": {"kind": "vae", "net": {"kind": "conv", "channels": [8, 0]}}},
            "model.net.channels.1 cannot be used; got 0; expected at least 1",
        ),
        (
            {"schedule": {"dopesheet": [{"STEP": 0}, {"STEP": True}]}},
            "schedule.dopesheet.1.STEP cannot be used; got true; expected text or an integer",
        ),
    ],
)
def test_each_problem_says_where_what_and_why(values: dict[str, Any], expected: str) -> None:
    text = message(values)
    assert text.startswith("the configuration: ")
    assert expected in text
    assert "\n" not in text


def test_all_problems_are_listed_at_once() -> None:
    values = {
        "sed": 1,
        "schedule": {"epochs": -1},
        "model": {"kind": "gmvae", "net": {"kind": "conv", "channels": ["a"]}},
    }
    with pytest.raises(ConfigError) as caught:
        load_config(values)
    paths = [problem.path for problem in caught.value.problems]
    assert sorted(paths) == ["model.net.channels.0", "schedule.epochs", "sed"]
    lines = str(caught.value).splitlines()
    assert lines[0] == "the configuration: 3 settings cannot be used:"
    assert len(lines) == 4


def test_problems_are_data_for_a_form() -> None:
    with pytest.raises(ConfigError) as caught:
        load_config({"training": {"batch_size": 0}})
    (problem,) = caught.value.problems
    assert (problem.path, problem.got, problem.expected) == (
        "training.batch_size",
        "0",
        "at least 1",
    )


def test_an_empty_list_is_too_short() -> None:
    values = {"model": {"kind": "ae", "net": {"kind": "conv", "channels": []}}}
    assert "model.net.channels cannot be used; got []; expected a length" in message(values)


def test_long_values_are_shortened() -> None:
    assert len(message({"name": "x" * 500})) < 250


def test_values_are_shown_as_a_file_would_write_them() -> None:
    assert [shown(v) for v in (None, True, "a", 1.5)] == ["null", "true", '"a"', "1.5"]
    assert shown({1, 2}).startswith('"')


def test_paths_leave_out_names_of_alternatives() -> None:
    values = {"model": {"kind": "vae", "net": {"hidden": [1]}}}
    assert real_path(("model", "vae", "net", "mlp", "hidden", 0), values) == "model.net.hidden.0"
    assert real_path(("model", "vae", "net", "nets"), values) == "model.net.nets"
    assert real_path((), values) == "the configuration"


def test_keys_that_are_no_text() -> None:
    assert "1" in message({1: 2})  # type: ignore[dict-item]


def test_a_name_is_not_suggested_for_itself() -> None:
    text = message({"model": {"kind": "ae"}, "objective": {"beta": 1.0}})
    assert "objective.beta is not a setting." in text
    assert "Did you mean objective.beta" not in text


def test_lengths_that_no_run_could_reach() -> None:
    assert "at most 1000000000" in message({"schedule": {"epochs": 10**20}})
    assert "at most 1000000000000" in message({"schedule": {"steps": 10**20}})
