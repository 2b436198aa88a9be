"""What train, resume and demo share: progress, Ctrl-C, and how they end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from latelier.cli import formats
from latelier.cli.exits import ExitCode, say
from latelier.cli.interrupt import stop_on_interrupt
from latelier.cli.progress import Observer, watching_training, watching_transfer
from latelier.cli.selection import mention, short_path
from latelier.config.errors import LatelierError

if TYPE_CHECKING:
    from latelier.config import RunConfig
    from latelier.lab.run import Run
    from latelier.runs import Event, RunRecord, RunSummary

Start = Callable[[Sequence[Observer], Callable[[], bool]], "Run"]

SCORES = {
    "clustering_accuracy": "mixture components matched to the labels, 0 to 1",
    "nmi": "normalized mutual information of components and labels, 0 to 1",
    "ari": "adjusted Rand index of components and labels, 1 is perfect, 0 chance",
    "accuracy": "the model's own classifier, 0 to 1",
    "probe_accuracy": "a linear classifier on the latents, 0 to 1",
    "knn_accuracy": "labels of the nearest neighbors in latent space, 0 to 1",
    "train/loss": "objective on the training examples, mean of the last epoch",
    "val/loss": "objective on examples kept out of training",
}


def carry_out(start: Start, runs_dir: Path) -> Run:
    """Train with progress on stderr; the first Ctrl-C stops the run in good order.

    Args:
        start: Called with the observers and the function that tells whether to stop.
        runs_dir: Named in the hint of how to go on.

    Returns:
        The completed run.

    Raises:
        typer.Exit: With 130, if the run was cancelled.
        LatelierError: If it failed; a note says where that is recorded.
    """
    seen = _Seen()
    try:
        with stop_on_interrupt() as stop, watching_training() as observer:
            run = start([seen, observer], stop)
    except KeyboardInterrupt:
        if seen.run_id is None:
            raise
        hint = mention(runs_dir / seen.run_id)
        say(f"Aborted. Go on from the last checkpoint with `latelier resume {hint}`.")
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    except LatelierError as error:
        if seen.run_id is not None:
            hint = mention(runs_dir / seen.run_id)
            error.add_note(f"The run is recorded: `latelier show {hint}`.")
        raise
    summary = run.summary()
    if summary.state == "cancelled":
        say(
            f"{run.id} is cancelled at step {summary.step}, epoch {summary.epoch}. "
            f"Go on with `latelier resume {mention(run.path)}`."
        )
        raise typer.Exit(ExitCode.INTERRUPTED)
    return run


def fetch_missing(config: RunConfig) -> None:
    """Download the data set of a run, with progress, if it is not there yet."""
    from latelier.data import DATASETS, default_root, fetch_dataset

    spec = DATASETS.get(config.data.dataset)
    root = config.data.root or default_root()
    if spec is not None and not spec.present(root):
        with watching_transfer() as progress:
            fetch_dataset(spec.name, root, progress=progress)


def print_outcome(record: RunRecord) -> None:
    """Print state, folder and scores of a run that has ended."""
    summary = record.summary()
    pairs = [
        ("run", summary.run_id),
        ("state", summary.state),
        ("length", f"{summary.epoch} epochs, {summary.step} steps"),
        ("duration", formats.duration(summary.duration_s)),
        ("folder", short_path(record.path)),
    ]
    typer.echo(formats.fields(pairs))
    if scores := scores_table(summary):
        typer.echo(f"\n{scores}")


def scores_table(summary: RunSummary) -> str:
    """Lay out what was scored at the end of a run, with what each number means."""
    rows = [
        (name, formats.number(summary.last_metrics[name]), meaning)
        for name, meaning in SCORES.items()
        if summary.last_metrics.get(name) is not None
    ]
    return formats.table(("SCORE", "VALUE", "MEANING"), rows, right=("VALUE",)) if rows else ""


class _Seen:
    """Remembers the run whose events it sees."""

    def __init__(self) -> None:
        self.run_id: str | None = None

    def __call__(self, event: Event) -> None:
        self.run_id = event.run_id
