"""JSON as the record writes it: UTF-8, non-finite numbers as null, keys as strings."""

from __future__ import annotations

from typing import Any

import orjson

from latelier.config.errors import RunError

_OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS


def dumps(value: Any, *, indent: bool = False) -> bytes:
    """Encode a value as UTF-8 JSON.

    Args:
        value: Mappings, sequences, numbers, strings, numpy arrays and anything with ``tolist``
            (a tensor on any device). NaN and infinities become ``null``, inside arrays too;
            keys that are numbers become strings.
        indent: Two spaces of indentation and a last newline, for files that people open.

    Returns:
        The encoded bytes, without a newline at the end unless ``indent``.

    Raises:
        RunError: If something in it has no JSON form; the message names the type.
    """
    options = _OPTIONS | (orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE if indent else 0)
    try:
        return orjson.dumps(value, default=_plain, option=options)
    except TypeError as error:
        raise RunError(
            "a value cannot be written as JSON",
            got=str(error.__cause__ or error),
            expected="numbers, strings, lists, mappings with plain keys, or arrays",
            remedy="Convert it before handing it to the record.",
        ) from error


def loads(data: bytes) -> Any:
    """Decode UTF-8 JSON.

    Raises:
        ValueError: If the bytes are not JSON.
    """
    return orjson.loads(data)


def _plain(value: Any) -> Any:
    """Turn what orjson does not know (strided arrays, tensors, paths, sets) into what it does."""
    if hasattr(value, "flags") and not value.flags.c_contiguous:
        return value.copy(order="C")  # so that numbers are written as those of any other array
    if hasattr(value, "tolist"):  # numpy or torch, without importing either
        return value.tolist()
    if hasattr(value, "__fspath__"):
        return str(value)
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"{type(value).__module__}.{type(value).__qualname__}")
