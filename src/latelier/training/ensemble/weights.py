"""The weights of models of one shape, in one tensor that their parameters are views of.

Shapes: M models of P trainable numbers each.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn


class StackedWeights:
    """One matrix [M, P]; row m holds the trainable parameters of model m, one after another.

    The models go on working by themselves: their parameters become views of their rows, so that
    whoever looks at a model sees what training has made of it. Buffers are stacked by name.

    Args:
        models: Models with the same names and shapes of parameters and buffers.

    Attributes:
        matrix: The weights, [M, P].
        names: Names of the parameters, in the order of the matrix's columns.
    """

    def __init__(self, models: Sequence[nn.Module]) -> None:
        first = dict(models[0].named_parameters())
        self.names = tuple(first)
        self._first = list(first.values())
        self._shapes = [tuple(parameter.shape) for parameter in first.values()]
        self._sizes = [parameter.numel() for parameter in first.values()]
        rows = [torch.cat([p.detach().reshape(-1) for p in model.parameters()]) for model in models]
        self.matrix = torch.stack(rows)
        self._buffers = {
            name: torch.stack([dict(model.named_buffers())[name] for model in models])
            for name, _ in models[0].named_buffers()
        }
        for row, model in enumerate(models):
            self._lend(row, model)

    @torch.no_grad()
    def _lend(self, row: int, model: nn.Module) -> None:
        for parameter, view in zip(model.parameters(), self.views(self.matrix[row]), strict=True):
            parameter.data = view
        for name, stacked in self._buffers.items():
            dict(model.named_buffers())[name].data = stacked[row]

    def like(self, matrix: Tensor) -> StackedWeights:
        """Return weights of the same shape in another matrix, lent to no model."""
        other = copy.copy(self)
        other.matrix = matrix
        return other

    def views(self, row: Tensor) -> list[Tensor]:
        """Return a row [P] of numbers in the shapes of the parameters they belong to."""
        parts = row.split(self._sizes)
        return [part.view(shape) for part, shape in zip(parts, self._shapes, strict=True)]

    def parameters(self, matrix: Tensor) -> list[tuple[str, Tensor]]:
        """Return every parameter by name, [M, *shape], as views of a matrix like this one."""
        parts = matrix.split(self._sizes, dim=1)
        return [
            (name, part.view(-1, *shape))
            for name, part, shape in zip(self.names, parts, self._shapes, strict=True)
        ]

    def buffers(self) -> list[tuple[str, Tensor]]:
        """Return every buffer of all models by name, [M, *shape]."""
        return list(self._buffers.items())

    def place(self, parameter: nn.Parameter) -> int:
        """Return the place of a parameter of the first model among its parameters."""
        return next(place for place, own in enumerate(self._first) if own is parameter)

    def spread(self, numbers: Mapping[int, int]) -> Tensor:
        """Return a number for each column of the matrix, from one for each parameter, [P] int64."""
        parts = [torch.full((size,), numbers[place]) for place, size in enumerate(self._sizes)]
        return torch.cat(parts).to(self.matrix.device)
