"""Sharing a batch: parts add up to the whole, to the measurement and to the gradient."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from latelier.data import Batch
from latelier.models import LossResult
from latelier.training.runtime import ManyDevices, OneDevice, Runtime

X = torch.rand(11, 5, generator=torch.Generator().manual_seed(0))


class Fabric:
    """What a runtime asks of Lightning Fabric, between threads."""

    device = torch.device("cpu")

    def __init__(self, rank: int, size: int, table: list[Any], barrier: threading.Barrier) -> None:
        self.global_rank, self.world_size = rank, size
        self._table, self._barrier = table, barrier

    def all_reduce(self, tensor: Tensor, reduce_op: str) -> Tensor:
        assert reduce_op == "sum"
        self._table[self.global_rank] = tensor.detach()
        self._barrier.wait()
        total = torch.stack(self._table).sum(0)
        self._barrier.wait()
        return total


def together(size: int, work: Callable[[Runtime], Any]) -> list[Any]:
    """Do the same work in every rank at once; returns what each got."""
    table, barrier, got = [None] * size, threading.Barrier(size, timeout=10), [None] * size

    def one(rank: int) -> None:
        got[rank] = work(ManyDevices(Fabric(rank, size, table, barrier)))

    threads = [threading.Thread(target=one, args=(rank,)) for rank in range(size)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(5, 3), nn.Tanh(), nn.Linear(3, 2))


# Drawn once, and copied: threads share one global generator, so they must not draw weights.
NET = network()


def step(runtime: Runtime, count: int) -> tuple[dict[str, Tensor], list[Tensor]]:
    """One update's measurements and gradients on ``count`` rows."""
    net = copy.deepcopy(NET)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    whole = Batch(X[:count], None, torch.arange(count))
    part = runtime.part(whole)
    value = net(part.inputs).square().sum(1)
    measured = {"mean": value.mean().detach(), "counts": torch.tensor([len(value), 0])}
    result = LossResult(value.mean(), measured)
    shared = runtime.measured(result, part, whole)
    runtime.backward(result.objective, optimizer, part, whole)
    return shared, [parameter.grad for parameter in net.parameters()]


@pytest.mark.parametrize("size", [2, 3])
@pytest.mark.parametrize("count", [1, 2, 4, 11])
def test_parts_add_up_to_the_whole(size: int, count: int) -> None:
    alone, gradients = step(OneDevice(), count)
    for shared, others in together(size, lambda runtime: step(runtime, count)):
        assert shared["counts"].tolist() == [count, 0]
        torch.testing.assert_close(shared["loss"], alone["loss"])
        torch.testing.assert_close(shared["mean"], alone["mean"])
        assert shared["loss"].shape == ()
        for one, other in zip(gradients, others, strict=True):
            torch.testing.assert_close(one, other)


@pytest.mark.parametrize(("count", "sizes"), [(11, [4, 4, 3]), (3, [1, 1, 1]), (2, [1, 1, 1])])
def test_every_process_has_neighboring_rows_and_at_least_one(count: int, sizes: list[int]) -> None:
    whole = Batch(X[:count], None, torch.arange(count))
    parts = together(3, lambda runtime: runtime.part(whole).indices)
    assert [len(part) for part in parts] == sizes
    if count >= 3:
        assert torch.cat(parts).tolist() == list(range(count))


def test_rank_0_decides() -> None:
    assert together(2, lambda runtime: runtime.agree(runtime.rank == 0)) == [True, True]
    assert together(2, lambda runtime: runtime.agree(runtime.rank == 1)) == [False, False]


def test_a_number_that_is_not_finite_is_seen_by_all() -> None:
    def work(runtime: Runtime) -> Tensor:
        whole = Batch(X, None, torch.arange(len(X)))
        value = torch.tensor(torch.nan if runtime.rank else 1.0)
        return runtime.measured(LossResult(value, {}), runtime.part(whole), whole)["loss"]

    assert all(torch.isnan(loss) for loss in together(2, work))


def test_one_device_changes_nothing() -> None:
    runtime, batch = OneDevice(), Batch(X, None, torch.arange(len(X)))
    assert runtime.part(batch) is batch
    assert runtime.agree(True)
    objective = torch.ones((), requires_grad=True) * 2
    assert runtime.measured(LossResult(objective, {}), batch, batch)["loss"] == 2
