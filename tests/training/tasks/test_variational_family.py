"""What the configuration says of a member of the family reaches the member's own objective."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from latelier.config import load_config
from latelier.data import load_dataset
from latelier.training import Session, open_session

TINY: dict[str, Any] = {
    "data": {"dataset": "digits", "limit": 100},
    "schedule": {"epochs": 6},
    "training": {"batch_size": 20},
}
EXAMPLES = 100
"""A pass has 5 batches of 20."""
STEP = 8

# Kind → its settings, none of them a default, and what its loss must be given at step 8.
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "vae": ({"beta": 3.0}, {"beta": 3.0}),
    "beta-vae": (
        {"beta": 6.0, "beta_warmup_epochs": 4, "capacity": 5.0, "capacity_epochs": 2},
        {"beta": 6.0 * 8 / 20, "capacity": 5.0 * 8 / 10},
    ),
    "beta-tcvae": (
        {"alpha": 2.0, "beta": 3.0, "gamma": 5.0},
        {"alpha": 2.0, "beta": 3.0, "gamma": 5.0, "examples": EXAMPLES},
    ),
    "factor-vae": ({"gamma": 7.0}, {"gamma": 7.0}),
    "dip-vae": (
        {"off_diagonal": 3.0, "diagonal": 5.0, "covariance": "mean"},
        {"off_diagonal": 3.0, "diagonal": 5.0, "of": "mean"},
    ),
    "info-vae": (
        {"alpha": 0.25, "mmd_weight": 7.0, "kernel": "rbf"},
        {"alpha": 0.25, "mmd_weight": 7.0, "kernel": "rbf"},
    ),
    "iwae": ({}, {}),
    "vamp-vae": ({"beta": 3.0}, {"beta": 3.0}),
}
SHARED = {"likelihood": "laplace", "recon_reduction": "mean"}


def opened(kind: str, **objective: Any) -> Session:
    model = {"kind": kind, "latent_dim": 3, "samples": 2, "net": {"kind": "mlp", "hidden": [8]}}
    config = load_config({**TINY, "model": model, "objective": objective})
    return open_session(config, load_dataset(config.data, seed=config.seed))


@pytest.mark.parametrize("kind", CASES)
def test_the_loss_is_the_models_with_the_settings_of_the_configuration(kind: str) -> None:
    settings, expected = CASES[kind]
    session = opened(kind, **settings, **SHARED)
    assert len(session.dataset.train) == EXAMPLES
    batch = next(session.batches(1, 0))
    torch.manual_seed(3)
    found = session.task.loss(batch, session.timeline.at(STEP))
    torch.manual_seed(3)
    output = session.model(batch.inputs, S=2)
    by_hand = session.model.compute_loss(batch.inputs, output, **expected, **SHARED)
    torch.testing.assert_close(found.objective, by_hand.objective)
    assert output.z.shape[1] == 2


@pytest.mark.parametrize("kind", CASES)
def test_every_setting_counts(kind: str) -> None:
    """With a setting at its default the objective is another one."""
    settings, _ = CASES[kind]

    def value(**changed: Any) -> float:
        session = opened(kind, **changed, **SHARED)
        batch = next(session.batches(1, 0))
        torch.manual_seed(3)
        return float(session.task.loss(batch, session.timeline.at(STEP)).objective.detach())

    whole = value(**settings)
    for left_out in settings:
        others = {name: value for name, value in settings.items() if name != left_out}
        assert value(**others) != whole, left_out


def test_ramps_begin_at_nothing_and_end_where_they_should() -> None:
    settings, _ = CASES["beta-vae"]
    timeline = opened("beta-vae", **settings).timeline
    for step, beta, capacity in ((0, 0.0, 0.0), (10, 3.0, 5.0), (20, 6.0, 5.0), (29, 6.0, 5.0)):
        props = timeline.at(step).props
        assert (props["beta"], props["capacity"]) == pytest.approx((beta, capacity))


def test_the_discriminator_learns_at_its_own_rate() -> None:
    session = opened("factor-vae", discriminator_lr=0.25)
    groups = session.task.parameter_groups()
    columns = {
        name: group["column"]
        for group in groups
        for name, parameter in session.model.named_parameters()
        if any(parameter is one for one in group["params"])
    }
    assert {columns[n] for n in columns if n.startswith("discriminator.")} == {"discriminator_lr"}
    assert {columns[n] for n in columns if not n.startswith("discriminator.")} == {"lr"}
    assert session.timeline.at(0).props["discriminator_lr"] == 0.25
