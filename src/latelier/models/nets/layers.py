"""The table of nonlinearities, and named layers in order."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from latelier.losses import to_sphere

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "gelu": nn.GELU,
    "relu": nn.ReLU,
    "silu": nn.SiLU,
    "tanh": nn.Tanh,
    "leaky-relu": nn.LeakyReLU,
}


class OnSphere(nn.Module):
    """Divides every vector [B, D] by its length: explicit normalization, see `to_sphere`."""

    def forward(self, z: Tensor) -> Tensor:
        """Return z / ‖z‖, [B, D]."""
        return to_sphere(z)


class Layers:
    """Collects named layers in order; activations are numbered, as in ``conv1, gelu1, conv2``."""

    def __init__(self, activation: str) -> None:
        self._activation = activation
        self._layers = nn.Sequential()
        self._activations = 0

    def add(self, name: str, layer: nn.Module, *, activate: bool = False) -> None:
        """Append a layer and, when asked, an activation after it."""
        self._layers.add_module(name, layer)
        if activate:
            self._activations += 1
            name = f"{self._activation.replace('-', '_')}{self._activations}"
            self._layers.add_module(name, ACTIVATIONS[self._activation]())

    def sequential(self) -> nn.Sequential:
        """Return the layers so far as one module."""
        return self._layers
