"""A folder of small runs, made by the record's own writer, and the command line in process."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from latelier.cli.app import app
from latelier.runs import RunRecord, RunStore

CONFIG = {"name": "first", "seed": 7, "model": {"kind": "vae", "latent_dim": 3}}
METRICS = {"train/loss": 1.5, "val/loss": 2.25}


@pytest.fixture(autouse=True)
def quiet_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, no settings from outside, and no waiting for the disk."""
    for name in ("RUNS_DIR", "DATA_ROOT", "DEBUG"):
        monkeypatch.delenv(f"LATELIER_{name}", raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(os, "fsync", lambda _: None)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def cli() -> Callable[..., Result]:
    def invoke(*args: str, **options: Any) -> Result:
        return CliRunner().invoke(app, list(args), prog_name="latelier", **options)

    return invoke


@pytest.fixture
def cli_json(cli: Callable[..., Result]) -> Callable[..., Any]:
    """The JSON document that a command prints, which must be all that it prints."""

    def invoke(*args: str, code: int = 0) -> Any:
        result = cli(*args, "--json")
        assert result.exit_code == code, result.output
        assert result.stderr == ""
        return json.loads(result.stdout)

    return invoke


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


@pytest.fixture
def make_run(store: RunStore) -> Callable[..., RunRecord]:
    def make(
        state: str = "completed",
        *,
        label: str = "first",
        model: str = "vae",
        epoch: int = 2,
        metrics: dict[str, float] | None = None,
        **ending: Any,
    ) -> RunRecord:
        record = store.create(CONFIG, label=label, model_kind=model, dataset="digits")
        if state == "created":
            return record
        values = METRICS if metrics is None else metrics
        with record.own() as writer:
            writer.transition("running", total_steps=40, total_epochs=4)
            row = {"scope": "epoch", **values}
            writer.event("train.metrics", row, step=10 * epoch, epoch=epoch)
            best = {name: value / 2 for name, value in values.items()}
            writer.update_summary(
                step=10 * epoch, epoch=epoch, last_metrics=values, best_metrics=best
            )
            writer.put_json("timeline", {"columns": {}}, step=0)
            writer.transition(state, **ending)
        return record

    return make
