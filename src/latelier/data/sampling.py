"""Which examples a pass over the data draws, and in which order: a function of (seed, epoch).

Shapes: N examples, n of them in training.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from latelier.config.data import DataConfig
from latelier.config.errors import DataError
from latelier.data.dataset import Dataset
from latelier.data.seeds import Stream, torch_rng

FRACTION_COLUMN = "data-fraction"
"""Timeline column that the curriculum follows."""

Fraction = Callable[[int], float]


def check_sampling(dataset: Dataset, config: DataConfig) -> None:
    """Refuse a way of drawing that the data does not know.

    Raises:
        DataError: If it has no sampling weights, or no order for a curriculum.
    """
    lacking = {
        "weighted": dataset.weights is None and "sampling weights",
        "curriculum": dataset.typicality is None and "order of what is typical",
    }.get(config.sampling)
    if lacking:
        raise DataError(
            f"the data set {dataset.name} has no {lacking}",
            got=f"data.sampling={config.sampling}",
            expected="shuffle",
            remedy="Set data.sampling=shuffle, or choose a data set that has them (colors).",
        )


def pass_rows(
    dataset: Dataset,
    config: DataConfig,
    *,
    seed: int,
    epoch: int,
    batch_size: int,
    fraction: Fraction | None = None,
) -> Tensor:
    """Return the dataset_idx of one pass, [n] int64: as many as there are training examples.

    Args:
        dataset: The data.
        config: Reads `sampling` and `fraction`.
        seed: Seed of the run.
        epoch: Pass, from 1.
        batch_size: Examples per batch.
        fraction: Batch of the pass → share of the examples that a curriculum draws from;
            `data.fraction` when None.
    """
    train = dataset.train
    if config.sampling == "shuffle":
        return train[torch.randperm(len(train), generator=torch_rng(seed, Stream.ORDER, epoch))]
    draws = torch.rand(
        len(train), generator=torch_rng(seed, Stream.SAMPLING, epoch), dtype=torch.float64
    )
    if config.sampling == "weighted":
        return train[_Wheel.of(dataset, ordered=False).turn(draws, len(train))]
    wheel = _Wheel.of(dataset, ordered=True)
    parts = []
    for batch, part in enumerate(draws.split(batch_size)):
        share = config.fraction if fraction is None else fraction(batch)
        parts.append(train[wheel.turn(part, wheel.first(share))])
    return torch.cat(parts)


@dataclass(frozen=True, eq=False)
class _Wheel:
    """Draws places in the training part with probabilities proportional to their weights.

    Attributes:
        order: Places in the training part, the most typical first, [n].
        typicality: Of the places in that order, falling, [n]; None where all are alike.
        heights: Running sums of the weights in that order, [n] float64.
    """

    order: Tensor
    typicality: Tensor | None
    heights: Tensor

    @classmethod
    def of(cls, dataset: Dataset, *, ordered: bool) -> _Wheel:
        """Prepare the train rows of a data set, with the most typical first if `ordered`."""
        train = dataset.train
        order, typicality = torch.arange(len(train)), None
        if ordered:
            assert dataset.typicality is not None, "check_sampling comes first"
            values = dataset.typicality[train]
            order = torch.sort(values, descending=True, stable=True).indices
            typicality = values[order]
        weights = torch.ones(len(train), dtype=torch.float64)
        if dataset.weights is not None:
            weights = dataset.weights[train].double()
        return cls(order, typicality, weights[order].cumsum(0))

    def first(self, share: float) -> int:
        """Return how many of the most typical make up a share; equally typical ones together."""
        assert self.typicality is not None
        count = len(self.order)
        last = min(max(math.ceil(share * count), 1), count) - 1
        return int((self.typicality >= self.typicality[last]).sum())

    def turn(self, draws: Tensor, among: int) -> Tensor:
        """Return a place for each number in 0…1, out of the first ``among``."""
        heights = self.heights[:among]
        places = torch.searchsorted(heights, draws * heights[-1], right=True)
        return self.order[places.clamp_max(among - 1)]
