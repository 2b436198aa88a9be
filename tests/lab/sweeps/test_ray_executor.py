"""A real cluster on this machine, with processes of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from latelier.config import load_config
from latelier.lab.launch import create, fit
from latelier.lab.sweeps.executor import EXECUTORS, ExecutorOptions, Work
from latelier.lab.sweeps.ray_executor import RayExecutor
from latelier.lab.sweeps.run import carry_out_sweep
from latelier.runs import RunRecord
from latelier.runs.verify import verify

from .conftest import TINY


def is_gapless(record: RunRecord) -> bool:
    events = list(record.events())
    return [event.id for event in events] == list(range(1, len(events) + 1))


@pytest.mark.slow
def test_a_sweep_on_a_cluster_that_sees_nothing_of_home(make_sweep, monkeypatch, capfd):
    handler = signal.getsignal(signal.SIGTERM)
    monkeypatch.setitem(EXECUTORS, "ray", lambda options: RayExecutor(options, in_place=False))
    record, said = make_sweep(), []
    sweep = carry_out_sweep(record, executor="ray", max_workers=2, say=said.append)

    assert sweep.state == "completed"
    assert [run.state for run in record.view().runs] == ["completed", "completed"]
    for run in record.runs():
        assert verify(run) == []
        assert is_gapless(run)
        assert run.metrics().steps["step"] == list(range(4))
    assert len([line for line in said if "sends it home" in line]) == 2
    assert signal.getsignal(signal.SIGTERM) is handler
    assert not list(Path(tempfile.gettempdir()).glob(f"ray-*/session_*_{os.getpid()}"))
    assert "RAY_AUTH_TOKEN" not in os.environ
    assert capfd.readouterr().out == ""


@pytest.mark.slow
@pytest.mark.parametrize("in_place", [False, True])
def test_a_killed_worker_costs_nothing(tmp_path, in_place):
    config = {**TINY, "schedule": {"epochs": 40}, "data": {"dataset": "digits", "limit": 600}}
    config["analysis"] = {"points": 40, "neighbors": 5, "reconstructions": 4, "pictures": False}
    records = [create(load_config({**config, "seed": i}), tmp_path / "runs") for i in range(3)]
    first, pids, killed, ended = records[0], {}, [], []

    def say(line: str) -> None:
        if match := re.match(r"Worker (\d+) on \S+ trains (\S+)", line):
            pids.setdefault(match[2], []).append(int(match[1]))

    def tick() -> None:
        if not killed and first.id in pids and first.summary().epoch >= 10:
            killed.append(pids[first.id][0])
            os.kill(killed[0], signal.SIGKILL)

    work = Work(
        records=records,
        max_workers=2,
        grace=20.0,
        stop=lambda: False,
        ended=lambda record: ended.append(record.id),
        say=say,
        tick=tick,
    )
    RayExecutor(ExecutorOptions(), in_place=in_place).carry_out(work)

    assert sorted(ended) == sorted(record.id for record in records)
    assert len(pids[first.id]) == 2
    for record in records:
        assert record.summary().state == "completed"
        assert verify(record) == []
        assert is_gapless(record)
        assert [e.type for e in record.events()].count("run.completed") == 1
        assert record.metrics().steps["step"] == list(range(760))
    resumed = [event for event in first.events() if event.type == "run.resumed"]
    assert len(resumed) == 1
    assert resumed[0].data["from_step"] > 0
    alone = fit({**config, "seed": 0}, runs_dir=tmp_path / "alone").record
    digests = [r.read_json("checkpoint", epoch=40)["digest"] for r in (first, alone)]
    assert digests[0] == digests[1]
    assert first.epochs("latents") == alone.epochs("latents")


@pytest.fixture
def head(monkeypatch) -> Iterator[str]:
    """A cluster that somebody else has started: its address."""
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="ray-") as folder:
        program = "from ray.scripts.scripts import main; main()"
        command = [sys.executable, "-c", program, "start", "--head", "--block", "--num-cpus", "1"]
        command += ["--port", str(port), "--include-dashboard=false", "--temp-dir", folder]
        log = Path(folder, "log")
        with (
            log.open("wb") as output,
            subprocess.Popen(command, stdout=output, stderr=output) as it,
        ):
            until = time.monotonic() + 60
            while b"Ray runtime started" not in log.read_bytes() and time.monotonic() < until:
                time.sleep(0.2)
            yield f"127.0.0.1:{port}"
            it.terminate()


PROGRAM = """
import sys
from latelier.lab.sweeps import ray_cluster
from latelier.lab.sweeps.run import carry_out_sweep
from latelier.runs.sweep_store import SweepStore
if sys.argv[3]:
    here = ray_cluster.versions_here()
    ray_cluster.versions_here = lambda: here._replace(torch=sys.argv[3])
record = SweepStore(sys.argv[1]).open(sys.argv[2])
print(carry_out_sweep(record, executor="ray", address=sys.argv[4]).state)
"""


@pytest.mark.slow
def test_an_existing_cluster_must_have_the_same_versions(make_sweep, head):
    record = make_sweep()

    def carry_out(torch: str) -> str:
        command = [sys.executable, "-c", PROGRAM, str(record.runs_dir), record.id, torch, head]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        return done.stdout + done.stderr

    assert re.search(
        r"other versions than this machine; got \S+: torch .*here 1\.0", carry_out("1.0")
    )
    assert [run.state for run in record.view().runs] == ["created", "created"]
    assert carry_out("") == "completed\n"
    assert [verify(run) for run in record.runs()] == [[], []]
