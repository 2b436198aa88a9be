"""Progress of long work on stderr: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from latelier.cli.exits import say
from latelier.cli.formats import duration, number, plain, size

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

    from latelier.runs import Event

Observer = Callable[["Event"], None]
Transfer = Callable[[str, int, int | None], None]
Steps = Callable[[int, int, str], None]
_EPOCH_METRICS = ("train/loss", "val/loss", "accuracy", "clustering_accuracy")
_PART = 0.1  # of a download, between two plain lines


@contextmanager
def watching_training() -> Iterator[Observer]:
    """Show how far a run is. Yields what is to be called with every event of the run."""
    if not sys.stderr.isatty():
        yield TrainingLines()
        return
    with _bar() as progress:
        yield TrainingBar(progress)


@contextmanager
def watching_transfer() -> Iterator[Transfer]:
    """Show how far a download is. Yields what is to be called with what, bytes done, bytes in all.

    The total is None where it is unknown.
    """
    if not sys.stderr.isatty():
        yield TransferLines()
        return
    with _bar() as progress:
        yield TransferBar(progress)


@contextmanager
def watching_steps() -> Iterator[Steps]:
    """Show a bar over some steps, on a terminal only.

    Yields:
        What is to be called with how many are done, how many there are, and what comes next.
    """
    if not sys.stderr.isatty():
        yield lambda _done, _total, _what: None
        return
    with _bar() as progress:
        task = progress.add_task("beginning", total=None, details="")

        def show(done: int, total: int, what: str) -> None:
            """Draw how many of the steps are done, and what is being done."""
            progress.update(
                task, completed=done, total=total, description=what, details=f"{done} of {total}"
            )

        yield show


class TrainingLines:
    """One plain line per epoch, printed when all that is measured of the epoch is there."""

    def __init__(self) -> None:
        self._totals: dict[str, Any] = {}
        self._began = time.monotonic()
        self._epoch: _Epoch | None = None

    def __call__(self, event: Event) -> None:
        """Print the line of an event, if it has one."""
        if _is_epoch(event):
            self._measured(event)
        elif event.type.startswith("run.") or self._is_over(event):
            self._flush()
        if event.type in {"run.started", "run.resumed"}:
            self._totals, self._began = dict(event.data), time.monotonic()
            say(f"{event.run_id}: {_outline(event)}")
        elif event.type == "log.warning":
            say(_warning(event), label="warning", color="yellow")

    def _measured(self, event: Event) -> None:
        if self._epoch is None or self._epoch.number != event.epoch:
            self._flush()
            self._epoch = _Epoch(event.epoch, event.step)
        self._epoch.values.update(event.data)

    def _is_over(self, event: Event) -> bool:
        """Training has gone on: an epoch's scores come after its loss, but at the same step."""
        return self._epoch is not None and event.step > self._epoch.step

    def _flush(self) -> None:
        if self._epoch is None:
            return
        parts = [
            f"epoch {_of(self._epoch.number, self._totals.get('total_epochs'))}",
            f"step {_of(self._epoch.step, self._totals.get('total_steps'))}",
            *_metrics(self._epoch.values),
            duration(time.monotonic() - self._began),
        ]
        self._epoch = None
        say("  ".join(parts))


@dataclass
class _Epoch:
    """What is known of an epoch so far."""

    number: int
    step: int
    values: dict[str, Any] = field(default_factory=dict)


class TrainingBar:
    """A bar over the steps of a run, with its loss, speed and remaining time."""

    def __init__(self, progress: RichProgress) -> None:
        self._progress = progress
        self._task: TaskID | None = None
        self._measured: dict[str, Any] = {}

    def __call__(self, event: Event) -> None:
        """Move the bar."""
        if event.type in {"run.started", "run.resumed"}:
            self._start(event)
        elif event.type == "train.progress":
            self._move(event)
        elif _is_epoch(event):
            self._measured |= event.data
        elif event.type == "log.warning":
            self._progress.console.print(
                f"warning: {_warning(event)}", markup=False, style="yellow"
            )

    def _start(self, event: Event) -> None:
        self._progress.console.print(f"{event.run_id}: {_outline(event)}", markup=False)
        total = event.data.get("total_steps")
        self._task = self._progress.add_task(
            "training", total=total, completed=event.step, details=""
        )

    def _move(self, event: Event) -> None:
        if self._task is None:
            return
        data = event.data
        done, total = event.step, data.get("total_steps")
        epoch = f"epoch {_of(event.epoch, data.get('total_epochs'))}"
        metrics = _metrics(self._measured) or [_loss(data)]
        self._progress.update(
            self._task,
            completed=done,
            total=total,
            description="finishing" if done == total else epoch,
            details="  ".join(filter(None, [_left(data), *metrics, _rate(data)])),
        )


class TransferLines:
    """A plain line at the beginning of each file and at every tenth of it."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """Print a line, if it is time for one."""
        part = done / total if total else 0.0
        before = self._told.get(what)
        if before is None or part - before >= _PART or (part >= 1.0 > before):
            self._told[what] = part
            say(f"{plain(what)}: {_amount(done, total)}")


class TransferBar:
    """A bar per file."""

    def __init__(self, progress: RichProgress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """Move the bar of a file."""
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(plain(what), total=total, details="")
        self._progress.update(
            self._tasks[what], completed=done, total=total, details=_amount(done, total)
        )


@contextmanager
def _bar() -> Iterator[RichProgress]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[details]}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield progress


def _outline(event: Event) -> str:
    data = event.data
    length = f"{data.get('total_epochs')} epochs, {data.get('total_steps')} steps"
    began = f"resumed at step {data['from_step']}, " if "from_step" in data else ""
    device = f" on {plain(data['device'])}" if data.get("device") else ""
    return f"{began}{length}{device}"


def _of(done: int, total: object) -> str:
    return str(done) if total is None else f"{done}/{total}"


def _is_epoch(event: Event) -> bool:
    return event.type == "train.metrics" and event.data.get("scope") == "epoch"


def _metrics(values: dict[str, Any]) -> list[str]:
    return [f"{name} {number(values[name])}" for name in _EPOCH_METRICS if name in values]


def _loss(data: Any) -> str:
    return f"loss {number(data['loss'])}" if data.get("loss") is not None else ""


def _left(data: Any) -> str:
    return f"{duration(data['seconds_left'])} left" if data.get("seconds_left") else ""


def _rate(data: Any) -> str:
    return f"{data['steps_per_second']:.0f} steps/s" if data.get("steps_per_second") else ""


def _warning(event: Event) -> str:
    return plain(event.data.get("message", ""))


def _amount(done: int, total: int | None) -> str:
    return size(done) if total is None else f"{size(done)} of {size(total)}"
