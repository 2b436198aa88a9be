"""Tiny sweeps, and an executor that trains in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from latelier.config.sweeps import load_sweep
from latelier.lab.sweeps.executor import EXECUTORS, Work
from latelier.lab.sweeps.variants import create_sweep
from latelier.runs import RunRecord, RunState
from latelier.runs.sweeps import SweepRecord

TINY: dict[str, Any] = {
    "name": "tiny",
    "data": {"dataset": "digits", "limit": 64},
    "model": {"kind": "vae", "latent_dim": 2, "net": {"kind": "mlp", "hidden": [4]}},
    "schedule": {"epochs": 2},
    "training": {"batch_size": 32, "device": "cpu", "threads": 1},
    "analysis": {"enabled": False},
}
BETAS: dict[str, Any] = {
    "axes": [{"kind": "grid", "keys": {"objective.beta": [1.0, 4.0]}}],
    "metrics": {"train/loss": "min"},
}


def pretend(record: RunRecord, **_options: Any) -> None:
    """Go through the life of a run without training; a run without a configuration fails."""
    with record.own() as writer:
        resumed = writer.state is not RunState.CREATED
        data: dict[str, Any] = {"from_step": 0} if resumed else {}
        writer.transition("running", total_steps=4, total_epochs=2, parameters=5, **data)
        if not record.has("config"):
            writer.transition("failed", reason="error", message="no config")
            return
        loss = float(record.config()["objective"]["beta"]) + record.config()["seed"]
        writer.update_summary(step=4, epoch=2, last_metrics={"train/loss": loss})
        writer.transition("completed")


class Here:
    """Carries out one run after another in this process, and breaks off where a test wants it."""

    def __init__(self) -> None:
        self.train: Callable[..., None] = pretend
        self.after: Callable[[int], None] = lambda _done: None
        self.trained: list[str] = []

    def carry_out(self, work: Work) -> None:
        for record in work.records:
            if work.stop():
                return
            self.train(record, stop=work.stop)
            self.trained.append(record.id)
            work.ended(record)
            work.tick()
            self.after(len(self.trained))


@pytest.fixture
def here(monkeypatch) -> Here:
    """The executor `local` of this test."""
    executor = Here()
    monkeypatch.setitem(EXECUTORS, "local", lambda _options: executor)
    return executor


@pytest.fixture
def make_sweep(tmp_path: Path) -> Callable[..., SweepRecord]:
    def make(section: dict[str, Any] = BETAS, **changes: Any) -> SweepRecord:
        return create_sweep(load_sweep({**TINY, **changes, "sweep": section}), tmp_path / "runs")

    return make
