"""What steps measured: nothing is lost, nothing is read early."""

from __future__ import annotations

import pytest
import torch

from latelier.config import ConfigError
from latelier.lab.step_log import StepLog


def test_columns_have_a_place_for_every_step():
    log = StepLog()
    log.add(0, {"a": 1, "b": torch.tensor([2.0])})
    log.add(1, {"a": torch.tensor(3, dtype=torch.bfloat16)})
    log.add(2, {"c": True})
    assert log.drain() == {
        "step": [0, 1, 2],
        "a": [1.0, 3.0, None],
        "b": [2.0, None, None],
        "c": [None, None, 1.0],
    }
    assert log.drain() == {}


def test_means_are_over_the_epoch_whatever_was_drained_between():
    log = StepLog()
    for step in range(4):
        log.add(step, {"a": torch.tensor(float(step))} | ({"b": 1.0} if step == 2 else {}))
        if step == 1:
            log.drain()
    log.drain()
    assert log.close_epoch() == {"a": 1.5, "b": 1.0}
    assert log.close_epoch() == {}


def test_a_tensor_that_the_loop_writes_into_again_keeps_its_value():
    log, total = StepLog(), torch.zeros((), requires_grad=False)
    for step in range(3):
        total += 1
        log.add(step, {"total": total})
    assert log.drain()["total"] == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("value", [torch.ones(2), torch.ones((), dtype=torch.complex64), "a", None])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(ConfigError, match="x is no number to record"):
        StepLog().add(0, {"x": value})
