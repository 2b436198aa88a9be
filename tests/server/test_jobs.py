"""The queue: in the folders, so that it survives; children are stood in for by a quick script."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest

from latelier.config.errors import RunError
from latelier.runs import RunRecord, RunStore, request_start, start_request
from latelier.server import child as children
from latelier.server import jobs
from latelier.server.child import Child
from latelier.server.jobs import JobQueue

Make = Callable[..., RunRecord]

# What a child does, without training: `name` says how it ends.
CHILD = """
import sys, time, json
from latelier.runs import RunStore, take_start
args = sys.argv[1:]
if args[0] == "--runs-dir":
    line = sys.stdin.readline()
    if not line: sys.exit(0)
    run_id = json.loads(line)["run_id"]
else:
    run_id = args[0]
record = RunStore(args[args.index("--runs-dir") + 1]).open(run_id)
name = record.summary().name
if name == "breaks": sys.exit("error: its data is gone")
if not take_start(record): sys.exit(0)
if name == "vanishes": sys.exit(9)
record.path_of("console").touch()
with record.own() as writer:
    from_step = {} if writer.state == "created" else {"from_step": 0}
    writer.transition("running", **from_step)
    until = time.monotonic() + (0.05 if name == "short" else 20)
    while time.monotonic() < until and not record.cancel_requested(): time.sleep(0.01)
    writer.transition("cancelled" if record.cancel_requested() else "completed")
