from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latelier.config.errors import RunError
from latelier.runs.events import Event
from latelier.runs.metrics import Metrics, check_metrics, fold_metrics


def _event(name: str, data: dict[str, Any], step: int = 0, epoch: int = 0) -> Event:
    return Event(1, name, "", "run", step, epoch, data)


def _steps(**columns: list[Any]) -> Event:
    return _event("train.metrics", {"scope": "steps", **columns})


def _row(epoch: int, step: int, **values: Any) -> Event:
    return _event("train.metrics", {"scope": "epoch", **values}, step, epoch)


def _resumed(from_step: int) -> Event:
    return _event("run.resumed", {"from_step": from_step}, from_step)


def _life(ends: list[tuple[int, int]], *, epoch_length: int, total: int, batch: int) -> list[Event]:
    """Events of a run that was stopped at the first step of each pair and resumed at the second.

    The value of a metric is the stretch that measured it, so that stale ones are told apart.
    """
    events, begin = [], 0
    for stretch, (end, from_step) in enumerate([*ends, (total, 0)]):
        if stretch:
            events.append(_resumed(begin))
        if begin == 0:
            events.append(_row(0, 0, stretch=stretch))
        for first in range(begin, end, batch):
            steps = list(range(first, min(first + batch, end)))
            events.append(_steps(step=steps, stretch=[stretch] * len(steps)))
        for step in range(begin + 1, end + 1):
            if step % epoch_length == 0:
                events.append(_row(step // epoch_length, step, stretch=stretch))
        begin = from_step
    return events


def _expected_stretch(step: int, ends: list[tuple[int, int]]) -> int:
    """The last stretch that made the update leading from this step."""
    begins = [0, *(from_step for _, from_step in ends)]
    return max(number for number, begin in enumerate(begins) if begin <= step)


@given(data=st.data(), epoch_length=st.integers(1, 6), epochs=st.integers(1, 5))
@settings(deadline=None, max_examples=50)
def test_a_resumed_run_reads_as_if_it_had_never_stopped(
    data: st.DataObject, epoch_length: int, epochs: int
) -> None:
    total = epoch_length * epochs
    ends: list[tuple[int, int]] = []
    begin = 0
    for _ in range(data.draw(st.integers(0, 3))):
        end = data.draw(st.integers(begin, total))
        begin = data.draw(st.integers(0, end))
        ends.append((end, begin))
    batch = data.draw(st.integers(1, 4))
    events = _life(ends, epoch_length=epoch_length, total=total, batch=batch)
    metrics = fold_metrics(events)
    assert metrics.steps == {
        "step": list(range(total)),
        "stretch": [_expected_stretch(step, ends) for step in range(total)],
    }
    assert metrics.epochs["epoch"] == list(range(epochs + 1))
    assert metrics.epochs["step"] == [epoch * epoch_length for epoch in range(epochs + 1)]
    for epoch in range(1, epochs + 1):
        last_update = epoch * epoch_length - 1
        assert metrics.epochs["stretch"][epoch] == _expected_stretch(last_update, ends)


def test_steps_at_or_after_the_resumption_are_dropped_even_if_never_measured_again() -> None:
    metrics = fold_metrics([_steps(step=[0, 1, 2, 3], loss=[9, 8, 7, 6]), _resumed(2)])
    assert metrics.steps == {"step": [0, 1], "loss": [9, 8]}


def test_an_epoch_that_ended_where_the_run_resumed_stays_and_later_ones_go() -> None:
    rows = [_row(0, 0, loss=3), _row(1, 10, loss=2), _row(2, 20, loss=1)]
    assert fold_metrics([*rows, _resumed(10)]).epochs["epoch"] == [0, 1]
    assert fold_metrics([*rows, _resumed(9)]).epochs["epoch"] == [0]
    assert fold_metrics([*rows, _resumed(20)]).epochs["epoch"] == [0, 1, 2]


def test_rows_of_one_epoch_are_merged_and_holes_are_none() -> None:
    rows = [_row(1, 5, loss=2.0), _row(1, 5, accuracy=0.5), _row(2, 10, loss=1.0, counts=[1, 2])]
    assert fold_metrics(rows).epochs == {
        "epoch": [1, 2],
        "step": [5, 10],
        "loss": [2.0, 1.0],
        "accuracy": [0.5, None],
        "counts": [None, [1, 2]],
    }


def test_columns_that_come_and_go_are_filled_with_none() -> None:
    batches = [_steps(step=[0, 1], a=[1, 2]), _steps(step=[2], b=[3]), _steps(step=[], a=[])]
    assert fold_metrics(batches).steps == {
        "step": [0, 1, 2],
        "a": [1, 2, None],
        "b": [None] * 2 + [3],
    }


def test_a_step_that_was_written_twice_counts_once() -> None:
    batches = [_steps(step=[0, 1, 2], a=[1, 2, 3]), _steps(step=[1, 2, 3], a=[5, 6, 7])]
    assert fold_metrics(batches).steps == {"step": [0, 1, 2, 3], "a": [1, 5, 6, 7]}


def test_no_metrics() -> None:
    assert fold_metrics([_event("log.warning", {"message": ""})]) == Metrics()
    assert Metrics().as_dict() == {"epochs": {}, "steps": {}}


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"scope": "phase"},
        {"scope": "steps"},
        {"scope": "steps", "loss": [1]},
        {"scope": "steps", "step": [1], "loss": [1, 2]},
        {"scope": "steps", "step": [1], "loss": 1.0},
        {"scope": "steps", "step": [1], "loss": "a"},
    ],
)
def test_metrics_that_cannot_be_folded_are_refused(data: dict[str, Any]) -> None:
    with pytest.raises(RunError, match=r"train\.metrics"):
        check_metrics(data)
    with pytest.raises(RunError):
        fold_metrics([_event("train.metrics", data)])


@pytest.mark.parametrize("from_step", [None, "3", -1])
def test_a_resumption_that_does_not_say_where_is_refused(from_step: object) -> None:
    with pytest.raises(RunError, match="from_step"):
        fold_metrics([_event("run.resumed", {"from_step": from_step})])
