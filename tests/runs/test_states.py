from __future__ import annotations

import itertools

import pytest

from latelier.config.errors import RunError
from latelier.runs.states import RunState, check_transition, event_type, replay

ALLOWED = {
    ("created", "running"): "run.started",
    ("created", "cancelled"): "run.cancelled",
    ("created", "failed"): "run.failed",
    ("running", "completed"): "run.completed",
    ("running", "cancelled"): "run.cancelled",
    ("running", "failed"): "run.failed",
    ("cancelled", "running"): "run.resumed",
    ("failed", "running"): "run.resumed",
}


@pytest.mark.parametrize(("before", "after"), [*itertools.product(RunState, RunState)])
def test_the_table_of_transitions(before: RunState, after: RunState) -> None:
    if (before, after) in ALLOWED:
        assert event_type(before, after) == ALLOWED[before, after]
    else:
        with pytest.raises(RunError, match=f"a {before} run cannot become {after}"):
            check_transition(before, after)


def test_a_refused_change_says_what_would_be_possible() -> None:
    with pytest.raises(RunError, match="cancelled, failed, running"):
        check_transition(RunState.CREATED, RunState.COMPLETED)
    with pytest.raises(RunError, match="Fork"):
        check_transition(RunState.COMPLETED, RunState.RUNNING)


def test_replay_follows_a_life_with_resumptions() -> None:
    life = ["run.created", "run.started", "train.metrics", "run.failed", "run.resumed"]
    assert replay(life) == (RunState.RUNNING, [])
    assert replay([*life, "run.completed", "artifact.created"]) == (RunState.COMPLETED, [])
    assert replay([]) == (None, [])


@pytest.mark.parametrize(
    "life",
    [
        ["run.started"],
        ["run.created", "run.created"],
        ["run.created", "run.resumed"],
        ["run.created", "run.completed"],
        ["run.created", "run.started", "run.started"],
        ["run.created", "run.started", "run.failed", "run.started"],
        ["run.created", "run.started", "run.completed", "run.failed"],
    ],
)
def test_replay_reports_what_cannot_follow(life: list[str]) -> None:
    assert len(replay(life)[1]) == 1
