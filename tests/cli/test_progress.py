from __future__ import annotations

import io
import sys

import pytest
from rich.console import Console
from rich.progress import Progress, TextColumn

from latelier.cli import progress
from latelier.runs import Event

TIME = "2026-11-21T03:12:04.000Z"


def event(type_: str, at: int = 0, epoch: int = 0, **data: object) -> Event:
    return Event(1, type_, TIME, "some-run", at, epoch, data)


STARTED = event("run.started", total_steps=40, total_epochs=4, steps_per_epoch=10, device="cpu")
EPOCH = event(
    "train.metrics",
    10,
    1,
    scope="epoch",
    **{"train/loss": 1.234567, "val/loss": 2.0, "train/lr": 1},
)
STEPS = event("train.metrics", 10, 1, scope="steps", step=[9], **{"train/loss": [1.0]})
SCORES = event("train.metrics", 10, 1, scope="epoch", clustering_accuracy=0.7842, nmi=0.6)
ARTIFACT = event("artifact.created", 10, 1, kind="scores")
ENDED = event("run.completed", 10, 1)
WARNING = event("log.warning", message="odd \x1b[2J")


def moving(step: int, **data: object) -> Event:
    rest = {"total_steps": 40, "total_epochs": 4, "steps_per_second": 85.4, "seconds_left": 12.2}
    return event("train.progress", step, 1, **{**rest, **data})


def test_lines_are_one_per_epoch(capsys):
    show = progress.TrainingLines()
    for each in (
        STARTED,
        moving(3),
        EPOCH,
        STEPS,
        moving(10),
        ARTIFACT,
        SCORES,
        moving(11),
        WARNING,
    ):
        show(each)

    assert capsys.readouterr().err.splitlines() == [
        "some-run: 4 epochs, 40 steps on cpu",
        "epoch 1/4  step 10/40  train/loss 1.235  val/loss 2  clustering_accuracy 0.7842  0.0 s",
        "warning: odd �[2J",
    ]


def test_every_epoch_has_its_line_when_nothing_comes_between(capsys):
    show = progress.TrainingLines()
    second = event("train.metrics", 20, 2, scope="epoch", **{"train/loss": 0.5})
    for each in (STARTED, EPOCH, second, ENDED, ENDED):
        show(each)

    assert [line.split("  ")[0] for line in capsys.readouterr().err.splitlines()[1:]] == [
        "epoch 1/4",
        "epoch 2/4",
    ]


def test_a_resumed_run_says_where(capsys):
    progress.TrainingLines()(
        event("run.resumed", 20, 2, from_step=20, total_steps=40, total_epochs=4)
    )

    assert capsys.readouterr().err == "some-run: resumed at step 20, 4 epochs, 40 steps\n"


@pytest.fixture
def bar():
    out = io.StringIO()
    console = Console(file=out, force_terminal=False, width=100)
    columns = (TextColumn("{task.description}"), TextColumn("{task.fields[details]}"))
    return progress.TrainingBar(Progress(*columns, console=console)), out


def test_the_bar_follows_steps(bar):
    show, _ = bar
    show(moving(1))  # before the start there is nothing to move
    assert show._progress.tasks == []
    show(STARTED)
    show(moving(3, loss=7.5))
    (task,) = show._progress.tasks

    assert (task.completed, task.total, task.description) == (3, 40, "epoch 1/4")
    assert task.fields["details"] == "12 s left  loss 7.5  85 steps/s"

    for each in (EPOCH, SCORES, STEPS, moving(13)):
        show(each)
    assert task.fields["details"] == (
        "12 s left  train/loss 1.235  val/loss 2  clustering_accuracy 0.7842  85 steps/s"
    )

    show(moving(40, steps_per_second=None, seconds_left=None))
    assert (task.finished, task.description) == (True, "finishing")


def test_warnings_stay_above_the_bar(bar):
    show, out = bar
    show(STARTED)
    show(WARNING)

    assert out.getvalue() == "some-run: 4 epochs, 40 steps on cpu\nwarning: odd �[2J\n"


def test_a_resumed_bar_begins_where_the_run_does(bar):
    show, _ = bar
    show(event("run.resumed", 20, 2, from_step=20, total_steps=40, total_epochs=4))

    assert show._progress.tasks[0].completed == 20


def test_transfer_lines_come_at_every_tenth(capsys):
    show = progress.TransferLines()
    for done in range(0, 1001):
        show("a", done, 1000)

    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "a: 0 B of 1 kB"
    assert lines[-1] == "a: 1 kB of 1 kB"
    assert 10 <= len(lines) <= 13


def test_transfer_lines_without_a_total_come_once(capsys):
    show = progress.TransferLines()
    for done in (0, 500, 900):
        show("npm pack", done, None)

    assert capsys.readouterr().err == "npm pack: 0 B\n"


def test_transfer_bar_has_a_row_per_file():
    show = progress.TransferBar(Progress())
    show("a", 1, 10)
    show("b", 5, None)
    show("a", 10, 10)

    rows = [(task.description, task.completed, task.total) for task in show._progress.tasks]
    assert rows == [("a", 10, 10), ("b", 5, None)]


@pytest.mark.parametrize(
    ("watching", "plain", "bar"),
    [
        (progress.watching_training, progress.TrainingLines, progress.TrainingBar),
        (progress.watching_transfer, progress.TransferLines, progress.TransferBar),
    ],
)
def test_a_terminal_gets_a_bar(watching, plain, bar, monkeypatch):
    with watching() as show:
        assert isinstance(show, plain)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with watching() as show:
        assert isinstance(show, bar)
