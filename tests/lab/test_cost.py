"""The estimate: counts are exact, times are of the right size, nothing is left behind."""

from __future__ import annotations

import pytest
import torch

from latelier.config.errors import ConfigError, DataError
from latelier.lab.cost import estimate_cost

CONFIG = {
    "data": {"dataset": "digits", "limit": 200},
    "model": {"kind": "vae", "latent_dim": 3, "net": {"kind": "mlp", "hidden": [8]}},
    "schedule": {"epochs": 3},
    "training": {"batch_size": 50, "device": "cpu", "threads": 1},
    "analysis": {"points": 40},
}


def test_counts_are_those_of_the_run() -> None:
    cost = estimate_cost(CONFIG)
    assert (cost["steps"], cost["epochs"], cost["steps_per_epoch"]) == (12, 3, 4)
    assert cost["parameters"] == 64 * 8 + 8 + 2 * (8 * 3 + 3) + 3 * 8 + 8 + 8 * 64 + 64
    assert cost["checkpoint_bytes"] == 4 * cost["parameters"] * 3 * 4
    assert 0 < cost["seconds_per_step"] < 1
    assert 0 < cost["seconds_per_epoch_analysis"] < 10
    expected = 12 * cost["seconds_per_step"] + 4 * cost["seconds_per_epoch_analysis"]
    assert cost["seconds"] == pytest.approx(expected)
    assert cost["measured_steps"] >= 1


def test_runs_of_odd_lengths() -> None:
    assert estimate_cost({**CONFIG, "schedule": {"epochs": 0}})["seconds_per_step"] == 0
    one = estimate_cost({**CONFIG, "schedule": {"steps": 1}})
    assert (one["measured_steps"], one["steps"]) == (1, 1)
    off = estimate_cost({**CONFIG, "analysis": {"enabled": False}})
    assert off["seconds_per_epoch_analysis"] == 0


def test_the_caller_s_random_numbers_stay() -> None:
    torch.manual_seed(3)
    state = torch.get_rng_state()
    threads = torch.get_num_threads()
    estimate_cost(CONFIG)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == threads


def test_what_cannot_be_estimated(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("LATELIER_DATA_ROOT", str(tmp_path))
    with pytest.raises(DataError):
        estimate_cost({**CONFIG, "data": {"dataset": "mnist"}})
    with pytest.raises(ConfigError):
        estimate_cost({"schedule": {"epochs": -1}})
