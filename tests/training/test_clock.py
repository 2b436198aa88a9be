from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from latelier.training import Clock

RUNS = st.tuples(st.integers(1, 50), st.integers(0, 300))


@given(RUNS)
def test_epochs_end_exactly_total_epochs_times(run):
    per_epoch, total = run
    ends = [step for step in range(1, total + 1) if Clock(per_epoch, total, step).at_epoch_end]
    assert len(ends) == Clock(per_epoch, total).total_epochs
    assert [Clock(per_epoch, total, step).epoch for step in ends] == [*range(1, len(ends) + 1)]


@given(RUNS, st.integers(0, 300))
def test_epoch_never_decreases_and_counts_complete_passes(run, step):
    per_epoch, total = run
    step = min(step, total)
    clock = Clock(per_epoch, total, step)
    if step < total:
        assert clock.epoch == step // per_epoch
        assert clock.step_in_epoch == step % per_epoch
    assert clock.epoch <= clock.total_epochs
    assert clock.done == (step == total)
