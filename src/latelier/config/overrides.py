"""Overrides such as ``schedule.lr=3e-4``, applied to a configuration before it is checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from pydantic import BaseModel

from latelier.config.errors import ConfigError, Problem
from latelier.config.problems import classes_in, error_of, kind_of, shown
from latelier.config.reading import parse_yaml
from latelier.config.schema import RunConfig


def apply_overrides(values: Mapping[str, Any], overrides: Sequence[str]) -> dict[str, Any]:
    """Return a copy of a configuration's values with some of them replaced.

    Args:
        values: Nested mappings and lists, as read from a file.
        overrides: ``"a.b.c=value"`` each, in the order of application. The value is YAML; an
            integer part counts into a list (from 0), any other names the item whose `name` it is. A
            mapping as value replaces all that was there. Names are checked when the result is:
            `load_config` does both.

    Raises:
        ConfigError: If an override is malformed or leads through something that holds no other
            settings; or if it changes a ``kind`` while settings remain that the new kind lacks,
            all of which are listed.
    """
    if isinstance(overrides, str):
        raise ConfigError(
            "overrides are a list of texts", got=repr(overrides), remedy=f"Write [{overrides!r}]."
        )
    result = deepcopy(dict(values))
    paths = [_apply(result, override) for override in overrides]
    _check_switches(values, result, paths)
    return result


def replace_values(values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of a configuration's values with others in some places.

    Args:
        values: Nested mappings and lists, as read from a file.
        changes: Dotted key → value, in the order of application; keys as in `apply_overrides`.

    Raises:
        ConfigError: As `apply_overrides` does.
    """
    result = deepcopy(dict(values))
    paths = []
    for name, value in changes.items():
        paths.append(path := tuple(part.strip() for part in name.split(".")))
        if not all(path):
            raise ConfigError("this is not a key", got=repr(name), expected="names with dots")
        _set(result, path, deepcopy(value))
    _check_switches(values, result, paths)
    return result


def _apply(values: dict[str, Any], override: str) -> tuple[str, ...]:
    name, equals, text = override.partition("=")
    path = tuple(part.strip() for part in name.split("."))
    if not equals or not all(path):
        raise ConfigError(
            "an override cannot be read", got=repr(override), expected="name=value, as in seed=1"
        )
    _set(values, path, parse_yaml(text, f"the override {override!r}"))
    return path


def _set(values: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    target: Any = values
    for depth, part in enumerate(path[:-1]):
        target = _enter(target, part, path[: depth + 1])
    if isinstance(target, list):
        target[_position(target, path[-1], path)] = value
    else:
        target[path[-1]] = value


def _enter(target: Any, part: str, path: tuple[str, ...]) -> Any:
    if isinstance(target, list):
        child = target[_position(target, part, path)]
    else:
        child = target.get(part)
        if child is None:
            child = target[part] = {}
    if not isinstance(child, dict | list):
        name = ".".join(path)
        raise ConfigError(
            f"{name} holds no other settings", got=shown(child), remedy=f"Set {name} itself."
        )
    return child


def _position(target: list[Any], part: str, path: tuple[str, ...]) -> int:
    if part.isascii() and part.isdigit() and int(part) < len(target):
        return int(part)
    names = [item.get("name") if isinstance(item, Mapping) else None for item in target]
    if names.count(part) == 1:
        return names.index(part)
    known = ", ".join(name for name in names if isinstance(name, str))
    raise ConfigError(
        f"{'.'.join(path)} does not exist",
        got=part,
        expected=f"a position from 0 to {len(target) - 1} in {'.'.join(path[:-1])}"
        + (f", or a name: {known}" if known else "")
        if target
        else f"nothing: {'.'.join(path[:-1])} is empty",
    )


def _check_switches(
    before: Mapping[str, Any], after: Mapping[str, Any], paths: Sequence[tuple[str, ...]]
) -> None:
    """Refuse settings that only the old kind of a switched section understands."""
    leftovers = [
        *_leftovers(before, after, paths, ("model",), ("model",)),
        *_leftovers(before, after, paths, ("model", "net"), ("model", "net")),
        *_leftovers(before, after, paths, ("objective",), ("model",)),
    ]
    if leftovers:
        raise error_of(leftovers, "the overrides")


def _leftovers(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    paths: Sequence[tuple[str, ...]],
    section: tuple[str, ...],
    decides: tuple[str, ...],
) -> list[Problem]:
    old, new = _kind_at(before, decides), _kind_at(after, decides)
    kept, known = _at(after, section), _fields(section, new)
    if old is None or old == new or not isinstance(kept, Mapping) or not known:
        return []
    name = ".".join(section)
    return [
        Problem(
            f"{name}.{key}",
            f"{name}.{key} is set for {old} and does not fit {new}",
            remedy=f"Replace the section as a whole: {name}={{{_whole(section, new)}}}.",
        )
        for key in kept
        if _misfit(key, kept, known, new) and not _overridden((*section, key), paths)
    ]


def _overridden(name: tuple[str, ...], paths: Sequence[tuple[str, ...]]) -> bool:
    """Tell whether an override set this name, something in it, or all that is around it."""
    return any(all(a == b for a, b in zip(name, path, strict=False)) for path in paths)


def _misfit(key: str, kept: Mapping[str, Any], known: set[str], kind: Any) -> bool:
    return key not in known or (key == "kind" and kept[key] != kind)


def _whole(section: tuple[str, ...], kind: Any) -> str:
    return "" if section == ("objective",) else f"kind: {kind}, …"


def _fields(section: tuple[str, ...], kind: Any) -> set[str]:
    """Name the settings of one kind of a section; none if there is no such kind."""
    candidates: list[type[BaseModel]] = [RunConfig]
    for part in section:
        fields = [found.model_fields[part] for found in candidates if part in found.model_fields]
        candidates = [found for field in fields for found in classes_in(field.annotation)]
    return {name for found in candidates if kind_of(found) == kind for name in found.model_fields}


def _at(values: Any, path: tuple[str, ...]) -> Any:
    for part in path:
        values = values.get(part) if isinstance(values, Mapping) else None
    return values


def _kind_at(values: Mapping[str, Any], section: tuple[str, ...]) -> Any:
    found = _at(values, section)
    return found.get("kind") if isinstance(found, Mapping) else None
