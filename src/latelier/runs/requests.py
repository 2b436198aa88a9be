"""Asking that a run or a sweep be begun: a file in its folder, so that a queue survives its keeper.

What is created and has that file waits to begin, what is cancelled or failed to go on. Whoever
takes the file away (which only one process can) carries the request out.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from latelier.config.errors import RunError
from latelier.runs.atomic import write_error, write_json
from latelier.runs.encoding import loads
from latelier.runs.owned import OwnedFolder
from latelier.runs.record import RunRecord
from latelier.runs.states import ENDED, RunState


@dataclass(frozen=True, slots=True)
class StartRequest:
    """What was asked for.

    Attributes:
        requested: When, in seconds since 1970; a queue begins with the earliest.
        epoch: Of a run: go on from this epoch's checkpoint; None for the newest (or the beginning).
    """

    requested: float
    epoch: int | None = None


def request_start(record: OwnedFolder, *, epoch: int | None = None) -> StartRequest:
    """Ask that a run or a sweep be begun, or be gone on with.

    Args:
        record: The run or the sweep.
        epoch: Of a run: go on from this epoch's checkpoint.

    Raises:
        RunError: If it runs, is completed, or the file cannot be written.
    """
    state, word = record.life().state, record.noun.word
    if state in {RunState.RUNNING, RunState.COMPLETED}:
        raise RunError(
            f"{word} {record.id} is {state}",
            expected=f"a created, cancelled or failed {word}",
            remedy=record.once_completed if state == RunState.COMPLETED else None,
        )
    request = StartRequest(time.time(), epoch)
    if state in ENDED:
        withdraw_cancel(record)
    content: dict[str, float | None] = {"requested": request.requested}
    if isinstance(record, RunRecord):
        content |= {"epoch": request.epoch}
    write_json(record.path_of("start"), content)
    return request


def start_request(record: OwnedFolder) -> StartRequest | None:
    """Read the request; None if there is none, or it is damaged."""
    try:
        value = dict(loads(record.path_of("start").read_bytes()))
        epoch = value.get("epoch")
        return StartRequest(float(value["requested"]), None if epoch is None else int(epoch))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def take_start(record: OwnedFolder) -> bool:
    """Take the request away; True for the one process that did."""
    path = record.path_of("start")
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise write_error(path, error) from error
    return True


def withdraw_cancel(record: OwnedFolder) -> None:
    """Take back a request to stop that an earlier stretch has left behind."""
    record.path_of("cancel").unlink(missing_ok=True)
