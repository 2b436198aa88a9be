"""How the runs of a sweep are carried out: one interface, and a table of those who know how."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Protocol

from latelier.config.errors import ConfigError
from latelier.runs import RunRecord


@dataclass(frozen=True)
class ExecutorOptions:
    """What an executor is made with.

    Attributes:
        address: Of a cluster that is there already; only executors that can use one read it.
        allow_code: Import and call the networks that the configurations name, if they name any.
    """

    address: str | None = None
    allow_code: bool = False


def _nothing() -> None:
    pass


@dataclass(frozen=True)
class Work:
    """What an executor is given.

    Attributes:
        records: Created, cancelled or failed runs, to be carried out in this order. Each is begun
            or resumed as `lab.launch.start` does it, and says itself how it went.
        max_workers: At most so many at a time, 1 or more; the executor's own choice when None.
        grace: Seconds that running variants get to finish when the sweep is stopped.
        stop: Tells whether the sweep was stopped; to be asked a few times per second.
        ended: To be called in the driver's thread whenever one run has ended, however it did.
        say: Takes a line for people.
        tick: To be called in the driver's thread a few times per second while others work.
    """

    records: Sequence[RunRecord]
    max_workers: int | None
    grace: float
    stop: Callable[[], bool]
    ended: Callable[[RunRecord], None]
    say: Callable[[str], None]
    tick: Callable[[], None] = _nothing


class Executor(Protocol):
    """Carries out runs, each with the same result as if it were the only one."""

    def carry_out(self, work: Work) -> None:
        """Return when every run has ended, or the sweep was stopped and its runs are at rest.

        A run that fails is recorded as failed by itself and stops no other. When `Work.stop` is
        true, no further run is begun, running ones are asked to stop (`RunRecord.request_cancel`)
        and write a checkpoint, and what still runs after `Work.grace` seconds is ended by force;
        runs that were not begun stay ``created``.
        """
        ...


Factory = Callable[[ExecutorOptions], Executor]


def _lazily(module: str, name: str, options: ExecutorOptions) -> Executor:
    executor: Executor = getattr(import_module(module), name)(options)
    return executor


EXECUTORS: dict[str, Factory] = {
    "local": partial(_lazily, "latelier.lab.sweeps.local", "LocalExecutor"),
    "ensemble": partial(_lazily, "latelier.lab.sweeps.ensemble", "EnsembleExecutor"),
    "ray": partial(_lazily, "latelier.lab.sweeps.ray_executor", "RayExecutor"),
}
"""Name → what makes the executor. Its module is imported only then."""


def make_executor(name: str, options: ExecutorOptions | None = None) -> Executor:
    """Make the executor of a name.

    Args:
        name: One of `EXECUTORS`.
        options: What it is made with.

    Raises:
        ConfigError: If there is no such executor, or what it needs (a package, a cluster) is
            missing. Nothing was begun or written.
    """
    if name not in EXECUTORS:
        raise ConfigError(
            "there is no such executor", got=repr(name), expected=f"one of {', '.join(EXECUTORS)}"
        )
    return EXECUTORS[name](options or ExecutorOptions())
