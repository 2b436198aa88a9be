"""The worker process: answers, errors, crashes, time limits."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from latelier.config.errors import ConfigError
from latelier.server.errors import ApiError
from latelier.server.worker import MOST_WAITING, Worker

TABLE = """
import os, time
from latelier.config.errors import ConfigError, DataError, Problem

def refuse(arguments):
    error = ConfigError("two are wrong", got="x", remedy="Mend them.")
    error.problems = (Problem("a.b", "a.b is wrong"), Problem("c", "c is wrong"))
    raise error

def missing(arguments):
    raise DataError("no such data", got=7)

def table():
    return {
        "echo": dict,
        "refuse": refuse,
        "missing": missing,
        "bug": lambda arguments: 1 / 0,
        "crash": lambda arguments: os._exit(1),
        "sleep": lambda arguments: time.sleep(arguments["seconds"]),
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
