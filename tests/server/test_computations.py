"""Computations on demand: shared, followed, taken back, bounded; with a stand-in for a worker."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from latelier.config.errors import DataError
from latelier.server import computations as module
from latelier.server.computations import Computation, Computations
from latelier.server.errors import ApiError
from latelier.server.worker import Stopped


class StandIn:
    """Answers like a worker, when it is allowed to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        self.go = threading.Event()
        self.closed = False

    def ask(
        self,
        name: str,
        arguments: Mapping[str, Any],
        *,
        progress: Callable[[float, str], None],
        stop: Callable[[], bool],
    ) -> Any:
        self.asked.append((name, arguments))
        progress(0.25, "a quarter")
        while not self.go.wait(0.005):
            if stop():
                raise Stopped
            if self.closed:
                raise ApiError(503)
        if name == "fail":
            raise DataError("no such example", got=9, expected="0 to 8")
        if name == "bug":
            raise ZeroDivisionError
        return {"made": dict(arguments)}

    def warm(self) -> None: ...

    def close(self) -> None:
        self.closed = True


Pair = tuple[Computations, StandIn]


@pytest.fixture
def pair() -> Iterator[Pair]:
    quick, slow = StandIn(), StandIn()
    quick.go.set()
    computations = Computations(quick, slow)  # type: ignore[arg-type]
    yield computations, slow
    slow.go.set()
    computations.close()


def ask(computations: Computations, what: str = "umap", job: str = "make", **keys: Any) -> Any:
    return computations.ask("slow", "a-run", what, keys, (job, keys))


def until(computation: Computation, *states: str) -> None:
    limit = time.monotonic() + 5
    while computation.state not in states:
        assert time.monotonic() < limit, computation.state
        time.sleep(0.002)


def test_a_computation_is_followed_to_its_end(pair: Pair) -> None:
    computations, worker = pair
    made = ask(computations, epoch=3)
    until(made, "running")
    while not made.message:
        time.sleep(0.002)
    assert made.as_dict() == {
        "id": made.id,
        "run_id": "a-run",
        "what": "umap",
        "keys": {"epoch": 3},
        "state": "running",
        "done": 0.25,
        "message": "a quarter",
        "error": None,
    }
    worker.go.set()
    assert computations.wait(made) == {"made": {"epoch": 3}}
    shown = computations.find(made.id).as_dict()
    assert (shown["state"], shown["done"], shown["message"]) == ("done", 1.0, "")


def test_equal_requests_are_one_and_others_are_not(pair: Pair) -> None:
    computations, worker = pair
    first = ask(computations, epoch=3, kinds=["a"])
    assert ask(computations, kinds=["a"], epoch=3) is first
    assert ask(computations, epoch=4, kinds=["a"]) is not first
    assert ask(computations, epoch=3, kinds=["b"]) is not first
    assert ask(computations, what="trust", epoch=3, kinds=["a"]) is not first
    assert computations.ask("slow", "b-run", "umap", first.keys, first.job) is not first
    assert len(computations.listing()) == 5
    assert computations.listing("b-run")[0].run_id == "b-run"
    worker.go.set()
    for computation in computations.listing():
        computations.wait(computation)
    assert len(worker.asked) == 5
    again = ask(computations, epoch=3, kinds=["a"])
    assert again is not first, "what has ended is asked anew: the maker finds it on the disk"


def test_they_wait_for_their_turn_in_order(pair: Pair) -> None:
    computations, worker = pair
    asked = [ask(computations, epoch=epoch) for epoch in range(4)]
    until(asked[0], "running")
    assert [one.state for one in asked[1:]] == ["waiting"] * 3
    computations.cancel(asked[2])
    assert asked[2].state == "cancelled"
    worker.go.set()
    for one in asked[:2] + asked[3:]:
        computations.wait(one)
    assert [arguments["epoch"] for _, arguments in worker.asked] == [0, 1, 3]
    with pytest.raises(ApiError, match="was cancelled"):
        computations.wait(asked[2])


