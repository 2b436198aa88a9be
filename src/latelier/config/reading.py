"""Reading YAML and JSON as people mean it: no silent duplicates, no surprising conversions."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from latelier.config.errors import ConfigError

if TYPE_CHECKING:
    import yaml


def read_mapping(path: Path) -> dict[str, Any]:
    """Read a YAML or JSON file whose top level is a mapping.

    Raises:
        ConfigError: If the file is missing or unreadable, is not valid (with line and column),
            repeats a key, or holds something else than a mapping.
    """
    text = _read_text(path)
    values = _parse_json(text, str(path)) if path.suffix == ".json" else parse_yaml(text, str(path))
    if not isinstance(values, dict):
        raise ConfigError(
            f"{path} does not hold a configuration",
            got="an empty file" if values is None else f"a {type(values).__name__}",
            expected="a mapping such as 'seed: 0'",
        )
    return values


def parse_yaml(text: str, name: str) -> Any:
    """Parse YAML 1.2 scalars, without its traps.

    ``1e-3`` is a number, ``no`` and ``2026-11-21`` are text, and ``+10`` stays text: in a dopesheet
    it is a relative step, and as a number it would silently become an absolute one.

    Args:
        text: The document.
        name: Where it comes from, for messages.

    Raises:
        ConfigError: If the text is not valid; the message has line and column.
    """
    import yaml

    try:
        return yaml.load(text, _loader())  # a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1} of {name}" if mark else name
        raise ConfigError(f"{where} is not valid YAML", got=str(error.problem)) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ConfigError(f"{name} is not valid YAML", got=reason) from None


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError("the configuration file does not exist", got=str(path)) from None
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{path} is not text", got=str(error), expected="a YAML file in UTF-8"
        ) from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read", got=error.strerror) from None


def _parse_json(text: str, name: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=lambda pairs: _no_repeats(pairs, name))
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno} of {name}"
        raise ConfigError(f"{where} is not valid JSON", got=error.msg) from None
    except RecursionError as error:
        raise ConfigError(f"{name} is not valid JSON", got=str(error)) from None


def _no_repeats(pairs: list[tuple[str, Any]], name: str) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        keys = [key for key, _ in pairs]
        repeated = next(key for key in keys if keys.count(key) > 1)
        raise ConfigError(f"{name} has the key {repeated!r} twice", remedy="Remove one of them.")
    return values


# Plain scalars that are not text, and the characters that they begin with.
_SCALARS = (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"-?(0|[1-9][0-9]*)", list("-0123456789")),
    (
        "float",
        r"-?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?|-?\.(inf|Inf|INF)"
        r"|\.(nan|NaN|NAN)",
        list("-.0123456789"),
    ),
    ("merge", r"<<", ["<"]),
)


@cache
def _loader() -> type[yaml.SafeLoader]:
    import yaml

    class Loader(yaml.SafeLoader):
        """YAML 1.2 scalars; a repeated key is an error."""

        yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012

        def construct_mapping(
            self, node: yaml.MappingNode, deep: bool = False
        ) -> dict[Hashable, Any]:
            """Read a mapping, and refuse one that has the same key twice."""
            seen: set[str] = set()
            for key, _ in node.value:
                # YAML itself keeps the last of two equal keys, without a word.
                if str(key.value) in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {key.value!r} is there twice", key.start_mark
                    )
                seen.add(str(key.value))
            return super().construct_mapping(node, deep)

    for tag, pattern, first in _SCALARS:
        Loader.add_implicit_resolver(
            f"tag:yaml.org,2002:{tag}", re.compile(rf"(?:{pattern})\Z"), first
        )
    return Loader
