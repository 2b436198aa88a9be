"""Data sets as tensors: where they come from, how they are split, and the batches of an epoch."""

from __future__ import annotations

from latelier.data.batches import batches_per_epoch, epoch_batches
from latelier.data.dataset import Batch, Dataset
from latelier.data.fetch import fetch_dataset
from latelier.data.load import given_dataset, load_dataset
from latelier.data.prepared import Progress, default_root
from latelier.data.registry import DATASETS, DatasetSpec
from latelier.data.sprites import (
    SpriteLayout,
    default_tile,
    sprite_layout,
    sprite_sheet,
    visualization_indices,
)

__all__ = [
    "DATASETS",
    "Batch",
    "Dataset",
    "DatasetSpec",
    "Progress",
    "SpriteLayout",
    "batches_per_epoch",
    "default_root",
    "default_tile",
    "epoch_batches",
    "fetch_dataset",
    "given_dataset",
    "load_dataset",
    "sprite_layout",
    "sprite_sheet",
    "visualization_indices",
]
