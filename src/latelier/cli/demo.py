"""`latelier demo`: the default preset on real images, in the browser or only in the terminal."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from latelier.cli import formats
from latelier.cli.exits import say
from latelier.cli.options import Overrides
from latelier.config.errors import LatelierError

if TYPE_CHECKING:
    from latelier.runs import RunRecord

DEMO_DIR = Path("demo")
_POLL_SECONDS = 0.2


def demo(
    overrides: Overrides = None,
    *,
    runs_dir: Annotated[
        Path | None,
        typer.Option(
            "--runs-dir",
            help="Folder for the runs; a new one under demo/ by default.",
            show_default=False,
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option("--port", min=0, max=65535, help="Port of the page.", show_default=False),
    ] = None,
    open_page: Annotated[
        bool | None,
        typer.Option(
            "--open/--no-open",
            help="Open the page in a browser; by default where there is one to see it.",
            show_default=False,
        ),
    ] = None,
    serve: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Show the page, or train in the terminal.")
    ] = True,
) -> None:
    """Train the default preset on 5,000 handwritten digits and watch it in the browser.

    Nothing is downloaded. Prints one address; when the run is done, also what was written, how
    well the clusters fit the digits, and the pictures to look at. Ctrl-C ends it.
    """
    folder = runs_dir or DEMO_DIR / time.strftime("%Y%m%d-%H%M%S")
    if serve:
        _serve(folder, overrides or [], port, open_page)
    else:
        _train_here(folder, overrides or [])


def _train_here(folder: Path, overrides: list[str]) -> None:
    from latelier.cli.training import carry_out
    from latelier.lab.demo import run_demo

    say("Training a Gaussian-mixture VAE on handwritten digits.")
    run = carry_out(
        lambda observers, stop: run_demo(
            folder, observers=observers, overrides=overrides, stop=stop
        ),
        folder,
    )
    _sum_up(run.record)


def _serve(folder: Path, overrides: list[str], port: int | None, open_page: bool | None) -> None:
    from latelier.cli.serve import run_server
    from latelier.lab.demo import prepare_demo
    from latelier.server.listen import new_token
    from latelier.server.settings import Settings

    record = prepare_demo(folder, overrides)
    over = threading.Event()
    teller = threading.Thread(target=_tell, args=(record, over), daemon=True)
    teller.start()
    try:
        settings = Settings(runs_dir=folder, token=new_token())
        path = f"/runs/{record.id}/latent"
        run_server(settings, port=port, open_page=open_page, path=path, demo=record.id)
    finally:
        over.set()
        teller.join(timeout=1)
        _ask_to_stop(record)


def _tell(record: RunRecord, over: threading.Event) -> None:
    """Say how the run goes on, in another process, until it has ended."""
    from latelier.cli.progress import watching_training

    tail = record.tail()
    with watching_training() as observer:
        ended = False
        while not ended and not over.wait(_POLL_SECONDS):
            for event in tail.poll():
                observer(event)
                ended = event.type in {"run.completed", "run.cancelled", "run.failed"}
    if ended and not over.is_set():
        _sum_up(record)
        say("The page goes on until Ctrl-C.")


def _ask_to_stop(record: RunRecord) -> None:
    """Stop the demo's run with the demo: nothing should train on unseen."""
    try:
        record.request_cancel()
    except LatelierError:  # it has ended
        return
    say(f"The run was asked to stop; `latelier resume {record.path}` goes on with it.")


def _sum_up(record: RunRecord) -> None:
    from latelier.cli.selection import mention, short_path
    from latelier.cli.show import artifacts_table
    from latelier.cli.training import print_outcome

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
