"""A folder of small runs, an app over it, and a real server where streams are needed."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import numpy as np
import pytest
from fastapi import FastAPI
from safetensors.numpy import save as save_tensors
from starlette.testclient import TestClient

from latelier.config.sweeps import load_sweep
from latelier.lab.sweeps.variants import create_sweep
from latelier.lab.sweeps.wall import Wall
from latelier.runs import RunRecord, RunStore
from latelier.runs.atomic import write_bytes
from latelier.runs.sweep_store import SweepStore
from latelier.runs.sweeps import SweepRecord
from latelier.server.app import create_app
from latelier.server.listen import Running, take_port
from latelier.server.settings import Settings

TOKEN = "a-token-that-nobody-guesses"
ORIGIN = "http://127.0.0.1:6283"
CONFIG = {
    "name": "first",
    "seed": 7,
    "data": {"dataset": "digits"},
    "model": {"kind": "vae", "latent_dim": 3, "net": {"kind": "mlp", "hidden": [8]}},
    "schedule": {"epochs": 4},
    "training": {"device": "cpu"},
}
ANALYZED: dict[str, Any] = {
    "data": {"dataset": "digits", "limit": 160},
    "model": {
        "kind": "gmvae",
        "latent_dim": 4,
        "components": 3,
        "warmup_epochs": 1,
        "net": {"kind": "mlp", "hidden": [8]},
    },
    "schedule": {"epochs": 2},
    "training": {"batch_size": 40, "device": "cpu", "threads": 1},
    "analysis": {
        "points": 40,
        "neighbors": 5,
        "snapshots": 0,
        "reconstructions": 4,
        "pictures": False,
        "full_set": "off",
    },
}
PNG_BYTES = b"\x89PNG\r\n\x1a\n" + b"\0" * 8


@pytest.fixture(autouse=True)
def unsynced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody cuts the power during a test."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


@pytest.fixture
def make_run(store: RunStore) -> Callable[..., RunRecord]:
    """Make a run in a state; a run that has ended has an epoch of artifacts."""

    def make(state: str = "completed", *, label: str = "first", **ending: Any) -> RunRecord:
        record = store.create(CONFIG, label=label, model_kind="vae", dataset="digits")
        if state == "created":
            return record
        with record.own() as writer:
            started = {"total_steps": 40, "total_epochs": 4, "steps_per_epoch": 10}
            writer.transition("running", **started, capabilities=["encode", "decode"])
            row = {"scope": "epoch", "val/loss": float("nan"), "train/loss": 1.5}
            writer.event("train.metrics", row, step=10, epoch=1)
            writer.update_summary(last_metrics={"train/loss": 1.5})
            for epoch in (0, 1):
                writer.put_json("latent_2d_pca", {"points": [epoch]}, epoch=epoch, step=10 * epoch)
            writer.put_json("latent_2d_pca", {"points": []}, epoch=0, step=3, snapshot=True)
            writer.put_bytes("sprites", PNG_BYTES, epoch=0, step=0)
            writer.transition(state, **ending)
        return record

    return make


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for runs that are really trained."""
    return tmp_path_factory.mktemp("trained")


@pytest.fixture(scope="session")
def train(root: Path) -> Callable[..., RunRecord]:
    """Train a tiny mixture, with changes to its configuration."""

    def fit(**changes: Any) -> RunRecord:
        from latelier.lab.launch import fit as really

        return RunStore(root).open(really({**ANALYZED, **changes}, runs_dir=root).id)

    return fit


@pytest.fixture(scope="session")
def run(train: Callable[..., RunRecord]) -> RunRecord:
    """One that is complete, its full set left out; tests add to it."""
    return train()


@pytest.fixture
def settings(store: RunStore, tmp_path: Path) -> Settings:
    return Settings(
        runs_dir=store.root,
        token=TOKEN,
        web_dir=export(tmp_path / "page"),
        warm=False,
        heartbeat_s=0.2,
        poll_s=0.01,
    )


def export(folder: Path) -> Path:
    """A page as the exporter writes it."""
    files = {
        "index.html": "<script>start()</script><a href='/__latelier_base__/runs'>home</a>",
        "runs.html": "all runs",
        "runs/_.html": "one run",
        "runs/_.txt": "payload of one run",
        "runs/_/latent.html": "its map",
        "runs/_/__next._tree.txt": "tree",
        "sweeps.html": "all sweeps",
        "sweeps/_.html": "one sweep",
        "404.html": "not here",
        "_next/static/chunk-1.js": "go('/__latelier_base__/x')",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return create_app(settings)


@pytest.fixture
def stranger(app: FastAPI) -> TestClient:
    """A client without the token."""
    return TestClient(app, base_url=ORIGIN, raise_server_exceptions=False, follow_redirects=False)


@pytest.fixture
def client(stranger: TestClient) -> TestClient:
    stranger.headers["authorization"] = f"Bearer {TOKEN}"
    return stranger


@pytest.fixture
def serving(settings: Settings) -> Callable[..., contextlib.AbstractContextManager[httpx.Client]]:
    """A real server on a free port, as a context."""

    @contextlib.contextmanager
    def start(**changes: Any) -> Iterator[httpx.Client]:
        server = Running(settings, take_port("127.0.0.1", changes.pop("port", 0)))
        server.start()
        try:
            with httpx.Client(
                base_url=f"http://127.0.0.1:{server.settings.port}",
                headers={"authorization": f"Bearer {TOKEN}"},
                timeout=10,
            ) as client:
                client.server = server  # type: ignore[attr-defined]
                yield client
        finally:
            server.stop()

    return start


# Sweeps

BETAS: dict[str, Any] = {
    "name": "betas",
    "axes": [{"kind": "grid", "keys": {"objective.beta": [1.0, 4.0]}}],
    "metrics": {"val/loss": "min"},
    "map": [0, 2],
}
SWEPT = {**CONFIG, "sweep": BETAS}


@pytest.fixture
def sweeps(store: RunStore) -> SweepStore:
    return SweepStore(store.root)


@pytest.fixture
def make_sweep(store: RunStore) -> Callable[..., SweepRecord]:
    def make(config: dict[str, Any] = SWEPT, **options: Any) -> SweepRecord:
        return create_sweep(load_sweep(config), store.root, **options)

    return make


@pytest.fixture
def sweep(make_sweep: Callable[..., SweepRecord]) -> SweepRecord:
    """A sweep whose first variant is completed and has a map, and whose second is to come."""
    record = make_sweep()
    finish(record.runs()[0])
    Wall(RunStore(record.runs_dir), record).update()
    return record


def finish(run: RunRecord) -> None:
    with run.own() as writer:
        writer.transition("running", total_steps=40, total_epochs=4, steps_per_epoch=10)
        z = np.arange(12, dtype=np.float32).reshape(4, 3)
        tensors = {"z": z, "dataset_idx": np.arange(4)}
        write_bytes(run.path_of("latents", epoch=1), save_tensors(tensors))
        metrics = {"val/loss": 2.0, "train/loss": float("nan")}
        writer.update_summary(step=40, epoch=4, last_metrics=metrics)
        writer.transition("completed")
