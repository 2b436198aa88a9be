from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latelier.analysis.diagnoses.curve_rules import (
    jump_heights,
    learning_rate_too_high,
    no_held_out_loss,
    no_steps,
    overfitting,
)
from latelier.analysis.diagnoses.facts import RunFacts


def by_epoch(train: Any, held_out: Any, **config: Any) -> RunFacts:
    train, held_out = list(train), list(held_out)
    columns = {"epoch": list(range(len(train))), "train/loss": train, "val/loss": held_out}
    return RunFacts(config, 10, epochs=columns)


def by_step(loss: Any, name: str = "train/loss", **facts: Any) -> RunFacts:
    loss = [float(one) for one in loss]
    config = {"training": {"batch_size": facts.pop("batch_size", 64)}}
    return RunFacts(config, 10, steps={"step": list(range(len(loss))), name: loss}, **facts)


def falling(count: int, noise: float, seed: int = 0, end: float = 20.0) -> np.ndarray:
    """What healthy losses do: an exponential fall, and noise in proportion."""
    rng = np.random.default_rng(seed)
    curve = end + (100 - end) * np.exp(-np.arange(count) / (count / 8))
    return curve * (1 + noise * rng.normal(size=count))


def test_a_held_out_loss_that_turns_while_training_goes_on_is_overfitting():
    train = [None, *(100 * 0.8**e for e in range(20))]
    held_out = [120.0, *(100 - 8 * e if e <= 8 else 36 + 2 * (e - 8) for e in range(20))]
    found = overfitting(by_epoch(train, held_out))
    assert found is not None
    assert (found.epoch, found.step, found.severity) == (9, 90, "problem")
    assert found.evidence["lowest_held_out_loss"] == 36.0
    assert found.knob.key == "schedule.epochs"
    assert "Stop near epoch 9" in found.knob.advice
    steps = overfitting(by_epoch(train, held_out, schedule={"steps": 500, "epochs": None}))
    assert (steps.knob.key, "Stop near step 90" in steps.knob.advice) == ("schedule.steps", True)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000), noise=st.sampled_from([0.0, 0.002, 0.01]))
def test_a_plateau_with_noise_is_not(seed, noise):
    count = 40
    train, held_out = (falling(count, noise, seed + n) for n in (0, 1))
    assert overfitting(by_epoch(train - 2, held_out)) is None


def test_losses_that_rise_together_with_a_weight_of_the_schedule_are_not():
    curve = [100.0, 60, 50, 40, 35, 36, 38, 40, 42, 44]
    assert overfitting(by_epoch(curve, curve)) is None


def test_a_turn_in_the_last_epochs_is_not_told_yet():
    train = [100.0 - 5 * e for e in range(12)]
    held_out = [100.0 - 5 * e for e in range(10)] + [70.0, 80.0]
    assert overfitting(by_epoch(train, held_out)) is None


def test_overfitting_needs_held_out_examples_and_some_epochs():
    assert no_held_out_loss(RunFacts({}, 10, epochs={"epoch": [0, 1], "train/loss": [1, 1]})) == (
        "no example was held out"
    )
    assert "fewer than 4 epochs" in no_held_out_loss(by_epoch([1.0] * 4, [1.0] * 4))
    assert no_held_out_loss(by_epoch([1.0] * 5, [1.0] * 5)) is None
    assert "fewer" in no_held_out_loss(by_epoch([None], [1.0]))


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    count=st.integers(30, 600),
    noise=st.sampled_from([0.0, 0.03, 0.08]),
    end=st.sampled_from([0.05, 1.0, 50.0]),
)
def test_noise_of_batches_is_no_spike(seed, count, noise, end):
    assert learning_rate_too_high(by_step(falling(count, noise, seed, end))) is None


def test_leaps_are_counted_and_the_first_is_the_onset():
    loss = falling(200, 0.02)
    loss[[45, 90, 150]] *= 3
    found = learning_rate_too_high(by_step(loss))
    assert found is not None
    assert (found.epoch, found.step, found.severity) == (5, 45, "warning")
    assert found.evidence["steps"] == (45, 90, 150)
    assert found.knob.key == "schedule.lr"
    loss[[45, 90, 150]] *= 10
    assert learning_rate_too_high(by_step(loss)).severity == "problem"


def test_one_great_leap_is_enough_and_a_small_one_is_not():
    loss = falling(200, 0.02)
    loss[100] *= 2
    assert learning_rate_too_high(by_step(loss)) is None
    loss[100] *= 4
    assert learning_rate_too_high(by_step(loss)).evidence["spikes"] == 1


def test_small_batches_may_leap_higher():
    loss = falling(200, 0.02, end=60)
    loss[[45, 90, 150]] *= 2
    assert learning_rate_too_high(by_step(loss)) is not None
    assert learning_rate_too_high(by_step(loss, batch_size=4)) is None


def test_reconstruction_is_looked_at_before_the_loss():
    """A weight of the schedule that leaps is no leap of the model."""
    loss = falling(200, 0.02)
    loss[[45, 90, 150]] *= 9
    calm = list(falling(200, 0.02))
    for name, values in (("train/recon", calm), ("train/log_likelihood", [-one for one in calm])):
        facts = by_step(loss)
        facts = RunFacts(facts.config, 10, steps={**facts.steps, name: values})
        assert learning_rate_too_high(facts) is None
    wild = {"step": list(range(200)), "train/log_likelihood": [-float(one) for one in loss]}
    assert learning_rate_too_high(RunFacts({}, 10, steps=wild)) is not None


def test_losses_below_zero_are_measured_by_what_they_fell():
    rng = np.random.default_rng(0)
    loss = np.linspace(50, -50, 300) + rng.normal(size=300)
    assert learning_rate_too_high(by_step(loss)) is None
    loss[[100, 200, 250]] += 120
    assert learning_rate_too_high(by_step(loss)) is not None


def test_an_objective_that_is_no_number_is_a_problem_even_at_the_first_step():
    found = learning_rate_too_high(by_step([100.0], non_finite_step=1))
    assert found is not None
    assert (found.step, found.severity) == (1, "problem")
    assert found.evidence["non_finite_step"] == 1
    assert no_steps(by_step([1.0] * 5)) is not None
    assert no_steps(by_step([], non_finite_step=0)) is None
    assert learning_rate_too_high(by_step([], non_finite_step=0)).epoch == 1
    assert no_steps(RunFacts({}, 10)) is not None


@pytest.mark.parametrize("count", [0, 1, 2, 30])
def test_heights_agree_with_a_loop(count):
    loss = np.random.default_rng(count).gamma(2.0, size=count)
    expected = []
    for at in range(count):
        before = loss[max(0, at - 20) : at]
        if len(before) == 0:
            expected.append(0.0)
            continue
        unit = max(abs(np.median(before)), 0.1 * (loss[0] - loss[:at].min()))
        expected.append((loss[at] - np.median(before)) / unit)
    np.testing.assert_allclose(jump_heights(loss), expected)


def test_lost_rows_are_left_out():
    loss: list[Any] = list(falling(200, 0.02))
    loss[50] = None
    columns = {"step": list(range(200)), "train/loss": loss}
    assert learning_rate_too_high(RunFacts({}, 10, steps=columns)) is None
    loss[120] = 1e6
    assert learning_rate_too_high(RunFacts({}, 10, steps=columns)).step == 120
