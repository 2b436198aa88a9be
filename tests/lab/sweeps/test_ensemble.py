"""The executor `ensemble`: every member is a complete run of its own, and what it is alone."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load as load_tensors

from latelier.config import load_config
from latelier.lab.launch import create, resume, start
from latelier.lab.prepare import prepare
from latelier.lab.run import Run
from latelier.lab.sweeps.executor import Work, make_executor
from latelier.runs import RunRecord, RunState
from latelier.runs.verify import verify

COLORS: dict[str, Any] = {
    "data": {
        "dataset": "colors",
        "sampling": "weighted",
        "concepts": {"draw": "stochastic", "scale": {"red": 0.5, "vibrant": 0.5}},
    },
    "model": {"kind": "ae", "latent_dim": 4, "net": {"kind": "mlp", "hidden": [16]}},
    "objective": {"recon_reduction": "mean", "recon_weight": 2.0},
    "regularizers": [
        {"name": "sep", "kind": "separate", "power": 10, "shift": False, "over": "sum"}
        | {"weight": 0.01},
        {"name": "norm", "kind": "unitarity", "weight": 0.05},
    ],
    "schedule": {"steps": 200, "lr": 0.01},
    "training": {"batch_size": 64, "steps_per_epoch": 100, "threads": 1},
    "analysis": {"part": "held-out", "points": 64, "every_steps": 50, "pictures": False},
}
SUBSETS = [on for on in itertools.product((True, False), repeat=2) if any(on)]


def made(folder: Path, *overrides: str) -> RunRecord:
    return create(prepare(load_config(COLORS, overrides)).config, folder)


def subset(on: tuple[bool, ...]) -> list[str]:
    return [f"regularizers.{i}.enabled={str(value).lower()}" for i, value in enumerate(on)]


class Driver:
    """What a sweep's driver hands to an executor."""

    def __init__(self, records: list[RunRecord], most: int | None = None) -> None:
        self.ended: list[str] = []
        self.said: list[str] = []
        self.stopping = False
        stop = lambda: self.stopping  # noqa: E731
        ended = lambda record: self.ended.append(record.id)  # noqa: E731
        work = Work(records, most, 5.0, stop, ended, self.said.append)
        make_executor("ensemble").carry_out(work)


def latents(record: RunRecord, **keys: int) -> np.ndarray:
    return load_tensors(record.read_bytes("latents", **keys))["z"]


def assert_sound(record: RunRecord, state: RunState = RunState.COMPLETED) -> None:
    assert record.summary().state == state
    assert [event.id for event in record.events()] == list(range(1, len(list(record.events())) + 1))
    assert verify(record) == []


def test_members_are_the_runs_that_they_are_alone(tmp_path):
    records = [made(tmp_path / "together", *subset(on)) for on in SUBSETS]
    driver = Driver(records)
    assert sorted(driver.ended) == sorted(record.id for record in records)
    assert not driver.said
    for on, record in zip(SUBSETS, records, strict=True):
        assert_sound(record)
        solo = made(tmp_path / "alone", *subset(on))
        start(solo)
        assert {name for name, _ in record.files()} == {name for name, _ in solo.files()}
        for keys in ({"epoch": 0}, {"epoch": 0, "step": 50}, {"epoch": 2}):
            np.testing.assert_allclose(latents(record, **keys), latents(solo, **keys), atol=1e-4)
        mine, its = record.summary().last_metrics, solo.summary().last_metrics
        assert mine == pytest.approx(its, rel=0.01, abs=1e-5)
        assert set(record.metrics().steps) == set(solo.metrics().steps)
        assert record.metrics().steps["step"] == list(range(200))


def test_a_member_that_is_cancelled_goes_on_alone_and_ends_where_it_would_have(tmp_path):
    records = [made(tmp_path, f"seed={seed}", "schedule.steps=400") for seed in (0, 1)]
    records[1].request_cancel()
    driver = Driver(records)
    assert len(driver.ended) == 2
    assert_sound(records[0])
    assert_sound(records[1], RunState.CANCELLED)
    cut = records[1].summary().step
    assert 0 < cut < 400
    resume(Run(records[1]))
    assert_sound(records[1])
    assert records[1].metrics().steps["step"] == list(range(400))
    solo = made(tmp_path / "alone", "seed=1", "schedule.steps=400")
    start(solo)
    np.testing.assert_allclose(latents(records[1], epoch=4), latents(solo, epoch=4), atol=1e-3)


def test_a_member_that_is_not_finite_fails_alone(tmp_path):
    records = [made(tmp_path, f"schedule.lr={lr}") for lr in (0.01, 1e30)]
    Driver(records)
    assert_sound(records[0])
    assert records[1].summary().state == RunState.FAILED
    failure = list(records[1].events())[-1]
    assert failure.data["reason"] == "non_finite"
    assert verify(records[1]) == []


def test_other_shapes_are_groups_of_their_own_and_what_cannot_be_stacked_trains_alone(tmp_path):
    records = [
        made(tmp_path, "analysis.enabled=false", override)
        for override in ("seed=0", "model.latent_dim=5", "training.precision=bf16", "seed=1")
    ]
    driver = Driver(records)
    assert [record.summary().state for record in records] == [RunState.COMPLETED] * 4
    assert [line for line in driver.said if "bf16" in line]
    assert driver.ended.index(records[3].id) < driver.ended.index(records[1].id)


def test_a_sweep_that_is_stopped_leaves_members_resumable(tmp_path):
    records = [made(tmp_path, f"seed={seed}", "schedule.steps=100000") for seed in (0, 1)]
    driver = Driver.__new__(Driver)
    driver.stopping = False
    asked = itertools.count()
    work = Work(records, None, 5.0, lambda: next(asked) > 40, lambda _: None, print)
    make_executor("ensemble").carry_out(work)
    for record in records:
        assert_sound(record, RunState.CANCELLED)
        assert record.checkpoints()


def test_a_run_that_cannot_even_begin_is_recorded_and_the_others_go_on(tmp_path):
    records = [made(tmp_path, f"seed={seed}", "analysis.enabled=false") for seed in (0, 1)]
    path = records[0].path_of("config")
    path.write_text(path.read_text().replace('"colors"', '"no such set"'))
    driver = Driver(records)
    assert records[0].summary().state == RunState.FAILED
    assert_sound(records[1])
    assert len(driver.ended) == 2


def test_most_workers_bounds_the_members_of_a_stack(tmp_path):
    records = [made(tmp_path, f"seed={seed}", "analysis.enabled=false") for seed in (0, 1, 2)]
    driver = Driver(records, most=2)
    assert driver.ended[-1] == records[2].id
    assert [record.summary().state for record in records] == [RunState.COMPLETED] * 3
