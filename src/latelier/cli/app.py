"""The `latelier` command: every verb in one table."""

from __future__ import annotations

from typing import Annotated

import typer

from latelier.cli.backfill import backfill
from latelier.cli.cancel import cancel
from latelier.cli.data import data_app
from latelier.cli.demo import demo
from latelier.cli.doctor import doctor
from latelier.cli.exits import EPILOG, ReportingGroup
from latelier.cli.fork import fork
from latelier.cli.latents import latents
from latelier.cli.ls import ls
from latelier.cli.queued import run_queued
from latelier.cli.rm import rm
from latelier.cli.schedule import schedule
from latelier.cli.serve import serve
from latelier.cli.show import show
from latelier.cli.sweep import sweep, sweeps
from latelier.cli.sweep_worker import run_sweep, run_variants
from latelier.cli.train import resume, train
from latelier.cli.verify import verify

app = typer.Typer(
    name="latelier",
    cls=ReportingGroup,
    epilog=EPILOG,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_TRAIN, _LOOK, _KEEP = "Train", "Look at runs", "Keep in order"
_ANALYZE = "Analyze"

app.command(rich_help_panel=_TRAIN)(demo)
app.command(rich_help_panel=_TRAIN)(train)
app.command(rich_help_panel=_TRAIN)(resume)
app.command(rich_help_panel=_TRAIN)(fork)
app.command(rich_help_panel=_TRAIN)(cancel)
app.command(rich_help_panel=_TRAIN)(sweep)
app.command(rich_help_panel=_TRAIN)(schedule)
app.command(rich_help_panel=_LOOK)(serve)
app.command(rich_help_panel=_LOOK)(ls)
app.command(rich_help_panel=_LOOK)(sweeps)
app.command(rich_help_panel=_LOOK)(show)
app.command(rich_help_panel=_LOOK)(verify)
app.command(rich_help_panel=_ANALYZE)(backfill)
app.command(rich_help_panel=_ANALYZE)(latents)
app.command(rich_help_panel=_KEEP)(rm)
app.add_typer(data_app, name="data", rich_help_panel=_KEEP)
app.command(rich_help_panel=_KEEP)(doctor)
app.command("run-queued", hidden=True)(run_queued)
app.command("run-variants", hidden=True)(run_variants)
app.command("run-sweep", hidden=True)(run_sweep)


@app.callback(invoke_without_command=True)
def latelier(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
    debug: Annotated[  # noqa: ARG001 - read by ReportingGroup
        bool, typer.Option("--debug", envvar="LATELIER_DEBUG", help="Show tracebacks of errors.")
    ] = False,
) -> None:
    """A workshop for latent spaces: train a model, watch its latent space form, replay it."""
    if version:
        from latelier import __version__

        typer.echo(f"latelier {__version__}")
    elif ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


def main() -> None:
    """Run the command line; the process ends with one of the documented exit codes."""
    app(prog_name="latelier")
