from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from latelier.config.errors import RunBusyError, RunError
from latelier.runs import liveness
from latelier.runs.liveness import Owner, Ownership, is_alive, process_start


@pytest.fixture
def paths(tmp_path: Path) -> dict[str, Path]:
    return {"lock": tmp_path / "owner.lock", "owner": tmp_path / "owner.json"}


def test_this_process_is_alive() -> None:
    owner = Owner.here()
    assert owner.pid == os.getpid()
    assert owner.process_start
    assert is_alive(owner)
    assert is_alive(replace(owner, heartbeat=0.0))  # on this host the heartbeat does not matter


def test_a_pid_that_was_used_again_is_not_the_owner() -> None:
    assert not is_alive(replace(Owner.here(), process_start="1"))
    assert not is_alive(replace(Owner.here(), boot_id="another boot"))
    assert not is_alive(replace(Owner.here(), pid=-1))


def test_a_process_that_ended_is_not_alive_even_while_its_remains_are_listed() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    owner = replace(Owner.here(), pid=child.pid, process_start=process_start(child.pid) or "")
    assert is_alive(owner)
    child.kill()
    deadline = time.monotonic() + 5
    while is_alive(owner) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_alive(owner)  # not waited for yet: a zombie
    child.communicate()
    assert not is_alive(owner)


def test_of_another_host_the_heartbeat_counts_for_thirty_seconds() -> None:
    owner = replace(Owner.here(), host="elsewhere", pid=1, heartbeat=1000.0)
    assert is_alive(owner, now=1029.0)
    assert not is_alive(owner, now=1031.0)


def test_without_proc_the_start_comes_from_ps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(liveness, "_PROC", Path("/nowhere/self"))
    monkeypatch.setattr(liveness, "_output", lambda *command: f"{command[-1]} started")
    assert process_start(42) == "42 started"
    monkeypatch.undo()
    assert liveness._output("no-such-program") is None
    assert liveness._output("echo", "x") == "x"


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"pid": "x"}', b"\xff"])
def test_a_damaged_owner_is_nobody(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "owner.json").write_bytes(content)
    assert Owner.read(tmp_path / "owner.json") is None
    assert Owner.read(tmp_path / "missing.json") is None


def test_owning_writes_and_releasing_removes_the_owner(paths: dict[str, Path]) -> None:
    ownership = Ownership("run", **paths)
    owner = Owner.read(paths["owner"])
    assert owner is not None
    assert owner.pid == os.getpid()
    with pytest.raises(RunBusyError, match=rf"process {os.getpid()} on "):
        Ownership("run", **paths)
    ownership.release()
    ownership.release()
    assert not paths["owner"].exists()
    Ownership("run", **paths).release()


def test_the_heart_beats_and_stops(paths: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(liveness, "HEARTBEAT_SECONDS", 0.01)
    ownership = Ownership("run", **paths)
    first = Owner.read(paths["owner"])
    deadline = time.monotonic() + 5
    while Owner.read(paths["owner"]) == first and time.monotonic() < deadline:
        time.sleep(0.005)
    later = Owner.read(paths["owner"])
    ownership.release()
    assert first is not None
    assert later is not None
    assert later.heartbeat > first.heartbeat
    time.sleep(0.03)
    assert not paths["owner"].exists()


def test_a_heart_that_cannot_write_goes_on_beating(
    paths: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(liveness, "HEARTBEAT_SECONDS", 0.01)
    ownership = Ownership("run", **paths)
    calls: list[int] = []

    def fail(*args: object, **kwargs: object) -> None:
        calls.append(1)
        raise RunError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(liveness, "write_json", fail)
        deadline = time.monotonic() + 5
        while len(calls) < 3 and time.monotonic() < deadline:
            time.sleep(0.005)
    ownership.release()
    assert len(calls) >= 3


def test_a_live_owner_on_another_host_keeps_the_run(paths: dict[str, Path]) -> None:
    owner = replace(Owner.here(), host="elsewhere", pid=77)
    paths["owner"].write_bytes(orjson.dumps(owner.as_dict()))
    with pytest.raises(RunBusyError, match="process 77 on elsewhere"):
        Ownership("run", **paths)
    paths["owner"].write_bytes(orjson.dumps(replace(owner, heartbeat=1.0).as_dict()))
    Ownership("run", **paths).release()


def test_a_forked_worker_does_not_keep_the_lock(paths: dict[str, Path]) -> None:
    script = """
import os, sys, time
from pathlib import Path
from latelier.runs.liveness import Ownership
Ownership("run", lock=Path(sys.argv[1]), owner=Path(sys.argv[2]))
read, write = os.pipe()
if os.fork() == 0:
    os.close(1)
    os.write(write, b"I am here")
    time.sleep(20)
os.read(read, 1)
print(os.getpid(), flush=True)
os.kill(os.getpid(), 9)
"""
    arguments = [sys.executable, "-W", "ignore", "-c", script, *map(str, paths.values())]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, start_new_session=True) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        parent.wait()
        try:
            Ownership("run", **paths).release()
        finally:
            os.killpg(parent.pid, 9)


def test_two_processes_cannot_own_one_run(paths: dict[str, Path]) -> None:
    script = """
import sys
from pathlib import Path
from latelier.runs.liveness import Ownership
ownership = Ownership("run", lock=Path(sys.argv[1]), owner=Path(sys.argv[2]))
print("owned", flush=True)
input()
"""
    arguments = [sys.executable, "-c", script, *map(str, paths.values())]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"owned\n"
        with pytest.raises(RunBusyError, match=f"process {other.pid} on .*latelier cancel"):
            Ownership("run", **paths)
        other.kill()
        other.wait()
    assert paths["owner"].exists()  # it had no time to tidy up
    Ownership("run", **paths).release()
