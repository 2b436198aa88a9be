"""The companion: a process beside training that makes the array part of the full set. No torch.

It is told over its standard input what to make, one unit at a time, and answers over its standard
output. It writes nothing itself. When its input ends, whoever started it is gone, and it ends.
"""

from __future__ import annotations

import contextlib
import os
import queue
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO

from latelier.lab.frames import read_frame, write_frame

NICE = 10
"""How far the companion stands back behind training."""

_THREADS_OF = ("OMP", "OPENBLAS", "MKL", "NUMBA")
SINGLE_THREADED = {f"{library}_NUM_THREADS": "1" for library in _THREADS_OF}
"""Environment of the companion."""


def main() -> None:
    """Serve until the input ends."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(NICE)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not come between the answers
    jobs: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, jobs), daemon=True).start()
    while True:
        serve(jobs.get(), answers)


def serve(job: dict[str, Any], answers: BinaryIO) -> None:
    """Make one unit; answers are ``product`` and ``progress``, then ``done`` or ``failed``."""
    from latelier.lab.full_set import array_part
    from latelier.runs import RunRecord

    def progress(done: float) -> None:
        """Tell the process that asked how much is done."""
        write_frame(answers, {"answer": "progress", "done": done})

    try:
        record = RunRecord(Path(job["run"]))
        for kind, keys, payload, compute_ms in array_part(
            record, job["epoch"], job["unit"], progress
        ):
            answer = {"answer": "product", "kind": kind, "keys": keys, "compute_ms": compute_ms}
            write_frame(answers, answer | {"payload": payload})
        write_frame(answers, {"answer": "done"})
    except BrokenPipeError:
        os._exit(0)  # nobody is listening
    except Exception as error:
        message = f"{type(error).__name__}: {error}"
        write_frame(answers, {"answer": "failed", "message": message})


def _listen(stream: BinaryIO, jobs: queue.SimpleQueue[Any]) -> None:
    """Hand on what arrives; end the process, in the middle of its work too, when nothing can."""
    try:
        while True:
            jobs.put(read_frame(stream))
    except (EOFError, OSError, ValueError):
        os._exit(0)
