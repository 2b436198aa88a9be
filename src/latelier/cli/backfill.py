"""`latelier backfill`: give a recorded run the analysis that it lacks."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from latelier.cli import formats
from latelier.cli.exits import ExitCode, say
from latelier.cli.interrupt import stop_on_interrupt
from latelier.cli.options import (
    DEFAULT_RUNS_DIR,
    AllowCode,
    AsJson,
    RunName,
    RunsDir,
    importable,
    print_json,
)
from latelier.cli.progress import watching_steps

if TYPE_CHECKING:
    from collections.abc import Iterable

    from latelier.lab.backfill import BackfillReport

_STOPPING = b"\nStopping after this artifact; Ctrl-C again aborts at once.\n"
_HEAD = ("KIND", "EPOCHS")
_LONG_LIST = 12


def backfill(
    run: RunName,
    runs_dir: RunsDir = DEFAULT_RUNS_DIR,
    epoch: Annotated[
        list[int] | None,
        typer.Option(
            "--epoch",
            min=0,
            help="This epoch, which needs a checkpoint; may be repeated. By default those of the "
            "run's own cadence.",
            show_default=False,
        ),
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            "--kind",
            help="This kind of artifact, such as latent_2d_umap; may be repeated. By default all "
            "that the run's settings ask for.",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
    allow_code: AllowCode = False,
) -> None:
    """Make the analysis that a run lacks, from its checkpoints: maps, neighbors, densities, atlas.

    Nothing is trained, and what is there stays. Ctrl-C stops it in good order; the same command
    goes on, and does nothing when there is nothing left to do.
    """
    from latelier.cli.selection import find_run, mention

    record = find_run(run, runs_dir)
    from latelier.lab.backfill import backfill as complete

    with stop_on_interrupt(_STOPPING) as stop, watching_steps() as progress:
        report = complete(
            record,
            kinds=kind or None,
            epochs=epoch,
            allow_code=importable(allow_code=allow_code),
            progress=progress,
            stop=stop,
        )
    if as_json:
        print_json({"run_id": record.id, "path": str(record.path), **_document(report)})
    else:
        typer.echo(_text(record.id, report))
    if report.stopped:
        say(f"Stopped. Go on with `latelier backfill {mention(record.path)}`.")
        raise typer.Exit(ExitCode.INTERRUPTED)


def _document(report: BackfillReport) -> dict[str, Any]:
    return {
        "made": [{"kind": kind, "epoch": epoch} for kind, epoch in report.made],
        "present": report.present,
        "left_out": [{"kind": kind, "epoch": epoch} for kind, epoch in report.left_out],
        "epochs": list(report.epochs),
        "stopped": report.stopped,
    }


def _text(run_id: str, report: BackfillReport) -> str:
    there = f"{formats.count(report.present, 'artifact')} were there already"
    last = f"Nothing to make for {run_id}: {there}."
    blocks = []
    if report.made:
        blocks.append(_table(report.made))
        last = f"Made {formats.count(len(report.made), 'artifact')} of {run_id}; {there}."
    if report.left_out:
        what = _table(report.left_out)
        last += f"\n\nLeft out, for these epochs have no checkpoint:\n\n{what}"
    return "\n\n".join([*blocks, last])


def _table(artifacts: Iterable[tuple[str, int]]) -> str:
    epochs: dict[str, list[int]] = defaultdict(list)
    for kind, epoch in artifacts:
        epochs[kind].append(epoch)
    return formats.table(_HEAD, [(kind, _epochs(sorted(set(e)))) for kind, e in epochs.items()])


def _epochs(epochs: list[int]) -> str:
    if len(epochs) > _LONG_LIST:
        return f"{epochs[0]} … {epochs[-1]} ({len(epochs)})"
    return " ".join(map(str, epochs))
