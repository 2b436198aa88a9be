"""Weakly supervised pairs: to each example of a batch, one that shares most of its factors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from latelier.config.data import DataConfig
from latelier.config.errors import DataError
from latelier.data.dataset import Batch, Dataset, as_inputs
from latelier.data.factors import check_pairs, draw_partners


def check_pairing(dataset: Dataset, config: DataConfig) -> None:
    """Refuse pairs that cannot be drawn.

    Raises:
        DataError: If the data has no complete grid of factors, or images are augmented.
    """
    if config.pairs == "off":
        return
    check_pairs(dataset.factors, dataset.name, _changed(config))
    if config.augment.active:
        raise DataError(
            "pairs differ in their factors only, and data.augment would change both halves",
            expected="one of data.pairs and data.augment",
            remedy="Remove data.augment, or set data.pairs=off.",
        )


def epoch_partners(
    dataset: Dataset, config: DataConfig, rows: Tensor, *, seed: int, epoch: int
) -> Tensor:
    """Draw the partners of an epoch from the training part: a pure function of (seed, epoch).

    Args:
        dataset: Data with factors.
        config: Reads `pairs` and `changed_factors`.
        rows: dataset_idx of the epoch in its order, [M].
        seed: Seed of the run.
        epoch: Epoch, from 1.

    Returns:
        dataset_idx of the partners, [M] int64.

    Raises:
        DataError: If an example finds none.
    """
    allowed = np.zeros(len(dataset), dtype=bool)
    allowed[dataset.train.numpy()] = True
    return _drawn(dataset, config, rows, allowed=allowed, seed=seed, epoch=epoch)


def partner_indices(dataset: Dataset, config: DataConfig, rows: Tensor, *, seed: int) -> Tensor:
    """Draw partners from the whole data set: always the same ones, to measure on.

    Args:
        dataset: Data with factors.
        config: Reads `changed_factors`; `pairs` is not "off".
        rows: dataset_idx of the examples, [B].
        seed: Seed of the run.

    Returns:
        dataset_idx of the partners, [B] int64.
    """
    return _drawn(dataset, config, rows.cpu(), allowed=None, seed=seed, epoch=0)


def with_partners(dataset: Dataset, config: DataConfig, batch: Batch, *, seed: int) -> Batch:
    """Return a batch with the partners of `partner_indices`; as it is where there are no pairs."""
    if config.pairs == "off":
        return batch
    rows = partner_indices(dataset, config, batch.indices, seed=seed)
    partners = as_inputs(dataset.stored(rows)).to(batch.inputs.device)
    return replace(batch, partners=partners)


def _drawn(
    dataset: Dataset,
    config: DataConfig,
    rows: Tensor,
    *,
    allowed: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] | None,
    seed: int,
    epoch: int,
) -> Tensor:
    assert dataset.factors is not None, "check_pairing comes first"
    partners = draw_partners(
        dataset.factors,
        rows.numpy(),
        changed=_changed(config),
        allowed=allowed,
        seed=seed,
        epoch=epoch,
    )
    return torch.from_numpy(partners)


def _changed(config: DataConfig) -> int | None:
    return config.changed_factors if config.pairs == "fixed" else None
