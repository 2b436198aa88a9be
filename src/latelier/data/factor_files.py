"""Published sets with known factors: the .npz of dSprites and the .h5 of 3D Shapes."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from latelier.config.errors import ConfigError, DataError
from latelier.data.factors import FactorTable
from latelier.data.streaming import Streamed

_DSPRITES_FACTORS = ("shape", "scale", "rotation", "x", "y")
_SHAPES3D_FACTORS = ("floor hue", "wall hue", "object hue", "scale", "shape", "rotation")
_REMEDIES = {
    "dsprites": "Download dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz from the dSprites "
    "repository, or give any part of its grid with the same arrays.",
    "shapes3d": "Download 3dshapes.h5 from the 3D Shapes repository.",
}


class FactorFile(NamedTuple):
    """What such a file holds: inputs as stored, their factors, and the shape factor as labels."""

    inputs: NDArray[np.uint8] | Streamed
    factors: FactorTable
    labels: NDArray[np.int64]
    label_names: tuple[str, ...]


def read_dsprites(path: Path) -> FactorFile:
    """Read dSprites: arrays `imgs` [N, 64, 64] of 0 and 1, and `latents_classes` [N, 5 or 6].

    The constant factor color is left out. Pickled metadata is left unread.

    Raises:
        DataError: If the file is missing, damaged, or another one.
    """
    _require_file(path, "dsprites")
    try:
        # A handle of our own: numpy leaves its own open when a file is damaged.
        with path.open("rb") as handle:
            arrays = np.load(handle, allow_pickle=False)
            images, classes = arrays["imgs"], arrays["latents_classes"]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error) as error:
        raise _not_it(path, "dsprites", f"{type(error).__name__}: {error}") from error
    if images.ndim != 3 or images.dtype != np.uint8 or len(classes) != len(images):
        raise _not_it(path, "dsprites", f"imgs {images.dtype} {images.shape}")
    values = classes[:, -len(_DSPRITES_FACTORS) :].astype(np.int64)
    if values.shape[1] != len(_DSPRITES_FACTORS):
        raise _not_it(path, "dsprites", f"latents_classes {classes.shape}")
    shapes = ("square", "ellipse", "heart")
    table = FactorTable(_DSPRITES_FACTORS, _sizes(values), values)
    return FactorFile(images[:, None] * np.uint8(255), table, values[:, 0].copy(), shapes)


def read_shapes3d(path: Path) -> FactorFile:
    """Open 3D Shapes: `images` [480000, 64, 64, 3] stays on disk; `labels` [480000, 6] is read.

    Raises:
        ConfigError: If h5py is not installed.
        DataError: If the file is missing, damaged, or another one.
    """
    _require_file(path, "shapes3d")
    try:
        import h5py
    except ImportError as error:
        raise ConfigError(
            "reading shapes3d needs the package h5py",
            remedy='Install it: pip install "latelier[shapes3d]".',
        ) from error
    try:
        with h5py.File(path, "r") as file:
            shape, labels = tuple(file["images"].shape), np.asarray(file["labels"])
    except (OSError, KeyError) as error:
        raise _not_it(path, "shapes3d", f"{type(error).__name__}: {error}") from error
    if len(shape) != 4 or shape[3] != 3 or labels.shape != (shape[0], len(_SHAPES3D_FACTORS)):
        raise _not_it(path, "shapes3d", f"images {shape}, labels {labels.shape}")
    columns = [np.unique(column, return_inverse=True)[1] for column in labels.T]
    values = np.stack(columns, axis=1).astype(np.int64)
    table = FactorTable(_SHAPES3D_FACTORS, _sizes(values), values)
    shapes = ("cube", "cylinder", "sphere", "capsule")[: table.sizes[4]]
    return FactorFile(H5Images(path, shape), table, values[:, 4].copy(), shapes)


class H5Images:
    """Rows of the array `images` [N, H, W, 3] of an .h5 file; each process opens it for itself."""

    dtype = torch.uint8

    def __init__(self, path: Path, stored: tuple[int, ...]) -> None:
        self.path = path
        self.shape = (stored[0], stored[3], stored[1], stored[2])
        self._images: Any = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_images": None}

    def read(self, rows: NDArray[np.int64]) -> Tensor:
        """Return the named rows, [B, 3, H, W] uint8. They are read in ascending order."""
        if self._images is None:
            import h5py

            self._images = h5py.File(self.path, "r")["images"]
        ascending, back = np.unique(rows, return_inverse=True)
        images = torch.from_numpy(self._images[ascending])
        return images[torch.from_numpy(back)].permute(0, 3, 1, 2).contiguous()


def _sizes(values: NDArray[np.int64]) -> tuple[int, ...]:
    return tuple(int(size) for size in values.max(axis=0) + 1)


def _require_file(path: Path, name: str) -> None:
    if not path.is_file():
        raise DataError(
            "data.path names no file",
            got=str(path),
            expected=f"the file of {name}",
            remedy=_REMEDIES[name],
        )


def _not_it(path: Path, name: str, got: str) -> DataError:
    return DataError(
        f"{path.name} is not the file of {name}",
        got=got,
        expected="its images and factors",
        remedy=_REMEDIES[name],
    )
