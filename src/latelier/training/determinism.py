"""Random generators: seed them for a run, shield them from observers, put them back."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager

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


def random_state() -> dict[str, Tensor]:
    """Return the state of all global generators as plain tensors."""
    _, keys, position, _, _ = np.random.get_state(legacy=True)
    version, words, _ = random.getstate()
    state = {
        "random.torch": torch.get_rng_state(),
        "random.numpy": torch.from_numpy(np.append(keys, position).astype(np.int64)),
        "random.python": torch.tensor([version, *words], dtype=torch.int64),
    }
    for index in range(torch.cuda.device_count() if torch.cuda.is_initialized() else 0):
        state[f"random.cuda.{index}"] = torch.cuda.get_rng_state(index)
    return state


def set_random_state(state: dict[str, Tensor]) -> None:
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
        state = random_state()
        try:
            yield
        finally:
            set_random_state(state)
