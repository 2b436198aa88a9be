"""Asking that a sweep be carried out: a file in its folder, so that a queue survives its keeper.

As `runs.requests` does it for a run: whoever takes the file away carries the request out.
"""

from __future__ import annotations

import time

from latelier.config.errors import RunError
from latelier.runs.atomic import write_error, write_json
from latelier.runs.encoding import loads
from latelier.runs.states import RunState
from latelier.runs.sweeps import SweepRecord


def request_sweep(record: SweepRecord) -> float:
    """Ask that a sweep be carried out, or be gone on with; returns when, in seconds since 1970.

    Raises:
        RunError: If it runs, is completed, or the file cannot be written.
    """
    state = record.read().state
    if state in {RunState.RUNNING, RunState.COMPLETED}:
        raise RunError(
            f"sweep {record.id} is {state}", expected="a created, cancelled or failed sweep"
        )
    record.withdraw_cancel()
    requested = time.time()
    write_json(record.path_of("start"), {"requested": requested})
    return requested


def sweep_request(record: SweepRecord) -> float | None:
    """Read when a sweep was asked for; None if it was not, or the file is damaged."""
    try:
        return float(loads(record.path_of("start").read_bytes())["requested"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def take_sweep_request(record: SweepRecord) -> bool:
    """Take the request away; True for the one process that did."""
    path = record.path_of("start")
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise write_error(path, error) from error
    return True
