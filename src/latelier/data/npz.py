"""Examples and labels from an .npz file, read without pickle."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from latelier.config.errors import DataError

_PAIRS = (("x", "y"), ("inputs", "labels"))
_BEGINNINGS = (b"PK\x03\x04", b"PK\x05\x06", b"\x93NUM")  # archives, and a single array
_REMEDY = "Write it with numpy.savez(path, x=examples, y=labels)."


def read_npz(path: Path) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Read examples and labels: arrays `x` and `y`, `inputs` and `labels`, or a single array.

    Other arrays beside a named pair are left unread.

    Raises:
        DataError: If the file is missing, no .npz, damaged, holds Python objects, or names none of
            these arrays.
    """
    if not path.is_file():
        raise DataError("data.path names no file", got=str(path), expected="an .npz file")
    try:
        # A handle of our own: numpy leaves its own open when a file is damaged.
        with path.open("rb") as handle:
            if handle.read(4) not in _BEGINNINGS:  # numpy would take it for a pickle, and say so
                raise zipfile.BadZipFile("a file of another kind")
            handle.seek(0)
            arrays = np.load(handle, allow_pickle=False)
            if not isinstance(arrays, np.lib.npyio.NpzFile):
                raise zipfile.BadZipFile("a single array, not an archive")
            inputs, labels = _keys(arrays.files, path)
            return arrays[inputs], None if labels is None else arrays[labels]
    except DataError:
        raise
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        # numpy reports object arrays, and whatever it would have to unpickle, as ValueError.
        raise DataError(
            f"{path.name} cannot be read as an .npz of plain arrays",
            got=str(error),
            expected="arrays of numbers (pickled objects are never read)",
            remedy=_REMEDY,
        ) from error


def _keys(names: list[str], path: Path) -> tuple[str, str | None]:
    for inputs, labels in _PAIRS:
        if inputs in names:
            return inputs, labels if labels in names else None
    if len(names) == 1:
        return names[0], None
    raise DataError(
        f"{path.name} does not say which array holds the examples",
        got=f"arrays {', '.join(names) or '(none)'}",
        expected="x and y, inputs and labels, or a single array",
        remedy=_REMEDY,
    )
