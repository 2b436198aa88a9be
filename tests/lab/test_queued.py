"""What a queue's child does with the request that it finds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from latelier.config.errors import DataError, RunError
from latelier.lab.launch import create
from latelier.lab.prepare import resolve_config
from latelier.lab.queued import carry_out
from latelier.runs import RunRecord, request_start, start_request, take_start

CONFIG: dict[str, Any] = {
    "data": {"dataset": "digits", "limit": 100},
    "model": {"kind": "ae", "latent_dim": 2, "net": {"kind": "mlp", "hidden": [4]}},
    "schedule": {"epochs": 1},
    "training": {"batch_size": 50, "device": "cpu", "threads": 1},
    "analysis": {"enabled": False, "points": 20},
}


def made(runs_dir: Path, **sections: Any) -> RunRecord:
    return create(resolve_config(CONFIG, sections=sections), runs_dir)


def test_a_request_is_carried_out_once(tmp_path: Path) -> None:
    run = made(tmp_path)
    assert carry_out(run) is None, "nobody asked"
    request_start(run)
    assert carry_out(run) == "completed"
    assert start_request(run) is None
    assert carry_out(run) is None


def test_another_process_was_quicker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = made(tmp_path)
    request_start(run)
    monkeypatch.setattr("latelier.lab.queued.take_start", lambda record: take_start(record) and 0)
    assert carry_out(run) is None
    assert run.summary().state == "created"


def test_stop_and_go_on(tmp_path: Path) -> None:
    run = made(tmp_path)
    request_start(run)
    assert carry_out(run, stop=lambda: True) == "cancelled"
    request_start(run)
    assert carry_out(run) == "completed"
    types = [event.type for event in run.events()]
    assert "run.resumed" in types


def test_data_that_is_missing_fails_a_new_run(tmp_path: Path) -> None:
    where = str(tmp_path / "missing.npz")
    run = made(tmp_path / "runs", data={"dataset": "npz", "path": where})
    request_start(run)
    with pytest.raises(DataError):
        carry_out(run)
    assert run.summary().state == "failed"
    assert "missing.npz" in str(run.summary().message)
    assert start_request(run) is None


def test_a_damaged_checkpoint_is_told_by_the_run_that_cannot_go_on(tmp_path: Path) -> None:
    run = made(tmp_path)
    request_start(run)
    carry_out(run, stop=lambda: True)
    folder = run.path_of("checkpoint", **run.checkpoints()[-1]).parent
    (folder / "model.safetensors").write_bytes(b"damaged")
    request_start(run)
    with pytest.raises(RunError, match="damaged"):
        carry_out(run)
    last = list(run.events())[-1]
    assert last.type == "log.warning"
    assert "damaged" in last.data["message"]
    assert run.summary().state == "cancelled", "as it was"
