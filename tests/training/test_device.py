from __future__ import annotations

import random

import numpy as np
import pytest
import torch
from torch import nn

from latelier.config import ConfigError, load_config
from latelier.training import execution, shielded
from latelier.training.determinism import seed_everything
from latelier.training.device import choose_threads, resolve_device


def training(**fields):
    return load_config({"training": fields}).training


def draws() -> tuple[float, float, float]:
    return float(torch.rand(())), float(np.random.rand()), random.random()


def test_a_missing_device_is_refused():
    with pytest.raises(ConfigError, match=r"training.device.*cuda:7.*of this machine"):
        resolve_device("cuda:7")
    assert resolve_device("cpu") == torch.device("cpu")


def test_tiny_models_get_one_thread_and_large_ones_more(monkeypatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1, 2}, raising=False)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    sample = torch.zeros(1, 1000)
    assert choose_threads(training(batch_size=8), nn.Linear(1000, 10), sample) == 1
    wide = nn.Linear(1000, 4000)
    assert choose_threads(training(batch_size=128), wide, sample) == 3
    assert choose_threads(training(batch_size=128, threads=2), wide, sample) == 2
    for told, threads in (("2", 2), ("64", 3), ("0", 3), ("many", 3)):  # others want theirs
        monkeypatch.setenv("OMP_NUM_THREADS", told)
        assert choose_threads(training(batch_size=128), wide, sample) == threads


def test_execution_seeds_every_generator_and_puts_all_back():
    torch.manual_seed(1), np.random.seed(1), random.seed(1)
    expected = draws()
    torch.manual_seed(1), np.random.seed(1), random.seed(1)
    threads = torch.get_num_threads()
    with execution(training(deterministic_debug=True), threads=2, seed=5):
        inside = draws()
        assert torch.get_num_threads() == 2
        assert torch.are_deterministic_algorithms_enabled()
    with execution(training(), threads=2, seed=5):
        assert draws() == inside
    assert draws() == expected
    assert torch.get_num_threads() == threads
    assert not torch.are_deterministic_algorithms_enabled()


def test_every_cuda_device_is_seeded_too(monkeypatch):
    seeds = []
    monkeypatch.setattr(torch.cuda, "manual_seed_all", seeds.append)
    seed_everything(11)
    assert seeds == [11]


def test_deterministic_debug_is_off_unless_asked_for(monkeypatch):
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", True)
    with execution(training(), threads=1, seed=0):
        assert not torch.are_deterministic_algorithms_enabled()
        assert torch.backends.cudnn.benchmark
    with execution(training(deterministic_debug=True), threads=1, seed=0):
        assert torch.are_deterministic_algorithms_enabled()
        assert not torch.backends.cudnn.benchmark
    assert torch.backends.cudnn.benchmark


def test_a_shielded_block_leaves_no_trace():
    torch.manual_seed(2), np.random.seed(2), random.seed(2)
    with shielded():
        draws()
    after = draws()
    torch.manual_seed(2), np.random.seed(2), random.seed(2)
    assert draws() == after
