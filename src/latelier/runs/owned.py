"""A folder that one process at a time writes: what a run and a sweep have in common."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from pathlib import Path
from typing import ClassVar, Protocol

from latelier.config.errors import RunBusyError, RunError
from latelier.runs.atomic import write_bytes
from latelier.runs.ids import Noun, check_run_id
from latelier.runs.liveness import Owner, is_alive
from latelier.runs.states import ENDED, RunState


class Life(Protocol):
    """What a summary says of the life of a run or a sweep."""

    @property
    def state(self) -> str:
        """One of `RunState`."""

    @property
    def ended(self) -> str | None:
        """When it stopped last, UTC, ISO 8601; None if it never did, or goes on."""


class Writer(Protocol):
    """What the writers of runs and of sweeps have in common."""

    settled: bool

    @property
    def state(self) -> RunState:
        """Where it is in its life."""

    def transition(self, state: RunState, *, reason: str = ..., message: str = ...) -> object:
        """Change the state, and store the change."""


class OwnedFolder(ABC):
    """A folder whose name is an id, with an owner who writes and a way to ask that owner to stop.

    Args:
        path: The folder.
        cancel: Name of the file in it that asks the owner to stop.

    Raises:
        RunNotFoundError: If the folder's name is not an id.
    """

    noun: ClassVar[Noun]
    once_completed: ClassVar[str | None]
    """What to do about one that is completed, for whoever wants more of it."""

    def __init__(self, path: Path, *, cancel: str) -> None:
        self.path = path
        self.id = check_run_id(path.name, self.noun)
        self._prefix = os.fspath(path)
        self._cancel_path = f"{self._prefix}/{cancel}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id!r})"

    @abstractmethod
    def path_of(self, kind: str) -> Path:
        """Where a file of the folder is, or would be; kinds may need further keys."""

    @abstractmethod
    def life(self) -> Life:
        """State and end; what is running without a process shows as interrupted.

        Raises:
            RunError: If the file that says so is missing or damaged.
        """

    @abstractmethod
    def own(self) -> AbstractContextManager[Writer]:
        """Become the one who writes the folder, inside a ``with``.

        Raises:
            RunBusyError: If another live process writes it.
        """

    @abstractmethod
    def _stored_state(self) -> object:
        """The state as it is written, whatever has become of the process."""

    def owner(self) -> Owner | None:
        """The process that says it writes the folder; it may be gone."""
        return Owner.read(self.path_of("owner"))

    def live_owner(self) -> Owner | None:
        """The process that writes the folder now; None if there is none."""
        owner = self.owner()
        return owner if owner is not None and is_alive(owner) else None

    def reconcile(self) -> bool:
        """Write down that the process is gone: the state becomes failed, reason ``interrupted``.

        Returns:
            Whether there was anything to write. What a live process writes is left alone.

        Raises:
            RunError: If the file that holds the state is missing or damaged.
        """
        if self._stored_state() != RunState.RUNNING:
            return False
        try:
            with self.own() as writer:
                return writer.settled
        except RunBusyError:
            return False

    def request_cancel(self) -> None:
        """Ask the owner to stop; it looks at every step.

        Raises:
            RunError: If it has ended already.
        """
        state, word = self.life().state, self.noun.word
        if state in ENDED:
            raise RunError(
                f"{word} {self.id} is {state} already", expected=f"a created or running {word}"
            )
        write_bytes(self.path_of("cancel"), b"")

    def cancel_requested(self) -> bool:
        """Whether somebody asked the owner to stop: one look at the file system."""
        try:
            os.stat(self._cancel_path)  # noqa: PTH116 (asked at every step: no Path objects)
        except OSError:
            return False
        return True

    def _inside(self, relative: str) -> Path:
        """Give a path in the folder; RunError if a link there leads out of it."""
        path = self.path / relative
        if not _has_links(self._prefix, relative):
            return path
        real, root = os.path.realpath(path), os.path.realpath(self.path)
        if not real.startswith(root + os.sep):
            word = self.noun.word
            raise RunError(
                f"{path} leads out of its {word} folder",
                got=real,
                remedy=f"Do not use this {word}; its folder was tampered with.",
            )
        return path


def _has_links(prefix: str, relative: str) -> bool:
    """Whether a link, or a step up, lies between a folder and a path in it: these are rare.

    Resolving a path asks about each folder above it, too, and a run names its files often.
    """
    for part in relative.split("/"):
        prefix = f"{prefix}/{part}"
        if part in {"", ".."} or os.path.islink(prefix):  # noqa: PTH114  no Path objects
            return True
    return False
