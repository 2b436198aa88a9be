"""`Dataset` and `Batch`: examples, their labels, and which of them train.

Shapes: N examples, each of shape S = C×H×W (images) or D (vectors); B examples in a batch.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from latelier.config.errors import DataError
from latelier.data.concepts import ConceptTable
from latelier.data.factors import FactorTable
from latelier.data.streaming import Streamed, nbytes

RESIDENT_LIMIT = 2**30  # bytes of examples that are copied whole to an accelerator


@dataclass(frozen=True, eq=False)
class Batch:
    """What a model is fed.

    Attributes:
        inputs: [B, *S] float32; in [0, 1] where the examples are stored as uint8.
        labels: [B] int64, or None where the data has no labels.
        indices: [B] int64, the examples' dataset_idx.
        changed_from: The images before augmentation, where those are to be reconstructed.
        partners: The other halves of pairs, [B, *S]; None where examples come one by one.
        concepts: Graded labels in 0…1, [B, K], in the order of the data set's concepts; None where
            it has none.
    """

    inputs: Tensor
    labels: Tensor | None
    indices: Tensor
    changed_from: Tensor | None = None
    partners: Tensor | None = None
    concepts: Tensor | None = None

    @property
    def fed(self) -> Any:
        """What the model is called with: the inputs, or both halves of the pairs."""
        return self.inputs if self.partners is None else (self.inputs, self.partners)

    @property
    def targets(self) -> Any:
        """What is to be reconstructed, in the form of ``fed``."""
        return self.fed if self.changed_from is None else self.changed_from

    def part(self, rows: slice) -> Batch:
        """Return some of its rows."""
        parts = {
            field.name: getattr(self, field.name)[rows]
            for field in fields(self)
            if getattr(self, field.name) is not None
        }
        return replace(self, **parts)

    def copied(self) -> Batch:
        """Return a copy on the CPU that shares no memory with this batch."""
        parts = {
            field.name: getattr(self, field.name).detach().cpu().clone()
            for field in fields(self)
            if getattr(self, field.name) is not None
        }
        return replace(self, **parts)

    def to(self, device: torch.device) -> Batch:
        """Return the batch with its tensors on ``device``."""
        moved = {
            field.name: getattr(self, field.name).to(device)
            for field in fields(self)
            if getattr(self, field.name) is not None
        }
        return replace(self, **moved)


@dataclass(frozen=True, eq=False)
class Dataset:
    """All examples of a data set; rows of its training part come before its own test part.

    Attributes:
        name: Name in the DATASETS table, or "given".
        inputs: [N, *S], uint8 (0..255, fed as [0, 1]) or float32, in memory or streamed.
        labels: [N] int64 in 0..classes−1, or None. Training rows carry the label noise, if any.
        label_names: Names of the classes, or None.
        train: dataset_idx of the training examples, ascending, int64.
        held_out: dataset_idx of the examples kept out of training, ascending, int64; empty only
            when data.held_out is 0.
        value_range: (0, 1) where all inputs, as fed, lie within; else their least and greatest.
        source: Where the bytes came from, in words.
        license: License of the data, or "unknown".
        factors: What each example was made from, where that is known.
        concepts: Graded labels of each example, where there are any.
        weights: How often each example is drawn, relative to the others, [N]; None for all alike.
        typicality: How early a curriculum draws it, the largest first, [N]; None without an order.
    """

    name: str
    inputs: Tensor | Streamed
    labels: Tensor | None
    label_names: tuple[str, ...] | None
    train: Tensor
    held_out: Tensor
    value_range: tuple[float, float]
    source: str
    license: str
    factors: FactorTable | None = None
    concepts: ConceptTable | None = None
    weights: Tensor | None = None
    typicality: Tensor | None = None
    _copies: dict[str, Tensor] = field(default_factory=dict, init=False, repr=False)

    def __len__(self) -> int:
        return self.inputs.shape[0]

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one example: C×H×W for images."""
        return tuple(self.inputs.shape[1:])

    @property
    def is_image(self) -> bool:
        """Whether an example can be drawn: 1×H×W (gray) or 3×H×W (RGB)."""
        return len(self.shape) == 3 and self.shape[0] in {1, 3}

    @cached_property
    def classes(self) -> int | None:
        """Number of classes, or None where there are no labels."""
        if self.label_names is not None:
            return len(self.label_names)
        return None if self.labels is None else int(self.labels.max()) + 1

    def stored(self, indices: Tensor) -> Tensor:
        """Return examples as they are stored, [B, *S] uint8 or float32, on the CPU."""
        if isinstance(self.inputs, Tensor):
            return self.inputs.index_select(0, indices)
        return self.inputs.read(indices.numpy())

    def examples(self, indices: Tensor) -> Batch:
        """Return the named examples, without augmentation, on the CPU; concepts are not drawn.

        Args:
            indices: dataset_idx, [B] int64, in any order, repeats allowed.

        Raises:
            DataError: If an index is not in 0..N−1.
        """
        indices = indices.to("cpu", torch.int64)
        outside = (indices < 0) | (indices >= len(self))
        if outside.any():
            raise DataError(
                f"no such example in {self.name}",
                got=int(indices[outside][0]),
                expected=f"a dataset_idx in 0..{len(self) - 1}",
            )
        labels = None if self.labels is None else self.labels.index_select(0, indices)
        table = self.concepts
        concepts = None if table is None else table.probability.index_select(0, indices)
        return Batch(as_inputs(self.stored(indices)), labels, indices, concepts=concepts)

    def on(self, device: torch.device) -> Tensor | None:
        """Return all inputs on `device`, copied there once; None if they have to be fed from here.

        Streamed data, and more than 1 GiB for an accelerator, is fed batch by batch.
        """
        if not isinstance(self.inputs, Tensor):
            return None
        if device == self.inputs.device:
            return self.inputs
        if nbytes(self.inputs) > RESIDENT_LIMIT:
            return None
        if str(device) not in self._copies:
            self._copies[str(device)] = self.inputs.to(device)
        return self._copies[str(device)]


def as_inputs(stored: Tensor) -> Tensor:
    """Turn stored examples into what a model is fed: uint8 becomes float32 in [0, 1]."""
    if stored.dtype == torch.uint8:
        # One pass instead of two; whatever the default type, it is float32.
        return torch.div(stored, 255).to(torch.float32)
    return stored
