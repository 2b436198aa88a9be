from __future__ import annotations

import pytest
import torch

from latelier.config import ConfigError, load_config
from latelier.training import Clock
from latelier.training.plan import learning_rate, make_clock, make_timeline
from latelier.training.tasks import TASKS

from .conftest import MODELS, tiny_config


def schedule(**fields):
    return load_config({"schedule": fields}).schedule


def test_warm_up_begins_at_the_first_step_and_not_at_zero():
    track = learning_rate(schedule(lr=1.0, warmup_steps=4), 100)
    assert [track.value(step) for step in range(5)] == pytest.approx(
        [0.25, 0.4375, 0.625, 0.8125, 1]
    )
    assert track.value(99) == 1.0


def test_rate_falls_to_its_fraction_at_the_last_step():
    track = learning_rate(schedule(lr=2.0, final_lr_fraction=0.1), 50)
    assert track.value(0) == 2.0
    assert track.value(49) == pytest.approx(0.2)
    values = [track.value(step) for step in range(50)]
    assert values == sorted(values, reverse=True)


def test_a_warm_up_longer_than_the_run_is_refused():
    with pytest.raises(ConfigError, match=r"warmup_steps.*got 10.*at most 9"):
        learning_rate(schedule(lr=1.0, warmup_steps=10), 10)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"epochs": 3}, 12),
        ({"steps": 7}, 7),
        ({}, 80),
        ({"dopesheet": [{"STEP": 0, "lr": 1}, {"STEP": 30, "lr": 0.1}]}, 31),
        ({"steps": 40, "dopesheet": [{"STEP": 0, "lr": 1}, {"STEP": 30, "lr": 0.1}]}, 40),
    ],
)
def test_length_of_the_run(fields, expected):
    assert make_clock(load_config({"schedule": fields}), batches=4).total_steps == expected


def test_steps_per_epoch_may_be_set():
    config = load_config({"schedule": {"epochs": 2}, "training": {"steps_per_epoch": 5}})
    assert make_clock(config, batches=4) == Clock(5, 10)


def gmvae_timeline(clock: Clock, **objective):
    config = tiny_config("gmvae-fitted", objective=objective)
    task = TASKS["gmvae"].__new__(TASKS["gmvae"])
    task.config, task.objective, task.settings = config, config.objective, config.model
    return make_timeline(config, clock, task.plan(clock))


def test_fitted_mixture_is_a_phase_and_an_action_of_the_timeline():
    timeline = gmvae_timeline(Clock(4, 12))
    assert timeline.phases == ((0, "warm-up"), (4, "mixture"))
    assert dict(timeline.actions) == {4: ("fit-components",)}
    assert [timeline.at(step).props["mixture"] for step in (0, 3, 4, 11)] == [0, 0, 1, 1]


def test_anti_collapse_options_compile_to_columns():
    timeline = gmvae_timeline(
        Clock(4, 20),
        categorical_kl_anneal=True,
        categorical_kl_anneal_epochs=2,
        categorical_kl_max_weight=0.5,
        entropy_bonus_enable=True,
        entropy_bonus_weight=3.0,
        entropy_bonus_epochs=3,
    )
    at = [timeline.at(step).props for step in range(20)]
    # Both windows begin with the mixture, at step 4.
    assert [p["cat_kl_weight"] for p in at[4:14:2]] == pytest.approx([0, 0.125, 0.25, 0.375, 0.5])
    assert at[19]["cat_kl_weight"] == 0.5
    assert at[3]["entropy_bonus_weight"] == 0.0
    assert [p["entropy_bonus_weight"] for p in at[4:17:4]] == pytest.approx([3, 2, 1, 0])


def test_disabled_options_are_one_and_zero():
    props = gmvae_timeline(Clock(4, 12)).at(7).props
    assert (props["cat_kl_weight"], props["entropy_bonus_weight"]) == (1.0, 0.0)


def test_a_warm_up_that_leaves_no_step_is_refused():
    with pytest.raises(ConfigError, match="leaves no step"):
        gmvae_timeline(Clock(4, 4))


def test_a_column_nobody_reads_is_refused():
    config = tiny_config(
        "ae", schedule={"epochs": 3, "dopesheet": [{"STEP": 0, "beta": 1, "lr": 0.1}]}
    )
    task = TASKS["ae"].__new__(TASKS["ae"])
    task.config = config
    with pytest.raises(ConfigError, match="beta"):
        make_timeline(config, Clock(4, 12), task.plan(Clock(4, 12)))


@pytest.mark.parametrize("column", ["lr", "beta"])
def test_a_rate_or_weight_below_0_is_refused(open_tiny, column):
    sheet = [{"STEP": 0, column: 1}, {"STEP": 5, column: -0.5}]
    with pytest.raises(ConfigError, match=rf"column {column} falls below 0; got -0.5 at step 5"):
        open_tiny("vae", schedule={"epochs": 3, "dopesheet": sheet})


def test_more_components_than_examples_are_refused_before_the_warm_up(open_tiny, monkeypatch):
    monkeypatch.setitem(MODELS, "many", {**MODELS["gmvae-fitted"], "components": 200})
    with pytest.raises(ConfigError, match=r"components is larger.*got 200; expected at most 100"):
        open_tiny("many")


def test_compile_reaches_the_model(open_tiny, monkeypatch):
    asked = []
    monkeypatch.setattr(torch.nn.Module, "compile", lambda self, **kw: asked.append((self, kw)))
    session = open_tiny("ae", training={"batch_size": 32, "compile": True})
    assert asked == [(session.model, {"dynamic": False})]
    open_tiny("ae")
    assert len(asked) == 1
