from __future__ import annotations

import pytest

from latelier.config.errors import RunError
from latelier.runs.encoding import dumps, loads
from latelier.runs.summary import Labels, RunSummary

SUMMARY = RunSummary(
    run_id="a-run",
    state="running",
    name="first",
    seed=3,
    step=4,
    last_metrics={"train/loss": 1.5},
    parent={"run_id": "b-run", "epoch": 2},
)


def test_what_is_stored_reads_back() -> None:
    stored = loads(dumps(SUMMARY.stored()))
    assert RunSummary.from_dict("a-run", stored) == SUMMARY
    assert stored["schema_version"] == 1
    assert "labels" not in stored
    assert "live" not in stored


def test_fields_of_a_later_version_are_left_out_and_the_folder_names_the_run() -> None:
    stored = {**SUMMARY.stored(), "mood": "good"}
    assert RunSummary.from_dict("copied-run", stored).run_id == "copied-run"


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ([], "not an object"),
        ({}, "state"),
        ({"state": "sleeping"}, "state"),
        ({"state": 3}, "state"),
        ({"state": "running", "step": "4"}, "step"),
        ({"state": "running", "step": True}, "step"),
        ({"state": "running", "last_metrics": []}, "last_metrics"),
    ],
)
def test_what_is_not_a_summary_says_why(value: object, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        RunSummary.from_dict("a-run", value)


def test_only_numbers_can_be_updated() -> None:
    allowed = ("step", "last_metrics")
    assert SUMMARY.updated({"step": 9}, allowed=allowed).step == 9
    with pytest.raises(RunError, match="got state; expected step, last_metrics"):
        SUMMARY.updated({"state": "completed"}, allowed=allowed)
    with pytest.raises(RunError, match="step = 'nine'"):
        SUMMARY.updated({"step": "nine"}, allowed=allowed)


def test_the_name_shown_is_the_label_then_the_name_then_the_id() -> None:
    labelled = SUMMARY.with_labels(Labels(display_name="Best one", tags=("a",)), live=True)
    assert labelled.display_name == "Best one"
    assert SUMMARY.display_name == "first"
    assert RunSummary("a-run", "created").display_name == "a-run"
    shown = labelled.as_dict()
    assert (shown["display_name"], shown["tags"], shown["note"]) == ("Best one", ("a",), "")
    assert "labels" not in shown


def test_labels_read_back_and_damaged_ones_are_refused() -> None:
    labels = Labels("Name", ("x", "y"), "Note")
    assert Labels.from_dict(loads(dumps(labels.as_dict()))) == labels
    for value in ([], {"tags": "x"}):
        with pytest.raises(ValueError, match=r"labels\.json"):
            Labels.from_dict(value)
