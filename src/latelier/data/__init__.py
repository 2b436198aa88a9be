"""Data sets as tensors: where they come from, how they are split, and the batches of an epoch.

The names are loaded when first used: the DATASETS table is listed without torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from latelier.data.batches import batches_per_epoch, epoch_batches
    from latelier.data.dataset import Batch, Dataset
    from latelier.data.factors import FactorTable
    from latelier.data.fetch import fetch_dataset
    from latelier.data.load import given_dataset, load_dataset
    from latelier.data.pairs import partner_indices, with_partners
    from latelier.data.prepared import Progress, default_root
    from latelier.data.registry import DATASETS, DatasetSpec
    from latelier.data.sprites import (
        SpriteLayout,
        default_tile,
        sprite_layout,
        sprite_sheet,
        visualization_indices,
    )

_HOMES = {
    "Batch": "latelier.data.dataset",
    "DATASETS": "latelier.data.registry",
    "Dataset": "latelier.data.dataset",
    "DatasetSpec": "latelier.data.registry",
    "FactorTable": "latelier.data.factors",
    "Progress": "latelier.data.prepared",
    "SpriteLayout": "latelier.data.sprites",
    "batches_per_epoch": "latelier.data.batches",
    "default_root": "latelier.data.prepared",
    "default_tile": "latelier.data.sprites",
    "epoch_batches": "latelier.data.batches",
    "fetch_dataset": "latelier.data.fetch",
    "given_dataset": "latelier.data.load",
    "load_dataset": "latelier.data.load",
    "partner_indices": "latelier.data.pairs",
    "sprite_layout": "latelier.data.sprites",
    "sprite_sheet": "latelier.data.sprites",
    "visualization_indices": "latelier.data.sprites",
    "with_partners": "latelier.data.pairs",
}

__all__ = [
    "DATASETS",
    "Batch",
    "Dataset",
    "DatasetSpec",
    "FactorTable",
    "Progress",
    "SpriteLayout",
    "batches_per_epoch",
    "default_root",
    "default_tile",
    "epoch_batches",
    "fetch_dataset",
    "given_dataset",
    "load_dataset",
    "partner_indices",
    "sprite_layout",
    "sprite_sheet",
    "visualization_indices",
    "with_partners",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
