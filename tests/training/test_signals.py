from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from latelier.config import LatelierError
from latelier.training import (
    ActionReached,
    EpochEnded,
    PhaseEnded,
    PhaseStarted,
    Signals,
    StepStarting,
)

SESSION: Any = SimpleNamespace()


def step_starting(step: int) -> StepStarting:
    return StepStarting(SESSION, step, 0, None, None)  # type: ignore[arg-type]


def test_handlers_hear_their_type_in_order():
    signals, heard = Signals(), []
    signals.subscribe(StepStarting, lambda s: heard.append(("a", s.step)))
    signals.subscribe(StepStarting, lambda s: heard.append(("b", s.step)))
    signals.emit(step_starting(3))
    signals.emit(EpochEnded(SESSION, 0, 0, {}, {}))
    assert heard == [("a", 3), ("b", 3)]


def test_periodic_handlers_hear_a_grid_of_steps():
    signals, heard = Signals(), []
    signals.subscribe(StepStarting, lambda s: heard.append(s.step), every=4, offset=1)
    for step in range(12):
        signals.emit(step_starting(step))
    assert heard == [3, 7, 11]


def test_periodic_handlers_of_epochs_count_epochs():
    signals, heard = Signals(), []
    signals.subscribe(EpochEnded, lambda s: heard.append(s.epoch), every=2)
    for epoch in range(5):
        signals.emit(EpochEnded(SESSION, epoch * 7, epoch, {}, {}))
    assert heard == [0, 2, 4]


def test_one_phase_or_action_by_name():
    signals, heard = Signals(), []
    signals.subscribe(ActionReached, lambda s: heard.append(s.name), name="anchor")
    frame = SimpleNamespace(phase="warm-up")
    signals.subscribe(PhaseStarted, lambda s: heard.append(s.name), name="warm-up")
    signals.subscribe(PhaseEnded, lambda s: heard.append(s.name + " ends"), name="warm-up")
    signals.emit(ActionReached(SESSION, 0, 0, frame, "anchor"))  # type: ignore[arg-type]
    signals.emit(ActionReached(SESSION, 0, 0, frame, "other"))  # type: ignore[arg-type]
    signals.emit(PhaseStarted(SESSION, 0, 0, frame))  # type: ignore[arg-type]
    for phase in ("warm-up", "later"):
        frame = SimpleNamespace(phase=phase)
        signals.emit(PhaseEnded(SESSION, 9, 0, frame, None, None))  # type: ignore[arg-type]
    assert heard == ["anchor", "warm-up", "warm-up ends"]
    assert signals.names(ActionReached) == {"anchor"}


def test_impossible_subscriptions_are_refused():
    with pytest.raises(LatelierError, match="interval"):
        Signals().subscribe(StepStarting, print, every=0)
    with pytest.raises(LatelierError, match="StepStarting has no name"):
        Signals().subscribe(StepStarting, print, name="x")


def test_periodic_handlers_may_count_what_they_hear():
    signals, heard = Signals(), []
    frame = SimpleNamespace(phase="warm-up")
    options = {"name": "anchor", "every": 2, "counting": "calls"}
    signals.subscribe(ActionReached, lambda s: heard.append(s.step), **options)
    signals.subscribe(ActionReached, lambda s: heard.append(-s.step), **options, offset=1)
    for step in (3, 4, 9, 20, 21):
        signals.emit(ActionReached(SESSION, step, 0, frame, "other"))
        signals.emit(ActionReached(SESSION, step, 0, frame, "anchor"))
    assert heard == [3, -4, 9, -20, 21]
