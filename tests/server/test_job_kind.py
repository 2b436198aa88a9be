"""Runs and sweeps share one queue. Children are stood in for by quick scripts."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator

import pytest

from latelier.runs import RunRecord, RunState, RunStore, request_start
from latelier.runs.owned import OwnedFolder
from latelier.runs.sweep_store import SweepStore
from latelier.runs.sweeps import SweepRecord
from latelier.server import child as children
from latelier.server.child import Child
from latelier.server.job_kind import EVERYWHERE, has_place
from latelier.server.jobs import JobQueue

from .test_jobs import CHILD as RUN_CHILD
from .test_sweep_jobs import CHILD as SWEEP_CHILD
from .test_sweep_jobs import named, wait

MakeRun = Callable[..., RunRecord]
MakeSweep = Callable[..., SweepRecord]


@pytest.fixture(autouse=True)
def quick_children(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    started: list[Child] = []

    def spawn(arguments: list[str], *, stdin: int, command: str = "run-queued") -> Child:
        log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with its child
        script = SWEEP_CHILD if command == "run-sweep" else RUN_CHILD
        process = subprocess.Popen(
            [sys.executable, "-c", script, *arguments], stdin=stdin, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
        started.append(Child(process, log))
        return started[-1]

    monkeypatch.setattr(children, "_spawn", spawn)
    yield
    for child in started:
        child.process.kill()
        child.process.wait()
        child.log.close()


@contextlib.contextmanager
def working(store: RunStore, *, slots: int = 1) -> Iterator[JobQueue]:
    queue = JobQueue(store, slots=slots, warm=False)
    queue.start()
    try:
        yield queue
    finally:
        queue.close()


def ask(*records: OwnedFolder) -> None:
    for record in records:
        request_start(record)
        time.sleep(0.002)


def state(record: OwnedFolder) -> str:
    return record.life().state


def test_runs_and_sweeps_wait_for_each_other(
    store: RunStore, make_run: MakeRun, make_sweep: MakeSweep
) -> None:
    first, second, third = make_run("created"), make_sweep(), make_run("created", label="short")
    ask(first, second, third)
    with working(store) as queue:
        wait(lambda: state(first) == "running")
        assert queue.positions(SweepRecord) == {second.id: 1}
        assert queue.positions(RunRecord) == {third.id: 2}
        time.sleep(0.3)
        assert state(second) == "created", "the run has the place"
        queue.cancel(first)
        wait(lambda: state(second) == "running")
        assert queue.positions(RunRecord) == {third.id: 1}
        time.sleep(0.6)
        assert state(third) == "created", "the sweep has the place"
        queue.cancel(second)
        wait(lambda: state(third) == "completed")
    assert [state(record) for record in (first, second)] == ["cancelled", "cancelled"]


def test_they_begin_in_the_order_of_the_requests(
    store: RunStore, make_run: MakeRun, make_sweep: MakeSweep
) -> None:
    jobs: list[OwnedFolder] = [
        make_sweep(named("short")),
        make_run("created", label="short"),
        make_sweep(named("short")),
    ]
    ask(*reversed(jobs))
    with working(store) as queue:
        wait(lambda: all(state(job) == "completed" for job in jobs), 20)
        assert queue.positions(RunRecord) == queue.positions(SweepRecord) == {}
    ended = [str(job.life().ended) for job in jobs]
    assert ended == sorted(ended, reverse=True), "who asked first begins first"


def test_a_sweep_that_waits_is_not_overtaken(
    store: RunStore, make_run: MakeRun, make_sweep: MakeSweep
) -> None:
    def elsewhere() -> RunRecord:
        config = {"training": {"device": "cuda:1"}}
        return store.create(config, label="short", model_kind="vae", dataset="digits")

    first, before, sweep, after = make_run("created"), elsewhere(), make_sweep(), elsewhere()
    ask(first, before, sweep, after)
    with working(store) as queue:
        wait(lambda: state(before) == "completed")
        time.sleep(0.6)
        assert [state(job) for job in (first, sweep, after)] == ["running", "created", "created"]
        assert queue.positions(RunRecord) == {after.id: 2}
        queue.cancel(first)
        wait(lambda: state(sweep) == "running")
        assert state(after) == "created"
        queue.cancel(sweep)
        wait(lambda: state(after) == "completed")


def test_more_slots_hold_a_run_beside_a_sweep(
    store: RunStore, make_run: MakeRun, make_sweep: MakeSweep
) -> None:
    jobs: list[OwnedFolder] = [make_run("created"), make_sweep(), make_run("created")]
    ask(*jobs)
    with working(store, slots=2) as queue:
        wait(lambda: [state(job) for job in jobs] == ["running", "running", "created"])
        time.sleep(0.3)
        assert state(jobs[2]) == "created"
        assert queue.positions(RunRecord) == {jobs[2].id: 1}
        for job in jobs:
            queue.cancel(job)
        wait(lambda: all(state(job) == "cancelled" for job in jobs))


@pytest.mark.parametrize(("executor", "waits"), [("local", True), ("ray", False)])
def test_a_sweep_that_somebody_else_began_takes_the_machine(
    store: RunStore, make_run: MakeRun, make_sweep: MakeSweep, executor: str, waits: bool
) -> None:
    sweep, run = make_sweep(executor=executor), make_run("created", label="short")
    ask(run)
    with sweep.own() as writer:
        writer.transition(RunState.RUNNING)
        with working(store):
            if waits:
                time.sleep(0.6)
                assert state(run) == "created"
            else:
                wait(lambda: state(run) == "completed")
        writer.transition(RunState.COMPLETED)
    with working(store):
        wait(lambda: state(run) == "completed")


def test_one_that_was_tampered_with_holds_nobody_up(
    store: RunStore, make_run: MakeRun, make_sweep: MakeSweep
) -> None:
    broken, sweep, run = make_run("created"), make_sweep(), make_run("created", label="short")
    for record, kind in ((broken, "start"), (sweep, "owner")):
        record.path_of(kind).symlink_to("/etc/hostname")
    ask(run)
    with working(store):
        wait(lambda: state(run) == "completed")


def test_a_second_wish_while_it_begins_is_refused(
    store: RunStore, sweeps: SweepStore, make_sweep: MakeSweep
) -> None:
    record = make_sweep()
    assert sweeps.ids() == [record.id]
    with working(store) as queue:
        assert queue.request(record) in {0, 1}
        wait(lambda: queue.positions(SweepRecord) == {record.id: 0})
        with pytest.raises(Exception, match=r"begins already|is running"):
            queue.request(record)
        queue.cancel(record)
        wait(lambda: state(record) == "cancelled")


@pytest.mark.parametrize(
    ("device", "taken", "slots", "free"),
    [
        ("cpu", [], 1, True),
        ("cpu", ["cpu"], 1, False),
        ("cpu", ["cuda:0"], 1, True),
        ("cpu", [EVERYWHERE], 1, False),
        ("cpu", [EVERYWHERE], 2, True),
        ("cpu", [EVERYWHERE, "cpu"], 2, False),
        ("cpu", [EVERYWHERE, "cuda:0"], 2, True),
        (EVERYWHERE, [], 1, True),
        (EVERYWHERE, ["cpu"], 1, False),
        (EVERYWHERE, ["cpu", "cuda:0"], 2, True),
        (EVERYWHERE, ["cpu", "cpu", "cuda:0"], 2, False),
        (EVERYWHERE, [EVERYWHERE], 1, False),
        (EVERYWHERE, [EVERYWHERE, "cpu"], 2, False),
    ],
)
def test_a_device_has_so_many_places(device: str, taken: list[str], slots: int, free: bool) -> None:
    assert has_place(device, taken, slots) is free
