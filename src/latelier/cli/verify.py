"""`latelier verify`: is a run directory whole?"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import typer

from latelier.cli import formats
from latelier.cli.exits import ExitCode
from latelier.cli.options import DEFAULT_RUNS_DIR, AsJson, RunName, RunsDir, print_json

_COLORS = {"error": "red", "warning": "yellow"}


def verify(run: RunName, runs_dir: RunsDir = DEFAULT_RUNS_DIR, as_json: AsJson = False) -> None:
    """Check a run directory: names, events, states, payloads, mirrors and checkpoint hashes.

    Nothing is changed and no code of the run is executed. Ends with 7 if there are errors; warnings
    alone leave the run usable.
    """
    from latelier.cli.selection import find_run
    from latelier.runs.verify import verify as find_problems

    record = find_run(run, runs_dir)
    findings = find_problems(record, check_config=_check_config)
    errors = sum(finding.severity == "error" for finding in findings)
    if as_json:
        print_json(
            {
                "run_id": record.id,
                "path": str(record.path),
                "sound": errors == 0,
                "findings": [asdict(finding) for finding in findings],
            }
        )
    else:
        _print(record.id, [asdict(finding) for finding in findings], errors)
    if errors:
        raise typer.Exit(ExitCode.FINDINGS)


def _print(run_id: str, findings: list[dict[str, Any]], errors: int) -> None:
    names = ("severity", "code", "path", "message")
    if findings:
        rows = [[finding[name] or formats.MISSING for name in names] for finding in findings]
        typer.echo(formats.table([name.upper() for name in names], rows, colors=_COLORS))
    warnings = formats.count(len(findings) - errors, "warning")
    if errors:
        typer.echo(f"{run_id} is damaged: {formats.count(errors, 'error')}, {warnings}.")
    else:
        typer.echo(f"{run_id} is sound" + (f", with {warnings}." if findings else "."))


def _check_config(config: dict[str, Any]) -> object:
    from latelier.config import load_config

    return load_config(config)
