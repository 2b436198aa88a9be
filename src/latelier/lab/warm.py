"""Load what training needs before there is a run, so that the run begins at once."""

from __future__ import annotations

from latelier.lab import queued
from latelier.lab.cost import estimate_cost

_TINY = {
    "data": {"dataset": "digits", "limit": 64},
    "model": {"kind": "gmvae", "latent_dim": 2, "components": 2, "component_init": "random"},
    "schedule": {"epochs": 1},
    "training": {"batch_size": 32},
    "analysis": {"points": 32},
}


def warm_up() -> None:
    """Train a tiny run to nowhere: libraries that load at first use are loaded then.

    Random generators need no care: every run seeds its own.
    """
    assert queued is not None  # its imports are what takes most of the time
    estimate_cost(_TINY)