def test_a_running_one_is_taken_back_and_can_be_asked_anew(pair: Pair) -> None:
    computations, worker = pair
    first = ask(computations, epoch=1)
    until(first, "running")
    computations.cancel(first)
    second = ask(computations, epoch=1)
    assert second is not first, "nobody joins what is being taken back"
    until(first, "cancelled")
    worker.go.set()
    assert computations.wait(second) == {"made": {"epoch": 1}}
    computations.cancel(second)
    assert second.state == "done", "what has ended stays as it is"


def test_a_failure_says_what_was_wrong_and_the_lane_goes_on(pair: Pair) -> None:
    computations, worker = pair
    worker.go.set()
    failed, bug = ask(computations, job="fail", epoch=1), ask(computations, job="bug", epoch=2)
    with pytest.raises(DataError, match="no such example"):
        computations.wait(failed)
    with pytest.raises(ApiError, match="ZeroDivisionError"):
        computations.wait(bug)
    error = failed.as_dict()["error"]
    assert (error["what"], error["got"], error["expected"]) == ("no such example", "9", "0 to 8")
    assert (failed.state, bug.state) == ("failed", "failed")
    assert computations.wait(ask(computations, epoch=3)) == {"made": {"epoch": 3}}


def test_what_belongs_to_a_run_goes_with_it(pair: Pair) -> None:
    computations, _ = pair
    asked = [ask(computations, epoch=epoch) for epoch in range(3)]
    other = computations.ask("slow", "b-run", "umap", {}, ("make", {}))
    until(asked[0], "running")
    computations.cancel_all_of("a-run")
    for one in asked:
        until(one, "cancelled")
    assert other.state in {"waiting", "running"}


def test_quick_ones_are_known_only_while_they_run(pair: Pair) -> None:
    computations, _ = pair
    made = computations.ask("quick", "a-run", "traversal", {"d": 1}, ("make", {"d": 1}))
    assert computations.wait(made) == {"made": {"d": 1}}
    assert computations.listing() == []
    with pytest.raises(ApiError) as caught:
        computations.find(made.id)
    assert caught.value.status == 404


def test_there_are_bounds(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    computations, worker = pair
    monkeypatch.setattr(module, "MOST_WAITING", 2)
    monkeypatch.setattr(module, "MOST_KEPT", 3)
    first = ask(computations, epoch=0)
    until(first, "running")
    for epoch in (1, 2):
        ask(computations, epoch=epoch)
    with pytest.raises(ApiError) as caught:
        ask(computations, epoch=3)
    assert caught.value.status == 429
    assert ask(computations, epoch=2), "joining is free"
    worker.go.set()
    for one in computations.listing():
        computations.wait(one)
    for epoch in range(4, 10):
        computations.wait(ask(computations, epoch=epoch))
    assert [one.keys["epoch"] for one in computations.listing()] == [7, 8, 9]


def test_too_many_cannot_wait_for_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_LISTENING", 1)
    worker = StandIn()
    computations = Computations(worker, worker)  # type: ignore[arg-type]
    made = ask(computations, epoch=1)
    patient = threading.Thread(target=computations.wait, args=(made,))
    patient.start()
    limit = time.monotonic() + 5
    caught = None
    while caught is None and time.monotonic() < limit:
        if computations._listening._value == 0:  # type: ignore[attr-defined]
            with pytest.raises(ApiError) as caught:
                computations.wait(made)
    worker.go.set()
    patient.join(2)
    computations.close()
    assert caught is not None
    assert caught.value.status == 429


def test_closing_tells_everybody() -> None:
    worker = StandIn()
    computations = Computations(worker, worker)  # type: ignore[arg-type]
    running, waiting = ask(computations, epoch=1), ask(computations, epoch=2)
    until(running, "running")
    computations.close()
    until(waiting, "cancelled")
    until(running, "cancelled", "failed")
    with pytest.raises(ApiError) as caught:
        ask(computations, epoch=3)
    assert caught.value.status == 503
