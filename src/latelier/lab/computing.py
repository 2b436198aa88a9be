"""One computation of a run at a time: equal requests wait for the first, and find what it made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from latelier.lab.chain import Stopped
from latelier.runs import RunRecord
from latelier.runs.atomic import write_error

_POLL_SECONDS = 0.02
_PATIENCE_SECONDS = 0.25


@contextmanager
def computing(record: RunRecord, *, slow: bool, stop: Callable[[], bool]) -> Iterator[None]:
    """Hold the run's lock for makers, across processes; quick ones do not wait for slow ones.

    The kernel frees the lock of a process that is killed.

    Args:
        record: The run.
        slow: Whether this takes seconds.
        stop: Asked while waiting.

    Raises:
        Stopped: If it was asked to stop before the lock was free.
        RunError: If the run's folder cannot be written.
    """
    path = record.path_of("compute_slow_lock" if slow else "compute_lock")
    lock = FileLock(path, poll_interval=_POLL_SECONDS)
    while not lock.is_locked:
        try:
            lock.acquire(timeout=_PATIENCE_SECONDS)
        except Timeout:
            if stop():
                raise Stopped from None
        except OSError as error:
            raise write_error(path, error) from error
    try:
        yield
    finally:
        lock.release()
