"""Batches of an epoch: a pure function of (seed, epoch), from memory or from loader processes.

Shapes: N examples, B in a batch, each of shape S.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import accumulate

import torch
from torch import Tensor
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as TorchDataset

from latelier.config.data import AugmentConfig, DataConfig
from latelier.config.errors import DataError
from latelier.data.augment import augment_images, epoch_draws
from latelier.data.concepts import epoch_concepts
from latelier.data.dataset import Batch, Dataset, as_inputs
from latelier.data.pairs import check_pairing, epoch_partners
from latelier.data.sampling import Fraction, check_sampling, pass_rows
from latelier.data.seeds import Stream, torch_rng
from latelier.data.streaming import Streamed


def batches_per_epoch(dataset: Dataset, batch_size: int) -> int:
    """Return the number of batches in a pass; the last one may be smaller.

    Raises:
        DataError: If a batch is larger than the training data.
    """
    count = len(dataset.train)
    if batch_size > count:
        raise DataError(
            f"training.batch_size is larger than the training data of {dataset.name}",
            got=batch_size,
            expected=f"at most {count}",
            remedy="Lower training.batch_size, or raise data.limit.",
        )
    return -(-count // batch_size)


def epoch_batches(
    dataset: Dataset,
    config: DataConfig,
    *,
    epoch: int,
    batch_size: int,
    seed: int,
    start: int = 0,
    device: torch.device | str = "cpu",
    fraction: Fraction | None = None,
) -> Iterator[Batch]:
    """Give the batches of one epoch, in an order and with changes that (seed, epoch) decide.

    Args:
        dataset: The data.
        config: Reads `sampling`, `concepts`, `augment`, `pairs` and `workers`.
        epoch: Epoch, from 1.
        batch_size: Examples per batch; the last batch may be smaller.
        seed: Seed of the run.
        start: Number of batches to leave out: exactly the remaining ones come, so that a run
            resumes in the middle of an epoch.
        device: Where the tensors of a batch lie.
        fraction: Batch of the epoch → share of the examples that a curriculum draws from.

    Returns:
        Batches of float32 inputs [B, *S], labels [B] and dataset_idx [B], and partners [B, *S]
        and concepts [B, K] where there are any.

    Raises:
        DataError: At once, if a batch is larger than the data, `start` is beyond the epoch, or the
            augmentation or the sampling does not fit the examples.
    """
    count = batches_per_epoch(dataset, batch_size)
    if not 0 <= start <= count:
        raise DataError("no such batch in an epoch", got=start, expected=f"start in 0..{count}")
    _check_augment(dataset, config.augment)
    check_pairing(dataset, config)
    check_sampling(dataset, config)
    device = torch.device(device)
    rows = pass_rows(
        dataset, config, seed=seed, epoch=epoch, batch_size=batch_size, fraction=fraction
    )
    concepts = epoch_concepts(dataset, config.concepts, rows, seed=seed, epoch=epoch)
    graded = None if concepts is None else torch.split(concepts.to(device), batch_size)[start:]
    indices = torch.split(rows.to(device), batch_size)[start:]
    stored = _stored(dataset, rows, batch_size, start, device, config.workers, (seed, epoch))
    if config.pairs != "off":
        others = epoch_partners(dataset, config, rows, seed=seed, epoch=epoch)
        halves = _stored(dataset, others, batch_size, start, device, config.workers, (seed, epoch))
        return _paired(_finished(dataset, indices, stored, None, config.augment, graded), halves)
    draws = None
    if config.augment.active:
        drawn = epoch_draws(len(rows), seed=seed, epoch=epoch)
        draws = torch.split(drawn.to(device), batch_size)[start:]
    return _finished(dataset, indices, stored, draws, config.augment, graded)


def _stored(
    dataset: Dataset,
    rows: Tensor,
    batch_size: int,
    start: int,
    device: torch.device,
    workers: int,
    seeds: tuple[int, int],
) -> Iterable[Tensor]:
    """Give the examples of each batch as they are stored, on ``device``."""
    here = torch.split(rows, batch_size)[start:]
    resident = dataset.on(device)
    if resident is not None:
        return (resident.index_select(0, part.to(device)) for part in here)
    return (part.to(device) for part in _read(dataset, here, workers, *seeds))


def _paired(batches: Iterator[Batch], halves: Iterable[Tensor]) -> Iterator[Batch]:
    for batch, half in zip(batches, halves, strict=True):
        yield replace(batch, partners=as_inputs(half))


def _check_augment(dataset: Dataset, augment: AugmentConfig) -> None:
    if augment.active and not dataset.is_image:
        raise DataError(
            "data.augment changes images, but the examples are none",
            got=f"examples of shape {list(dataset.shape)}",
            expected="C×H×W with C = 1 or 3",
            remedy="Remove data.augment.",
        )
    if augment.active and augment.shift >= min(dataset.shape[1:]):
        raise DataError(
            "data.augment.shift moves whole images out of sight",
            got=augment.shift,
            expected=f"less than {min(dataset.shape[1:])} pixels",
        )


def _finished(
    dataset: Dataset,
    rows: tuple[Tensor, ...],
    stored: Iterable[Tensor],
    draws: tuple[Tensor, ...] | None,
    augment: AugmentConfig,
    graded: tuple[Tensor, ...] | None,
) -> Iterator[Batch]:
    fill = dataset.value_range[0]
    labels = dataset.labels
    if labels is not None and rows:
        labels = labels.to(rows[0].device)
    for at, (indices, images) in enumerate(zip(rows, stored, strict=True)):
        batch_labels = None if labels is None else labels.index_select(0, indices)
        inputs = as_inputs(images)
        concepts = None if graded is None else graded[at]
        if draws is None:
            yield Batch(inputs, batch_labels, indices, concepts=concepts)
            continue
        changed = augment_images(inputs, draws[at], augment, fill)
        clean = inputs if augment.target == "clean" else None
        yield Batch(changed, batch_labels, indices, clean, concepts=concepts)


class _Reads(TorchDataset[Tensor]):
    """One item per batch, so that a loader process gathers a whole batch at a time."""

    def __init__(self, source: Streamed, rows: tuple[Tensor, ...]) -> None:
        self._source = source
        # One flat array crosses to the loader processes, not a tensor per batch.
        self._ends = [0, *accumulate(len(part) for part in rows)]
        self._rows = torch.cat(rows).numpy()

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, at: int) -> Tensor:
        return self._source.read(self._rows[self._ends[at] : self._ends[at + 1]])


def _read(
    dataset: Dataset, rows: tuple[Tensor, ...], workers: int, seed: int, epoch: int
) -> Iterable[Tensor]:
    """Give the examples of each batch as they are stored, on the CPU."""
    if isinstance(dataset.inputs, Tensor):
        return map(dataset.stored, rows)
    if not rows:
        return ()
    # A generator of its own: without one, a loader draws from torch's global generator.
    generator = torch_rng(seed, Stream.WORKERS, epoch)
    reads = _Reads(dataset.inputs, rows)
    return DataLoader(reads, batch_size=None, num_workers=workers, generator=generator)
