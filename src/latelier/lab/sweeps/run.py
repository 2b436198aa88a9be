"""Carry out a sweep: own its folder, let its runs be trained, and say what came of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from latelier.config import LatelierError, RunError
from latelier.config.sweep_axes import label_of
from latelier.lab.sweeps.after import clean_up, evaluate
from latelier.lab.sweeps.before import check_sweep
from latelier.lab.sweeps.executor import Executor, ExecutorOptions, Work, make_executor
from latelier.lab.sweeps.summary import read_wall, summarize
from latelier.lab.sweeps.variants import DEFAULT_GRACE, definition_of, make_runs, variants_of
from latelier.runs import RunRecord, RunState, RunStore
from latelier.runs.record import read_summary
from latelier.runs.requests import withdraw_cancel
from latelier.runs.states import ERROR, UNREADABLE
from latelier.runs.sweep_model import Sweep, SweepVariant
from latelier.runs.sweep_writer import SweepWriter
from latelier.runs.sweeps import SweepRecord

VARIANTS_FAILED = "variants_failed"
VARIANTS_CANCELLED = "variants_cancelled"

_LOOK_SECONDS = 1.0
_WALL_SECONDS = 2.0
_SHARE = 0.1  # of the driver's time, at most, for looking at runs and for the wall
_POLL_SECONDS = 0.2

Say = Callable[[str], None]
Stop = Callable[[], bool]


def carry_out_sweep(
    record: SweepRecord,
    *,
    executor: str | None = None,
    max_workers: int | None = None,
    grace: float | None = None,
    address: str | None = None,
    allow_code: bool = False,
    checked: bool = False,
    stop: Stop = lambda: False,
    say: Say = lambda _line: None,
) -> Sweep:
    """Train what a sweep has left to train, and write down what came of it.

    Completed variants are left alone, created ones begin, failed and cancelled ones go on from
    their last checkpoint. What is not given is as it was when the sweep was made.

    Args:
        record: The sweep; created, cancelled or failed.
        executor: Who carries it out.
        max_workers: At most so many runs at a time.
        grace: Seconds that running variants get to finish when the sweep is stopped.
        address: Of a cluster, for executors that use one.
        allow_code: Import and call the networks that the configurations name, if they name any.
        checked: `check_sweep` has passed, so that a new sweep needs no check.
        stop: Asked a few times per second besides the sweep's own cancel flag.
        say: Called with lines for people, which are also kept in ``console.log``.

    Returns:
        The sweep as it ended.

    Raises:
        ConfigError: If there is no such executor, or what it needs is missing.
        RunBusyError: If another process carries it out.
        RunError: If it is completed.
    """
    known = record.read()
    if known.state == RunState.COMPLETED:
        raise RunError(
            f"sweep {record.id} is completed", expected="a created, cancelled or failed sweep"
        )
    name = executor or known.executor
    options = dict(known.options)
    given = {"max_workers": max_workers, "grace": grace, "address": address}
    options |= {key: value for key, value in given.items() if value is not None}
    carrier = make_executor(name, ExecutorOptions(options.get("address"), allow_code))
    with record.own() as writer:
        if record.read().state == RunState.CREATED:
            _begin(record, writer, allow_code=allow_code, checked=checked)
        writer.update(executor=name, options=options)
        writer.transition(RunState.RUNNING)
        driver = _Driver(record, writer, carrier, stop, say)
        seconds = options.get("grace")
        driver.run(options.get("max_workers"), DEFAULT_GRACE if seconds is None else seconds)
        return writer.sweep


def _begin(record: SweepRecord, writer: SweepWriter, *, allow_code: bool, checked: bool) -> None:
    """Make the runs that are not there yet, of a sweep whose variants can be trained."""
    try:
        make_runs(record)
        if not checked:
            sweep = writer.sweep
            check_sweep(definition_of(sweep), variants_of(sweep), allow_code=allow_code)
    except LatelierError as error:
        writer.transition(RunState.FAILED, reason=ERROR, message=str(error))
        raise


class _WallLike(Protocol):
    def update(self) -> object:
        """Write the frames that have become known."""


@dataclass
class _Paced:
    """Something done now and then: not too often, and not for too much of the time."""

    act: Callable[[], object]
    seconds: float
    due: float = 0.0

    def __call__(self, *, now: bool = False) -> None:
        began = time.monotonic()
        if now or began >= self.due:
            self.act()
            ended = time.monotonic()
            self.due = ended + max(self.seconds, (ended - began) / _SHARE)


class _Driver:
    """One stretch of a sweep, from its begin (or resumption) to its end."""

    def __init__(
        self, record: SweepRecord, writer: SweepWriter, executor: Executor, stop: Stop, say: Say
    ) -> None:
        self._record, self._writer, self._executor = record, writer, executor
        self._asked, self._told = stop, say
        self._definition = definition_of(writer.sweep)
        self._variants = {variant.run_id: variant for variant in writer.sweep.variants}
        self._unannounced: set[str] = set()
        self._others: set[str] = set()
        self._completed = 0
        self._wall = _wall_of(record, self._say)
        self._look = _Paced(self._look_at_runs, _LOOK_SECONDS)
        self._draw = _Paced(self._update_wall, _WALL_SECONDS)
        self._stopped = False

    def run(self, max_workers: int | None, grace: float) -> None:
        """Have the runs trained, then summarize."""
        begun, rest = self._open_runs()
        self._completed = len(self._names(RunState.COMPLETED))
        left = f"{len(rest)} variants to train, {self._completed} done before"
        self._say(f"{self._writer.sweep.name}: {left}, {len(begun)} in other hands")
        self._unannounced = {record.id for record in rest}
        self._others = {record.id for record in begun}
        self._finish_earlier()
        if rest and not self._stop():
            for record in rest:
                withdraw_cancel(record)
            work = Work(rest, max_workers, grace, self._stop, self._on_ended, self._say, self._tick)
            self._executor.carry_out(work)
        self._wait_for_others(grace)
        self._close()

    # Which runs

    def _open_runs(self) -> tuple[list[RunRecord], list[RunRecord]]:
        """Find the runs that others train already, and those that are to be trained.

        A process of a driver that was killed may still train its last run.
        """
        begun, rest = [], []
        for run_id in self._variants:
            record = RunRecord(self._record.runs_dir / run_id)
            state = read_summary(record.path).state
            if state == RunState.RUNNING:
                begun.append(record)
            elif state not in {RunState.COMPLETED, UNREADABLE}:
                with suppress(RunError):
                    record.reconcile()
                rest.append(record)
        return begun, rest

    def _finish_earlier(self) -> None:
        """Do what a killed driver did not come to do for variants that were completed."""
        for variant in self._writer.sweep.variants:
            record = RunRecord(self._record.runs_dir / variant.run_id)
            if read_summary(record.path).state == RunState.COMPLETED and not self._stop():
                self._after(record, variant)

    def _wait_for_others(self, grace: float) -> None:
        """Wait for runs of this sweep that other processes train."""
        self._others |= {record.id for record in self._open_runs()[0]}
        give_up = float("inf")
        while self._others and time.monotonic() < give_up:
            if self._stop() and give_up == float("inf"):
                give_up = time.monotonic() + grace
                for run_id in self._others:
                    with suppress(LatelierError):
                        RunRecord(self._record.runs_dir / run_id).request_cancel()
            self._tick()
            time.sleep(_POLL_SECONDS)

    # While they train

    def _stop(self) -> bool:
        self._stopped = self._stopped or self._asked() or self._record.cancel_requested()
        return self._stopped

    def _tick(self) -> None:
        self._look()
        self._draw()

    def _look_at_runs(self) -> None:
        """Say which variants have begun, and take note of those that others have ended."""
        for run_id in sorted(self._unannounced, key=lambda run_id: self._variants[run_id].index):
            record = RunRecord(self._record.runs_dir / run_id)
            if read_summary(record.path).state == RunState.RUNNING:
                self._announce(record)
        for run_id in sorted(self._others):
            record = RunRecord(self._record.runs_dir / run_id)
            if read_summary(record.path).state != RunState.RUNNING:
                self._others.discard(run_id)
                self._on_ended(record)

    def _announce(self, record: RunRecord) -> None:
        """Say which variant trains with what, and how many parameters it has."""
        began = next(
            (event for event in record.events() if event.type in {"run.started", "run.resumed"}),
            None,
        )
        if began is None:
            return
        self._unannounced.discard(record.id)
        variant = self._variants[record.id]
        settings = ", ".join(f"{key}={label_of(value)}" for key, value in variant.values.items())
        parameters = began.data.get("parameters")
        self._say(f"{variant.name}: trains with {settings}; {parameters} parameters; {record.id}")

    def _on_ended(self, record: RunRecord) -> None:
        """Take note that a run has ended, whichever way."""
        if record.id in self._unannounced:
            self._announce(record)
        variant = self._variants[record.id]
        run = read_summary(record.path)
        self._completed += run.state == RunState.COMPLETED
        why = f": {run.message or run.reason}" if run.state == RunState.FAILED else ""
        took = "" if run.duration_s is None else f" after {run.duration_s:.1f} s"
        done = f"{self._completed} of {len(self._variants)} completed"
        self._say(f"{variant.name}: {run.state}{took}{why}; {done}")
        if run.state == RunState.COMPLETED:
            self._after(record, variant)
        self._draw(now=True)

    def _after(self, record: RunRecord, variant: SweepVariant) -> None:
        """Evaluate a completed variant and clean up after it, once."""
        if variant.evaluation is not None:
            return
        try:
            result = evaluate(record, self._definition.evaluate, stop=self._stop)
            error = None
            clean_up(record, self._definition.clean_up)
        except Exception as problem:  # of one variant: the others go on
            result, error = None, f"{type(problem).__name__}: {problem}"
            self._say(f"{variant.name}: the evaluation failed: {error}")
        if result is not None or error is not None:
            self._writer.note(variant.index, evaluation=result, error=error)
            self._variants[record.id] = self._writer.sweep.variants[variant.index]

    def _update_wall(self) -> None:
        if self._wall is None:
            return
        try:
            self._wall.update()
        except Exception as problem:  # the wall is a picture of the sweep, not the sweep
            self._wall = None
            self._say(f"The wall is not drawn any more: {type(problem).__name__}: {problem}")

    # At the end

    def _close(self) -> None:
        self._draw(now=True)
        view = self._record.view()
        self._writer.update(summary=summarize(view, read_wall(self._record)))
        state, reason, message = self._outcome()
        self._say(f"{self._writer.sweep.name}: {state}{f': {message}' if message else ''}")
        self._writer.transition(state, reason=reason, message=message)

    def _outcome(self) -> tuple[RunState, str | None, str | None]:
        failed = self._names(RunState.FAILED)
        unfinished = self._names(RunState.CREATED, RunState.CANCELLED, RunState.RUNNING)
        total = len(self._variants)
        if self._stopped and (failed or unfinished):
            left = len(failed) + len(unfinished)
            return RunState.CANCELLED, "stopped", f"{left} of {total} variants are not completed"
        if failed:
            what = f"{len(failed)} of {total} variants failed: {_some(failed)}"
            return RunState.FAILED, VARIANTS_FAILED, what
        if unfinished:
            what = f"{len(unfinished)} of {total} variants were cancelled: {_some(unfinished)}"
            return RunState.CANCELLED, VARIANTS_CANCELLED, what
        return RunState.COMPLETED, None, None

    def _names(self, *states: RunState) -> list[str]:
        runs = ((v, read_summary(self._record.runs_dir / id_)) for id_, v in self._variants.items())
        return [variant.name for variant, run in runs if run.state in set(states)]

    def _say(self, line: str) -> None:
        """Tell people, and keep what was told."""
        self._told(line)
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        with suppress(OSError), self._record.path_of("console").open("a", encoding="utf-8") as log:
            log.write(f"{stamp} {line}\n")


def _wall_of(record: SweepRecord, say: Say) -> _WallLike | None:
    try:
        made: _WallLike = import_module("latelier.lab.sweeps.wall").Wall(
            RunStore(record.runs_dir), record
        )
    except Exception as problem:
        say(f"The wall is not drawn: {type(problem).__name__}: {problem}")
        return None
    return made


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
