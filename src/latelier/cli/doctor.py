"""`latelier doctor`: is this machine ready?"""

from __future__ import annotations

from dataclasses import asdict

import typer

from latelier.cli import formats
from latelier.cli.exits import ExitCode
from latelier.cli.options import DEFAULT_RUNS_DIR, AsJson, DataRoot, RunsDir, print_json

_COLORS = {"ok": "green", "warning": "yellow", "problem": "red"}


def doctor(
    runs_dir: RunsDir = DEFAULT_RUNS_DIR, data_root: DataRoot = None, as_json: AsJson = False
) -> None:
    """Check the machine: versions, device, threads, disk, folders, presets and data sets.

    Ends with 7 if something keeps Latelier from working.
    """
    from latelier.lab.doctor import examine

    checks = examine(runs_dir, data_root)
    healthy = all(check.status != "problem" for check in checks)
    if as_json:
        print_json({"healthy": healthy, "checks": [asdict(check) for check in checks]})
    else:
        rows = [(check.name, check.status, check.found) for check in checks]
        typer.echo(formats.table(("CHECK", "STATUS", "FOUND"), rows, colors=_COLORS))
        for check in checks:
            if check.remedy:
                typer.echo(f"{check.name}: {check.remedy}")
    if not healthy:
        raise typer.Exit(ExitCode.FINDINGS)
