"""What models return: small frozen records of tensors whose repr prints shapes, not numbers.

Shapes: B batch, S Monte Carlo samples, D latent size, K mixture components, C classes, and
``*shape`` the features of one example.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any, Self

import torch
from torch import Tensor

from latelier.config.html import html_table


@dataclass(frozen=True, eq=False, repr=False)
class Output:
    """Base of every record. A deep copy is detached from the graph (torch copies only leaves)."""

    def __repr__(self) -> str:
        parts = (f"{field.name}={_describe(getattr(self, field.name))}" for field in fields(self))
        return f"{type(self).__name__}({', '.join(parts)})"

    def detach(self) -> Self:
        """Return the record without its graph."""
        return self._each(torch.Tensor.detach)

    def clone(self) -> Self:
        """Return a copy that shares no memory; the graph goes through it."""
        return self._each(torch.Tensor.clone)

    def cpu(self) -> Self:
        """Return the record with its tensors on the CPU."""
        return self._each(torch.Tensor.cpu)

    def _each(self, change: Callable[[Tensor], Tensor]) -> Self:
        values = (getattr(self, field.name) for field in fields(self))
        return type(self)(
            *(v._each(change) if isinstance(v, Output) else change(v) for v in values)
        )

    def _repr_html_(self) -> str:
        rows = [(name, *_facts(tensor)) for name, tensor in self._tensors()]
        return html_table(("", "shape", "type", "device"), rows, caption=type(self).__name__)

    def _tensors(self) -> Iterator[tuple[str, Tensor]]:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Output):
                yield from ((f"{field.name}.{name}", inner) for name, inner in value._tensors())
            else:
                yield field.name, value

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        values = (getattr(self, field.name) for field in fields(self))
        return type(self)(*(_copied(value, memo) for value in values))


def _copied(value: Tensor | Output, memo: dict[int, Any]) -> Any:
    return copy.deepcopy(value.detach() if isinstance(value, Tensor) else value, memo)


@dataclass(frozen=True, eq=False, repr=False)
class AEOutput(Output):
    """x_hat [B, *shape] and z [B, D]."""

    x_hat: Tensor
    z: Tensor


@dataclass(frozen=True, eq=False, repr=False)
class AEEncodeOutput(Output):
    """z [B, D]."""

    z: Tensor


@dataclass(frozen=True, eq=False, repr=False)
class AEDecodeOutput(Output):
    """x_hat [B, *shape]."""

    x_hat: Tensor


@dataclass(frozen=True, eq=False, repr=False)
class VAEOutput(Output):
    """x_hat [B, S, *shape], z [B, S, D], mu and log_var [B, D]; the S axis is always there."""

    x_hat: Tensor
    z: Tensor
    mu: Tensor
    log_var: Tensor


@dataclass(frozen=True, eq=False, repr=False)
class VAEEncodeOutput(Output):
    """z [B, S, D], mu and log_var [B, D]."""

    z: Tensor
    mu: Tensor
    log_var: Tensor


@dataclass(frozen=True, eq=False, repr=False)
class VAEDecodeOutput(Output):
    """x_hat [B, S, *shape]."""

    x_hat: Tensor


@dataclass(frozen=True, eq=False, repr=False)
class SupervisedAEOutput(Output):
    """x_hat [B, *shape], z [B, D] and the classifier's logits [B, C]."""

    x_hat: Tensor
    z: Tensor
    logits: Tensor


@dataclass(frozen=True, eq=False, repr=False)
class SupervisedAEEncodeOutput(Output):
    """z [B, D] and the classifier's logits [B, C]."""

    z: Tensor
    logits: Tensor


class _WithLogits(Output):
    """A record with the logits of q(c|x), [B, K]."""

    logits: Tensor

    @property
    def responsibilities(self) -> Tensor:
        """q(c|x), [B, K]; rows sum to 1."""
        return torch.softmax(self.logits, -1)


@dataclass(frozen=True, eq=False, repr=False)
class GMVAEOutput(_WithLogits):
    """x_hat [B, *shape], z, mu and log_var [B, D], and the logits of q(c|x), [B, K]."""

    x_hat: Tensor
    z: Tensor
    mu: Tensor
    log_var: Tensor
    logits: Tensor


@dataclass(frozen=True, eq=False, repr=False)
class GMVAEEncodeOutput(_WithLogits):
    """z, mu and log_var [B, D], and the logits of q(c|x), [B, K]."""

    z: Tensor
    mu: Tensor
    log_var: Tensor
    logits: Tensor


@dataclass(frozen=True, eq=False, repr=False)
class GMVAEDecodeOutput(Output):
    """x_hat [B, *shape]."""

    x_hat: Tensor


def _facts(tensor: Tensor) -> tuple[str, str, str]:
    return str(list(tensor.shape)), str(tensor.dtype).removeprefix("torch."), str(tensor.device)


def _describe(tensor: Tensor | Output) -> str:
    if isinstance(tensor, Output):
        return repr(tensor)
    where = "" if tensor.device.type == "cpu" else f" on {tensor.device}"
    return f"{list(tensor.shape)} {str(tensor.dtype).removeprefix('torch.')}{where}"


@dataclass(frozen=True, eq=False, repr=False)
class VQVAEOutput(Output):
    """x_hat [B, *shape], codes z [B, D], what they replaced z_e [B, D], tokens [B, D / E]."""

    x_hat: Tensor
    z: Tensor
    z_e: Tensor
    tokens: Tensor


@dataclass(frozen=True, eq=False, repr=False)
class VQVAEEncodeOutput(Output):
    """codes z [B, D], what they replaced z_e [B, D], tokens [B, D / E] int64."""

    z: Tensor
    z_e: Tensor
    tokens: Tensor


@dataclass(frozen=True, eq=False, repr=False)
class AdaGVAEOutput(Output):
    """One `VAEOutput` per view of a pair, of the adapted posteriors."""

    output1: VAEOutput
    output2: VAEOutput
