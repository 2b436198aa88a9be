"""The queue of sweeps. Children are stood in for by a quick script, but for one test."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from latelier.runs import RunStore, start_request
from latelier.runs.atomic import write_json
from latelier.runs.payloads.walls import WallFrame, WallIndex
from latelier.runs.sweep_store import SweepStore
from latelier.runs.sweeps import SweepRecord
from latelier.server import child as children
from latelier.server.child import Child
from latelier.server.jobs import JobQueue
from latelier.server.schemas_sweeps import (
    SweepDetail,
    SweepMade,
    SweepRow,
)

from .conftest import BETAS, SWEPT


def state(record: SweepRecord) -> str:
    return record.read().state


CHILD = """
import sys, time
from latelier.runs.states import RunState
from latelier.runs.sweep_store import SweepStore
record = SweepStore(sys.argv[sys.argv.index("--runs-dir") + 1]).open(sys.argv[1])
name = record.read().name
if name == "breaks": sys.exit("error: there is no such device")
time.sleep(0.1)
with record.own() as writer:
    writer.transition(RunState.RUNNING)
    until = time.monotonic() + (0.05 if name == "short" else 20)
    while time.monotonic() < until and not record.cancel_requested(): time.sleep(0.01)
    stopped = record.cancel_requested()
    writer.transition(RunState.CANCELLED if stopped else RunState.COMPLETED)
