"""The data sets that come with Latelier: small, real, and there without any download."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from latelier.config.errors import DataError

FOLDER = Path(__file__).parent / "embedded"
_DIGITS_MAX = 16  # the digits are stored as they were published: counts 0..16 of dark pixels


def load_embedded(name: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Load an embedded data set.

    Args:
        name: "mnist-5k", or "digits", whose values 0..16 become round(255·v/16), so that they are
            images as any other and nothing is lost.

    Returns:
        Images, [N, 1, H, W] uint8, and labels, [N] int64, in the order of their source.

    Raises:
        DataError: If the installation is damaged.
    """
    path = FOLDER / f"{name.replace('-', '_')}.npz"
    try:
        with path.open("rb") as handle:
            arrays = np.load(handle, allow_pickle=False)
            images, labels = arrays["images"], arrays["labels"]
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(
            f"the embedded data set {name} is damaged",
            got=f"{type(error).__name__}: {error}",
            expected=str(path),
            remedy="Install Latelier again.",
        ) from error
    if name == "digits":
        images = ((images.astype(np.uint16) * 255 + _DIGITS_MAX // 2) // _DIGITS_MAX).astype(
            np.uint8
        )
    return images[:, None], labels.astype(np.int64)
