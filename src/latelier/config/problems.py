"""From pydantic's findings to one `ConfigError` that lists every setting that cannot be used."""

from __future__ import annotations

import json
import reprlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from latelier.config.errors import ConfigError, Problem

_TYPES = {
    "int_type": "an integer",
    "int_from_float": "an integer",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "text",
    "finite_number": "a finite number",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "is_instance_of": "a path",
}
_LIMITS = {
    "greater_than_equal": "at least {ge}",
    "greater_than": "more than {gt}",
    "less_than_equal": "at most {le}",
    "less_than": "less than {lt}",
    "too_short": "a length of at least {min_length}",
    "too_long": "a length of at most {max_length}",
    "string_too_short": "at least {min_length} characters",
    "string_too_long": "at most {max_length} characters",
}

Location = tuple[int | str, ...]


def as_config_error(
    error: ValidationError, values: Mapping[str, Any], schema: type[BaseModel], source: str
) -> ConfigError:
    """Turn every finding of a failed validation into one line of one error.

    Args:
        error: What pydantic found.
        values: What was validated.
        schema: The class it was validated against.
        source: Where the values come from: a path, or "the configuration".

    Returns:
        The error to raise; its ``problems`` hold the lines as data.
    """
    found = (_problem(details, values, schema) for details in error.errors(include_url=False))
    return error_of(_merged(found), source)


def error_of(problems: Sequence[Problem], source: str) -> ConfigError:
    """Join problems into one error, a line each."""
    lines = [
        str(
            ConfigError(
                p.what, got=p.got or None, expected=p.expected or None, remedy=p.remedy or None
            )
        )
        for p in problems
    ]
    if len(lines) == 1:
        head = f"{source}: {lines[0]}"
    else:
        head = "\n  ".join((f"{source}: {len(lines)} settings cannot be used:", *lines))
    result = ConfigError(head)
    result.args = (head,)
    result.problems = tuple(problems)
    return result


def _merged(found: Iterator[Problem]) -> tuple[Problem, ...]:
    """Join the findings of a union, one per alternative, which are one problem for a person."""
    problems: dict[tuple[str, str], Problem] = {}
    for problem in found:
        key = problem.path, problem.what
        if key in problems:
            expected = f"{problems[key].expected} or {problem.expected}"
            problems[key] = replace(problem, expected=expected)
        else:
            problems[key] = problem
    return tuple(p for p in problems.values() if not _follows_from_another(p, problems))


def _follows_from_another(problem: Problem, problems: Iterable[tuple[str, str]]) -> bool:
    """Tell whether a list seems too short only because its items could not be used."""
    inner = f"{problem.path}."
    return "length" in problem.expected and any(path.startswith(inner) for path, _ in problems)


def _problem(details: ErrorDetails, values: Mapping[str, Any], schema: type[BaseModel]) -> Problem:
    kind, context = details["type"], details.get("ctx", {})
    path = real_path(details["loc"], values)
    if kind == "extra_forbidden":
        remedy = _did_you_mean(str(details["loc"][-1]), details["loc"], path, schema)
        return Problem(path, f"{path} is not a setting", remedy=remedy)
    if kind == "union_tag_not_found":
        path = f"{path}.kind"
        return Problem(path, f"{path} is missing", expected=_kinds(details["loc"], schema))
    if kind == "missing":
        return Problem(path, f"{path} is missing")
    if kind == "union_tag_invalid":
        options = context["expected_tags"].replace("'", "").split(", ")
        return _choice(f"{path}.kind", context["tag"], options)
    if kind == "literal_error":
        options = [str(option) for option in _expected_literals(context["expected"])]
        return _choice(path, details["input"], options)
    if kind == "value_error":
        return _own_finding(path, context["error"])
    return _wrong_value(path, details)


