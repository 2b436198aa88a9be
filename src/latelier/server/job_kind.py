"""What the queue has to know of a kind of job: runs, or sweeps."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator
from typing import ClassVar, Generic, TypeVar

from latelier.runs.owned import OwnedFolder
from latelier.server.child import Child

EVERYWHERE = "every device"
"""The device of a job that uses the whole machine."""

Record = TypeVar("Record", bound=OwnedFolder)


class JobKind(ABC, Generic[Record]):
    """Finds the jobs of one kind, and starts them."""

    takes_spare: ClassVar[bool]
    """Whether a child that was made ready can carry out such a job."""

    @abstractmethod
    def candidates(self) -> Iterator[Record]:
        """Give every job that may have a request; many looks, so nothing of it is read."""

    @abstractmethod
    def left_behind(self) -> list[Record]:
        """Write down which jobs lost their process; asked once, when the queue begins to work.

        Returns:
            Those that are carried out still, by children of an earlier server.
        """

    @abstractmethod
    def begun_elsewhere(self) -> list[Record]:
        """Give the live jobs that take a place although the queue has not begun them."""

    @abstractmethod
    def device_of(self, record: Record) -> str:
        """Name the device that a job takes a place of, without asking torch."""

    @abstractmethod
    def begin(self, record: Record, *, device: str, spare: Child | None) -> Child | None:
        """Let a child carry a job out; None if another process has taken the request."""

    @abstractmethod
    def last_words(self, record: Record, child: Child) -> str:
        """The last line that a child printed which could not begin; empty if there is none."""

    @abstractmethod
    def could_not_go_on(self, record: Record, message: str) -> None:
        """Leave word in a job that was begun before and could not be gone on with."""


def has_place(device: str, taken: Collection[str], slots: int) -> bool:
    """Tell whether a device has a place for one more job.

    Args:
        device: The device; `EVERYWHERE` needs a place on each.
        taken: Devices of the jobs that have one; `EVERYWHERE` has one on each.
        slots: Places on each device.
    """
    needed = {device, *taken} if device == EVERYWHERE else {device}
    return all(sum(other in (one, EVERYWHERE) for other in taken) < slots for one in needed)
