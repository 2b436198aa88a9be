"""`latelier run-queued`, hidden: the process of one run that a server's queue starts."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from latelier.cli.exits import ExitCode
from latelier.cli.interrupt import stop_on_interrupt

if TYPE_CHECKING:
    from latelier.runs.owned import OwnedFolder


def run_queued(
    runs_dir: Annotated[Path, typer.Option("--runs-dir")],
    run_id: Annotated[str | None, typer.Argument()] = None,
) -> None:
    """Begin the run that a server's queue asks for, or go on with it.

    Without a run id, load what training needs first and read the id from the input, as
    ``{"run_id": …}``; the end of the input ends the process.
    """
    from latelier.runs import RunStore

    if run_id is None:
        from latelier.lab.warm import warm_up

        warm_up()
        run_id = _told()
    if run_id is None:
        return
    record = RunStore(runs_dir).open(run_id)
    use_console(record)
    from latelier.lab.queued import carry_out

    with stop_on_interrupt() as stop:
        state = carry_out(record, stop=stop)
    if state == "cancelled":
        raise typer.Exit(ExitCode.INTERRUPTED)


def _told() -> str | None:
    line = sys.stdin.readline()
    return str(json.loads(line)["run_id"]) if line.strip() else None


def use_console(record: OwnedFolder) -> None:
    """Send what is printed from now on to a run's or sweep's console, which outlives the server."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
    descriptor = os.open(record.path_of("console"), flags, 0o666)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(descriptor, stream.fileno())
    os.close(descriptor)
