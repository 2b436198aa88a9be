"""From a file, a preset or a mapping to a checked `RunConfig`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from latelier.config.dopesheet import read_dopesheet_rows
from latelier.config.errors import ConfigError
from latelier.config.overrides import apply_overrides
from latelier.config.preset import find_preset, presets
from latelier.config.problems import as_config_error
from latelier.config.reading import read_mapping
from latelier.config.schema import RunConfig

SWEEP = "sweep"
"""Section of a file that says what a sweep varies; a single run passes over it."""

_PATHS = (("data", "path"), ("data", "root"), ("schedule", "dopesheet"))


def load_config(
    source: str | Path | Mapping[str, Any] | RunConfig, overrides: Sequence[str] = ()
) -> RunConfig:
    """Load and check the configuration of a run.

    Args:
        source: A YAML or JSON file, the name of a preset (``"lab/digits-vae"`` or
            ``"digits-vae"``), or the values themselves. Paths in a file are relative to the file,
            others to the working directory.
        overrides: ``"a.b.c=value"`` each, as in `apply_overrides`.

    Returns:
        The configuration. A dopesheet's file has been replaced by its rows, and paths are
        absolute, so that the configuration stands for itself.

    Raises:
        ConfigError: If the source cannot be found or read, or does not fit the schema; the
            message lists every setting that does not.
    """
    raw = read_raw(source)
    if not isinstance(source, Mapping):
        raw.values.pop(SWEEP, None)  # another command's; what the file holds besides is a whole run
    values = apply_overrides(raw.values, overrides)
    return checked(replace(raw, values=values, folder=Path.cwd()))[0]


@dataclass(frozen=True)
class Raw:
    """A configuration as it was written, not checked.

    Attributes:
        values: Nested mappings and lists.
        name: Where it comes from, for messages.
        folder: What relative paths in it are relative to.
    """

    values: dict[str, Any]
    name: str
    folder: Path


def checked(raw: Raw) -> tuple[RunConfig, dict[str, Any]]:
    """Check values.

    Returns:
        The configuration, and the values as they were, with absolute paths and the rows of a
        dopesheet in place of its file.

    Raises:
        ConfigError: If they do not fit the schema.
    """
    values = deepcopy(raw.values)
    _absolute_paths(values, raw.folder)
    _inline_dopesheet(values)
    try:
        return RunConfig.model_validate(values), values
    except ValidationError as error:
        raise as_config_error(error, values, RunConfig, raw.name) from None


def config_json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of `RunConfig`, for forms, help and docs."""
    schema = RunConfig.model_json_schema(mode="validation")
    # Its default depends on the model's kind, which a schema cannot say.
    schema["properties"]["objective"].pop("default", None)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def read_raw(source: str | Path | Mapping[str, Any] | RunConfig) -> Raw:
    """Find and read a configuration; see `load_config`. Its own paths are absolute afterwards."""
    if isinstance(source, RunConfig):
        return Raw(source.model_dump(mode="json"), "the configuration", Path.cwd())
    if isinstance(source, Mapping):
        return Raw(deepcopy(dict(source)), "the configuration", Path.cwd())
    path = _find(source)
    values = read_mapping(path)
    folder = path.resolve().parent
    _absolute_paths(values, folder)
    return Raw(values, str(source), folder)


def _find(source: str | Path) -> Path:
    path = Path(source).expanduser()
    if path.is_file():
        return path
    if isinstance(source, str) and path.suffix not in (".yaml", ".yml", ".json"):
        return find_preset(source).path
    if path.is_dir():
        raise ConfigError(f"{path} is a folder", expected="a YAML or JSON file")
    same = [p.name for p in presets() if p.name.rpartition("/")[2] == path.stem]
    raise ConfigError(
        "the configuration file does not exist",
        got=str(source),
        remedy=f"Did you mean the preset {same[0]}?" if same else None,
    )


def _absolute_paths(values: dict[str, Any], folder: Path) -> None:
    for section, key in _PATHS:
        found = values.get(section)
        # Anything that is no path is left for the schema to refuse.
        if isinstance(found, dict) and isinstance(found.get(key), str | Path) and found[key] != "":
            path = Path(found[key]).expanduser()
            found[key] = os.path.normpath(folder / path)


def _inline_dopesheet(values: dict[str, Any]) -> None:
    schedule = values.get("schedule")
    sheet = schedule.get("dopesheet") if isinstance(schedule, dict) else None
    if isinstance(schedule, dict) and isinstance(sheet, str | Path) and sheet != "":
        schedule["dopesheet"] = read_dopesheet_rows(Path(sheet))
