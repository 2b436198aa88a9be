"""Samples on demand: against moments, direct calls of the model, and the model's own facts."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from latelier.config import ConfigError
from latelier.lab.makers.base import draw_seed

from .conftest import made, model_says, tiles

ASKED = {
    "posterior_local": {"idx": 7, "m": 5},
    "prior_component": {"c": 0, "m": 5},
    "prior_samples": {"m": 5},
    "interpolation": {"idx": 7, "to": 11, "m": 5},
    "traversal": {"idx": 7, "d": 1, "m": 5},
}


@pytest.mark.parametrize("model", ["vae", "gmvae"])
@pytest.mark.parametrize("kind", ASKED)
def test_pictures_show_the_decoded_latents(moments, model, kind):
    moment = moments(model)
    payload, picture, named = made(moment, kind, **ASKED[kind])
    assert named == ASKED[kind]
    assert payload["z"].shape == (5, 3)
    assert payload["m"] == 5
    seen = tiles(payload, picture)
    assert np.abs(seen - model_says(moment, payload["z"])).max() <= 1  # rounding


@pytest.mark.parametrize("kind", ASKED)
def test_the_same_question_has_the_same_answer_and_moves_no_generator(moments, kind):
    moment = moments("gmvae")
    torch.manual_seed(1)
    state = torch.get_rng_state()
    first, picture, _ = made(moment, kind, **ASKED[kind])
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(2)
    again, repeated, _ = made(moment, kind, **ASKED[kind])
    assert np.array_equal(first["z"], again["z"])
    assert np.array_equal(picture, repeated)
    assert not any(weight.grad is not None for weight in moment.session.model.parameters())


@pytest.mark.parametrize("kind", ["posterior_local", "prior_component", "prior_samples"])
def test_a_seed_is_told_and_decides_the_draw(moments, kind):
    moment = moments("gmvae")
    free, _, _ = made(moment, kind, **ASKED[kind])
    same, _, named = made(moment, kind, **ASKED[kind], seed=free["sample_seed"])
    other, _, _ = made(moment, kind, **ASKED[kind], seed=free["sample_seed"] + 1)
    assert named["seed"] == free["sample_seed"]
    assert np.array_equal(free["z"], same["z"])
    assert not np.array_equal(free["z"], other["z"])


@pytest.mark.parametrize("kind", ["posterior_local", "prior_component", "prior_samples"])
def test_the_noise_stays_while_the_epoch_goes_on(moments, kind):
    seeds = {made(moments("gmvae", e), kind, **ASKED[kind])[0]["sample_seed"] for e in (2, 3)}
    assert len(seeds) == 1
    changed = {**ASKED[kind], "m": 6}
    assert made(moments("gmvae"), kind, **changed)[0]["sample_seed"] not in seeds


def test_the_default_seed_follows_from_run_kind_and_keys_alone(moments):
    def seed(run=0, kind="prior_samples", **keys):
        config = SimpleNamespace(seed=run)
        return draw_seed(SimpleNamespace(session=SimpleNamespace(config=config)), kind, keys)

    assert seed(c=1, m=5) == seed(m=5, c=1, epoch=9)
    others = [seed(c=1, m=5), seed(c=2, m=5), seed(run=1, c=1, m=5), seed(kind="x", c=1, m=5)]
    assert len(set(others)) == 4
    keys = {"m": 5, "epoch": 3}
    assert made(moments("vae"), "prior_samples", **keys)[2] == {"m": 5}


@pytest.mark.parametrize("model", ["vae", "gmvae"])
def test_samples_around_an_example_have_the_moments_of_its_posterior(moments, model):
    moment = moments(model)
    row = 4
    idx = int(moment.latents["dataset_idx"][row])
    parts = [
        made(moment, "posterior_local", idx=idx, m=256, seed=seed)[0]["z"] for seed in range(30)
    ]
    z = np.concatenate(parts).astype(np.float64)
    mu, log_var = moment.latents["z"][row], moment.latents["log_var"][row]
    deviation = np.exp(log_var / 2)
    error = deviation / np.sqrt(len(z))
    assert (np.abs(z.mean(0) - mu) < 4 * error).all()
    assert np.allclose(z.std(0), deviation, rtol=0.05)
    assert len(np.unique(z, axis=0)) == len(z)


def test_any_example_of_the_data_may_be_asked_for(moments):
    moment = moments("vae")
    outside = sorted(set(range(1797)) - set(moment.points.indices.tolist()))[0]
    payload, _, _ = made(moment, "posterior_local", idx=outside, m=2)
    example = moment.session.dataset.examples(torch.tensor([outside])).inputs
    with torch.no_grad():
        expected = moment.session.model.eval().encode(example)
    assert np.allclose(payload["mu"], expected.mu[0].numpy(), atol=1e-6)
    assert np.allclose(payload["log_var"], expected.log_var[0].numpy(), atol=1e-6)


def test_samples_of_a_component_have_its_moments(moments):
    moment = moments("gmvae")
    for c in range(3):
        parts = [
            made(moment, "prior_component", c=c, m=256, seed=seed)[0]["z"] for seed in range(20)
        ]
        z = np.concatenate(parts).astype(np.float64)
        mu = moment.session.model.component_mu[c].detach().numpy()
        deviation = (moment.session.model.component_log_var[c] / 2).exp().detach().numpy()
        assert (np.abs(z.mean(0) - mu) < 4 * deviation / np.sqrt(len(z))).all()
        assert np.allclose(z.std(0), deviation, rtol=0.06)
        assert np.allclose(moment.latents["prior_mu"][c], mu)


def test_samples_of_the_prior_use_every_component_as_often(moments):
    moment = moments("gmvae")
    parts = [made(moment, "prior_samples", m=256, seed=seed)[0] for seed in range(20)]
    chosen = np.concatenate([part["components"] for part in parts])
    z = np.concatenate([part["z"] for part in parts])
    counts = np.bincount(chosen, minlength=3)
    assert np.abs(counts / len(chosen) - 1 / 3).max() < 0.03
    for c in range(3):
        mu = moment.session.model.component_mu[c].detach().numpy()
        assert np.allclose(z[chosen == c].mean(0), mu, atol=0.15)


def test_a_single_prior_is_component_zero(moments):
    moment = moments("vae")
    payload, _, _ = made(moment, "prior_component", c=0, m=4)
    assert np.array_equal(payload["mu"], np.zeros(3))
    with pytest.raises(ConfigError, match="from 0 to 0"):
        made(moment, "prior_component", c=1, m=4)
    assert set(made(moment, "prior_samples", m=4)[0]["components"]) == {0}


def test_the_prior_of_a_warm_up_is_a_single_one(moments):
    warm = moments("gmvae", epoch=1)
    assert warm.latents["prior_mu"].shape == (1, 3)
    with pytest.raises(ConfigError, match="from 0 to 0"):
        made(warm, "prior_component", c=1, m=4)


@pytest.mark.parametrize("kind", ["posterior_local", "prior_component", "prior_samples"])
def test_a_model_that_lacks_the_answer_says_what_it_offers(moments, kind):
    with pytest.raises(ConfigError, match="interpolation, traversal"):
        made(moments("ae"), kind, **ASKED[kind])


@pytest.mark.parametrize(
    ("kind", "changed", "expected"),
    [
        ("posterior_local", {"idx": 1797}, "from 0 to 1796"),
        ("posterior_local", {"idx": -1}, "from 0 to 1796"),
        ("posterior_local", {"m": 0}, "from 1 to 256"),
        ("posterior_local", {"m": 257}, "from 1 to 256"),
        ("posterior_local", {"m": True}, "from 1 to 256"),
        ("posterior_local", {"m": None}, "nothing"),
        ("posterior_local", {"seed": -1}, "seed"),
        ("prior_component", {"c": 3}, "from 0 to 2"),
        ("prior_samples", {"m": "9"}, "from 1 to 256"),
        ("interpolation", {"to": 1797}, "from 0 to 1796"),
        ("interpolation", {"m": 1}, "from 2 to 256"),
        ("interpolation", {"mode": "curved"}, "linear, spherical"),
        ("traversal", {"d": 3}, "from 0 to 2"),
        ("traversal", {"m": 1}, "from 2 to 256"),
    ],
)
def test_keys_out_of_bounds_are_refused_with_the_bounds(moments, kind, changed, expected):
    with pytest.raises(ConfigError, match=expected):
        made(moments("gmvae"), kind, **{**ASKED[kind], **changed})


def test_data_that_cannot_be_drawn_are_given_as_numbers(moments):
    moment = moments("vae", vectors=True)
    for kind, keys in ASKED.items():
        payload, picture, _ = made(moment, kind, **keys)
        assert picture is None
        assert payload["layout"] is None
        with torch.no_grad():
            decoded = moment.decode(torch.as_tensor(payload["z"]))
        assert np.allclose(payload["decoded"], decoded.numpy(), atol=1e-6)
