from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from latelier.config.sweeps import load_sweep
from latelier.lab.sweeps import local
from latelier.lab.sweeps.executor import ExecutorOptions, Work, make_executor
from latelier.lab.sweeps.run import carry_out_sweep
from latelier.lab.sweeps.variants import create_sweep
from latelier.runs import RunRecord
from latelier.runs.sweeps import SweepRecord
from latelier.runs.verify import verify

from .conftest import TINY

# A worker that trains nothing: it leaves its marks in the folder, and answers.
_HEAD = """
import json, os, pathlib, sys, time
root = pathlib.Path(sys.argv[1])
for line in sys.stdin:
    run = json.loads(line)["run_id"]
    (root / f"{run}.begun").write_text(f"{time.time()} {os.getpid()}")
"""
_ANSWER = """
    (root / f"{run}.ended").write_text(str(time.time()))
    print(json.dumps({"ended": run}), flush=True)
"""
# Waits until two have begun, so that a slow start of the second changes nothing.
QUICK = _HEAD + "    while len(list(root.glob('*.begun'))) < 2: time.sleep(0.01)" + _ANSWER
DIES = _HEAD + "    sys.exit('error: the disk is gone')"
OBEYS = (
    _HEAD + "    while not (root / run / 'cancel_requested').exists(): time.sleep(0.01)" + _ANSWER
)
DEAF = _HEAD + "    time.sleep(60)"


@pytest.fixture
def records(tmp_path) -> list[RunRecord]:
    section = {"axes": [{"kind": "seeds", "seeds": 4}]}
    return create_sweep(load_sweep({**TINY, "sweep": section}), tmp_path / "runs").runs()


@pytest.fixture
def with_workers(monkeypatch) -> Callable[[str], None]:
    """Let workers be a script instead of the command line."""

    def use(script: str) -> None:
        def spawn(runs_dir: Path, _environment: Any, *, allow_code: bool) -> Any:
            assert not allow_code
            log = tempfile.TemporaryFile()  # noqa: SIM115
            process = subprocess.Popen(
                [sys.executable, "-S", "-c", script, str(runs_dir)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
            return local._Worker(process, log)

        monkeypatch.setattr(local, "_spawn", spawn)

    return use


def work(records: list[RunRecord], **changes: Any) -> tuple[Work, list[str], list[str]]:
    ended: list[str] = []
    lines: list[str] = []
    options: dict[str, Any] = {"max_workers": 2, "grace": 10.0, "stop": lambda: False}
    options |= {"ended": lambda record: ended.append(record.id), "say": lines.append} | changes
    return Work(records, **options), ended, lines


def test_as_many_runs_at_a_time_as_there_are_workers(records, with_workers):
    with_workers(QUICK)
    task, ended, _ = work(records)
    make_executor("local").carry_out(task)
    assert sorted(ended) == sorted(record.id for record in records)
    root = records[0].path.parent
    begun, ends, pids = [], [], set()
    for record in records:
        at, pid = (root / f"{record.id}.begun").read_text().split()
        begun.append(float(at))
        pids.add(pid)
        ends.append(float((root / f"{record.id}.ended").read_text()))
    at_once = max(sum(b <= t < e for b, e in zip(begun, ends, strict=True)) for t in begun)
    assert at_once == 2
    assert len(pids) == 2  # one took more than one run
    assert max(begun[:2]) <= min(begun[2:])  # in order


def test_a_worker_that_dies_takes_only_its_run_with_it(records, with_workers):
    with_workers(DIES)
    task, ended, _ = work(records, max_workers=1)
    make_executor("local").carry_out(task)
    assert ended == [record.id for record in records]
    for record in records:
        summary = record.summary()
        assert (summary.state, summary.message) == ("failed", "the disk is gone")


def test_running_variants_finish_when_a_sweep_is_stopped(records, with_workers):
    with_workers(OBEYS)
    asked: list[float] = []
    task, ended, lines = work(records, stop=lambda: asked.append(0) or len(asked) > 5)
    make_executor("local").carry_out(task)
    assert ended == [records[0].id, records[1].id] or ended == [records[1].id, records[0].id]
    assert lines == ["2 running variants get 10 s to finish"]
    assert not records[2].cancel_requested()
    assert records[2].summary().state == "created"


def test_what_does_not_finish_in_time_is_ended(records, with_workers):
    with_workers(DEAF)
    asked: list[float] = []
    began = time.monotonic()
    task, ended, lines = work(records, grace=0.3, stop=lambda: asked.append(0) or len(asked) > 5)
    make_executor("local").carry_out(task)
    assert 0.3 < time.monotonic() - began < 8
    assert len(ended) == 2
    assert sum("ended by force" in line for line in lines) == 2
    assert [record.summary().state for record in records] == ["created"] * 4


def test_an_interrupt_leaves_no_process_behind(records, with_workers):
    with_workers(DEAF)

    def interrupt() -> None:
        if list(records[0].path.parent.glob("*.begun")):
            raise KeyboardInterrupt

    task, _, _ = work(records, tick=interrupt)
    with pytest.raises(KeyboardInterrupt):
        make_executor("local").carry_out(task)
    for mark in records[0].path.parent.glob("*.begun"):
        pid = int(mark.read_text().split()[1])
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_cores_are_shared_and_devices_taken_in_turn(records, monkeypatch):
    import torch

    from latelier.training import device

    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(device, "physical_cores", lambda: 8)
    assert local._environments(records, None) == [{"OMP_NUM_THREADS": "2"}] * 4
    assert local._environments(records, 3) == [{"OMP_NUM_THREADS": "2"}] * 3
    many = records * 8
    monkeypatch.setattr(device, "physical_cores", lambda: 64)
    assert len(local._environments(many, None)) == local.MOST_WORKERS == 16

    monkeypatch.setattr(local, "_gpus", lambda _records: ["3", "5"])
    assert [e["CUDA_VISIBLE_DEVICES"] for e in local._environments(records, None)] == ["3", "5"]
    told = [e["CUDA_VISIBLE_DEVICES"] for e in local._environments(records, 3)]
    assert told == ["3", "5", "3"]
    monkeypatch.undo()
    assert local._gpus(records) == []  # they ask for the CPU
    assert torch is not None


def test_real_workers_train(tmp_path):
    section = {"axes": [{"kind": "seeds", "seeds": 2}]}
    record: SweepRecord = create_sweep(load_sweep({**TINY, "sweep": section}), tmp_path / "runs")
    sweep = carry_out_sweep(record, max_workers=1)
    assert sweep.state == "completed"
    for run in record.runs():
        assert verify(run) == []
        assert run.path_of("console").exists()


def test_options_reach_an_executor():
    executor = make_executor("local", ExecutorOptions(allow_code=True))
    assert executor._options.allow_code  # type: ignore[attr-defined]
