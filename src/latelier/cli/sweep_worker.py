"""`latelier run-variants` and `run-sweep`, hidden: processes that a sweep or a server starts."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from latelier.cli.exits import ExitCode, report
from latelier.cli.interrupt import stop_on_interrupt
from latelier.cli.options import AllowCode, importable
from latelier.cli.queued import use_console

_RunsDir = Annotated[Path, typer.Option("--runs-dir")]


def run_variants(runs_dir: _RunsDir, allow_code: AllowCode = False) -> None:
    """Train the runs that are named on the input, one after another.

    Each line is ``{"run_id": …}`` and is answered by ``{"ended": …}``; the end of the input ends
    the process. What training prints goes to the run's console.
    """
    answers = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    from latelier.lab.sweeps.local import train_variant
    from latelier.runs import RunStore

    importable(allow_code=allow_code)
    store = RunStore(runs_dir)
    for line in sys.stdin:
        record = store.open(str(json.loads(line)["run_id"]))
        use_console(record)
        with stop_on_interrupt() as stop:
            try:
                train_variant(record, allow_code=allow_code, stop=stop)
            except Exception as error:  # another process has the run
                report(error)
            stopped = stop()
        os.write(answers, json.dumps({"ended": record.id}).encode() + b"\n")
        if stopped:
            return


def run_sweep(sweep_id: str, runs_dir: _RunsDir) -> None:
    """Carry out a sweep that has a folder, as it says; what is printed goes to its console."""
    from latelier.runs.sweep_store import SweepStore

    record = SweepStore(runs_dir).open(sweep_id)
    use_console(record)
    from latelier.lab.sweeps.run import carry_out_sweep

    with stop_on_interrupt() as stop:
        sweep = carry_out_sweep(record, stop=stop)
    if sweep.state == "cancelled":
        raise typer.Exit(ExitCode.INTERRUPTED)
