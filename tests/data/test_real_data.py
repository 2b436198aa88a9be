"""The downloaded sets themselves, where LATELIER_TEST_DATA names a data root that has them."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
import torch

from latelier.config.data import DataConfig
from latelier.data import DATASETS, epoch_batches, load_dataset
from latelier.data.embedded import load_embedded
from latelier.data.prepared import read_prepared

ROOT = os.environ.get("LATELIER_TEST_DATA")
MNIST_COUNTS = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
EVEN = {"fashion-mnist": [6000] * 10, "cifar10": [5000] * 10}


def root_of(name: str) -> Path:
    if not ROOT:
        pytest.skip("LATELIER_TEST_DATA is not set: it names a data root with the downloaded sets")
    if not DATASETS[name].present(Path(ROOT)):
        pytest.skip(f"LATELIER_TEST_DATA has no {name}: run `latelier data fetch {name}`")
    return Path(ROOT)


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist", "cifar10"])
def test_downloaded_sets(name):
    root, spec = root_of(name), DATASETS[name]
    read_prepared(root / name, remedy="", thorough=True)
    begin = time.perf_counter()
    dataset = load_dataset(DataConfig(dataset=name, root=root), seed=0)
    assert time.perf_counter() - begin < 0.1
    assert dataset.shape == spec.shape
    assert (len(dataset.train), len(dataset.held_out)) == (spec.train, spec.test)
    counts = torch.bincount(dataset.labels[dataset.train]).tolist()
    assert counts == EVEN.get(name, MNIST_COUNTS)
    assert dataset.license == spec.license
    batch = next(iter(epoch_batches(dataset, DataConfig(), epoch=1, batch_size=128, seed=0)))
    assert batch.inputs.shape == (128, *spec.shape)


def test_the_embedded_subset_is_part_of_mnist():
    dataset = load_dataset(DataConfig(dataset="mnist", root=root_of("mnist")), seed=0)
    whole = {
        (image.tobytes(), label)
        for image, label in zip(
            dataset.inputs[dataset.train].numpy(), dataset.labels.tolist(), strict=False
        )
    }
    images, labels = load_embedded("mnist-5k")
    assert all((i.tobytes(), y) in whole for i, y in zip(images, labels.tolist(), strict=True))
