from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from latelier.training.meter import Meter

ROWS = st.lists(
    st.tuples(st.floats(-100, 100, width=32), st.integers(1, 64)), min_size=1, max_size=20
)


def fill(meter: Meter, rows, start: int = 0) -> None:
    for step, (value, examples) in enumerate(rows, start):
        measured = {"a": torch.tensor(value), "counts": torch.tensor([examples, 1])}
        meter.add(step, measured, examples)


@settings(deadline=None, max_examples=50)
@given(ROWS)
def test_epoch_is_the_mean_over_examples_and_the_sum_of_counts(rows):
    meter = Meter()
    fill(meter, rows)
    metrics = meter.close_epoch()
    total = sum(examples for _, examples in rows)
    expected = sum(value * examples for value, examples in rows) / total
    assert metrics["a"] == pytest.approx(expected, abs=1e-3)
    assert metrics["counts"] == [total, len(rows)]


@settings(deadline=None, max_examples=30)
@given(ROWS, st.integers(0, 19))
def test_an_unfinished_epoch_survives_a_checkpoint(rows, cut):
    whole, first, second = Meter(), Meter(), Meter()
    fill(whole, rows)
    fill(first, rows[:cut])
    tensors, values = first.state()
    second.restore(tensors, values)
    fill(second, rows[cut:], start=cut)
    assert second.close_epoch() == whole.close_epoch()


def test_drain_gives_every_step_once():
    meter = Meter()
    fill(meter, [(1.0, 2), (2.0, 2)])
    assert meter.drain() == {"step": [0, 1], "a": [1.0, 2.0]}
    assert meter.drain() == {}
    fill(meter, [(3.0, 2)], start=2)
    assert meter.drain() == {"step": [2], "a": [3.0]}
    assert meter.close_epoch()["a"] == 2.0


def test_epochs_do_not_leak_into_each_other():
    meter = Meter()
    fill(meter, [(5.0, 3)])
    meter.close_epoch()
    assert meter.close_epoch() == {}
    fill(meter, [(1.0, 3)])
    assert meter.close_epoch()["a"] == 1.0


def test_what_a_batch_does_not_have_is_not_in_the_mean():
    whole, first, second = Meter(), Meter(), Meter()
    rows = [(math.nan, 2), (3.0, 2), (math.nan, 5), (6.0, 1)]
    fill(whole, rows)
    fill(first, rows[:2])
    second.restore(*first.state())
    fill(second, rows[2:], start=2)
    columns = whole.drain()
    metrics = whole.close_epoch()
    assert metrics == second.close_epoch()
    assert metrics["a"] == 4.0
    assert metrics["counts"] == [10, 4]
    assert [value != value for value in columns["a"]] == [True, False, True, False]  # noqa: PLR0124
    fill(whole, [(math.nan, 2)])
    assert math.isnan(whole.close_epoch()["a"])


def test_totals_of_an_older_checkpoint_are_of_all_its_examples():
    first, second = Meter(), Meter()
    fill(first, [(1.0, 3), (4.0, 1)])
    tensors, values = first.state()
    del tensors["meter.measured"]
    second.restore(tensors, values)
    assert second.close_epoch() == first.close_epoch()
