"""An ensemble's evaluation as a list of tensor operations, recorded once and played at every step.

For small models most of a step's time goes into deciding what to compute: modules, `vmap`'s rules,
the autograd graph. None of that changes from step to step, so that the operations of one evaluation
(forward and backward) are recorded with `make_fx` and played back without it. What may change is an
input: weights, batch, and every property that moves. What decides which operations there are is the
key under which a recording is kept.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.fx.experimental.proxy_tensor import make_fx

from latelier.training.ensemble.objective import Arguments, Evaluation, StackedObjective
from latelier.training.ensemble.shortened import Play, shortened
from latelier.training.ensemble.weights import StackedWeights


class TracedObjective:
    """Evaluations of a stacked objective, played back.

    Args:
        objective: What is evaluated. Its loss draws no random numbers, its model has no buffers,
            and neither branches on what it computes; a recording fails otherwise.
        weights: The members' weights.
    """

    def __init__(self, objective: StackedObjective, weights: StackedWeights) -> None:
        self._objective, self._weights = objective, weights
        self._recordings: dict[Hashable, tuple[Play, list[str]]] = {}

    def evaluate(self, arguments: Arguments) -> Evaluation:
        """Compute the loss of every member, and its gradient."""
        key = _key(arguments)
        if key not in self._recordings:
            self._recordings[key] = self._record(arguments)
        play, names = self._recordings[key]
        with torch.no_grad():
            objectives, gradient, *measured = play(*self._inputs(arguments))
        return Evaluation(objectives, dict(zip(names, measured, strict=True)), gradient)

    def _inputs(self, arguments: Arguments) -> list[Tensor]:
        parts = (arguments.batch, arguments.props, arguments.state)
        return [self._weights.matrix, *(tensor for part in parts for tensor in part.values())]

    def _record(self, arguments: Arguments) -> tuple[Play, list[str]]:
        names: list[str] = []
        parts = (arguments.batch, arguments.props, arguments.state)

        def evaluate(matrix: Tensor, *rest: Tensor) -> list[Tensor]:
            """Evaluate tensors given one by one, as a recording takes them."""
            values = iter(rest)
            batch, props, state = ({name: next(values) for name in part} for part in parts)
            inner = Arguments(batch, props, state, arguments.frame, arguments.differ)
            found = self._objective.evaluate(self._weights.like(matrix), inner, None)
            names[:] = found.measured
            return [found.objectives, found.gradient, *found.measured.values()]

        inputs = self._inputs(arguments)
        return shortened(make_fx(evaluate)(*inputs), inputs), names


def _key(arguments: Arguments) -> Hashable:
    """Return what decides which operations an evaluation is made of."""
    held: Mapping[str, Any] = arguments.frame.props
    numbers = {n: v for n, v in held.items() if not isinstance(v, Tensor)}
    tensors = (arguments.batch, arguments.props, arguments.state)
    shapes = tuple((n, t.shape, t.dtype) for part in tensors for n, t in part.items())
    return arguments.differ, shapes, tuple(sorted(numbers.items()))
