"""Code that a configuration names: stored by name, imported when allowed, for runs made here."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest
from torch import nn

import latelier
from latelier.config import ConfigError, RunError
from latelier.lab.backfill import backfill
from latelier.runs import RunStore

from .conftest import TINY, digest

NAMED = {"kind": "custom", "encoder": "own_nets:encoder", "decoder": "own_nets:decoder"}
CONFIG: dict[str, Any] = {
    **TINY,
    "model": {"kind": "vae", "latent_dim": 3, "net": NAMED},
    "analysis": {**TINY["analysis"], "enabled": False},
}


@pytest.fixture(autouse=True)
def own_nets(monkeypatch) -> None:
    module = ModuleType("own_nets")
    module.encoder = lambda shape, _: nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.ReLU())
    module.decoder = lambda shape, d: nn.Sequential(nn.Linear(d, 64), nn.Unflatten(1, shape))
    monkeypatch.setitem(sys.modules, "own_nets", module)


def stopped(folder) -> latelier.Run:
    calls = iter(range(6))
    return latelier.fit(
        CONFIG, runs_dir=folder, allow_code=True, stop=lambda: next(calls, None) is None
    )


def test_a_config_that_names_code_trains_when_that_is_allowed(tmp_path):
    with pytest.raises(ConfigError, match="allow_code=True"):
        latelier.fit(CONFIG, runs_dir=tmp_path / "runs")
    assert not (tmp_path / "runs").exists()
    whole = latelier.fit(CONFIG, runs_dir=tmp_path, allow_code=True)
    assert whole.config["model"]["net"] == NAMED
    run = stopped(tmp_path)
    with pytest.raises(ConfigError, match="allow_code=True"):
        latelier.resume(run)
    assert digest(latelier.resume(run, allow_code=True)) == digest(whole)


def test_forks_and_backfills_ask_too(tmp_path):
    run = latelier.fit(CONFIG, runs_dir=tmp_path, allow_code=True)
    with pytest.raises(ConfigError, match="allow_code=True"):
        latelier.fork(run, epoch=1)
    forked = latelier.fork(run, epoch=1, allow_code=True)
    assert digest(forked) == digest(run)
    assert forked.record.has("local_origin")
    with pytest.raises((ConfigError, RunError)):
        backfill(run.record, kinds=["latents"])
    assert backfill(run.record, kinds=["latents"], allow_code=True).made


def test_the_code_of_a_run_from_elsewhere_is_never_imported(tmp_path, monkeypatch):
    run = stopped(tmp_path)
    (run.path / "local_origin").unlink()
    monkeypatch.delitem(sys.modules, "own_nets")
    monkeypatch.setattr("latelier.models.nets.named.import_module", _imported)
    with pytest.raises(RunError, match="names code, and was not made here"):
        latelier.resume(run, allow_code=True)
    with pytest.raises(RunError, match="names code, and was not made here"):
        latelier.fork(run, epoch=0, allow_code=True)
    with pytest.raises(RunError, match="names code, and was not made here"):
        backfill(run.record, kinds=["latents"], allow_code=True)
    assert len(RunStore(tmp_path).ids()) == 1


def _imported(name: str) -> None:
    raise AssertionError(f"{name} was imported")


def test_runs_without_code_need_no_mark(tmp_path):
    run = latelier.fit(TINY, runs_dir=tmp_path)
    assert not run.record.has("local_origin")
    assert latelier.fork(run, epoch=1, allow_code=True).state == "completed"
