"""Building a model leaves no trace: lazy layers get their sizes, nothing else moves.

"Nothing" is the random state of CPU and device, every module's train/eval mode, and the buffers
(BatchNorm's running statistics among them).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy


def uninitialized(module: nn.Module) -> list[str]:
    """Return the names of the parameters and buffers that have no size yet."""
    named = [*module.named_parameters(), *module.named_buffers()]
    return [name for name, tensor in named if is_lazy(tensor)]


@contextmanager
def untouched(module: nn.Module, device: torch.device) -> Iterator[None]:
    """Run a block with ``module`` in eval mode and without gradients, then restore it.

    Inside, the CPU generator starts from a number drawn from its current state. New parameters
    thus follow the global seed, but share no random numbers with what the caller draws next.
    """
    modes = [(part, part.training) for part in module.modules()]
    lazy = set(uninitialized(module))
    buffers = {name: b.clone() for name, b in module.named_buffers() if name not in lazy}
    devices = [] if device.type == "cpu" else [device]
    device_type = None if device.type == "cpu" else device.type
    try:
        with torch.random.fork_rng(devices, device_type=device_type), torch.no_grad():
            torch.default_generator.manual_seed(int(torch.randint(2**62, ())))
            module.eval()
            yield
    finally:
        for part, training in modes:
            part.training = training
        _restore(module, buffers)


def _restore(module: nn.Module, buffers: dict[str, Tensor]) -> None:
    with torch.no_grad():
        for name, buffer in module.named_buffers():
            if name in buffers:
                buffer.copy_(buffers[name])


class ShapedBySample(nn.Module, ABC):
    """A part of a model whose parameters have the shape of an example."""

    @abstractmethod
    def take_shape(self, sample: Tensor) -> None:
        """Make the parameters, once; sample is [B, *shape]. Called by `Autoencoder.build`."""
