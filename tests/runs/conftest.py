from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from latelier.runs import RunRecord, RunStore

CONFIG = {"name": "first", "seed": 7}
PNG_BYTES = b"\x89PNG\r\n\x1a\n" + b"\0" * 8


@pytest.fixture(autouse=True)
def synced(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count waits for the disk instead of waiting: nobody cuts the power during a test."""
    descriptors: list[int] = []
    monkeypatch.setattr(os, "fsync", descriptors.append)
    return descriptors


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "all-runs")


@pytest.fixture
def make_run(store: RunStore) -> Callable[[], RunRecord]:
    def make() -> RunRecord:
        return store.create(CONFIG, label="first", model_kind="gmvae", dataset="mnist-5k")

    return make


@pytest.fixture
def record(make_run: Callable[[], RunRecord]) -> RunRecord:
    return make_run()
