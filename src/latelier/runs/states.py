"""The life of a run: five states, and the event that each change of state leaves behind.

created ──→ running ──→ completed
   │          │  ↑
   │          ↓  │ (resume)
   └──→ cancelled, failed
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from latelier.config.errors import RunError


class RunState(StrEnum):
    """Where a run is in its life."""

    CREATED = "created"
    RUNNING = "running"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    FAILED = "failed"


UNREADABLE = "unreadable"  # what a list shows for a folder whose summary cannot be read
ERROR = "error"  # the reason of a failed run that raised something nobody expected
INTERRUPTED = "interrupted"  # the reason of a failed run whose process is gone

TRANSITIONS: dict[RunState, frozenset[RunState]] = {
    RunState.CREATED: frozenset({RunState.RUNNING, RunState.CANCELLED, RunState.FAILED}),
    RunState.RUNNING: frozenset({RunState.COMPLETED, RunState.CANCELLED, RunState.FAILED}),
    RunState.COMPLETED: frozenset(),
    RunState.CANCELLED: frozenset({RunState.RUNNING}),
    RunState.FAILED: frozenset({RunState.RUNNING}),
}
ENDED = frozenset({RunState.COMPLETED, RunState.CANCELLED, RunState.FAILED})
RESUMABLE = frozenset({RunState.CANCELLED, RunState.FAILED})

_STATE_AFTER = {
    "run.started": RunState.RUNNING,
    "run.resumed": RunState.RUNNING,
    "run.completed": RunState.COMPLETED,
    "run.cancelled": RunState.CANCELLED,
    "run.failed": RunState.FAILED,
}


def check_transition(before: RunState, after: RunState) -> None:
    """Refuse a change of state that the table does not have.

    Raises:
        RunError: Naming both states and the ones that could follow.
    """
    if after in TRANSITIONS[before]:
        return
    allowed = ", ".join(sorted(TRANSITIONS[before])) or "nothing: a completed run stays so"
    raise RunError(
        f"a {before} run cannot become {after}",
        expected=allowed,
        remedy="Fork the run from one of its checkpoints instead."
        if before is RunState.COMPLETED
        else None,
    )


def event_type(before: RunState, after: RunState) -> str:
    """Name the event that a change of state leaves: ``run.started``, ``run.resumed``, ….

    Raises:
        RunError: If the change is not allowed.
    """
    check_transition(before, after)
    if after is RunState.RUNNING:
        return "run.resumed" if before in RESUMABLE else "run.started"
    return f"run.{after}"


def replay(types: Iterable[str]) -> tuple[RunState | None, list[str]]:
    """Follow the ``run.*`` events of a run through the table.

    Args:
        types: Event types in order; those of other families are passed over.

    Returns:
        The state after the last of them (None if there was none), and one sentence per event
        that cannot follow the state before it.
    """
    state: RunState | None = None
    problems = []
    for kind in types:
        if kind == "run.created":
            if state is not None:
                problems.append(f"run.created follows state {state}")
            state = RunState.CREATED
        elif kind in _STATE_AFTER:
            after = _STATE_AFTER[kind]
            if state is None:
                problems.append(f"{kind} comes before run.created")
            elif after not in TRANSITIONS[state] or event_type(state, after) != kind:
                problems.append(f"{kind} follows state {state}")
            state = after
    return state, problems
