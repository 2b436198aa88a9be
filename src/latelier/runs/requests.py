"""Asking that a run be started: a file in its folder, so that a queue survives whoever keeps it.

A created run with that file waits to begin, a cancelled or failed one to go on. Whoever takes the
file away (which only one process can) carries the request out.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from latelier.config.errors import RunError
from latelier.runs.atomic import write_error, write_json
from latelier.runs.encoding import loads
from latelier.runs.record import RunRecord
from latelier.runs.states import ENDED, RunState


@dataclass(frozen=True, slots=True)
class StartRequest:
    """What was asked for.

    Attributes:
        requested: When, in seconds since 1970; a queue begins with the earliest.
        epoch: Go on from this epoch's checkpoint; None for the newest (or the beginning).
    """

    requested: float
    epoch: int | None = None


def request_start(record: RunRecord, *, epoch: int | None = None) -> StartRequest:
    """Ask that a run be started, or be gone on with.

    Raises:
        RunError: If it runs, is completed, or the file cannot be written.
    """
    state = record.summary().state
    if state in {RunState.RUNNING, RunState.COMPLETED}:
        raise RunError(
            f"run {record.id} is {state}",
            expected="a created, cancelled or failed run",
            remedy="Fork it from one of its checkpoints." if state == RunState.COMPLETED else None,
        )
    request = StartRequest(time.time(), epoch)
    if state in ENDED:
        withdraw_cancel(record)
    content = {"requested": request.requested, "epoch": request.epoch}
    write_json(record.path_of("start"), content)
    return request


def start_request(record: RunRecord) -> StartRequest | None:
    """Read the request; None if there is none, or it is damaged."""
    try:
        value = loads(record.path_of("start").read_bytes())
        epoch = value["epoch"]
        return StartRequest(float(value["requested"]), None if epoch is None else int(epoch))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def take_start(record: RunRecord) -> bool:
    """Take the request away; True for the one process that did."""
    path = record.path_of("start")
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise write_error(path, error) from error
    return True


def withdraw_cancel(record: RunRecord) -> None:
    """Take back a request to stop that an ended run has left behind."""
    record.path_of("cancel").unlink(missing_ok=True)
