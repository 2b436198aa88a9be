"""fork, and what --allow-code lets train, resume and fork do."""

from __future__ import annotations

import re

import pytest

NETS = """
from torch import nn

def encoder(shape, latent_dim):
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.ReLU())

def decoder(shape, latent_dim):
    return nn.Sequential(nn.Linear(latent_dim, 64), nn.Unflatten(1, shape))
"""
CONFIG = """
data: {dataset: digits, limit: 60}
model:
  kind: vae
  latent_dim: 2
  net: {kind: custom, encoder: "nets_of_test_fork:encoder", decoder: "nets_of_test_fork:decoder"}
schedule: {epochs: 2}
training: {batch_size: 20}
analysis: {enabled: false, pictures: false}
"""


@pytest.fixture
def named(tmp_path):
    (tmp_path / "nets_of_test_fork.py").write_text(NETS)
    (tmp_path / "mine.yaml").write_text(CONFIG)


def test_code_is_refused_until_it_is_allowed(cli, named, tmp_path):
    for more in ([], ["--dry-run"]):
        refused = cli("train", "mine.yaml", *more)
        assert refused.exit_code == 2
        assert "--allow-code" in refused.stderr
    assert not (tmp_path / "runs").exists()
    assert "parameters" in cli("train", "mine.yaml", "--dry-run", "--allow-code").stdout
    done = cli("train", "mine.yaml", "--allow-code")
    assert done.exit_code == 0, done.output

    refused = cli("fork", "latest", "--epoch", "1", "schedule.epochs=3")
    assert refused.exit_code == 2
    assert "--allow-code" in refused.stderr
    done = cli("fork", "latest", "--epoch", "1", "schedule.epochs=3", "--allow-code")
    assert done.exit_code == 0, done.output
    assert re.search(r"length +3 epochs, 9 steps", done.stdout)


def test_a_fork_of_an_epoch_that_is_not_there(cli, make_run):
    make_run()
    refused = cli("fork", "latest", "--epoch", "1")
    assert refused.exit_code in (2, 3)
    assert "epoch" in refused.stderr
