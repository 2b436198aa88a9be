"""Tiny sessions: digits, a small network, a few steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from latelier.config import load_config
from latelier.data import load_dataset
from latelier.training import Session, open_session

MODELS: dict[str, dict[str, Any]] = {
    "ae": {"kind": "ae"},
    "vae": {"kind": "vae"},
    "supervised-ae": {"kind": "supervised-ae"},
    "gmvae": {"kind": "gmvae", "components": 3, "component_init": "random"},
    "gmvae-fitted": {"kind": "gmvae", "components": 3, "warmup_epochs": 1},
}
NET = {"kind": "mlp", "hidden": [8]}


def tiny_config(model: str = "vae", **sections: Any) -> Any:
    """A configuration of 4 steps per epoch, 3 epochs."""
    base: dict[str, Any] = {
        "data": {"dataset": "digits", "limit": 100},
        "model": {"latent_dim": 3, "net": NET, **MODELS[model]},
        "schedule": {"epochs": 3},
        "training": {"batch_size": 32},
    }
    return load_config({**base, **sections})


@pytest.fixture
def open_tiny() -> Callable[..., Session]:
    """Open a session of a tiny run; keyword arguments replace sections of its config."""

    def opener(model: str = "vae", **sections: Any) -> Session:
        config = tiny_config(model, **sections)
        return open_session(config, load_dataset(config.data, seed=config.seed))

    return opener
