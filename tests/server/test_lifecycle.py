"""Real runs through the API: started, watched, cancelled, resumed, forked, by real children."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from latelier.lab.launch import fit
from latelier.runs import RunStore
from latelier.runs.verify import verify

CONFIG: dict[str, Any] = {
    "name": "the same",
    "seed": 5,
    "data": {"dataset": "digits", "limit": 200},
    "model": {"kind": "vae", "latent_dim": 3, "net": {"kind": "mlp", "hidden": [8]}},
    "schedule": {"epochs": 2},
    "training": {"batch_size": 50, "device": "cpu", "threads": 1},
    "analysis": {"points": 40, "neighbors": 5, "reconstructions": 4, "pictures": False},
}
ENDLESS = {**CONFIG, "schedule": {"epochs": 100_000}, "analysis": {"enabled": False}}
ENDLESS["training"] = {**CONFIG["training"], "checkpoints": {"every_epochs": 1000}}
Serving = Callable[..., Any]


def wait(client: Any, run_id: str, *states: str, seconds: float = 60) -> dict[str, Any]:
    limit = time.monotonic() + seconds
    while True:
        found: dict[str, Any] = client.get(f"/api/runs/{run_id}").json()
        if found["summary"]["state"] in states:
            return found
        assert time.monotonic() < limit, found["summary"]
        time.sleep(0.02)


def digests(store: RunStore, run_id: str) -> dict[int, str]:
    record = store.open(run_id)
    return {
        keys["epoch"]: record.read_json("checkpoint", **keys)["digest"]
        for keys in record.checkpoints()
        if "step" not in keys
    }


@pytest.mark.slow
def test_start_cancel_resume_fork(serving: Serving, store: RunStore) -> None:
    with serving() as client:
        run_id = client.post("/api/runs", json={"config": ENDLESS}).json()["run_id"]
        queued = client.post("/api/runs", json={"config": CONFIG}).json()["run_id"]
        wait(client, run_id, "running")
        assert client.post(f"/api/runs/{queued}/cancel").json()["state"] == "cancelled"
        answer = client.post(f"/api/runs/{run_id}/cancel").json()
        assert answer["state"] == "cancelled" or answer["cancelling"]
        detail = wait(client, run_id, "cancelled")
        assert detail["resumable"]
        step = detail["summary"]["step"]

        client.post(f"/api/runs/{run_id}/resume")
        wait(client, run_id, "running")
        client.post(f"/api/runs/{run_id}/cancel")
        wait(client, run_id, "cancelled")
        events = client.get(f"/api/runs/{run_id}/events").json()["events"]
        resumed = [event for event in events if event["type"] == "run.resumed"]
        assert [event["data"]["from_step"] for event in resumed] == [step], "nothing was lost"

        body = {"epoch": 0, "overrides": ["schedule.epochs=1"], "name": "branch"}
        fork_id = client.post(f"/api/runs/{run_id}/fork", json=body).json()["run_id"]
        fork = wait(client, fork_id, "completed")
        assert fork["summary"]["parent"]["run_id"] == run_id
        assert digests(store, fork_id)[0] == digests(store, run_id)[0]
        client.post(f"/api/runs/{queued}/resume")
        assert wait(client, queued, "completed")["config"]["analysis"]["indices"]
    for made in (run_id, fork_id, queued):
        assert verify(store.open(made)) == []


@pytest.mark.slow
def test_three_ways_to_start_a_run_are_one(
    serving: Serving, store: RunStore, tmp_path: Any
) -> None:
    by_python = fit(CONFIG, runs_dir=store.root).id
    path = tmp_path / "run.json"
    path.write_text(json.dumps(CONFIG))
    command = [sys.executable, "-m", "latelier", "train", str(path), "--runs-dir", str(store.root)]
    subprocess.run(command, check=True, capture_output=True)
    (by_command,) = set(store.ids()) - {by_python}
    with serving() as client:
        by_post = client.post("/api/runs", json={"config": CONFIG}).json()["run_id"]
        wait(client, by_post, "completed")
    assert digests(store, by_python) == digests(store, by_command) == digests(store, by_post)
    assert len(digests(store, by_post)) == 3
    configs = [store.open(run_id).config() for run_id in (by_python, by_command, by_post)]
    assert configs[0] == configs[1] == configs[2]
    kinds = [
        [(kind, keys) for _, (kind, keys) in named]
        for named in (
            [(path, parsed) for path, parsed in store.open(run_id).files() if parsed is not None]
            for run_id in (by_python, by_post)
        )
    ]
    assert [entry for entry in kinds[1] if entry[0] != "console"] == kinds[0]


@pytest.mark.slow
def test_the_cost_is_measured_in_the_worker(serving: Serving, store: RunStore) -> None:
    with serving() as client:
        cost = client.post("/api/cost", json={"config": CONFIG}, timeout=60).json()
        assert (cost["steps"], cost["epochs"]) == (8, 2)
        assert client.get("/api/health").json()["worker"] == "ready"
        wrong = {**CONFIG, "training": {"batch_size": 5000}}
        answer = client.post("/api/cost", json={"config": wrong}, timeout=60)
        assert answer.status_code == 422
        assert "batch_size" in answer.json()["error"]["what"]
    assert store.ids() == []
