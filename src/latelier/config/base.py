"""The base of every configuration class: frozen, strict, and documented field by field."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)


class Frozen(BaseModel):
    """A configuration value: immutable, comparable, and closed to unknown names.

    Types are strict: "3" is not a number and 3.0 is not an integer, because a value that means
    something else than what was written is worse than an error.
    """

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", validate_default=True, allow_inf_nan=False
    )


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _as_path(value: Any, strict: ValidatorFunctionWrapHandler) -> Any:
    return Path(value) if isinstance(value, str) and value else strict(value)


# YAML and JSON have lists and text where the strict types are tuples and paths.
FROM_LIST = BeforeValidator(_as_tuple)
FilePath = Annotated[Path, WrapValidator(_as_path)]


def setting(default: Any, description: str, *, unit: str | None = None, **limits: Any) -> Any:
    """Declare one field with its meaning, unit and default.

    Args:
        default: The default value; ``...`` for a required field.
        description: What the field means, as the form and the docs show it.
        unit: Unit of the value, shown beside the field.
        **limits: Bounds that pydantic checks (``ge``, ``gt``, ``le``, ``lt``, ``min_length``, …).

    Returns:
        The pydantic field.
    """
    extra: dict[str, Any] | None = {"unit": unit} if unit else None
    return Field(default, description=description, json_schema_extra=extra, **limits)
