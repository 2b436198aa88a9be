from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latelier.analysis.diagnoses.facts import EpochFacts, RunFacts, epoch_facts, onset


def tensors(seed: int = 0, **more: np.ndarray) -> dict[str, np.ndarray]:
    z = np.random.default_rng(seed).normal(size=(200, 4)).astype(np.float32)
    return {"z": z, **more}


def test_lengths_agree_with_a_loop():
    arrays = tensors()
    facts = epoch_facts(3, 30, arrays)
    lengths = sorted(sum(float(x) ** 2 for x in row) ** 0.5 for row in arrays["z"])
    assert facts.norm == pytest.approx((lengths[99] + lengths[100]) / 2)
    mean = arrays["z"].mean(axis=0)
    squares = [
        sum(float(x - m) ** 2 for x, m in zip(row, mean, strict=True)) for row in arrays["z"]
    ]
    assert facts.radius == pytest.approx((sum(squares) / 200) ** 0.5, rel=1e-5)
    assert (facts.epoch, facts.step, facts.dimensions) == (3, 30, 4)
    assert facts.active is facts.prior_norm is facts.counts is facts.hole_mass is None


def test_active_units_are_those_of_burda_where_the_posterior_is_the_prior():
    z = np.zeros((400, 3), np.float32)
    z[:, 0] = np.tile([-1, 1], 200)  # variance 1
    z[:, 1] = 0.09 * np.tile([-1, 1], 200)  # variance 0.0081
    facts = epoch_facts(1, 1, {"z": z, "log_var": np.zeros_like(z)})
    assert facts.active == (True, False, False)
    sure = epoch_facts(1, 1, {"z": z, "log_var": np.full_like(z, -200)})
    assert sure.active == (True, True, False)  # constant and certain is not active


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000), scale=st.floats(1e-3, 1e3))
def test_active_units_do_not_depend_on_the_scale_of_latents(seed, scale):
    rng = np.random.default_rng(seed)
    z, log_var = rng.normal(size=(50, 6)) * rng.gamma(0.3, size=6), rng.normal(size=(50, 6))
    one = epoch_facts(1, 1, {"z": z, "log_var": log_var})
    other = epoch_facts(1, 1, {"z": z * scale, "log_var": log_var + 2 * np.log(scale)})
    assert one.active == other.active


def test_the_length_of_a_draw_from_the_prior_agrees_with_draws():
    rng = np.random.default_rng(0)
    mu, log_var = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    facts = epoch_facts(1, 1, tensors(prior_mu=mu, prior_log_var=log_var))
    chosen = rng.integers(0, 3, 200_000)
    draws = mu[chosen] + np.exp(log_var[chosen] / 2) * rng.normal(size=(200_000, 4))
    assert facts.prior_norm == pytest.approx(np.sqrt((draws**2).sum(axis=1).mean()), rel=0.02)


def test_components_count_once_the_mixture_is_the_prior():
    q = np.eye(3)[np.r_[np.zeros(150, int), np.full(50, 2)]].astype(np.float32)
    standard = {"prior_mu": np.zeros((1, 4)), "prior_log_var": np.zeros((1, 4))}
    assert epoch_facts(1, 1, tensors(responsibilities=q, **standard)).counts is None
    mixture = {"prior_mu": np.zeros((3, 4)), "prior_log_var": np.zeros((3, 4))}
    assert epoch_facts(1, 1, tensors(responsibilities=q, **mixture)).counts == (150, 0, 50)
    assert epoch_facts(1, 1, tensors(responsibilities=q)).counts == (150, 0, 50)


@given(st.lists(st.booleans(), min_size=1, max_size=12))
def test_onset_is_where_the_last_stretch_began(verdicts):
    epochs = [EpochFacts(e, e, norm=float(sick), radius=1.0) for e, sick in enumerate(verdicts)]
    begun = onset(epochs, lambda one: one.norm > 0)
    if not verdicts[-1]:
        assert begun is None
    else:
        assert all(verdicts[begun.epoch :])
        assert begun.epoch == 0 or not verdicts[begun.epoch - 1]


def test_settings_are_read_by_path_and_columns_from_the_sheet():
    sheet = [{"STEP": "0", "lr:log:linear": "0.1"}]
    facts = RunFacts({"objective": {"beta": 2.0}, "schedule": {"dopesheet": sheet}}, 10)
    assert facts.setting("objective.beta") == 2.0
    assert facts.setting("objective.beta.more") is None
    assert facts.setting("model.kind") is None
    assert facts.scheduled("lr")
    assert not facts.scheduled("beta")
