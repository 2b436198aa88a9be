"""Carry out what was asked of a server's queue: begin a run that exists, or go on with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from latelier.config.errors import LatelierError
from latelier.lab.execute import Observer
from latelier.lab.launch import start
from latelier.runs import RunRecord, RunState, start_request, take_start


def carry_out(
    record: RunRecord,
    *,
    observers: Sequence[Observer] = (),
    stop: Callable[[], bool] | None = None,
) -> str | None:
    """Begin a run that was asked for, or go on with it.

    Args:
        record: The run; its folder holds the request, which is taken away.
        observers: Called with every event of the run as it is stored.
        stop: Asked at every step besides the run's own cancel flag.

    Returns:
        The state in which it ended; None if another process carries the request out.

    Raises:
        LatelierError: If it could not be started, or training could not go on; either is recorded.
    """
    request = start_request(record)
    if request is None:
        return None

    def mine() -> bool:
        """Take the request away; False if another process did."""
        return take_start(record)

    before = record.summary().ended
    try:
        return start(record, epoch=request.epoch, claim=mine, observers=observers, stop=stop)
    except Exception as error:
        take_start(record)
        if record.summary().ended == before:  # else its own record says how it failed
            tell_failure(record, error)
        raise


def tell_failure(record: RunRecord, error: BaseException | str) -> None:
    """Write down that a run could not even be started."""
    message = str(error)
    if isinstance(error, BaseException) and not isinstance(error, LatelierError):
        message = f"{type(error).__name__}: {error}"
    with record.own() as writer:
        if writer.state is RunState.CREATED:
            writer.transition(RunState.FAILED, reason="error", message=message)
        elif writer.state is not RunState.COMPLETED:
            clock = {"step": writer.summary.step, "epoch": writer.summary.epoch}
            data = {"message": f"It could not go on: {message}", "code": "start_failed"}
            writer.event("log.warning", data, **clock)
