"""The process that trains one run or carries out one sweep, in a session of its own."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from latelier.runs import RunRecord

_LAST_WORDS = 2000


@dataclass(eq=False)
class Child:
    """A child process.

    Attributes:
        process: The process.
        log: What it prints until it writes to its run's console.
        device: Device that its job takes a place of; empty for a spare.
        requested: When the request was made that it carries out.
        ended_before: When its job stopped last before, as its summary has it.
        spare: It was started before there was a run.
        cancel: Its job is to be cancelled once it is running.
    """

    process: subprocess.Popen[bytes]
    log: IO[bytes]
    device: str = ""
    requested: float = 0.0
    ended_before: str | None = None
    spare: bool = False
    cancel: bool = False

    @property
    def ended(self) -> bool:
        """Whether the process is gone."""
        return self.process.poll() is not None

    @property
    def code(self) -> int | None:
        """The exit code."""
        return self.process.poll()

    def last_words(self) -> str:
        """The last line that it printed before it had a console."""
        with contextlib.suppress(OSError, ValueError):
            return last_line(self.log)
        return ""

    def leave(self) -> None:
        """Let go of a process that trains on: it is not ours to wait for."""
        self.log.close()
        if self.process.poll() is None:
            self.process.returncode = 0  # or Python complains of a child that nobody waits for

    def dismiss(self) -> None:
        """End a spare that has got no run: it reads the end of its input."""
        with contextlib.suppress(OSError):
            assert self.process.stdin is not None
            self.process.stdin.close()
        try:
            self.process.wait(timeout=0.2)
        except subprocess.TimeoutExpired:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=1.0)
        self.log.close()


def last_line(file: IO[bytes]) -> str:
    """Read the last line of what a process has printed, without `error:`; empty if there is none.

    Raises:
        OSError: If the file cannot be read; ValueError if it is closed.
    """
    file.seek(0, os.SEEK_END)
    file.seek(max(0, file.tell() - _LAST_WORDS))
    lines = file.read().decode("utf-8", "replace").strip().splitlines()
    return lines[-1].removeprefix("error: ") if lines else ""


def spare_child(runs_dir: Path) -> Child:
    """Start a child that loads what training needs and waits to be told which run."""
    child = _spawn(["--runs-dir", str(runs_dir)], stdin=subprocess.PIPE)
    child.spare = True
    return child


def begin(record: RunRecord, *, device: str, spare: Child | None) -> Child:
    """Let a child train a run: the spare one if there is one, else a new one."""
    if spare is not None and _hand_over(record, spare):
        spare.device = device
        return spare
    child = _spawn([record.id, "--runs-dir", str(record.path.parent)], stdin=subprocess.DEVNULL)
    child.device = device
    return child


def begin_sweep(runs_dir: Path, sweep_id: str) -> Child:
    """Let a child carry out a sweep."""
    arguments = [sweep_id, "--runs-dir", str(runs_dir)]
    return _spawn(arguments, stdin=subprocess.DEVNULL, command="run-sweep")


def _hand_over(record: RunRecord, spare: Child) -> bool:
    stdin = spare.process.stdin
    if spare.ended or stdin is None:
        return False
    try:
        stdin.write(json.dumps({"run_id": record.id}).encode() + b"\n")
        stdin.close()
    except OSError:
        return False
    return True


def _spawn(arguments: list[str], *, stdin: int, command: str = "run-queued") -> Child:
    """Start a hidden command. `-P`: modules in the working directory are not ours."""
    log = tempfile.TemporaryFile()  # noqa: SIM115 - read when the child ends
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "latelier", command, *arguments],
        stdin=stdin,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    return Child(process, log)
