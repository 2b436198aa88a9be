"""What an update does beyond one device: each takes a part of the batch, gradients are added up.

The loop asks a runtime five things. On one device they do nothing; on several they are collective:
every process asks them in the same order, and all get the same answer.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from latelier.data import Batch
from latelier.models import LossResult


class Runtime(ABC):
    """How one process works together with the others of its run.

    Attributes:
        rank: Number of this process; rank 0 records.
        devices: How many there are.
    """

    rank: int
    devices: int

    @abstractmethod
    def part(self, batch: Batch) -> Batch:
        """Return this process's share of a batch."""

    @abstractmethod
    def measured(self, result: LossResult, part: Batch, whole: Batch) -> dict[str, Tensor]:
        """Return ``loss`` and what was measured, of the whole batch: means, and sums of counts."""

    @abstractmethod
    def backward(self, objective: Tensor, optimizer: Optimizer, part: Batch, whole: Batch) -> None:
        """Give every parameter the gradient of the whole batch's mean objective."""

    @abstractmethod
    def agree(self, flag: bool) -> bool:
        """Return what rank 0 says."""

    @abstractmethod
    def align(self, model: nn.Module) -> None:
        """Give every process the weights and buffers of rank 0."""


class OneDevice(Runtime):
    """The runtime of a run on one device: nobody to talk to."""

    rank, devices = 0, 1

    def part(self, batch: Batch) -> Batch:
        """See `Runtime.part`."""
        return batch

    def measured(self, result: LossResult, part: Batch, whole: Batch) -> dict[str, Tensor]:  # noqa: ARG002
        """See `Runtime.measured`."""
        return {"loss": result.objective.detach(), **result.measured}

    def backward(self, objective: Tensor, optimizer: Optimizer, part: Batch, whole: Batch) -> None:  # noqa: ARG002
        """See `Runtime.backward`."""
        objective.backward()

    def agree(self, flag: bool) -> bool:
        """See `Runtime.agree`."""
        return flag

    def align(self, model: nn.Module) -> None:
        """See `Runtime.align`."""


class ManyDevices(Runtime):
    """The runtime of a process that Lightning Fabric has started.

    Gradients are added up by us, not by wrapped modules: a task may call any method of its model.
    An objective that looks at a batch as a whole (an MMD, a total correlation) looks at a part.

    Args:
        fabric: A launched `lightning_fabric.Fabric`.
    """

    def __init__(self, fabric: Any) -> None:
        self._fabric = fabric
        self.rank, self.devices = fabric.global_rank, fabric.world_size

    def part(self, batch: Batch) -> Batch:
        """See `Runtime.part`: neighboring rows; one that counts nothing where none are left."""
        rows = self._rows(len(batch.indices))
        return batch.part(rows if rows.stop > rows.start else slice(0, 1))

    def measured(self, result: LossResult, part: Batch, whole: Batch) -> dict[str, Tensor]:  # noqa: ARG002
        """See `Runtime.measured`."""
        mine = {"loss": result.objective.detach(), **result.measured}
        weight = self._weight(whole)
        rows = [
            value.reshape(-1).float() * (weight if value.numel() == 1 else float(weight > 0))
            for value in mine.values()
        ]
        total = self._sum(torch.cat(rows)).split([value.numel() for value in mine.values()])
        return {
            name: added.reshape(value.shape)
            for (name, value), added in zip(mine.items(), total, strict=True)
        }

    def backward(self, objective: Tensor, optimizer: Optimizer, part: Batch, whole: Batch) -> None:  # noqa: ARG002
        """See `Runtime.backward`."""
        (objective * self._weight(whole)).backward()
        gradients = [
            parameter.grad
            for group in optimizer.param_groups
            for parameter in group["params"]
            if parameter.grad is not None
        ]
        for kind in {gradient.dtype for gradient in gradients}:
            some = [gradient for gradient in gradients if gradient.dtype == kind]
            total = self._sum(torch.cat([gradient.reshape(-1) for gradient in some]))
            for gradient, added in zip(some, total.split([g.numel() for g in some]), strict=True):
                gradient.copy_(added.reshape(gradient.shape))

    def agree(self, flag: bool) -> bool:
        """See `Runtime.agree`."""
        said = torch.tensor(float(flag and self.rank == 0), device=self._fabric.device)
        return bool(self._sum(said) > 0)

    @torch.no_grad()
    def align(self, model: nn.Module) -> None:
        """See `Runtime.align`."""
        for tensor in (*model.parameters(), *model.buffers()):
            torch.distributed.broadcast(tensor, src=0)

    def _rows(self, count: int) -> slice:
        """Return the rows of this process: sizes differ by one at most, larger ones first."""
        size, more = divmod(count, self.devices)
        start = self.rank * size + min(self.rank, more)
        return slice(start, start + size + (self.rank < more))

    def _weight(self, whole: Batch) -> float:
        rows, count = self._rows(len(whole.indices)), len(whole.indices)
        return len(range(count)[rows]) / count

    def _sum(self, tensor: Tensor) -> Tensor:
        added: Tensor = self._fabric.all_reduce(tensor, reduce_op="sum")
        return added