time.sleep(0.1)
sys.exit(130 if record.cancel_requested() else 0)
"""


@pytest.fixture(autouse=True)
def quick_children(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Child]]:
    monkeypatch.setattr(jobs, "SPARE_AFTER_S", 0.0)
    started: list[Child] = []

    def spawn(arguments: list[str], *, stdin: int) -> Child:
        log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with its child
        command = [sys.executable, "-c", CHILD, *arguments]
        process = subprocess.Popen(
            command, stdin=stdin, stdout=log, stderr=log, start_new_session=True
        )
        started.append(Child(process, log))
        return started[-1]

    monkeypatch.setattr(children, "_spawn", spawn)
    yield started
    for child in started:
        child.process.kill()
        child.process.wait()
        if child.process.stdin:
            with contextlib.suppress(OSError):
                child.process.stdin.close()
        child.log.close()


@contextlib.contextmanager
def working(store: RunStore, *, slots: int = 1, warm: bool = False) -> Iterator[JobQueue]:
    queue = JobQueue(store, slots=slots, warm=warm)
    queue.start()
    try:
        yield queue
    finally:
        queue.close()


def wait(condition: Callable[[], object], seconds: float = 8.0) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "it took too long"
        time.sleep(0.01)


def state(run: RunRecord) -> str:
    return str(run.summary().state)


def test_runs_train_one_after_another(store: RunStore, make_run: Make) -> None:
    runs = [make_run("created", label="short") for _ in range(3)]
    idle = make_run("created")
    for run in reversed(runs):
        request_start(run)
        time.sleep(0.002)
    with working(store) as queue:
        queue.look()
        wait(lambda: all(state(run) == "completed" for run in runs))
    started = [run.summary().started for run in runs]
    assert started == sorted(started, reverse=True), "who asked first begins first"
    assert all(start_request(run) is None for run in runs)
    assert state(idle) == "created", "nobody asked for it"
    spans = sorted((run.summary().started, run.summary().ended) for run in runs)
    assert all(first[1] <= second[0] for first, second in pairwise(spans)), "never two at once"


def test_more_slots_train_at_once(store: RunStore, make_run: Make) -> None:
    runs = [make_run("created") for _ in range(3)]
    for run in runs:
        request_start(run)
    with working(store, slots=2) as queue:
        wait(lambda: [state(run) for run in runs].count("running") == 2)
        assert len(queue.queued) == 1
        assert len(queue.running) == 2
        for run in runs:
            queue.cancel(run)
        wait(lambda: all(state(run) == "cancelled" for run in runs))


def test_the_queue_survives_the_server(store: RunStore, make_run: Make) -> None:
    first, second = make_run("created"), make_run("created", label="short")
    for run in (first, second):
        request_start(run)
        time.sleep(0.002)
    with working(store) as queue:
        wait(lambda: state(first) == "running")
        assert queue.queued == [second.id]
    assert state(first) == "running", "a child outlives its server"
    assert first.live_owner() is not None
    with working(store) as queue:
        wait(lambda: queue.running == [first.id])
        wait(lambda: queue.queued == [second.id])
        time.sleep(0.3)
        assert state(second) == "created", "the device is taken by the child that was found again"
        queue.cancel(first)
        wait(lambda: state(first) == "cancelled")
        wait(lambda: state(second) == "completed")


def test_cancel_in_the_queue(store: RunStore, make_run: Make) -> None:
    first, second, third = make_run("created"), make_run("created"), make_run("created")
    for run in (first, second):
        request_start(run)
        time.sleep(0.002)
    with working(store) as queue:
        wait(lambda: state(first) == "running")
        queue.cancel(second)
        assert state(second) == "cancelled"
        assert start_request(second) is None
        assert second.id not in queue.positions(RunRecord)
        queue.cancel(third)
        assert state(third) == "cancelled", "nobody had asked for it"
        request_start(second)
        queue.look()
        assert queue.positions(RunRecord)[second.id] == 1
        queue.cancel(second)
        assert state(second) == "cancelled", "as before it was asked to go on"
        with pytest.raises(RunError, match="already"):
            queue.cancel(second)
        queue.cancel(first)
        wait(lambda: state(first) == "cancelled")


def test_cancel_before_a_resumed_run_has_begun(store: RunStore, make_run: Make) -> None:
    """The resumption drops older requests to stop; one made meanwhile must not be lost."""
    run = make_run("failed", reason="error")
    request_start(run)
    with working(store) as queue:
        wait(lambda: run.id in queue.running)
        queue.cancel(run)
        wait(lambda: state(run) == "cancelled")


def test_resume_after_cancel(store: RunStore, make_run: Make) -> None:
    run = make_run("created")
    request_start(run)
    with working(store) as queue:
        for _ in range(2):
            queue.look()
            wait(lambda: state(run) == "running")
            queue.cancel(run)
            wait(lambda: state(run) == "cancelled")
            request_start(run)  # while the process that was cancelled still ends
        queue.look()
        wait(lambda: state(run) == "running")
        queue.cancel(run)
        wait(lambda: state(run) == "cancelled")


@pytest.mark.parametrize("warm", [False, True])
def test_a_child_that_cannot_begin_leaves_word(store: RunStore, make_run: Make, warm: bool) -> None:
    broken, gone = make_run("created", label="breaks"), make_run("created", label="vanishes")
    after = make_run("created", label="short")
    for run in (broken, gone, after):
        request_start(run)
        time.sleep(0.002)
    with working(store, warm=warm) as queue:
        queue.look()
        wait(lambda: state(after) == "completed")
    assert broken.summary().reason == "error"
    assert broken.summary().message == "its data is gone"
    assert gone.summary().message == "its process ended with code 9"


def test_a_run_that_could_not_go_on_says_so(store: RunStore, make_run: Make) -> None:
    run = make_run("failed", label="breaks", reason="interrupted")
    request_start(run)
    with working(store):
        wait(lambda: any(event.type == "log.warning" for event in run.events()))
    assert state(run) == "failed"
    assert start_request(run) is None
    last = list(run.events())[-1]
    assert "its data is gone" in last.data["message"]


def test_a_killed_child_is_written_down(
    store: RunStore, make_run: Make, quick_children: list[Child]
) -> None:
    run = make_run("created")
    request_start(run)
    with working(store):
        wait(lambda: state(run) == "running")
        quick_children[-1].process.kill()
        wait(lambda: [event.type for event in run.events()][-1] == "run.failed")
    assert run.summary().reason == "interrupted"


def test_runs_that_lost_their_process_are_found_at_the_start(
    store: RunStore, make_run: Make
) -> None:
    run = make_run("created")
    with run.own() as writer:
        writer.transition("running")
        summary = run.path_of("summary").read_bytes()
        events = run.path_of("events").read_bytes()
    run.path_of("summary").write_bytes(summary)  # as after a power cut
    run.path_of("events").write_bytes(events)
    with working(store):
        wait(lambda: [event.type for event in run.events()][-1] == "run.failed")


def test_the_spare_gets_the_next_run(
    store: RunStore, make_run: Make, quick_children: list[Child]
) -> None:
    with working(store, warm=True) as queue:
        wait(lambda: len(quick_children) == 1)
        run = make_run("created", label="short")
        request_start(run)
        queue.look()
        wait(lambda: state(run) == "completed")
        wait(lambda: len(quick_children) == 2)
    assert "--runs-dir" in str(quick_children[0].process.args)
    assert run.id not in str(quick_children[0].process.args)
    wait(lambda: all(child.ended for child in quick_children))


def test_a_read_only_server_starts_nothing(store: RunStore, make_run: Make) -> None:
    run = make_run("created")
    request_start(run)
    queue = JobQueue(store, slots=1, warm=True, enabled=False)
    queue.start()
    queue.look()
    assert queue.positions(RunRecord) == {}
    queue.close()
    assert state(run) == "created"


def test_a_run_that_is_taken_away_does_not_stop_the_queue(
    store: RunStore, make_run: Make, quick_children: list[Child]
) -> None:
    doomed, after = make_run("created"), make_run("created", label="short")
    for run in (doomed, after):
        request_start(run)
        time.sleep(0.002)
    with working(store) as queue:
        wait(lambda: state(doomed) == "running")
        store.trash(doomed.id, force=True)
        quick_children[0].process.kill()
        wait(lambda: state(after) == "completed")
        wait(lambda: not queue.running)
        assert not doomed.path.exists()


def test_a_run_is_stopped_before_it_is_trashed(store: RunStore, make_run: Make) -> None:
    run = make_run("created")
    request_start(run)
    with working(store) as queue:
        wait(lambda: state(run) == "running")
        queue.stop_first(run)
        assert state(run) == "cancelled"
        store.trash(run.id)


def test_the_real_command_exists() -> None:
    from typer.testing import CliRunner

    from latelier.cli.app import app

    assert CliRunner().invoke(app, ["run-queued", "--help"]).exit_code == 0
    assert "run-queued" not in CliRunner().invoke(app, ["--help"]).output
