"""`latelier cancel`: ask a run to stop, and say what came of it."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Annotated

import typer

from latelier.cli.exits import ExitCode
from latelier.cli.options import DEFAULT_RUNS_DIR, RunName, RunsDir
from latelier.config.errors import RunBusyError, RunError
from latelier.runs import RunState

if TYPE_CHECKING:
    from latelier.runs import RunRecord
    from latelier.runs.sweeps import SweepRecord

_POLL_SECONDS = 0.1


def cancel(
    run: RunName,
    runs_dir: RunsDir = DEFAULT_RUNS_DIR,
    wait: Annotated[
        float,
        typer.Option("--wait", min=0, help="How long to wait for the run to stop, in seconds."),
    ] = 30.0,
) -> None:
    """Ask a run or a sweep to stop; running ones write a checkpoint first and can be resumed."""
    from latelier.cli.selection import find_run, find_sweep, mention, names_sweep

    if names_sweep(run, runs_dir):
        _cancel_sweep(find_sweep(run, runs_dir), wait)
        return
    record = find_run(run, runs_dir)
    record.request_cancel()
    if not _cancel_unstarted(record):
        _wait(record, wait)
    summary = record.summary()
    if summary.state == "cancelled":
        typer.echo(
            f"{record.id} is cancelled at step {summary.step}. "
            f"Go on with `latelier resume {mention(record.path)}`."
        )
    elif summary.state in {"created", "running"}:
        typer.echo(f"{record.id} was asked to stop and is still {summary.state} after {wait:g} s.")
        raise typer.Exit(ExitCode.BUSY)
    else:
        typer.echo(f"{record.id} is {summary.state}: it ended before it could be cancelled.")
        raise typer.Exit(ExitCode.RUN_PROBLEM)


def _cancel_sweep(record: SweepRecord, wait: float) -> None:
    from latelier.cli.sweep import mention_sweep

    record.request_cancel()
    if record.read().state == "created" and record.live_owner() is None:
        with contextlib.suppress(RunBusyError, RunError), record.own() as writer:
            writer.transition(RunState.CANCELLED, reason="before it began")
    until = time.monotonic() + wait
    while record.read().state in {"created", "running"} and time.monotonic() < until:
        time.sleep(_POLL_SECONDS)
    state = record.read().state
    if state in {"created", "running"}:
        typer.echo(
            f"{record.id} was asked to stop and is still {state} after {wait:g} s: its running "
            "variants get some time to finish."
        )
        raise typer.Exit(ExitCode.BUSY)
    typer.echo(f"{record.id} is {state}. Go on with `{mention_sweep(record)}`.")


def _cancel_unstarted(record: RunRecord) -> bool:
    """Cancel a run that nobody has begun; False if a process has it."""
    if record.summary().state != "created":
        return False
    try:
        with record.own() as writer:
            writer.transition("cancelled", reason="before it began")
    except (RunBusyError, RunError):  # somebody has just begun it
        return False
    return True


def _wait(record: RunRecord, seconds: float) -> None:
    until = time.monotonic() + seconds
    while record.summary().state in {"created", "running"} and time.monotonic() < until:
        time.sleep(_POLL_SECONDS)
