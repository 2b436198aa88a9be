from __future__ import annotations

import hashlib
import time

import numpy as np
import pytest
from sklearn.datasets import load_digits

from latelier.config.errors import DataError
from latelier.data import embedded
from latelier.data.embedded import FOLDER, load_embedded

PINNED = {
    "mnist-5k": (
        (5000, 1, 28, 28),
        "1f75c140503b3082c96134f5593303f3133e59989a92e21f060c644c655c3722",
        [500] * 10,
    ),
    "digits": (
        (1797, 1, 8, 8),
        "0b7e9c3202d7bcd255d6a19a238d3743bf5e320ba74812a6679958a017c55382",
        [178, 182, 177, 183, 181, 182, 181, 179, 174, 180],
    ),
}


@pytest.mark.parametrize("name", PINNED)
def test_contents_are_pinned(name):
    shape, sha256, counts = PINNED[name]
    images, labels = load_embedded(name)
    assert images.shape == shape
    assert images.dtype == np.uint8
    assert labels.dtype == np.int64
    digest = hashlib.sha256(images.tobytes() + labels.tobytes()).hexdigest()
    assert digest == sha256
    assert np.bincount(labels).tolist() == counts


def test_mnist_5k_is_in_the_order_of_its_source():
    _, labels = load_embedded("mnist-5k")
    assert np.array_equal(labels, np.repeat(np.arange(10), 500))


def test_digits_are_scikit_learns_and_nothing_is_lost():
    images, labels = load_embedded("digits")
    source = load_digits()
    assert np.array_equal(np.round(images[:, 0] / 255 * 16), source.images)
    assert np.array_equal(labels, source.target)
    assert images.max() == 255


def test_size_and_speed():
    assert sum(path.stat().st_size for path in FOLDER.glob("*.npz")) < 1_200_000
    times = []
    for _ in range(5):
        begin = time.perf_counter()
        load_embedded("mnist-5k")
        times.append(time.perf_counter() - begin)
    assert min(times) < 0.1


def test_licenses_are_stated():
    text = (FOLDER / "LICENSE.md").read_text(encoding="utf-8")
    for needed in ("CC BY-SA 3.0", "Yann LeCun", "Corinna Cortes", "CC BY 4.0"):
        assert needed in text


@pytest.mark.parametrize("keep", [None, 0, 100, 20_000])
def test_a_damaged_installation(keep, tmp_path, monkeypatch):
    if keep is not None:
        (tmp_path / "digits.npz").write_bytes((FOLDER / "digits.npz").read_bytes()[:keep])
    monkeypatch.setattr(embedded, "FOLDER", tmp_path)
    with pytest.raises(DataError, match="Install Latelier again"):
        load_embedded("digits")
