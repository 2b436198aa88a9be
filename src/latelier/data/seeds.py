"""Where randomness of the data comes from: one independent stream per purpose, seed and epoch."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch


class Stream(IntEnum):
    """Purposes; each has numbers of its own, so that no option shifts another's."""

    SPLIT = 1
    LIMIT = 2
    LABEL_NOISE = 3
    ORDER = 4
    AUGMENT = 5
    VISUALIZATION = 6
    WORKERS = 7
    PAIRS = 8
    SAMPLING = 9
    CONCEPTS = 10


def _sequence(seed: int, stream: Stream, epoch: int) -> np.random.SeedSequence:
    return np.random.SeedSequence([seed, int(stream), epoch])


def numpy_rng(seed: int, stream: Stream, epoch: int = 0) -> np.random.Generator:
    """Return numpy's generator of (seed, stream, epoch), each time from its beginning."""
    return np.random.default_rng(_sequence(seed, stream, epoch))


def torch_rng(seed: int, stream: Stream, epoch: int = 0) -> torch.Generator:
    """Return torch's CPU generator of (seed, stream, epoch), each time from its beginning."""
    import torch  # the table of data sets is listed without it

    state = int(_sequence(seed, stream, epoch).generate_state(1, np.uint64)[0])
    return torch.Generator().manual_seed(state & (2**63 - 1))
