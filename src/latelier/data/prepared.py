"""Prepared data sets on disk: plain .npy files and a stamp, opened in milliseconds.

A folder holds `inputs.npy` ([N, C, H, W] uint8), `labels.npy` ([N] int64, if there are labels) and
`stamp.json` (shapes, sizes, checksums), which is written last: a folder without it does not count.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from latelier.config.errors import DataError

if TYPE_CHECKING:
    from latelier.data.streaming import NpyFile

Progress = Callable[[str, int, int | None], None]  # what, how much is done, of how much (if known)
STAMP = "stamp.json"
_VERSION = 1
_EDGE = 1 << 16  # bytes at both ends of a file that every opening checks
_CHUNK = 1 << 22


@dataclass(frozen=True)
class Prepared:
    """A prepared data set: inputs still on disk, labels in memory, and the stamp's `meta`."""

    inputs: NpyFile
    labels: NDArray[np.int64] | None
    meta: Mapping[str, Any]


def default_root() -> Path:
    """Return the folder of data sets: LATELIER_DATA_ROOT, else the user's cache folder."""
    given = os.environ.get("LATELIER_DATA_ROOT")
    if given:
        return Path(given).expanduser()
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(cache).expanduser() / "latelier"


def write_prepared(
    folder: Path,
    *,
    shape: tuple[int, ...],
    blocks: Iterable[NDArray[Any]],
    labels: NDArray[np.int64] | None,
    meta: Mapping[str, Any],
) -> None:
    """Write a prepared data set; what fails in between leaves no stamp, so nothing half-made.

    Args:
        folder: Where; made if need be.
        shape: [N, C, H, W] of all blocks together.
        blocks: The images in order, uint8, [M, C, H, W] each, so that all need not be in memory.
        labels: [N] int64, or None.
        meta: JSON values to keep in the stamp.

    Raises:
        DataError: If the blocks do not fill `shape`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / STAMP).unlink(missing_ok=True)
    files = {"inputs.npy": _write_npy(folder / "inputs.npy", shape, np.dtype(np.uint8), blocks)}
    if labels is not None:
        files["labels.npy"] = _write_npy(
            folder / "labels.npy", labels.shape, np.dtype(np.int64), [labels]
        )
    stamp = {"version": _VERSION, "files": files, "meta": dict(meta)}
    with _replacing(folder / STAMP) as handle:
        handle.write(json.dumps(stamp, indent=1).encode())


class _replacing:  # noqa: N801 - used as a statement: `with _replacing(path) as handle`
    """Write beside the target, and put it in place only when all has gone well."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f".{path.name}.{os.getpid()}.tmp")

    def __enter__(self) -> io.BufferedRandom:
        self._handle = self._part.open("w+b")
        return self._handle

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._handle.flush()
            os.fsync(self._handle.fileno())
        self._handle.close()
        if kind is None:
            self._part.replace(self._path)
        else:
            self._part.unlink()


def _write_npy(
    path: Path, shape: tuple[int, ...], dtype: np.dtype[Any], blocks: Iterable[NDArray[Any]]
) -> dict[str, Any]:
    with _replacing(path) as handle:
        np.lib.format.write_array_header_1_0(
            handle,
            {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape},
        )
        size = handle.tell() + math.prod(shape) * dtype.itemsize
        for block in blocks:
            handle.write(np.ascontiguousarray(block, dtype=dtype).data)
        if handle.tell() != size:
            raise DataError(
                f"the data for {path.name} has the wrong length",
                got=f"{handle.tell()} bytes",
                expected=f"{size} bytes for {list(shape)} {dtype}",
            )
        handle.flush()
        return {
            "bytes": size,
            "shape": list(shape),
            "dtype": dtype.name,
            "edges_sha256": _edges_sha256(Path(handle.name)),
            "sha256": _sha256(Path(handle.name)),
        }


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _edges_sha256(path: Path) -> str:
    with path.open("rb") as handle:
        digest = hashlib.sha256(handle.read(_EDGE))
        handle.seek(max(path.stat().st_size - _EDGE, 0))
        digest.update(handle.read(_EDGE))
    return digest.hexdigest()


def read_prepared(folder: Path, *, remedy: str, thorough: bool = False) -> Prepared:
    """Open a prepared data set.

    Args:
        folder: Where it is.
        remedy: What the user does about a damaged one, as an instruction.
        thorough: Also check every byte; otherwise length, head and tail of each file are checked.

    Raises:
        DataError: If it is missing or damaged; the message names the file.
    """
    stamp = _read_stamp(folder / STAMP, remedy)
    for name, facts in stamp["files"].items():
        _check_file(folder / name, facts, remedy, thorough=thorough)
    facts = stamp["files"]["inputs.npy"]
    import torch

    from latelier.data.streaming import NpyFile

    inputs = NpyFile(folder / "inputs.npy", tuple(facts["shape"]), torch.uint8)
    labels = None
    if "labels.npy" in stamp["files"]:
        labels = np.load(folder / "labels.npy", allow_pickle=False)
    return Prepared(inputs, labels, stamp["meta"])


def _read_stamp(path: Path, remedy: str) -> dict[str, Any]:
    try:
        stamp = json.loads(path.read_bytes())
        if stamp["version"] == _VERSION and "inputs.npy" in stamp["files"] and "meta" in stamp:
            return dict(stamp)
        found = f"version {stamp['version']}"
    except FileNotFoundError:
        found = "no such file"
    except (ValueError, KeyError, TypeError) as error:
        found = f"{type(error).__name__}: {error}"
    raise DataError(
        f"{path} is damaged", got=found, expected=f"a stamp of version {_VERSION}", remedy=remedy
    )


def _check_file(path: Path, facts: Mapping[str, Any], remedy: str, *, thorough: bool) -> None:
    if not path.is_file():
        raise DataError(f"{path} is missing", expected=f"{facts['bytes']} bytes", remedy=remedy)
    size = path.stat().st_size
    if size != facts["bytes"]:
        raise DataError(
            f"{path} is damaged",
            got=f"{size} bytes",
            expected=f"{facts['bytes']} bytes",
            remedy=remedy,
        )
    for kind, digest in (("edges_sha256", _edges_sha256), ("sha256", _sha256)):
        if kind == "sha256" and not thorough:
            continue
        found = digest(path)
        if found != facts[kind]:
            raise DataError(
                f"{path} is damaged",
                got=f"{kind} {found}",
                expected=str(facts[kind]),
                remedy=remedy,
            )
