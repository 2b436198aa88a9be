"""Who writes a run, and is that process still there?

The kernel's lock on ``owner.lock`` decides who may write: it is free the moment its holder dies.
``owner.json`` tells everybody else, on other machines too, by a heartbeat.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from latelier.config.errors import RunBusyError, RunError
from latelier.runs.atomic import write_error, write_json
from latelier.runs.encoding import loads

HEARTBEAT_SECONDS = 5.0
STALE_SECONDS = 30.0
_PROC = Path("/proc/self")


@dataclass(frozen=True, slots=True)
class Owner:
    """One process, told apart from any other that ever had its pid.

    Attributes:
        pid: Process id on its host.
        boot_id: Which start of that host.
        process_start: When the process began, in whatever form the system gives.
        host: Name of the host.
        heartbeat: When it last gave a sign, seconds since 1970.
    """

    pid: int
    boot_id: str
    process_start: str
    host: str
    heartbeat: float

    @classmethod
    def here(cls) -> Owner:
        """Describe this process, now."""
        pid = os.getpid()
        return cls(pid, boot_id(), process_start(pid) or "", os.uname().nodename, time.time())

    @classmethod
    def read(cls, path: Path) -> Owner | None:
        """Read an ``owner.json``; None if there is none or it is not one."""
        try:
            value = loads(path.read_bytes())
            return cls(
                pid=int(value["pid"]),
                boot_id=str(value["boot_id"]),
                process_start=str(value["process_start"]),
                host=str(value["host"]),
                heartbeat=float(value["heartbeat"]),
            )
        except (OSError, ValueError, KeyError, TypeError, OverflowError):
            return None

    def as_dict(self) -> dict[str, Any]:
        """The content of ``owner.json``."""
        return asdict(self)

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}"


def is_alive(owner: Owner, *, now: float | None = None) -> bool:
    """Tell whether the process that an ``owner.json`` names is still there.

    On this host the pid, its start time and the host's boot decide, so that a pid used again by
    another process is not mistaken for the owner. Of another host only the heartbeat is known; it
    counts for 30 seconds.
    """
    if owner.host == os.uname().nodename:
        return owner.boot_id == boot_id() and owner.process_start == process_start(owner.pid)
    return (time.time() if now is None else now) - owner.heartbeat < STALE_SECONDS


@cache
def boot_id() -> str:
    """Name this start of the host; empty where the system does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return _output("sysctl", "-n", "kern.boottime") or ""


def process_start(pid: int) -> str | None:
    """Tell when a process began; None if there is no such process (or only its remains)."""
    if pid <= 0:
        return None
    if _PROC.exists():
        try:
            fields = (_PROC.parent / str(pid) / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] in "ZX" else fields[19]
    return _output("ps", "-o", "lstart=", "-p", str(pid))


class Ownership:
    """Holds a run for this process: lock, ``owner.json`` and heartbeat, until `release`.

    Args:
        run_id: Named in the error.
        lock: Path of the lock file.
        owner: Path of ``owner.json``.

    Raises:
        RunBusyError: If a live process has the run; the message names pid and host.
        RunError: If the files cannot be written.
    """

    def __init__(self, run_id: str, *, lock: Path, owner: Path) -> None:
        self._owner_path = owner
        self._descriptor = _open_lock(lock)
        _held.add(self)
        try:
            _take(self._descriptor, run_id, owner)
            self.previous = Owner.read(owner)
            self._beat()
        except BaseException:
            self._close()
            raise
        self._ended = threading.Event()
        self._thread = threading.Thread(
            target=self._keep_beating, name=f"heartbeat of {run_id}", daemon=True
        )
        self._thread.start()

    def release(self) -> None:
        """Give the run back. Releasing twice is fine."""
        if self._descriptor < 0:
            return
        self._ended.set()
        self._thread.join()
        with contextlib.suppress(OSError):  # the run may have been moved to the trash
            self._owner_path.unlink(missing_ok=True)
        self._close()

    def _keep_beating(self) -> None:
        while not self._ended.wait(HEARTBEAT_SECONDS):
            with contextlib.suppress(RunError):  # a full disk costs a beat, not the training
                self._beat()

    def _beat(self) -> None:
        if not self._owner_path.parent.is_dir():
            return  # never make the folder of a run that was moved away again
        write_json(self._owner_path, Owner.here().as_dict())

    def _close(self) -> None:
        _held.discard(self)
        os.close(self._descriptor)
        self._descriptor = -1


_held: set[Ownership] = set()


def _close_in_child() -> None:
    """A forked worker must not keep the lock alive when its parent dies."""
    for ownership in list(_held):
        ownership._close()


os.register_at_fork(after_in_child=_close_in_child)


def _open_lock(path: Path) -> int:
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    try:
        return os.open(path, flags, 0o666)
    except OSError as error:
        raise write_error(path, error) from error


def _take(descriptor: int, run_id: str, owner_path: Path) -> None:
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise busy(run_id, Owner.read(owner_path)) from error
    except OSError as error:
        raise write_error(owner_path, error) from error
    owner = Owner.read(owner_path)
    if owner is not None and owner.host != os.uname().nodename and is_alive(owner):
        raise busy(run_id, owner)  # a shared disk may not share its locks


@contextlib.contextmanager
def unowned(run_id: str, *, lock: Path, owner: Path) -> Iterator[None]:
    """Keep everybody from owning a run while it is moved; writes nothing, so a full disk is fine.

    Raises:
        RunBusyError: If a live process has the run.
    """
    here = Owner.read(owner)
    if here is not None and is_alive(here):
        raise busy(run_id, here)
    try:
        descriptor = _open_lock(lock)
    except RunError:  # no lock can be made here, so nobody can own it either
        yield
        return
    try:
        _take(descriptor, run_id, owner)
        yield
    finally:
        os.close(descriptor)


def busy(run_id: str, owner: Owner | None) -> RunBusyError:
    """Say who has the run."""
    return RunBusyError(
        f"run {run_id} is being written by {owner or 'another process'}",
        remedy="Wait for it to end, or stop it with `latelier cancel`.",
    )


def _output(*command: str) -> str | None:
    import subprocess

    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None
