"""Random numbers inside models and losses, which members of an ensemble draw each from their own.

Outside an ensemble these are `torch.randn_like` and `torch.rand_like`, from the global generator.
Models that train as one stacked tensor compute under `torch.vmap`, where one draw would be
everybody's: there, every member draws from a generator of its own, in the state in which it would
be if the member trained alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from latelier.config.errors import LatelierError


@dataclass(frozen=True)
class _Drawing:
    """Who draws: members of an ensemble, or (None) nobody."""

    generators: tuple[torch.Generator, ...] | None
    batches_differ: bool


class _Now:
    """Who draws at this moment; a plain attribute, which `torch.compile` can read."""

    drawing: _Drawing | None = None


@contextmanager
def drawing_from(
    generators: Sequence[torch.Generator] | None, *, batches_differ: bool = True
) -> Iterator[None]:
    """Let the block's draws be one for each member of an ensemble.

    Args:
        generators: One per member; None where nothing may be drawn: a draw then raises.
        batches_differ: Whether members are fed different batches.
    """
    own = None if generators is None else tuple(generators)
    before, _Now.drawing = _Now.drawing, _Drawing(own, batches_differ)
    try:
        yield
    finally:
        _Now.drawing = before


def batches_differ() -> bool:
    """Tell whether many batches are computed at once: what they hold then decides no branch."""
    drawing = _Now.drawing
    return drawing is not None and drawing.batches_differ


def normal_like(x: Tensor) -> Tensor:
    """Draw from N(0, 1), in the shape and type of ``x``, on its device."""
    return torch.randn_like(x) if _Now.drawing is None else _drawn(x, torch.randn)


def uniform_like(x: Tensor) -> Tensor:
    """Draw evenly from [0, 1), in the shape and type of ``x``, on its device."""
    return torch.rand_like(x) if _Now.drawing is None else _drawn(x, torch.rand)


def _generators() -> tuple[torch.Generator, ...]:
    drawing = _Now.drawing
    return () if drawing is None or drawing.generators is None else drawing.generators


def _drawn(like: Tensor, draw: Callable[..., Tensor]) -> Tensor:
    if not _generators():
        raise LatelierError("random numbers are drawn where none may be")
    drawn: Tensor = _Draw.apply(like, draw)  # type: ignore[no-untyped-call]
    return drawn


def _each(draw: Callable[..., Tensor], shape: Sequence[int], like: Tensor) -> list[Tensor]:
    return [
        draw(*shape, generator=generator, dtype=like.dtype, device=like.device)
        for generator in _generators()
    ]


class _Draw(torch.autograd.Function):
    """A draw that `torch.vmap` knows how to make for all members."""

    @staticmethod
    def forward(like: Tensor, draw: Callable[..., Tensor]) -> Tensor:
        """Draw for members that all compute the same: each makes the same draw, one is taken."""
        return _each(draw, like.shape, like)[0]

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        """Keep nothing: noise has no gradient."""

    @staticmethod
    def backward(_ctx: Any, *_gradients: Tensor) -> tuple[None, None]:
        """Return no gradient."""
        return None, None

    @staticmethod
    def vmap(
        _info: Any, in_dims: tuple[int | None, None], like: Tensor, draw: Callable[..., Tensor]
    ) -> tuple[Tensor, int]:
        """Draw for each member by itself."""
        dim = in_dims[0] or 0
        shape = [size for axis, size in enumerate(like.shape) if axis != dim]
        return torch.stack(_each(draw, shape, like)), 0
