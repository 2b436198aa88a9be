"""Graded labels: with what probability an example is said to be of each concept.

Shapes: N examples, B in a batch, K concepts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from latelier.config.concepts import ConceptsConfig
from latelier.config.errors import DataError
from latelier.data.seeds import Stream, torch_rng

if TYPE_CHECKING:
    from latelier.data.dataset import Dataset


@dataclass(frozen=True, eq=False)
class ConceptTable:
    """What is known of every example.

    Attributes:
        names: Names of the concepts, K.
        similarity: How near an example is to each concept, in 0…1, [N, K] float32.
        probability: With what probability it is labelled so, in 0…1, [N, K] float32.
    """

    names: tuple[str, ...]
    similarity: Tensor
    probability: Tensor

    def scaled(self, scale: Mapping[str, float]) -> ConceptTable:
        """Return the table with some concepts' probabilities multiplied by a factor.

        Raises:
            DataError: If there is no such concept.
        """
        unknown = set(scale) - set(self.names)
        if unknown:
            raise DataError(
                "data.concepts.scale names concepts that the data does not have",
                got=", ".join(sorted(unknown)),
                expected=", ".join(self.names),
                remedy="Correct data.concepts.scale.",
            )
        factors = torch.tensor([scale.get(name, 1.0) for name in self.names])
        return replace(self, probability=self.probability * factors)


def epoch_concepts(
    dataset: Dataset, config: ConceptsConfig, rows: Tensor, *, seed: int, epoch: int
) -> Tensor | None:
    """Return the graded labels of a pass: a pure function of (seed, epoch) and of what it draws.

    Args:
        dataset: The data.
        config: Reads `draw`.
        rows: dataset_idx in the order of the pass, [M]; one that comes twice is drawn for twice.
        seed: Seed of the run.
        epoch: Pass, from 1.

    Returns:
        Zeros and ones, drawn with each example's probabilities, or the probabilities themselves,
        [M, K] float32; None where the data has no concepts.
    """
    table = dataset.concepts
    if table is None:
        return None
    probability = table.probability.index_select(0, rows)
    if config.draw == "soft":
        return probability
    generator = torch_rng(seed, Stream.CONCEPTS, epoch)
    return (torch.rand(probability.shape, generator=generator) < probability).float()
