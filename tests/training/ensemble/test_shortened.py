"""Shortened recordings: the same numbers from fewer operations, whatever is written where."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, fx
from torch.fx.experimental.proxy_tensor import make_fx

from latelier.losses.crowding import crowding
from latelier.training.ensemble import shortened as module
from latelier.training.ensemble.shortened import shortened

Function = Callable[..., list[Tensor]]


def with_gradient(loss: Callable[[Tensor], Tensor]) -> Function:
    def both(x: Tensor) -> list[Tensor]:
        leaf = x.detach().requires_grad_()
        found = loss(leaf)
        (gradient,) = torch.autograd.grad(found.sum(), leaf)
        return [found.detach(), gradient]

    return both


def lengths(x: Tensor) -> Tensor:
    """The same norm three times, with products with one and views of the same shape."""
    first = torch.linalg.vector_norm(x, dim=-1)
    again = torch.linalg.vector_norm(x.view(x.shape), dim=-1) * 1
    unit = x / (torch.linalg.vector_norm(x, dim=-1, keepdim=True) + 1e-8)
    return (first - 1) ** 2 + (again - 1) ** 1 + unit.sum(-1) * x.new_ones(x.shape[:-1])


def products(x: Tensor) -> Tensor:
    weight = torch.linspace(-1, 1, 12).reshape(3, 4)
    return torch.nn.functional.gelu(x @ weight.T).bmm(weight.expand(len(x), 3, 4)).mean((1, 2))


def crowds(x: Tensor) -> Tensor:
    unit = torch.nn.functional.normalize(x, dim=-1)
    return crowding(unit, 10, shift=False).sum(-1)


def written(x: Tensor) -> list[Tensor]:
    """Results that something is written into after they were like something else."""
    copy, other = x * 1, x * 1
    view = copy.view(copy.shape)
    before = view.sum()
    copy.mul_(3)
    view[..., 0].zero_()
    return [copy, other, before, view.sum(), x + 0]


def constants(x: Tensor) -> list[Tensor]:
    ones = torch.ones(3)
    return [ones, ones * 2, (x.new_zeros(3) + 1).expand(2, 3), x.sum() * ones[0]]


FUNCTIONS = {
    "lengths": with_gradient(lengths),
    "products": with_gradient(products),
    "crowds": with_gradient(crowds),
    "written": written,
    "constants": constants,
}


def recorded(function: Function, *inputs: Tensor) -> fx.GraphModule:
    graph = make_fx(function)(*inputs)
    assert isinstance(graph, fx.GraphModule)
    return graph


def examples(seed: int) -> Tensor:
    return torch.randn(5, 6, 4, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_says_of_new_inputs_what_the_function_says(name: str) -> None:
    function = FUNCTIONS[name]
    play = shortened(recorded(function, examples(0)), [examples(0)])
    for seed in (1, 2):
        x = examples(seed)
        expected = function(examples(seed))
        for found, right in zip(play(x), expected, strict=True):
            torch.testing.assert_close(found, right, rtol=1e-5, atol=1e-6)
        assert torch.equal(x, examples(seed)), "an input was changed"


@pytest.mark.parametrize(("name", "fewer"), [("lengths", 0.75), ("products", 0.75)])
def test_makes_fewer_operations(name: str, fewer: float) -> None:
    graph = recorded(FUNCTIONS[name], examples(0))
    play = shortened(graph, [examples(0)])
    assert operations(play, examples(1)) < fewer * operations(graph.forward, examples(1))


def operations(play: Function, x: Tensor) -> int:
    with torch.no_grad(), torch.profiler.profile() as profile:
        play(x)
    return sum(event.count for event in profile.key_averages() if event.key.startswith("aten::"))


def test_a_constant_that_is_handed_out_may_be_written_into() -> None:
    play = shortened(recorded(constants, examples(0)), [examples(0)])
    for tensor in play(examples(1)):
        if not tensor.is_set_to(tensor.contiguous()):
            continue
        tensor.zero_()
    assert torch.equal(play(examples(1))[0], torch.ones(3))
    assert torch.equal(play(examples(1))[1], torch.full((3,), 2.0))


def confuses_sum_and_product(graph: fx.Graph) -> None:
    graph.find_nodes(op="call_function", target=torch.ops.aten.add.Tensor)[
        0
    ].target = torch.ops.aten.mul.Tensor


def confuses_shapes(graph: fx.Graph) -> None:
    node = graph.find_nodes(op="call_function", target=torch.ops.aten.bmm.default)[0]
    node.args = (node.args[0], node.args[0])


@pytest.mark.parametrize(
    ("broken", "name"), [(confuses_sum_and_product, "lengths"), (confuses_shapes, "products")]
)
def test_a_rule_that_does_not_hold_costs_no_result(
    monkeypatch: pytest.MonkeyPatch, broken: Callable[[fx.Graph], None], name: str
) -> None:
    monkeypatch.setattr(module, "_order_products", broken)
    play = shortened(recorded(FUNCTIONS[name], examples(0)), [examples(0)])
    for found, right in zip(play(examples(3)), FUNCTIONS[name](examples(3)), strict=True):
        torch.testing.assert_close(found, right)
