from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from latelier.config import ConfigError
from latelier.config.reading import parse_yaml, read_mapping


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 1e-3),
        ("1E5", 1e5),
        ("-2.5e+3", -2500.0),
        (".5", 0.5),
        ("3.", 3.0),
        ("3", 3),
        ("-3", -3),
        ("0", 0),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        # Text, although YAML 1.1 reads other things into it.
        ("no", "no"),
        ("on", "on"),
        ("1:30", "1:30"),
        ("010", "010"),
        ("1_000", "1_000"),
        ("2026-11-21", "2026-11-21"),
        ("+10", "+10"),
        ("+0.5", "+0.5"),
        ("'3'", "3"),
        ("[1, 2e0, a]", [1, 2.0, "a"]),
    ],
)
def test_scalars_mean_what_they_look_like(text: str, value: object) -> None:
    parsed = parse_yaml(text, "x")
    assert parsed == value
    assert type(parsed) is type(value)


def test_not_a_number_is_read_and_left_for_the_schema() -> None:
    assert parse_yaml(".nan", "x") != parse_yaml(".nan", "x")
    assert parse_yaml("-.inf", "x") == float("-inf")


def test_merge_keys_work() -> None:
    text = "a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}"
    assert parse_yaml(text, "x")["b"] == {"x": 1, "y": 3}


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("seed: 1\nseed: 2\n", "line 2, column 1 of c.yaml.*'seed' is there twice"),
        ("data:\n  limit: 1\n  limit: 1\n", "line 3, column 3 of c.yaml.*'limit'"),
        ("a: [1\n", "line 2, column 1 of c.yaml"),
        ("a: b: c", "line 1, column 5 of c.yaml"),
        ("\tseed: 1", "line 1, column 1 of c.yaml"),
        ("[a]: 1", "line 1, column 1 of c.yaml"),
        ("a: !!python/object:os.system x", "line 1, column 4 of c.yaml"),
        ("a: *b", "line 1, column 4 of c.yaml"),
        ("a: 1\n---\nb: 2", "c.yaml"),
        ("a: \x00", "c.yaml is not valid YAML"),
        ("a: " + "9" * 5000, "c.yaml is not valid YAML"),
        ("[" * 1200, "c.yaml"),
    ],
)
def test_bad_yaml_names_the_place(text: str, where: str) -> None:
    with pytest.raises(ConfigError, match=where):
        parse_yaml(text, "c.yaml")


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("c.yaml", "", "got an empty file; expected a mapping"),
        ("c.yaml", "# nothing", "empty file"),
        ("c.yaml", "- 1", "got a list"),
        ("c.yaml", "seed", "got a str"),
        ("c.yaml", b"\xff\xfe\x00", "is not text"),
        ("c.json", "{", "line 1, column 2 of .* is not valid JSON"),
        ("c.json", '{"a": 1, "a": 2}', "key 'a' twice"),
        ("c.json", '{"b": {"a": 1, "a": 2}}', "key 'a' twice"),
        ("c.json", "[]", "got a list"),
    ],
)
def test_files_that_hold_no_mapping(tmp_path: Path, name: str, content: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_mapping(written(tmp_path, name, content))


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"does not exist; got .*none\.yaml"):
        read_mapping(tmp_path / "none.yaml")


def test_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_mapping(tmp_path)


def test_yaml_and_json_agree(tmp_path: Path) -> None:
    expected = {"seed": 3, "schedule": {"lr": 1e-3}}
    yaml_file = written(tmp_path, "c.yml", "\ufeffseed: 3\nschedule: {lr: 1e-3}\n")
    json_file = written(tmp_path, "c.json", '{"seed": 3, "schedule": {"lr": 1e-3}}')
    assert read_mapping(yaml_file) == read_mapping(json_file) == expected
