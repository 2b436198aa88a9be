"""Training together is training alone: weights, moments, measurements, random numbers, fates."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from latelier.config import NonFiniteObjectiveError, load_config
from latelier.data import load_dataset
from latelier.training import (
    EpochEnded,
    MetricsHistory,
    Session,
    StepEnded,
    execution,
    load_checkpoint,
    open_session,
    random_state,
    save_checkpoint,
    train,
)
from latelier.training.ensemble import Member, shape_of, train_together, unstackable

DIGITS: dict[str, Any] = {
    "data": {"dataset": "digits"},
    "model": {"latent_dim": 3, "net": {"kind": "mlp", "hidden": [12]}},
    "schedule": {"steps": 12, "lr": 0.01},
    "training": {"batch_size": 100, "steps_per_epoch": 5},
}
COLORS: dict[str, Any] = {
    "data": {
        "dataset": "colors",
        "sampling": "weighted",
        "concepts": {"draw": "stochastic", "scale": {"red": 0.5, "vibrant": 0.5}},
    },
    "model": {"kind": "ae", "latent_dim": 4, "net": {"kind": "mlp", "hidden": [8]}},
    "objective": {"recon_reduction": "mean", "recon_weight": 2.0},
    "regularizers": [
        {
            "name": "polar",
            "kind": "pin",
            "anchor": [1, 0, 0, 0],
            "labels": {"red": 1.0},
            "weight": 2.0,
        },
        {
            "name": "sep",
            "kind": "separate",
            "power": 10,
            "shift": False,
            "over": "sum",
            "weight": 0.01,
        },
        {"name": "norm", "kind": "unitarity", "weight": 0.5},
    ],
    "schedule": {"steps": 130, "lr": 0.01},
    "training": {"batch_size": 64, "steps_per_epoch": 50},
}


def merged(base: dict[str, Any], extra: dict[str, Any]) -> dict[str, Any]:
    both = dict(base)
    for name, value in extra.items():
        both[name] = merged(both[name], value) if isinstance(both.get(name), dict) else value
    return both


def opened(base: dict[str, Any], overrides: tuple[str, ...] = (), **sections: Any) -> Session:
    config = load_config(merged(base, sections), overrides)
    return open_session(config, load_dataset(config.data, seed=config.seed))


def alone(run: Session) -> Session:
    with execution(run.config.training, 1, run.config.seed):
        train(run)
    return run


def together(*runs: Session) -> list[Any]:
    """Train sessions as one; returns how each ended, in their order."""
    ends: dict[int, Any] = {}
    with execution(runs[0].config.training, 1, 0):
        train_together([Member(run) for run in runs], lambda s, end: ends.update({id(s): end}))
    return [ends[id(run)] for run in runs]


def assert_same(one: Session, other: Session, tolerance: float = 2e-5) -> None:
    pairs = zip(one.model.state_dict().items(), other.model.state_dict().values(), strict=True)
    for (name, a), b in pairs:
        torch.testing.assert_close(a, b, rtol=tolerance, atol=tolerance, msg=name)
    assert one.clock.step == other.clock.step
    states = zip(one.optimizer.state.values(), other.optimizer.state.values(), strict=True)
    for mine, yours in states:
        assert mine.keys() == yours.keys()
        for key in mine:
            torch.testing.assert_close(mine[key], yours[key], rtol=1e-3, atol=tolerance)


SUBSETS = [
    ("regularizers.0.enabled=false",),
    ("regularizers.1.enabled=false", "regularizers.2.weight=0.1"),
    ("regularizers.0.enabled=false", "regularizers.1.enabled=false", "schedule.lr=0.003"),
    (),
]


def test_members_that_differ_in_terms_weights_and_rates_are_what_they_are_alone():
    members = [opened(COLORS, subset) for subset in SUBSETS]
    assert len({shape_of(member) for member in members}) == 1
    assert together(*members) == ["completed"] * 4
    for member, subset in zip(members, SUBSETS, strict=True):
        assert_same(member, alone(opened(COLORS, subset)))


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd"])
def test_every_optimizer_is_torchs_own(optimizer):
    training = {"optimizer": optimizer, "weight_decay": 0.02, "clip_norm": 0.05}
    # After many steps a weight whose gradient vanishes amplifies what rounding makes of it.
    runs = [
        lambda s=seed: opened(
            COLORS, seed=s, training=training, schedule={"lr": 0.01 * (s + 1), "steps": 60}
        )
        for seed in (0, 1)
    ]
    members = [make() for make in runs]
    together(*members)
    for member, make in zip(members, runs, strict=True):
        assert_same(member, alone(make()))


KINDS = {
    "vae": {},
    "beta-vae": {"objective": {"beta": 2.0}},
    "denoising-ae": {},
    "sparse-ae": {},
    "info-vae": {},
    "wae-mmd": {},
    "dip-vae": {},
    "beta-tcvae": {},
    "iwae": {},
    "factor-vae": {},
}


@pytest.mark.parametrize("kind", KINDS)
def test_members_of_other_seeds_draw_their_own_noise_and_data(kind):
    def make(seed: int) -> Session:
        return opened(merged(DIGITS, KINDS[kind]), model={"kind": kind}, seed=seed)

    members = [make(seed) for seed in (0, 1, 2)]
    assert together(*members) == ["completed"] * 3
    for seed, member in enumerate(members):
        assert_same(member, alone(make(seed)), 2e-4)


def test_the_same_seed_gives_the_same_noise():
    members = [opened(DIGITS, model={"kind": "vae"}, schedule={"lr": lr}) for lr in (0.01, 0.002)]
    together(*members)
    for lr, member in zip((0.01, 0.002), members, strict=True):
        assert_same(member, alone(opened(DIGITS, model={"kind": "vae"}, schedule={"lr": lr})))


def measured(run: Session) -> tuple[list[Any], list[Any]]:
    steps, epochs = MetricsHistory(), []
    run.signals.subscribe(StepEnded, steps)
    run.signals.subscribe(EpochEnded, lambda signal: epochs.append((signal.epoch, signal.metrics)))
    return steps.rows, epochs


def test_what_is_measured_is_the_same_and_terms_not_in_force_are_absent():
    members = [opened(COLORS, subset) for subset in SUBSETS]
    seen = [measured(member) for member in members]
    together(*members)
    for subset, (steps, epochs) in zip(SUBSETS, seen, strict=True):
        solo = opened(COLORS, subset)
        expected_steps, expected_epochs = measured(solo)
        alone(solo)
        assert len(steps) == len(expected_steps) == 130
        for (step, loss, row), (known, wanted, reference) in zip(
            steps, expected_steps, strict=True
        ):
            assert (step, set(row)) == (known, set(reference))
            assert loss == pytest.approx(wanted, rel=1e-3, abs=1e-5)
        assert [epoch for epoch, _ in epochs] == [epoch for epoch, _ in expected_epochs]
        for (_, row), (_, reference) in zip(epochs, expected_epochs, strict=True):
            assert row == pytest.approx(reference, rel=1e-3, abs=1e-5, nan_ok=True)


def test_one_that_is_not_finite_leaves_alone_before_its_update():
    make = lambda lr: opened(COLORS, schedule={"lr": lr})  # noqa: E731
    sound, broken = make(0.01), make(1e30)
    other = make(0.004)
    ends = together(sound, broken, other)
    assert ends[0] == ends[2] == "completed"
    assert isinstance(ends[1], NonFiniteObjectiveError)
    with pytest.raises(NonFiniteObjectiveError) as solo:
        alone(make(1e30))
    assert ends[1].step == solo.value.step == broken.clock.step
    assert set(ends[1].terms) == set(solo.value.terms)
    assert ends[1].batch_indices == solo.value.batch_indices
    assert_same(sound, alone(make(0.01)))
    assert_same(other, alone(make(0.004)))


def test_one_whose_recorder_fails_leaves_alone():
    runs = [opened(COLORS, seed=seed) for seed in (0, 1)]

    def full(_signal: EpochEnded) -> None:
        raise OSError("no space left")

    runs[1].signals.subscribe(EpochEnded, full)
    first, second = together(*runs)
    assert first == "completed"
    assert isinstance(second, OSError)
    assert_same(runs[0], alone(opened(COLORS, seed=0)))


def test_one_that_is_asked_to_stop_goes_on_alone_later(tmp_path, monkeypatch):
    monkeypatch.setattr("latelier.training.ensemble.loop.SECONDS_BETWEEN", 0.0)
    stopped, other = opened(COLORS, seed=3), opened(COLORS, seed=4)
    stopped.stop = lambda: stopped.clock.step >= 60
    assert together(stopped, other) == ["cancelled", "completed"]
    assert stopped.clock.step == 60
    with execution(stopped.config.training, 1, 3):
        save_checkpoint(stopped, tmp_path)
    resumed = opened(COLORS, seed=3)
    with execution(resumed.config.training, 1, 3):
        load_checkpoint(resumed, tmp_path)
        train(resumed)
    assert_same(resumed, alone(opened(COLORS, seed=3)))


def test_checkpoints_of_members_are_taken_up_together(tmp_path):
    runs = [opened(DIGITS, model={"kind": "vae"}, seed=seed) for seed in (0, 1)]
    for seed, run in enumerate(runs):
        run.stop = lambda run=run: run.clock.step >= 7
        (tmp_path / str(seed)).mkdir()
        with execution(run.config.training, 1, seed):
            train(run)
            save_checkpoint(run, tmp_path / str(seed))
    again = [opened(DIGITS, model={"kind": "vae"}, seed=seed) for seed in (0, 1)]
    members = []
    for seed, run in enumerate(again):
        with execution(run.config.training, 1, seed):
            load_checkpoint(run, tmp_path / str(seed))
            members.append(Member(run, random_state()))
    with execution(again[0].config.training, 1, 0):
        train_together(members, lambda _session, _outcome: None)
    for seed, run in enumerate(again):
        assert_same(run, alone(opened(DIGITS, model={"kind": "vae"}, seed=seed)))


def test_an_anchor_taken_from_the_data_is_each_members_own():
    sheet = [
        {"STEP": 0, "PHASE": "train", "ACTION": ""},
        {"STEP": 20, "PHASE": "", "ACTION": "anchor-from-data"},
    ]
    terms = [
        {"name": "home", "kind": "pin", "anchor": "data", "labels": {"vibrant": 1.0}, "weight": 1.0}
    ]

    def make(seed: int) -> Session:
        schedule = {"steps": 60, "lr": 0.01, "dopesheet": sheet}
        return opened({**COLORS, "regularizers": terms, "schedule": schedule}, seed=seed)

    members = [make(seed) for seed in (0, 1)]
    together(*members)
    for seed, member in enumerate(members):
        solo = alone(make(seed))
        assert_same(member, solo)
        for name, anchor in solo.task.state().items():
            torch.testing.assert_close(member.task.state()[name], anchor)


def test_what_cannot_be_stacked_is_told_apart():
    run = opened(COLORS)
    assert unstackable(run) is None
    assert unstackable(opened(COLORS, training={"precision": "bf16"})) is not None
    assert shape_of(run) == shape_of(opened(COLORS, seed=5, name="another"))
    for other in (
        opened(COLORS, model={"net": {"hidden": [9]}}),
        opened(COLORS, training={"batch_size": 32}),
        opened(COLORS, ("regularizers.1.power=4",)),
        opened(COLORS, schedule={"steps": 131}),
    ):
        assert shape_of(run) != shape_of(other)


def test_every_handler_hears_its_steps_also_one_that_comes_later():
    runs = [opened(COLORS, subset) for subset in SUBSETS[:2]]
    heard: dict[str, list[int]] = {"at": [], "every": [], "later": []}
    runs[0].signals.subscribe(StepEnded, lambda s: heard["at"].append(s.step), at=[2, 5])

    def begin(signal: StepEnded) -> None:
        heard["every"].append(signal.step)
        if signal.step == 4:
            runs[0].signals.subscribe(StepEnded, lambda s: heard["later"].append(s.step), at=[5, 6])

    runs[1].signals.subscribe(StepEnded, begin, every=4)
    together(*runs)
    last = runs[1].clock.step
    assert last > 8
    assert heard == {"at": [2, 5], "every": [*range(4, last + 1, 4)], "later": [5, 6]}
