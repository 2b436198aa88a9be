"""`latelier demo`: train the default preset on real images, and say what was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from latelier.cli import formats
from latelier.cli.exits import say
from latelier.cli.options import DEFAULT_RUNS_DIR, Overrides, RunsDir

if TYPE_CHECKING:
    from pathlib import Path

    from latelier.runs import RunRecord


def demo(overrides: Overrides = None, runs_dir: RunsDir = DEFAULT_RUNS_DIR) -> None:
    """Train the default preset on 5,000 handwritten digits that come with Latelier.

    Nothing is downloaded. Prints what was written, how well the clusters fit the digits, and the
    pictures to look at.
    """
    from latelier.cli.selection import mention, short_path
    from latelier.cli.training import carry_out, print_outcome
    from latelier.lab.demo import run_demo

    say("Training a Gaussian-mixture VAE on handwritten digits.")
    run = carry_out(
        lambda observers, stop: run_demo(
            runs_dir, observers=observers, overrides=overrides or [], stop=stop
        ),
        runs_dir,
    )
    from latelier.cli.show import artifacts_table

    record = run.record
    typer.echo(f"Written to {short_path(record.path)}, {formats.size(record.size_bytes())}:\n")
    typer.echo(artifacts_table(record) + "\n")
    print_outcome(record)
    typer.echo("\nPictures:")
    typer.echo("\n".join(f"  {short_path(path)}" for path in pictures(record)))
    hint = mention(record.path)
    typer.echo(f"\nSee more with `latelier show {hint}`; check it with `latelier verify {hint}`.")


def pictures(record: RunRecord) -> list[Path]:
    """Return the pictures of a run that show its end: those without an epoch, and the latest."""
    from latelier.runs import ARTIFACTS, LATEST

    return [
        record.path / name
        for name, parsed in record.files()
        if parsed is not None
        and ARTIFACTS[parsed[0]].media_type == "image/png"
        and parsed[1].get("epoch", LATEST) == LATEST
    ]
