from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from latelier.config import DataConfig
from latelier.config.data import AugmentConfig
from latelier.config.errors import DataError
from latelier.data import Dataset, FactorTable, epoch_batches, with_partners
from latelier.data.streaming import ArraySource

TABLE = FactorTable.of_grid({"a": 4, "b": 5, "c": 6})
CONFIG = DataConfig(dataset="factors", pairs="fixed", changed_factors=1)


def dataset(factors: FactorTable | None = TABLE) -> Dataset:
    """Examples that are their own factors."""
    rows = torch.arange(120)
    return Dataset(
        name="grid",
        inputs=torch.from_numpy(TABLE.values).float(),
        labels=None,
        label_names=None,
        train=rows[rows % 10 != 0],
        held_out=rows[rows % 10 == 0],
        value_range=(0.0, 5.0),
        source="",
        license="",
        factors=factors,
    )


def epoch(data: Dataset, config: DataConfig = CONFIG, number: int = 1, start: int = 0) -> list:
    return list(epoch_batches(data, config, epoch=number, batch_size=16, seed=3, start=start))


def test_halves_differ_in_one_factor_and_come_from_the_training_part() -> None:
    data = dataset()
    held_out = data.inputs[data.held_out]  # type: ignore[index]
    for batch in epoch(data):
        assert ((batch.inputs != batch.partners).sum(1) == 1).all()
        assert not (batch.partners[:, None] == held_out).all(2).any()
        assert batch.fed[0] is batch.inputs
        assert batch.targets[1] is batch.partners


def test_an_epoch_goes_on_with_the_same_pairs() -> None:
    data = dataset()
    whole, rest = epoch(data), epoch(data, start=4)
    assert len(rest) == len(whole) - 4
    for first, second in zip(whole[4:], rest, strict=True):
        assert torch.equal(first.partners, second.partners)
    assert not torch.equal(whole[0].partners, epoch(data, number=2)[0].partners)


def test_streamed_data_pairs_as_data_in_memory_does() -> None:
    data = dataset()
    streamed = replace(data, inputs=ArraySource(TABLE.values.astype(np.float32)))
    for first, second in zip(epoch(data), epoch(streamed), strict=True):
        assert torch.equal(first.partners, second.partners)


def test_measuring_uses_the_same_pairs_always() -> None:
    data = dataset()
    batch = data.examples(data.held_out)
    paired = with_partners(data, CONFIG, batch, seed=3)
    assert paired.partners is not None
    assert ((paired.inputs != paired.partners).sum(1) == 1).all()
    assert torch.equal(paired.partners, with_partners(data, CONFIG, batch, seed=3).partners)
    assert with_partners(data, DataConfig(), batch, seed=3).partners is None


def test_parts_of_a_batch_keep_their_pairs() -> None:
    batch = epoch(dataset())[0]
    part = batch.part(slice(3, 5))
    assert torch.equal(part.partners, batch.partners[3:5])
    assert part.labels is None
    assert torch.equal(batch.to(torch.device("cpu")).partners, batch.partners)


def test_what_cannot_be_paired_is_refused() -> None:
    with pytest.raises(DataError, match="needs data whose factors are known"):
        epoch(dataset(factors=None))
    augmented = CONFIG.model_copy(update={"augment": AugmentConfig(shift=1)})
    images = replace(dataset(), inputs=torch.zeros(120, 1, 8, 8))
    with pytest.raises(DataError, match=r"one of data\.pairs and data\.augment"):
        epoch(images, augmented)
