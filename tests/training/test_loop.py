"""What the loop promises: frames drive updates, signals come in order, bad numbers stop it."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch

from latelier.config import ConfigError, NonFiniteObjectiveError
from latelier.training import (
    ActionReached,
    EpochEnded,
    PhaseEnded,
    PhaseStarted,
    RunEnded,
    RunStarted,
    StepEnded,
    StepStarting,
    check_actions,
    execution,
    train,
)

from .conftest import MODELS

LOOP = Path(__file__).parents[2] / "src/latelier/training/loop.py"


def run(session) -> str:
    with execution(session.config.training, session.threads, session.config.seed):
        return train(session)


def state(session) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in session.model.state_dict().items()}


def test_the_loop_is_a_page_and_knows_no_model():
    text = LOOP.read_text()
    assert len(text.splitlines()) < 150
    assert not [kind for kind in MODELS if f'"{kind}"' in text or kind.upper() in text]


@pytest.mark.parametrize("model", MODELS)
def test_every_model_trains_and_its_objective_falls(open_tiny, model):
    session = open_tiny(model, schedule={"epochs": 12, "lr": 1e-2})
    losses = []
    session.signals.subscribe(
        EpochEnded,
        lambda s: losses.append(
            s.validation["recon"] if "recon" in s.validation else s.validation["loss"]
        ),
    )
    assert run(session) == "completed"
    assert session.clock.step == session.clock.total_steps == 48
    assert losses[-1] < losses[0]


def test_signals_come_in_order(open_tiny):
    session = open_tiny(
        schedule={
            "dopesheet": [
                {"STEP": 0, "PHASE": "one", "beta": 0.0},
                {"STEP": 2, "PHASE": "two", "ACTION": "look", "beta": 1.0},
                {"STEP": 4},
            ]
        }
    )
    heard = []

    def listen(signal_type, *, detail=lambda _: ""):
        session.signals.subscribe(
            signal_type, lambda s: heard.append((signal_type.__name__, s.step, detail(s)))
        )

    for signal_type in (RunStarted, StepStarting, StepEnded, EpochEnded, RunEnded):
        listen(signal_type)
    for signal_type in (PhaseStarted, PhaseEnded, ActionReached):
        listen(signal_type, detail=lambda s: s.name)
    run(session)
    assert heard[:5] == [
        ("RunStarted", 0, ""),
        ("EpochEnded", 0, ""),
        ("PhaseStarted", 0, "one"),
        ("StepStarting", 0, ""),
        ("StepEnded", 1, ""),
    ]
    assert heard[7:11] == [
        ("PhaseEnded", 2, "one"),
        ("PhaseStarted", 2, "two"),
        ("ActionReached", 2, "look"),
        ("StepStarting", 2, ""),
    ]
    assert heard[-3:] == [("PhaseEnded", 5, "two"), ("EpochEnded", 5, ""), ("RunEnded", 5, "")]


def test_phase_end_carries_validation_data_and_inference(open_tiny):
    session = open_tiny()
    heard = []
    session.signals.subscribe(PhaseEnded, heard.append)
    run(session)
    (signal,) = heard
    assert set(signal.validation.indices.tolist()) <= set(session.dataset.held_out.tolist())
    session.model.eval()
    with torch.no_grad():
        again = session.model(signal.validation.inputs)
    assert torch.equal(signal.inference.mu, again.mu)
    assert not signal.inference.x_hat.requires_grad


def test_the_frame_of_each_step_drives_its_update(open_tiny):
    rows = [{"STEP": 0, "lr::linear": 0.01}, {"STEP": 11, "lr::linear": 0.12}]
    session = open_tiny(schedule={"dopesheet": rows})
    rates = []
    session.signals.subscribe(
        StepEnded, lambda s: rates.append(s.session.optimizer.param_groups[0]["lr"])
    )
    run(session)
    assert rates == pytest.approx([0.01 * (step + 1) for step in range(12)])


def test_a_rate_of_the_plan_changes_what_is_learned(open_tiny):
    slow, fast = open_tiny(schedule={"epochs": 1}), open_tiny(schedule={"epochs": 1, "lr": 0.1})
    run(slow), run(fast)
    assert not torch.equal(*(next(iter(state(s).values())) for s in (slow, fast)))


def test_observers_that_compute_and_draw_change_nothing(open_tiny):
    plain, watched = open_tiny(), open_tiny()
    batch = watched.validation_batch()

    def look(signal) -> None:
        signal.session.model.eval()
        with torch.no_grad():
            signal.session.model(batch.inputs)

    watched.signals.subscribe(StepEnded, look)
    watched.signals.subscribe(PhaseEnded, look)
    run(plain), run(watched)
    expected = state(plain)
    assert all(torch.equal(expected[name], value) for name, value in state(watched).items())


@pytest.mark.parametrize("poison", [math.nan, math.inf])
def test_a_non_finite_objective_stops_before_the_update(open_tiny, poison):
    session = open_tiny()
    before = {}

    def spoil(signal) -> None:
        if signal.step == 5:
            before.update(state(signal.session))
            signal.batch.inputs[0, 0, 0, 0] = poison

    session.signals.subscribe(StepStarting, spoil)
    with pytest.raises(NonFiniteObjectiveError) as error:
        run(session)
    assert error.value.step == 5
    assert "log_likelihood" in error.value.terms
    assert len(error.value.batch_indices) == 32
    assert "log_likelihood" in str(error.value)
    assert session.clock.step == 5
    assert all(torch.equal(before[name], value) for name, value in state(session).items())


def test_a_negative_objective_is_followed_like_any_other(open_tiny):
    objective = {"entropy_bonus_enable": True, "entropy_bonus_weight": 100.0}
    session = open_tiny("gmvae", objective=objective, schedule={"steps": 4})
    before, totals, moved = state(session), [], []
    session.signals.subscribe(StepEnded, lambda s: totals.append(s.result.objective.item()))
    session.signals.subscribe(StepEnded, lambda s: moved.append(state(s.session)))
    run(session)
    assert len(totals) == 4
    assert max(totals) < 0
    for after in moved:
        assert any(not torch.equal(before[name], value) for name, value in after.items())
        before = after


def test_stop_is_asked_at_every_step(open_tiny):
    session = open_tiny()
    session.stop = lambda: session.clock.step >= 6
    assert run(session) == "cancelled"
    assert session.clock.step == 6


def test_a_run_of_zero_steps_records_its_start(open_tiny):
    session = open_tiny(schedule={"epochs": 0})
    epochs = []
    session.signals.subscribe(EpochEnded, lambda s: epochs.append(s.epoch))
    assert run(session) == "completed"
    assert epochs == [0]


def test_epochs_of_a_set_number_of_steps_cross_passes(open_tiny):
    session = open_tiny(schedule={"epochs": 3}, training={"batch_size": 32, "steps_per_epoch": 3})
    seen = []
    session.signals.subscribe(StepEnded, lambda s: seen.append(s.batch.indices.tolist()))
    run(session)
    first_pass = sorted(index for batch in seen[:4] for index in batch)
    assert first_pass == session.dataset.train.tolist()
    assert len(seen) == 9


def test_epoch_metrics_are_means_over_its_steps(open_tiny):
    session = open_tiny(schedule={"epochs": 1})
    losses, sizes, epochs = [], [], []
    session.signals.subscribe(
        StepEnded, lambda s: losses.append(float(s.result.objective.detach()))
    )
    session.signals.subscribe(StepEnded, lambda s: sizes.append(len(s.batch.indices)))
    session.signals.subscribe(EpochEnded, lambda s: epochs.append(s.metrics))
    run(session)
    mean = sum(x * n for x, n in zip(losses, sizes, strict=False)) / sum(sizes)
    assert epochs[0] == {}
    assert epochs[1]["loss"] == pytest.approx(mean, rel=1e-5)


def test_clipping_bounds_the_update(open_tiny):
    session = open_tiny(
        "ae",
        schedule={"epochs": 1, "lr": 1.0},
        training={"batch_size": 32, "optimizer": "sgd", "clip_norm": 1e-3},
    )
    before = state(session)
    run(session)
    moved = sum(float((before[k] - v).square().sum()) for k, v in state(session).items())
    assert 0 < math.sqrt(moved) <= 4 * 1e-3 * 1.0001


def test_unknown_actions_are_refused_unless_somebody_listens(open_tiny):
    rows = [{"STEP": 0, "ACTION": "dance", "beta": 1.0}, {"STEP": 8}]
    session = open_tiny(schedule={"dopesheet": rows})
    with pytest.raises(ConfigError, match="dance"):
        check_actions(session)
    session.signals.subscribe(ActionReached, print, name="dance")
    check_actions(session)
