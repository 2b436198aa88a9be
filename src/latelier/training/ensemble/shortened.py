"""A recording with what it need not do left out: the same numbers from fewer operations.

What `make_fx` records is what autograd and `vmap` did: views that change nothing, products with 1,
constants made anew at every step, the same norm three times. For small models each of these costs
as much as real work. Rules, none of which looks at values that change:

- an operation on constants is done now, and its result kept;
- a view or a detached alias of the same shape is what it is a view of; so are x · 1 and x¹;
- of two equal operations the first is kept;
- the transpose of a product, (A B)ᵀ, is formed as Bᵀ Aᵀ, which needs no copy into order;
- an operation is called by the function that people call, which parses its arguments faster than
  the one that recordings name.

A tensor that something is written into is left alone by all but the second and the last.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import torch
from torch import Tensor, fx

_aten = torch.ops.aten

_MADE_OF_SHAPES = {
    _aten.scalar_tensor.default,
    _aten.new_ones.default,
    _aten.new_zeros.default,
    _aten.new_full.default,
    _aten.ones_like.default,
    _aten.zeros_like.default,
    _aten.full_like.default,
    _aten.full.default,
    _aten.ones.default,
    _aten.zeros.default,
}
"""Operations whose results depend on no values of tensors."""

_ALIASES = {
    _aten.detach.default,
    _aten.alias.default,
    _aten.view.default,
    _aten._unsafe_view.default,
    _aten.reshape.default,
    _aten.expand.default,
    _aten.permute.default,
}
"""Operations that are nothing where shape and strides stay."""

_WITH_ONE = {_aten.mul.Scalar, _aten.mul.Tensor, _aten.div.Scalar, _aten.pow.Tensor_Scalar}

_CALLED_AS: dict[Any, Callable[..., Any]] = {
    _aten.add.Tensor: torch.add,
    _aten.bmm.default: torch.bmm,
    _aten.cat.default: torch.cat,
    _aten.div.Scalar: torch.div,
    _aten.div.Tensor: torch.div,
    _aten.eq.Scalar: torch.eq,
    _aten.mean.dim: torch.mean,
    _aten.mul.Scalar: torch.mul,
    _aten.mul.Tensor: torch.mul,
    _aten.neg.default: torch.neg,
    _aten.pow.Tensor_Scalar: torch.pow,
    _aten.sigmoid.default: torch.sigmoid,
    _aten.sub.Tensor: torch.sub,
    _aten.sum.default: torch.sum,
    _aten.sum.dim_IntList: torch.sum,
    _aten.transpose.int: torch.transpose,
    _aten.unsqueeze.default: torch.unsqueeze,
    _aten.where.self: torch.where,
}
_METHODS = {_aten.view.default: "view", _aten.expand.default: "expand"}


_NEAR = 1e-3, 1e-6
"""How near both ways of computing must be, relative and absolute: rounding apart, the same."""

Play = Callable[..., list[Tensor]]


def shortened(recording: fx.GraphModule, inputs: Sequence[Tensor]) -> Play:
    """Return a function that computes what a recording computes.

    Both are played once and compared: a rule that does not hold for some operation costs speed,
    never a result.

    Args:
        recording: Its inputs are tensors one by one, its output a list of tensors.
        inputs: Tensors of the shapes that it will be played with; nothing is written into them.

    Returns:
        A function of such tensors.
    """
    full: Play = recording.forward
    try:
        play = _shortened(copy.deepcopy(recording), inputs)
        with torch.no_grad():
            pairs = list(zip(full(*inputs), play(*inputs), strict=True))
    except (RuntimeError, TypeError):  # what torch says of shapes and arguments that do not fit
        return full
    near = (torch.allclose(a, b, *_NEAR, equal_nan=True) for a, b in pairs)
    return play if all(near) else full


def _shortened(graph: fx.GraphModule, inputs: Sequence[Tensor]) -> Play:
    for _ in range(2):  # what the second rule leaves shows the last one more products
        Shortening(graph, inputs).apply()
        _order_products(graph.graph)
    Shortening(graph, inputs).apply()
    _protect_outputs(graph.graph)
    _call_as_people_do(graph.graph)
    kept = _constants_last(graph)
    graph.recompile()
    forward = graph.forward
    return lambda *given: forward(*given, *kept)


class Shortening:
    """One walk over a recording that applies the rules.

    Args:
        graph: The recording.
        inputs: Tensors to play it with once, for the shapes and what shares memory with what.
    """

    def __init__(self, graph: fx.GraphModule, inputs: Sequence[Tensor]) -> None:
        self._graph, self._module = graph.graph, graph
        self._results = _results(graph, inputs)
        written = {_memory(v) for node in graph.graph.nodes for v in self._written_by(node)}
        self._written = written - {0}
        self._constants: set[fx.Node] = set()
        self._seen: dict[Hashable, fx.Node] = {}

    def apply(self) -> None:
        """Apply the rules to every operation, in order."""
        for node in list(self._graph.nodes):
            if node.op == "get_attr":
                self._constants.add(node)
            elif node.op == "call_function":
                self._shorten(node)
        self._graph.eliminate_dead_code()

    def _shorten(self, node: fx.Node) -> None:
        other = self._aliased(node)
        if other is None and not self._is_written(node):
            if self._is_constant(node):
                self._fold(node)
                return
            other = self._multiplied(node) or self._seen.setdefault(_said(node), node)
        if other not in {None, node}:
            node.replace_all_uses_with(other)

    def _is_constant(self, node: fx.Node) -> bool:
        if not isinstance(self._results[node], Tensor):
            return False
        return node.target in _MADE_OF_SHAPES or self._constants.issuperset(node.all_input_nodes)

    def _fold(self, node: fx.Node) -> None:
        """Keep what an operation on constants gives."""
        name = f"_kept_{len(self._constants)}_{node.name}"
        self._module.register_buffer(name, self._results[node].detach(), persistent=False)
        with self._graph.inserting_before(node):
            kept = self._graph.get_attr(name)
        self._results[kept] = self._results[node]
        self._constants.add(kept)
        node.replace_all_uses_with(kept)

    def _aliased(self, node: fx.Node) -> fx.Node | None:
        """Return what a node is only another name of."""
        source = node.args[0] if node.target in _ALIASES else None
        return source if isinstance(source, fx.Node) and self._alike(source, node) else None

    def _multiplied(self, node: fx.Node) -> fx.Node | None:
        """Return what a node is a product with 1 of, or the first power."""
        if node.target not in _WITH_ONE:
            return None
        pairs = [node.args[:2]] + [node.args[1::-1]] * (node.target is _aten.mul.Tensor)
        for source, factor in pairs:
            if (
                isinstance(source, fx.Node)
                and self._is_one(factor)
                and self._alike(source, node, strides=False)
            ):
                return source
        return None

    def _is_one(self, factor: Any) -> bool:
        if isinstance(factor, fx.Node):
            return factor in self._constants and bool((self._results[factor] == 1).all())
        return bool(factor == 1)

    def _alike(self, one: fx.Node, other: fx.Node, *, strides: bool = True) -> bool:
        a, b = self._results[one], self._results[other]
        same = (a.shape, a.dtype) == (b.shape, b.dtype)
        return same and (not strides or a.stride() == b.stride())

    def _is_written(self, node: fx.Node) -> bool:
        """Whether something is written into what a node gives, or reads."""
        nodes = (node, *node.all_input_nodes)
        return any(not self._written.isdisjoint(_memories(self._results[n])) for n in nodes)

    def _written_by(self, node: fx.Node) -> list[Any]:
        schema = getattr(node.target, "_schema", None)
        if node.op != "call_function" or schema is None or not schema.is_mutable:
            return []
        pairs = zip(schema.arguments, node.args, strict=False)
        written = [arg for at, arg in pairs if at.alias_info is not None and at.alias_info.is_write]
        return [self._results[arg] for arg in written if isinstance(arg, fx.Node)]


@torch.no_grad()
def _results(graph: fx.GraphModule, inputs: Sequence[Tensor]) -> dict[fx.Node, Any]:
    """Return what every operation gives; all are kept, so that no memory is handed out twice."""
    given, results = iter(inputs), dict[fx.Node, Any]()
    for node in graph.graph.nodes:
        args, kwargs = fx.map_arg((node.args, node.kwargs), results.__getitem__)
        if node.op == "placeholder":
            results[node] = next(given)
        elif node.op == "get_attr":
            results[node] = getattr(graph, node.target)
        elif node.op == "call_function":
            results[node] = node.target(*args, **kwargs)
    return results


def _order_products(graph: fx.Graph) -> None:
    """Form the transpose of a product as the product of the transposes."""
    for node in list(graph.nodes):
        product = node.args[0] if node.target is _aten.transpose.int else None
        if not isinstance(product, fx.Node) or product.target is not _aten.bmm.default:
            continue
        if len(product.users) > 1 or {axis % 3 for axis in node.args[1:]} != {1, 2}:
            continue
        with graph.inserting_before(node):
            left, right = (_transposed(graph, factor) for factor in reversed(product.args))
            ordered = graph.call_function(_aten.bmm.default, (left, right))
        node.replace_all_uses_with(ordered)
    for node in graph.find_nodes(op="call_function", target=_aten.clone.default):
        product = node.args[0]
        if product.target is _aten.bmm.default and len(product.users) == 1:  # in order already
            node.replace_all_uses_with(product)
    graph.eliminate_dead_code()


def _transposed(graph: fx.Graph, factor: Any) -> fx.Node:
    if factor.target is _aten.transpose.int and {axis % 3 for axis in factor.args[1:]} == {1, 2}:
        source: fx.Node = factor.args[0]
        return source
    return graph.call_function(_aten.transpose.int, (factor, 1, 2))


def _protect_outputs(graph: fx.Graph) -> None:
    """Hand out copies of what is kept: who plays a recording may write into what it gives."""
    end = graph.output_node()
    for node in end.all_input_nodes:
        if node.op == "get_attr":
            with graph.inserting_before(end):
                copy = graph.call_function(_aten.clone.default, (node,))
            end.replace_input_with(node, copy)


def _constants_last(graph: fx.GraphModule) -> list[Tensor]:
    """Make constants the last inputs, and return them: attributes of a module are found slowly."""
    nodes = list(graph.graph.find_nodes(op="get_attr"))
    last = graph.graph.find_nodes(op="placeholder")[-1]
    for node in nodes:
        with graph.graph.inserting_after(last):
            last = graph.graph.placeholder(f"{node.name}_kept")
        node.replace_all_uses_with(last)
    graph.graph.eliminate_dead_code()
    return [getattr(graph, str(node.target)) for node in nodes]


def _call_as_people_do(graph: fx.Graph) -> None:
    for node in graph.nodes:
        if node.op != "call_function" or node.kwargs:
            continue
        if node.target in _METHODS:
            node.op, node.target = "call_method", _METHODS[node.target]
        else:
            node.target = _CALLED_AS.get(node.target, node.target)


def _said(node: fx.Node) -> Hashable:
    """Return what tells whether two operations are one."""
    return node.target, _frozen(node.args), _frozen(node.kwargs)


def _frozen(value: Any) -> Hashable:
    """Return a hashable stand-in that tells 1 from 1.0, which an operation may."""
    if isinstance(value, dict):
        return tuple((name, _frozen(one)) for name, one in sorted(value.items()))
    if isinstance(value, (list, tuple)):
        return tuple(map(_frozen, value))
    return type(value), value


def _memory(value: Any) -> int:
    return value.untyped_storage().data_ptr() if isinstance(value, Tensor) else 0


def _memories(value: Any) -> set[int]:
    parts = value if isinstance(value, (list, tuple)) else [value]
    return {_memory(part) for part in parts}
