"""Arguments and options that several commands share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

RunsDir = Annotated[
    Path,
    typer.Option(
        "--runs-dir", envvar="LATELIER_RUNS_DIR", help="Folder that holds the run directories."
    ),
]
DataRoot = Annotated[
    Path | None,
    typer.Option(
        "--data-root",
        envvar="LATELIER_DATA_ROOT",
        help="Folder of downloaded data sets; the user's cache folder by default.",
        show_default=False,
    ),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print one JSON document on stdout and nothing else.")
]
RunName = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help="A run id, a beginning of one that no other shares, 'latest', or the path of a run "
        "directory.",
        show_default=False,
    ),
]
Overrides = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="KEY=VALUE",
        help="Changes to the configuration, such as training.batch_size=64.",
        show_default=False,
    ),
]
AllowCode = Annotated[
    bool,
    typer.Option(
        "--allow-code",
        help="Import and call the networks that the configuration names (model.net.kind custom). "
        "Only for files that you trust as you trust a program.",
    ),
]
DEFAULT_RUNS_DIR = Path("runs")


def importable(*, allow_code: bool) -> bool:
    """Let modules of the working directory be found, where code is allowed; returns whether.

    They come last: none can stand in for a module of ours or of Python's.
    """
    here = str(Path.cwd())
    if allow_code and here not in sys.path:
        sys.path.append(here)
    return allow_code


def print_json(document: Any) -> None:
    """Print a JSON document on stdout; non-finite numbers are null."""
    from latelier.runs.encoding import dumps

    typer.echo(dumps(document, indent=True), nl=False)
