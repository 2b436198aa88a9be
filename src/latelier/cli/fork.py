"""`latelier fork`: a new run that begins with the checkpoint of another."""

from __future__ import annotations

from typing import Annotated

import typer

from latelier.cli.options import (
    DEFAULT_RUNS_DIR,
    AllowCode,
    Overrides,
    RunName,
    RunsDir,
    importable,
)


def fork(
    run: RunName,
    epoch: Annotated[
        int,
        typer.Option("--epoch", min=0, help="The epoch whose checkpoint the new run begins with."),
    ],
    overrides: Overrides = None,
    runs_dir: RunsDir = DEFAULT_RUNS_DIR,
    name: Annotated[
        str | None, typer.Option("--name", help="Display name of the new run.", show_default=False)
    ] = None,
    allow_code: AllowCode = False,
) -> None:
    """Begin a new run with the checkpoint of another, with other settings from there on.

    With nothing changed it does exactly what its parent did.
    """
    from latelier.cli.selection import find_run
    from latelier.cli.training import carry_out, print_outcome

    record = find_run(run, runs_dir)
    from latelier.lab.fork import fork as fork_run
    from latelier.lab.run import Run

    done = carry_out(
        lambda observers, stop: fork_run(
            Run(record),
            epoch=epoch,
            overrides=overrides or [],
            name=name,
            allow_code=importable(allow_code=allow_code),
            observers=observers,
            stop=stop,
        ),
        record.path.parent,
    )
    print_outcome(done.record)