sys.exit(130 if record.cancel_requested() else 0)
"""


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[list[str]]]:
    """Commands that were begun."""
    commands: list[list[str]] = []
    started: list[Child] = []

    def spawn(arguments: list[str], *, stdin: int, command: str) -> Child:
        commands.append([command, *arguments])
        log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with its child
        process = subprocess.Popen(
            [sys.executable, "-c", CHILD, *arguments], stdin=stdin, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
        started.append(Child(process, log))
        return started[-1]

    monkeypatch.setattr(children, "_spawn", spawn)
    yield commands
    for child in started:
        child.process.kill()
        child.process.wait()
        child.log.close()


@contextlib.contextmanager
def working(sweeps: SweepStore) -> Iterator[JobQueue]:
    queue = JobQueue(RunStore(sweeps.runs_dir), slots=1, warm=False)
    queue.start()
    try:
        yield queue
    finally:
        queue.close()


def wait(condition: Callable[[], object], seconds: float = 10.0) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "it took too long"
        time.sleep(0.01)


def named(name: str) -> dict[str, Any]:
    return {**SWEPT, "sweep": {**BETAS, "name": name}}


def test_sweeps_are_carried_out_one_after_another(
    sweeps: SweepStore, make_sweep: Callable[..., SweepRecord], begun: list[list[str]]
) -> None:
    first, second = make_sweep(named("short")), make_sweep(named("short"))
    idle = make_sweep()
    with working(sweeps) as queue:
        queue.request(first)
        queue.request(second)
        wait(lambda: state(first) == state(second) == "completed")
        assert queue.positions(SweepRecord) == {}
    assert begun == [
        ["run-sweep", record.id, "--runs-dir", str(sweeps.runs_dir)] for record in (first, second)
    ]
    ended, started = first.read().ended, second.read().started
    assert ended is not None
    assert started is not None
    assert ended <= started, "never two at once"
    assert state(idle) == "created", "nobody asked for it"
    assert start_request(first) is None


def test_the_queue_and_its_child_survive_the_server(
    sweeps: SweepStore, make_sweep: Callable[..., SweepRecord], begun: list[list[str]]
) -> None:
    first, second = make_sweep(), make_sweep(named("short"))
    with working(sweeps) as queue:
        queue.request(first)
        wait(lambda: state(first) == "running")
        queue.request(second)
        assert queue.positions(SweepRecord)[second.id] == 1
    with working(sweeps) as queue:
        wait(lambda: queue.positions(SweepRecord) == {second.id: 1})
        time.sleep(0.3)
        assert len(begun) == 1, "another process is at work"
        queue.cancel(first)
        wait(lambda: state(first) == "cancelled")
        wait(lambda: state(second) == "completed")


def test_a_sweep_is_stopped_in_every_state(
    client: TestClient,
    app: FastAPI,
    make_sweep: Callable[..., SweepRecord],
    begun: list[list[str]],
) -> None:
    running, queued, idle = make_sweep(), make_sweep(), make_sweep()
    with client:
        made = client.post(f"/api/sweeps/{running.id}/resume")
        assert made.status_code == 202
        assert SweepMade.model_validate(made.json()).sweep_id == running.id
        assert client.post(f"/api/sweeps/{running.id}/cancel").status_code == 202, "as it begins"
        client.post(f"/api/sweeps/{queued.id}/resume")
        row = SweepRow.model_validate(client.post(f"/api/sweeps/{queued.id}/cancel").json())
        assert (row.state, row.queue_position) == ("cancelled", None)
        assert client.post(f"/api/sweeps/{idle.id}/cancel").json()["state"] == "cancelled"
        wait(lambda: state(running) == "cancelled")
        assert client.post(f"/api/sweeps/{idle.id}/cancel").status_code == 409
        wait(lambda: not app.state.services.jobs.positions(SweepRecord))

        client.post(f"/api/sweeps/{running.id}/resume")
        wait(lambda: state(running) == "running")
        assert client.post(f"/api/sweeps/{running.id}/resume").status_code == 409
        client.post(f"/api/sweeps/{running.id}/cancel")
        wait(lambda: state(running) == "cancelled")
    assert {command[1] for command in begun} == {running.id}


def test_a_child_that_cannot_begin_leaves_word(
    sweeps: SweepStore, make_sweep: Callable[..., SweepRecord], begun: list[list[str]]
) -> None:
    record = make_sweep(named("breaks"))
    with working(sweeps) as queue:
        queue.request(record)
        wait(lambda: state(record) == "failed")
    found = record.read()
    assert (found.reason, found.message) == ("error", "there is no such device")
    assert len(begun) == 1


def test_what_a_server_does_not_go_on_with(
    client: TestClient, make_sweep: Callable[..., SweepRecord]
) -> None:
    clustered = make_sweep(executor="ray", address="elsewhere:1")
    answer = client.post(f"/api/sweeps/{clustered.id}/resume")
    assert answer.status_code == 409
    assert "latelier sweep --resume" in answer.json()["error"]["remedy"]
    own = make_sweep()
    content = own.read().stored()
    content["base"]["model"]["net"] = {"kind": "custom", "encoder": "a:b", "decoder": "a:c"}
    write_json(own.path_of("sweep"), content)
    answer = client.post(f"/api/sweeps/{own.id}/resume")
    assert answer.status_code == 409
    assert "Python" in answer.json()["error"]["what"]
    for record in (clustered, own):
        assert not client.get(f"/api/sweeps/{record.id}").json()["resumable"]
        assert start_request(record) is None


def test_a_sweep_that_waits_can_be_deleted(
    client: TestClient, sweep: SweepRecord, sweeps: SweepStore
) -> None:
    client.post(f"/api/sweeps/{sweep.id}/resume")
    assert client.get("/api/sweeps").json()["sweeps"][0]["queue_position"] == 1
    assert client.delete(f"/api/sweeps/{sweep.id}").status_code == 204
    assert client.get("/api/sweeps").json() == {"sweeps": []}
    restored = sweeps.restore(sweep.id)
    assert start_request(restored) is None, "it does not begin when it comes back"


@pytest.mark.slow
def test_a_sweep_is_really_carried_out(serving: Callable[..., Any], sweeps: SweepStore) -> None:
    body = {
        "preset": "color/quick",
        "only": ["polar", "polar + norm"],
        "overrides": ["training.threads=1", "training.device=cpu", "analysis.pictures=false"],
        "executor": "ensemble",
    }
    with serving() as client:
        sweep_id = client.post("/api/sweeps", json=body).json()["sweep_id"]
        address = f"/api/sweeps/{sweep_id}"
        wait(lambda: client.get(address).json()["wall"], 60)
        wait(lambda: client.get(address).json()["state"] == "completed", 120)
        detail = SweepDetail.model_validate_json(client.get(address).content)
        latest = WallFrame.model_validate_json(client.get(f"{address}/wall/latest").content)
        index = WallIndex.model_validate_json(client.get(f"{address}/wall").content)
    assert detail.counts == {"completed": 2}
    assert detail.wall is not None
    assert [row.variants for row in detail.wall.steps] == [2] * 22
    assert [entry.index for entry in latest.variants] == [0, 1]
    assert index.points[0].color is not None
