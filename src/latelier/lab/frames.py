"""Messages between two processes of one run, over a pipe: JSON, and arrays as safetensors.

A frame is two lengths (header, arrays; 8 bytes each, little endian), a JSON header, and the
arrays. Arrays arrive with the type they had, so that what is written of them is the same, byte for
byte, as if they had never traveled. Nothing that arrives is executed.
"""

from __future__ import annotations

import struct
from typing import Any, BinaryIO

import numpy as np
from safetensors.numpy import load, save

from latelier.runs.encoding import dumps, loads

_LENGTHS = struct.Struct("<QQ")
_ARRAY = "\x00array"


def write_frame(stream: BinaryIO, message: Any) -> None:
    """Write a message of mappings, sequences, numbers, texts and arrays, and flush it."""
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    header = dumps(_without_arrays(message, arrays))
    blob = save(arrays) if arrays else b""
    stream.write(_LENGTHS.pack(len(header), len(blob)) + header + blob)
    stream.flush()


def read_frame(stream: BinaryIO) -> Any:
    """Read a message.

    Raises:
        EOFError: If the other side has ended, in the middle of a message or between two.
    """
    header_length, blob_length = _LENGTHS.unpack(_exactly(stream, _LENGTHS.size))
    header = loads(_exactly(stream, header_length))
    arrays = load(_exactly(stream, blob_length)) if blob_length else {}
    return _with_arrays(header, arrays)


def _exactly(stream: BinaryIO, length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        raise EOFError("the other process has ended")
    return data


def _without_arrays(value: Any, arrays: dict[str, np.ndarray[Any, Any]]) -> Any:
    """Replace every array (and NumPy number) by a reference to it."""
    if isinstance(value, np.ndarray | np.generic):
        name = str(len(arrays))
        arrays[name] = np.ascontiguousarray(value).reshape(np.shape(value))
        return {_ARRAY: name}
    if isinstance(value, dict):
        return {key: _without_arrays(entry, arrays) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_without_arrays(entry, arrays) for entry in value]
    return value


def _with_arrays(value: Any, arrays: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        if _ARRAY in value:
            return arrays[value[_ARRAY]][()]  # a NumPy number where it was one
        return {key: _with_arrays(entry, arrays) for key, entry in value.items()}
    if isinstance(value, list):
        return [_with_arrays(entry, arrays) for entry in value]
    return value
