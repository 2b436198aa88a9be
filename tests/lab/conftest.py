"""Tiny recorded runs: digits, a small network, a few steps."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from latelier.lab.launch import fit
from latelier.lab.run import Run
from latelier.runs import ARTIFACTS, RunRecord

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


MIXED = {**TINY, "model": {**GMVAE, "latent_dim": 4}}


@pytest.fixture(scope="session")
def analyzed(tmp_path_factory) -> RunRecord:
    """A completed run with everything that training makes, UMAP left out. Read only."""
    return fit(MIXED, runs_dir=tmp_path_factory.mktemp("analyzed")).record


@pytest.fixture(scope="session")
def bare_run(tmp_path_factory) -> RunRecord:
    """The same run, trained without analysis. Read only: use `bare`."""
    analysis = {**TINY["analysis"], "enabled": False}
    folder = tmp_path_factory.mktemp("bare")
    return fit({**MIXED, "analysis": analysis}, runs_dir=folder).record


@pytest.fixture
def bare(bare_run, tmp_path) -> RunRecord:
    """A run without analysis, for one test to fill."""
    return copied(bare_run, tmp_path)


def copied(record: RunRecord, folder: Path) -> RunRecord:
    """Copy a run to another folder of runs."""
    return RunRecord(Path(shutil.copytree(record.path, folder / record.id)))


def contents(record: RunRecord) -> dict[str, bytes]:
    """Every artifact of a run, byte for byte, how long it took left out."""
    return {
        name: re.sub(rb'"compute_ms":[^,}]+', b"", (record.path / name).read_bytes())
        for name, known in record.files()
        if known and not ARTIFACTS[known[0]].record and not known[0].startswith("checkpoint")
    }
