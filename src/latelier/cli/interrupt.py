"""Ctrl-C during long work: the first asks it to stop, the second aborts at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)  # a cluster says SIGTERM some seconds before SIGKILL
_FIRST = b"\nStopping after this step and writing a checkpoint; Ctrl-C again aborts at once.\n"


@contextmanager
def stop_on_interrupt(told: bytes = _FIRST) -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C (or SIGTERM) inside the ``with`` into a request to stop.

    Args:
        told: What is printed at the first one.

    Yields:
        A function that tells whether to stop; the work asks it at every step.

    Raises:
        KeyboardInterrupt: At the second one.
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set  # only the main thread may handle signals
        return

    def handle(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        """Note the first interrupt and say so; let the second one through."""
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()
        os.write(2, told)  # a handler may not wait for the locks of sys.stderr

    before = [signal.signal(number, handle) for number in _SIGNALS]
    try:
        yield asked.is_set
    finally:
        for number, handler in zip(_SIGNALS, before, strict=True):
            signal.signal(number, handler)
