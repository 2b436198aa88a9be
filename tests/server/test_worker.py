"""The worker process: answers, errors, crashes, time limits."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from latelier.config.errors import ConfigError
from latelier.server.errors import ApiError
from latelier.server.worker import MOST_WAITING, Stopped, Worker

TABLE = """
import os, time
from latelier.config.errors import ConfigError, DataError, Problem

def refuse(arguments, caller):
    error = ConfigError("two are wrong", got="x", remedy="Mend them.")
    error.problems = (Problem("a.b", "a.b is wrong"), Problem("c", "c is wrong"))
    raise error

def missing(arguments, caller):
    raise DataError("no such data", got=7)

def count(arguments, caller):
    for number in range(arguments["to"]):
        if arguments["polite"] and caller.stop():
            raise RuntimeError("stopped between two steps")
        caller.progress(number / arguments["to"], f"step {number}")
        time.sleep(0.02)
    return "counted"

def table():
    return {
        "echo": lambda arguments, caller: arguments,
        "refuse": refuse,
        "missing": missing,
        "count": count,
        "bug": lambda arguments, caller: 1 / 0,
        "crash": lambda arguments, caller: os._exit(1),
        "sleep": lambda arguments, caller: time.sleep(arguments["seconds"]),
        "nice": lambda arguments, caller: os.nice(0),
    }
"""


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    folder = tmp_path_factory.mktemp("table")
    (folder / "worker_table_of_tests.py").write_text(TABLE)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        import worker_table_of_tests  # type: ignore[import-not-found]

        yield worker_table_of_tests.table


@pytest.fixture(scope="module")
def worker(table: object) -> Iterator[Worker]:
    worker = Worker(table=table, timeout_s=5)  # type: ignore[arg-type]
    yield worker
    worker.close()


def test_it_answers(worker: Worker) -> None:
    assert worker.ask("echo", {"a": 1}) == {"a": 1}
    assert worker.state == "ready"


def test_an_error_keeps_what_it_says(worker: Worker) -> None:
    with pytest.raises(ConfigError, match=r"two are wrong; got x\. Mend them\.") as caught:
        worker.ask("refuse", {})
    assert [problem.path for problem in caught.value.problems] == ["a.b", "c"]
    with pytest.raises(ApiError, match="no such data") as other:
        worker.ask("missing", {})
    assert (other.value.status, other.value.got) == (422, "7")


def test_a_bug_is_named_and_no_more(worker: Worker) -> None:
    with pytest.raises(ApiError) as caught:
        worker.ask("bug", {})
    assert caught.value.status == 500
    assert caught.value.what == "the computation failed: ZeroDivisionError"
    assert worker.ask("echo", {}) == {}, "it goes on"


def test_a_crash_is_an_error_and_the_next_request_works(worker: Worker) -> None:
    with pytest.raises(ApiError, match="ended unexpectedly") as caught:
        worker.ask("crash", {})
    assert caught.value.status == 503
    assert worker.ask("echo", {"b": 2}) == {"b": 2}


def test_progress_is_told_and_puts_off_the_end_of_patience(table: object) -> None:
    worker = Worker(table=table, timeout_s=5, niceness=3)  # type: ignore[arg-type]
    told: list[tuple[float, str]] = []
    try:
        assert worker.ask("nice", {}) == os.nice(0) + 3
        worker._timeout_s = 0.3  # from here on: the start of a process may take longer
        request = {"to": 30, "polite": True}
        answer = worker.ask("count", request, progress=lambda *part: told.append(part))
        assert answer == "counted", "0.6 s in all, never 0.3 s of silence"
    finally:
        worker.close()
    assert told == sorted(told)
    assert told[0] == (0.0, "step 0")
    assert 3 <= len(told) < 30, "not at every step"


@pytest.mark.parametrize("polite", [True, False])
def test_what_is_wanted_no_more_is_stopped(
    table: object, polite: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("latelier.server.worker.GRACE_S", 0.2)
    worker = Worker(table=table, timeout_s=5)  # type: ignore[arg-type]
    begun = threading.Event()
    try:
        request = {"to": 1000, "polite": polite}
        with pytest.raises(Stopped):
            worker.ask("count", request, progress=lambda *_: begun.set(), stop=begun.is_set)
        assert worker.state == ("ready" if polite else "off"), "who does not listen is ended"
        assert worker.ask("echo", {"d": 4}) == {"d": 4}
    finally:
        worker.close()


def test_a_wish_to_stop_that_comes_too_late_spoils_nothing(worker: Worker) -> None:
    asked = iter([False] + [True] * 100)
    assert worker.ask("sleep", {"seconds": 0.12}, stop=lambda: next(asked)) is None
    assert worker.ask("echo", {"e": 5}) == {"e": 5}


def test_it_can_be_made_ready_before_it_is_asked(table: object) -> None:
    worker = Worker(table=table)  # type: ignore[arg-type]
    try:
        worker.warm()
        worker.warm()
        assert worker.state == "starting"
        assert worker.ask("echo", {}) == {}
    finally:
        worker.close()
    worker.warm()
    assert worker.state == "off"


def test_closing_wakes_who_waits(table: object) -> None:
    worker = Worker(table=table)  # type: ignore[arg-type]
    worker.ask("echo", {})
    caught: list[ApiError] = []

    def wait() -> None:
        try:
            worker.ask("sleep", {"seconds": 30})
        except ApiError as error:
            caught.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    while worker.state != "busy":
        time.sleep(0.01)
    worker.close()
    waiting.join(2)
    assert [error.status for error in caught] == [503]


def test_what_takes_too_long_is_given_up(table: object) -> None:
    worker = Worker(table=table, timeout_s=0.2)  # type: ignore[arg-type]
    try:
        began = time.monotonic()
        with pytest.raises(ApiError, match="too long"):
            worker.ask("sleep", {"seconds": 30})
        assert time.monotonic() - began < 5
        assert worker.state == "off"
    finally:
        worker.close()


def insist(worker: Worker) -> None:
    for _ in range(3):
        worker.ask("echo", {})


def test_too_many_are_sent_away(worker: Worker) -> None:
    worker.ask("echo", {})
    threads = [
        threading.Thread(target=worker.ask, args=("sleep", {"seconds": 0.05}))
        for _ in range(MOST_WAITING)
    ]
    for thread in threads:
        thread.start()
    with pytest.raises(ApiError) as caught:
        insist(worker)
    assert caught.value.status == 429
    for thread in threads:
        thread.join()
    assert worker.ask("echo", {"c": 3}) == {"c": 3}


def test_a_closed_worker_refuses(table: object, tmp_path: Path) -> None:
    worker = Worker(table=table)  # type: ignore[arg-type]
    worker.close()
    with pytest.raises(ApiError) as caught:
        worker.ask("echo", {})
    assert caught.value.status == 503
