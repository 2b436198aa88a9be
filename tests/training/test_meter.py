from __future__ import annotations

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
