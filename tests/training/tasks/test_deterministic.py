"""What the configuration says of an autoencoder without a posterior reaches its objective."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch

from latelier.config import load_config
from latelier.data import load_dataset
from latelier.training import Session, open_session

TINY: dict[str, Any] = {
    "data": {"dataset": "digits", "limit": 100},
    "schedule": {"epochs": 2},
    "training": {"batch_size": 20},
}

# Kind → its settings, none of them a default; what its loss, and its forward pass, must be given.
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "ae": ({"recon_weight": 2.5}, {"recon_weight": 2.5}, {}),
    "sparse-ae": (
        {"sparsity_weight": 2.5, "penalty": "kl", "activity": 0.2},
        {"sparsity_weight": 2.5, "penalty": "kl", "activity": 0.2},
        {},
    ),
    "wae-mmd": (
        {"mmd_weight": 7.0, "kernel": "rbf"},
        {"mmd_weight": 7.0, "kernel": "rbf"},
        {},
    ),
    "denoising-ae": ({"noise": 0.75}, {}, {"noise": 0.75}),
    "vq-vae": ({"commitment": 0.75}, {"commitment": 0.75}, {}),
}
SHARED = {"likelihood": "laplace", "recon_reduction": "mean"}


def opened(kind: str, **objective: Any) -> Session:
    model = {"kind": kind, "latent_dim": 4, "net": {"kind": "mlp", "hidden": [8]}}
    model |= {"codes": 8, "code_dim": 2} if kind == "vq-vae" else {}
    config = load_config({**TINY, "model": model, "objective": objective})
    return open_session(config, load_dataset(config.data, seed=config.seed))


@pytest.mark.parametrize("kind", CASES)
def test_the_loss_is_the_models_with_the_settings_of_the_configuration(kind: str) -> None:
    settings, expected, forward = CASES[kind]
    session = opened(kind, **settings, **SHARED)
    session.model.train()
    batch = next(session.batches(1, 0))
    session.model(batch.inputs, **forward)  # the first batch starts a codebook
    model = copy.deepcopy(session.model)  # a loss moves a codebook
    torch.manual_seed(3)
    found = session.task.loss(batch, session.timeline.at(3))
    torch.manual_seed(3)
    output = model(batch.inputs, **forward)
    by_hand = model.compute_loss(batch.inputs, output, **expected, **SHARED)
    torch.testing.assert_close(found.objective, by_hand.objective)


@pytest.mark.parametrize("kind", CASES)
def test_every_setting_counts(kind: str) -> None:
    """With a setting at its default the objective is another one."""
    settings, _, _ = CASES[kind]

    def value(**changed: Any) -> float:
        session = opened(kind, **changed, **SHARED)
        session.model.train()
        batch = next(session.batches(1, 0))
        torch.manual_seed(3)
        return float(session.task.loss(batch, session.timeline.at(3)).objective.detach())

    whole = value(**settings)
    assert whole == value(**settings)
    for left_out in settings:
        others = {name: value for name, value in settings.items() if name != left_out}
        assert value(**others) != whole, left_out
