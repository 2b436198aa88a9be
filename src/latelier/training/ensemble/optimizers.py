"""Optimizers of stacked weights: the rules of torch's own, with a learning rate per member.

Shapes: M members, P numbers each, G parameter groups.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from latelier.config import TrainingConfig
from latelier.training.ensemble.weights import StackedWeights

_BETA1, _BETA2, _EPSILON = 0.9, 0.999, 1e-8


class StackedOptimizer:
    """Adam, AdamW or plain gradient descent on a matrix of weights, one row per member.

    Moments are views that the members' own optimizers hold, so that a checkpoint of a member is
    that of a run by itself.

    Args:
        config: ``optimizer``, ``weight_decay`` and ``clip_norm`` are read.
        weights: The weights.
        optimizers: The members' own optimizers, fresh or all with the state of a checkpoint.

    Attributes:
        columns: Timeline column of each group's learning rate, G.

    Source:
        Kingma & Ba, arXiv:1412.6980, algorithm 1; Loshchilov & Hutter, arXiv:1711.05101.
    """

    def __init__(
        self, config: TrainingConfig, weights: StackedWeights, optimizers: Sequence[Optimizer]
    ) -> None:
        self._config, self._weights = config, weights
        self._owners = list(optimizers)
        groups = optimizers[0].param_groups
        self.columns = [str(group["column"]) for group in groups]
        self._places = [weights.place(parameter) for parameter in _parameters(optimizers[0])]
        self._group_of = weights.spread(
            {weights.place(p): number for number, g in enumerate(groups) for p in g["params"]}
        )
        self._moments = [torch.zeros_like(weights.matrix).detach() for _ in range(2)]
        self._count = torch.zeros((), dtype=torch.float32)
        self._take_over()

    def _take_over(self) -> None:
        """Copy the moments that checkpoints gave to the members, and lend them views of ours."""
        if not any(owner.state for owner in self._owners):
            return
        for row, owner in enumerate(self._owners):
            views = [self._weights.views(moments[row]) for moments in self._moments]
            for parameter, place in zip(_parameters(owner), self._places, strict=True):
                state = owner.state[parameter]
                self._count.copy_(torch.as_tensor(state["step"]))
                views[0][place].copy_(state["exp_avg"])
                views[1][place].copy_(state["exp_avg_sq"])
        self._lend()

    def _lend(self) -> None:
        """Let the members' optimizers hold views of the moments, and the number of updates."""
        for row, owner in enumerate(self._owners):
            views = [self._weights.views(moments[row]) for moments in self._moments]
            for parameter, place in zip(_parameters(owner), self._places, strict=True):
                owner.state[parameter] = {
                    "step": self._count,
                    "exp_avg": views[0][place],
                    "exp_avg_sq": views[1][place],
                }

    def step(self, gradient: Tensor, rates: Tensor) -> None:
        """Make one update.

        Args:
            gradient: Of the matrix, [M, P]; changed in place.
            rates: Learning rate of every member and group, [M, G].
        """
        matrix = self._weights.matrix
        self._clip(gradient)
        rate = rates if len(self.columns) == 1 else rates[:, self._group_of]  # [M, 1] or [M, P]
        decay = self._config.weight_decay
        if decay and self._config.optimizer == "adamw":
            matrix.mul_(1 - rate * decay)
        elif decay:
            gradient.add_(matrix, alpha=decay)
        if self._config.optimizer == "sgd":
            matrix.sub_(rate * gradient)
        else:
            self._adam(matrix, gradient, rate)

    def _adam(self, matrix: Tensor, gradient: Tensor, rate: Tensor) -> None:
        first, second = self._moments
        begins = not self._count
        self._count += 1
        count = float(self._count)
        first.lerp_(gradient, 1 - _BETA1)
        second.mul_(_BETA2).addcmul_(gradient, gradient, value=1 - _BETA2)
        spread = second.sqrt().div_((1 - _BETA2**count) ** 0.5).add_(_EPSILON)
        matrix.sub_((rate / (1 - _BETA1**count)) * (first / spread))
        if begins:
            self._lend()

    def _clip(self, gradient: Tensor) -> None:
        """Shorten each member's gradient to the configured length, as `clip_gradients` does."""
        longest = self._config.clip_norm
        if longest is not None:
            length = torch.linalg.vector_norm(gradient, dim=1, keepdim=True)
            gradient.mul_((longest / (length + 1e-6)).clamp_max(1))


def _parameters(owner: Optimizer) -> list[nn.Parameter]:
    return [parameter for group in owner.param_groups for parameter in group["params"]]
