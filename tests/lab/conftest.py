"""Tiny recorded runs: digits, a small network, a few steps."""

from __future__ import annotations

from typing import Any

import pytest

from latelier.lab.launch import fit
from latelier.lab.run import Run

TINY: dict[str, Any] = {
    "name": "tiny",
    "data": {"dataset": "digits", "limit": 120},
    "model": {"kind": "vae", "latent_dim": 3, "net": {"kind": "mlp", "hidden": [8]}},
    "schedule": {"epochs": 3},
    "training": {"batch_size": 32},
    "analysis": {"points": 40, "neighbors": 5, "reconstructions": 4, "pictures": False},
}
GMVAE = {
    "kind": "gmvae",
    "latent_dim": 3,
    "components": 3,
    "warmup_epochs": 1,
    "net": {"kind": "mlp", "hidden": [8]},
}


def digest(run: Run, epoch: int = 3) -> str:
    """Hash of a run's checkpoint."""
    return str(run.record.read_json("checkpoint", epoch=epoch)["digest"])


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Run:
    """A completed run, with pictures. Read only."""
    analysis = {**TINY["analysis"], "pictures": True}
    return fit(
        {**TINY, "model": GMVAE, "analysis": analysis}, runs_dir=tmp_path_factory.mktemp("runs")
    )
