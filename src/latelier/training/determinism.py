"""Random generators: seed them for a run, shield them from observers, put them back."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

# The generators belong to the process: two threads that draw from them would change each other's
# numbers. A thread may enter again, as an analysis inside a run does.
_ONE_THREAD = threading.RLock()


def seed_everything(seed: int) -> None:
    """Seed the generators of torch (every device), NumPy and Python."""
    torch.manual_seed(seed)
    np.random.seed(seed)
    random.seed(seed)


class Generators(NamedTuple):
    """The state of all global generators, each in its own form.

    Attributes:
        torch: Of torch's on the CPU.
        numpy: Of NumPy's.
        python: Of Python's.
        cuda: Of torch's on each CUDA device in use.
    """

    torch: Tensor
    numpy: dict[str, Any] | tuple[Any, ...]
    python: tuple[Any, ...]
    cuda: tuple[Tensor, ...]

    @classmethod
    def now(cls) -> Generators:
        """Return how they are."""
        devices = range(torch.cuda.device_count() if torch.cuda.is_initialized() else 0)
        cuda = tuple(torch.cuda.get_rng_state(index) for index in devices)
        return cls(torch.get_rng_state(), np.random.get_state(), random.getstate(), cuda)

    def restore(self) -> None:
        """Put them back."""
        torch.set_rng_state(self.torch)
        np.random.set_state(self.numpy)
        random.setstate(self.python)
        for index, state in enumerate(self.cuda):
            torch.cuda.set_rng_state(state, index)

    def tensors(self) -> dict[str, Tensor]:
        """Return them as plain tensors, as a checkpoint holds them; see `set_random_state`."""
        _, keys, position, *_ = self.numpy
        version, words, _ = self.python
        state = {
            "random.torch": self.torch,
            "random.numpy": torch.from_numpy(np.append(keys, position).astype(np.int64)),
            "random.python": torch.tensor([version, *words], dtype=torch.int64),
        }
        return state | {f"random.cuda.{index}": value for index, value in enumerate(self.cuda)}


def random_state() -> dict[str, Tensor]:
    """Return the state of all global generators as plain tensors."""
    return Generators.now().tensors()


def set_random_state(state: Mapping[str, Tensor]) -> None:
    """Restore what `random_state` returned; other keys of ``state`` are left alone."""
    torch.set_rng_state(state["random.torch"])
    *keys, position = state["random.numpy"].tolist()
    np.random.set_state(("MT19937", np.array(keys, dtype=np.uint32), int(position), 0, 0.0))
    version, *words = state["random.python"].tolist()
    random.setstate((version, tuple(words), None))
    for name, value in state.items():
        if name.startswith("random.cuda."):
            torch.cuda.set_rng_state(value, int(name.rsplit(".", 1)[1]))


@contextmanager
def shielded() -> Iterator[None]:
    """Let the block draw random numbers without any effect on what is drawn after it.

    Other threads that come here wait until the block is left: runs started from several threads of
    one process train one after another.
    """
    with _ONE_THREAD:
        before = Generators.now()
        try:
            yield
        finally:
            before.restore()
