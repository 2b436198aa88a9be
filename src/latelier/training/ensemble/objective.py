"""The objective of all members at once: one task's loss under `torch.vmap`, and its gradient.

Shapes: M members of P trainable numbers, B examples in a batch.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from latelier.data import Batch
from latelier.losses import drawing_from
from latelier.timeline import Frame
from latelier.training.clock import Clock
from latelier.training.ensemble.weights import StackedWeights
from latelier.training.session import Session
from latelier.training.tasks import Task, make_task

Tensors = dict[str, Tensor]


class Evaluation(NamedTuple):
    """What one batch says of every member.

    Attributes:
        objectives: [M].
        measured: What was measured by name, [M] or [M, K] each.
        gradient: Of each member's objective with respect to its weights, [M, P].
    """

    objectives: Tensor
    measured: Tensors
    gradient: Tensor


@dataclass(frozen=True)
class Arguments:
    """What a loss is computed of.

    Attributes:
        batch: A batch's tensors by name: [B, …] for all members, or [M, B, …].
        props: Properties that differ from member to member or from step to step, [M] each.
        state: What the members' tasks hold besides their models, [M, …] each.
        frame: What is in force; its properties besides ``props`` are numbers.
        differ: Whether the batch is a stack.
    """

    batch: Tensors
    props: Tensors
    state: Tensors
    frame: Frame
    differ: bool

    @classmethod
    def of(cls, batch: Batch, frame: Frame, state: Tensors, *, differ: bool) -> Arguments:
        """Sort a batch and a frame whose properties are numbers, or tensors [M]."""
        found = {field.name: getattr(batch, field.name) for field in fields(batch)}
        tensors = {name: value for name, value in found.items() if value is not None}
        held: Mapping[str, Any] = frame.props
        props = {name: value for name, value in held.items() if isinstance(value, Tensor)}
        return cls(tensors, props, state, frame, differ)


class StackedObjective:
    """Objectives of members, from a task that stands for all.

    The task is that of the first member with every regularizer in force: a member without one has
    weight 0 there.

    Args:
        sessions: The members.

    Attributes:
        state: What `Task.state` says of the common task by itself.
    """

    def __init__(self, sessions: Sequence[Session]) -> None:
        self._task = _common_task(sessions[0])
        self._module = _Loss(self._task)
        self.state = self._task.state()

    def evaluate(
        self,
        weights: StackedWeights,
        arguments: Arguments,
        generators: Sequence[torch.Generator] | None,
    ) -> Evaluation:
        """Compute the loss of every member, and its gradient.

        Args:
            weights: The members' weights and buffers.
            arguments: What it is computed of.
            generators: Each member's random numbers; None where nothing may be drawn.
        """
        matrix = weights.matrix.detach().requires_grad_()
        with drawing_from(generators, batches_differ=arguments.differ or generators is None):
            objectives, measured = self._losses(weights, matrix, arguments)
        # Nothing joins two members, so the gradient of the sum is every member's own.
        (gradient,) = torch.autograd.grad(objectives.sum(), matrix)
        detached = {name: value.detach() for name, value in measured.items()}
        return Evaluation(objectives.detach(), detached, gradient)

    def _losses(
        self, weights: StackedWeights, matrix: Tensor, arguments: Arguments
    ) -> tuple[Tensor, Tensors]:
        def loss(own: Tensors, fed: Tensors, props: Tensors, held: Tensors) -> Any:
            """Compute one member's loss, as `vmap` calls it."""
            if held:
                self._task.load_state(held)
            in_force: dict[str, Any] = {**arguments.frame.props, **props}
            frame = replace(arguments.frame, props=in_force)
            batch = Batch(**{"labels": None, **fed})  # type: ignore[arg-type]
            return torch.func.functional_call(self._module, own, (batch, frame))

        own = {f"model.{n}": v for n, v in (*weights.parameters(matrix), *weights.buffers())}
        mapped = (own, arguments.batch, arguments.props, arguments.state)
        axes = (0, 0 if arguments.differ else None, 0, 0)
        # An empty mapping has no axis to map over.
        dims = tuple(axis if part else None for axis, part in zip(axes, mapped, strict=True))
        result: tuple[Tensor, Tensors] = torch.vmap(loss, in_dims=dims)(*mapped)
        return result


class _Loss(nn.Module):
    """A task's loss as a module's forward pass, so that its weights can be put in from outside."""

    def __init__(self, task: Task[Any]) -> None:
        super().__init__()
        self.model, self._task = task.model, task

    def forward(self, batch: Batch, frame: Frame) -> tuple[Tensor, Tensors]:
        """Return the objective and what was measured."""
        result = self._task.loss(batch, frame)
        return result.objective, dict(result.measured)


def term_column(index: int) -> str:
    """Return the property that holds the weights of a regularizer, by its place in the config."""
    return f"regularizer {index}"


def _common_task(session: Session) -> Task[Any]:
    config = session.config
    terms = tuple(
        section.model_copy(update={"enabled": True, "column": term_column(index), "weight": 0.0})
        for index, section in enumerate(config.regularizers)
    )
    model = copy.deepcopy(session.model)
    model.train()
    task = make_task(model, config.model_copy(update={"regularizers": terms}), session.dataset)
    assert isinstance(session.clock, Clock)
    task.plan(session.clock)
    return task
