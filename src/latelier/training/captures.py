"""What a forward pass computes on its way: latents and activations, caught with their graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

import torch
from torch import Tensor, nn

from latelier.config import ConfigError
from latelier.models.outputs import AdaGVAEOutput

LATENTS = "latents"
"""The target that is no layer."""


class Captures:
    """Catches a model's latents and named layers' activations while it listens.

    Hooks stay on the model, and keep nothing while nobody listens.

    Args:
        model: The model, whose output has ``mu``, ``z_e`` or ``z`` if its latents are asked for.
        targets: What to catch: `LATENTS`, or names of layers as in `named_modules`.

    Raises:
        ConfigError: If there is no such layer.
    """

    def __init__(self, model: nn.Module, targets: set[str]) -> None:
        self._caught: dict[str, list[Tensor]] = {}
        self._listening = False
        for target in sorted(targets):
            of_latents = target == LATENTS
            module = model if of_latents else _layer(model, target)
            module.register_forward_hook(self._hook(target, latents_of if of_latents else _flat))

    def _hook(self, target: str, read: Callable[[Any], Tensor]) -> Callable[..., None]:
        def caught(_module: nn.Module, _inputs: Any, output: Any) -> None:
            """Keep what a layer gives, while somebody listens."""
            if self._listening:
                self._caught.setdefault(target, []).append(read(output))

        return caught

    @contextmanager
    def listening(self) -> Iterator[Mapping[str, list[Tensor]]]:
        """Catch what the forward passes of the block compute, a tensor [B, D] per call."""
        self._caught, self._listening = {}, True
        try:
            yield self._caught
        finally:
            self._caught, self._listening = {}, False


def joined(caught: Mapping[str, list[Tensor]]) -> dict[str, Tensor]:
    """Put the calls of each target one below the other, [calls · B, D]."""
    return {
        target: parts[0] if len(parts) == 1 else torch.cat(parts)
        for target, parts in caught.items()
    }


def latents_of(output: Any) -> Tensor:
    """Return what maps show of a model's output: posterior mean, or code, [B, D]."""
    if isinstance(output, AdaGVAEOutput):
        return torch.cat([output.output1.mu, output.output2.mu])
    names = (name for name in ("mu", "z_e", "z") if hasattr(output, name))
    latents: Tensor = getattr(output, next(names))
    return latents


def _flat(output: Any) -> Tensor:
    if isinstance(output, Tensor) and output.ndim >= 2:
        return output.flatten(1)
    shown = list(output.shape) if isinstance(output, Tensor) else type(output).__name__
    raise ConfigError(
        "a regularizer's target is no layer with a vector per example",
        got=str(shown),
        expected="activations [B, …]",
        remedy="Name another layer.",
    )


def _layer(model: nn.Module, name: str) -> nn.Module:
    layers: dict[str, nn.Module] = dict(model.named_modules())
    layers.pop("", None)
    if name in layers:
        return layers[name]
    close = get_close_matches(name, [LATENTS, *layers], n=1)
    raise ConfigError(
        "a regularizer's target is neither the latents nor a layer of the model",
        got=name,
        expected=", ".join([LATENTS, *layers][:40]),
        remedy=f"Did you mean {close[0]}?" if close else None,
    )