def _wrong_value(path: str, details: ErrorDetails) -> Problem:
    kind, context, value = details["type"], details.get("ctx", {}), details["input"]
    if kind in _LIMITS:
        expected = _LIMITS[kind].format(**context)
    elif kind == "string_pattern_mismatch":
        expected = f"text that matches {context['pattern']}"
    else:
        expected = _TYPES.get(kind) or details["msg"][:1].lower() + details["msg"][1:]
    remedy = ""
    if kind == "string_type" and isinstance(value, bool | int | float):
        remedy = f'Quote it: "{shown(value)}".'
    return Problem(path, f"{path} cannot be used", shown(value), expected, remedy)


def _choice(path: str, value: Any, options: Sequence[str]) -> Problem:
    close = get_close_matches(str(value), options, n=1, cutoff=0.5)
    remedy = f"Did you mean {close[0]}?" if close else ""
    return Problem(path, f"{path} cannot be used", shown(value), _either(options), remedy)


def _own_finding(path: str, error: Exception) -> Problem:
    if isinstance(error, ConfigError):
        got = "" if error.got is None else shown(error.got)
        return Problem(path, error.what, got, error.expected or "", error.remedy or "")
    return Problem(path, str(error))


def shown(value: Any) -> str:
    """Write a value as a configuration file would, shortened to one line."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (TypeError, ValueError, RecursionError):
        text = reprlib.repr(value)
    return text if len(text) <= 80 else text[:77] + "…"


def real_path(location: Location, values: Any) -> str:
    """Return the dotted path of a finding, without pydantic's names of union alternatives."""
    parts: list[str] = []
    for position, part in enumerate(location):
        if _holds(values, part):
            parts.append(str(part))
            values = values[part]
        elif position == 0 or (position == len(location) - 1 and isinstance(values, Mapping)):
            parts.append(str(part))
    return ".".join(parts) or "the configuration"


def _holds(values: Any, part: int | str) -> bool:
    if isinstance(values, list | tuple):
        return isinstance(part, int) and part < len(values)
    return isinstance(values, Mapping) and part in values


def _expected_literals(text: str) -> list[str]:
    return text.replace(" or ", ", ").replace("'", "").split(", ")


def _either(options: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(options[:-1]), *options[-1:])))


def classes_in(annotation: Any) -> list[type[BaseModel]]:
    """List the configuration classes that a field's annotation allows."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in get_args(annotation) for found in classes_in(part)]


def kind_of(schema: type[BaseModel]) -> str | None:
    """Return the value of a class's discriminator, or None where it has none."""
    field = schema.model_fields.get("kind")
    return None if field is None else str(field.default)


def _classes_at(location: Location, schema: type[BaseModel]) -> list[type[BaseModel]]:
    """Follow a finding's location, union tags included, to the classes that may stand there."""
    classes = [schema]
    for part in location:
        if isinstance(part, int):  # an item of a list is of the classes that the list allows
            continue
        tagged = [found for found in classes if kind_of(found) == part]
        if tagged:
            classes = tagged
            continue
        fields = [found.model_fields[str(part)] for found in classes if part in found.model_fields]
        classes = [found for field in fields for found in classes_in(field.annotation)]
    return classes


def _kinds(location: Location, schema: type[BaseModel]) -> str:
    return _either([kind_of(found) or "" for found in _classes_at(location, schema)])


def _did_you_mean(name: str, location: Location, path: str, schema: type[BaseModel]) -> str:
    siblings = [f for found in _classes_at(location[:-1], schema) for f in found.model_fields]
    parent = path.rpartition(".")[0]
    close = [
        f"{parent}.{sibling}".lstrip(".")
        for sibling in dict.fromkeys(get_close_matches(name, siblings, n=2, cutoff=0.6))
    ]
    elsewhere = [known for known in _paths(schema) if known.rpartition(".")[2] == name]
    # `lr` at the top is schedule.lr, misplaced; nearer than any similar name beside it.
    # What is a setting of another kind may bear the very name that cannot be used here.
    candidates = [known for known in dict.fromkeys(elsewhere or close) if known != path]
    return f"Did you mean {_either(candidates)}?" if candidates else ""


def _paths(schema: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in schema.model_fields.items():
        yield prefix + name
        for found in classes_in(field.annotation):
            yield from _paths(found, f"{prefix}{name}.")
