"""`latelier rm`: runs to the trash, and back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from latelier.cli.exits import say
from latelier.cli.options import DEFAULT_RUNS_DIR, RunsDir
from latelier.config.errors import ConfigError, RunNotFoundError

if TYPE_CHECKING:
    from latelier.runs import RunRecord


def rm(
    runs: Annotated[
        list[str] | None,
        typer.Argument(metavar="RUN...", help="Runs to remove or restore.", show_default=False),
    ] = None,
    runs_dir: RunsDir = DEFAULT_RUNS_DIR,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Also a run that a process is writing.")
    ] = False,
    restore: Annotated[
        bool,
        typer.Option("--restore", help="Take runs out of the trash; without RUN, list the trash."),
    ] = False,
) -> None:
    """Move runs to the trash, a folder beside them, from which `--restore` takes them out."""
    names = runs or []
    if restore:
        _restore(names, runs_dir)
        return
    if not names:
        raise ConfigError("no run was named", expected="RUN...", remedy="See `latelier ls`.")
    _remove(names, runs_dir, yes=yes, force=force)


def _remove(names: list[str], runs_dir: Path, *, yes: bool, force: bool) -> None:
    from latelier.cli.selection import find_run
    from latelier.runs import RunStore

    # Every name is looked up before any run moves: a slip in the last one leaves all in place.
    records = list(
        {record.path: record for record in (find_run(n, runs_dir) for n in names)}.values()
    )
    if not yes:
        _confirm(records)
    for record in records:
        where = RunStore(record.path.parent).trash(record.id, force=force)
        typer.echo(f"{record.id} is in the trash ({where}).")
    say("Take it out again with `latelier rm --restore RUN`.")


def _confirm(records: list[RunRecord]) -> None:
    listed = ", ".join(record.id for record in records)
    if not _can_ask():
        raise ConfigError(
            "nobody can be asked whether to remove the runs",
            got=listed,
            remedy="Say --yes.",
        )
    if not typer.confirm(f"Move to the trash: {listed}?", err=True):
        raise typer.Exit


def _can_ask() -> bool:
    return sys.stdin.isatty()


def _restore(names: list[str], runs_dir: Path) -> None:
    from latelier.runs import RunStore

    store = RunStore(runs_dir)
    trashed = store.trashed()
    if not names:
        typer.echo("\n".join(trashed) or "The trash is empty.")
        return
    for name in [_in_trash(name, trashed) for name in names]:
        typer.echo(f"{store.restore(name).id} is back.")


def _in_trash(text: str, trashed: list[str]) -> str:
    """Find the one name in the trash that a text means: the whole, or a unique beginning.

    Raises:
        RunNotFoundError: If there is none, or more than one.
    """
    found = [name for name in trashed if name == text] or [n for n in trashed if n.startswith(text)]
    if len(found) == 1 and text:
        return found[0]
    raise RunNotFoundError(
        "more than one run in the trash begins so"
        if found and text
        else "no such run in the trash",
        got=repr(text),
        expected=", ".join(found or trashed[-4:]) or None,
        remedy="List the trash with `latelier rm --restore`.",
    )
