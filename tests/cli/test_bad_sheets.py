"""Timelines and regularizers that cannot be used, as somebody at the command line meets them.

Every message says where (row and column, or the setting), and what to do; nothing is written.
"""

from __future__ import annotations

from pathlib import Path

import pytest

CONFIG = """
data: {dataset: colors, sampling: weighted}
model: {kind: ae, latent_dim: 4, net: {kind: mlp, hidden: [4], output: sigmoid}}
regularizers:
  - {name: polar, kind: pin, anchor: [1, 0, 0, 0], labels: {red: 1.0}}
  - {name: norm, kind: unitarity}
schedule: {lr: null, dopesheet: sheet.csv}
training: {batch_size: 64, steps_per_epoch: 50}
analysis: {enabled: false}
"""
HEADER = "STEP,PHASE,ACTION,lr:log,reg-polar,reg-norm"
GOOD = f"{HEADER}\n0,Train,,0.01,0.1,0.1\n2,,,0.01,,\n"


def row(step: str, rate: str = "0.01", action: str = "") -> str:
    return f"{step},,{action},{rate},0.1,0.1"


def sheet(*rows: str, header: str = HEADER) -> str:
    return "\n".join([header, *rows, ""])


START, END = row("0"), row("20")
SHEETS = {
    "a column missing for an active regularizer": (
        sheet("0,,,0.01,0.1", "2,,,0.01,0.1", header="STEP,PHASE,ACTION,lr,reg-polar"),
        ["regularizer norm", "no column reg-norm", "Add the column, set weight, or"],
    ),
    "a column nobody reads": (
        GOOD.replace("reg-norm", "reg-norm,reg-nrom").replace(",0.1,0.1", ",0.1,0.1,0.1"),
        ["reg-nrom", "reads", "Did you mean reg-norm?"],
    ),
    "a typo in the space": (
        GOOD.replace("lr:log", "lr:lgo"),
        ["column lr:lgo", "linear, log", "Did you mean log?"],
    ),
    "a typo in the timing": (
        GOOD.replace("lr:log", "lr:log:minjrek"),
        ["column lr:log:minjrek", "minjerk, linear, step-end", "Did you mean minjerk?"],
    ),
    "a space left out": (
        GOOD.replace("lr:log", "lr:step-end"),
        ["column lr:step-end", "Write lr::step-end."],
    ),
    "a part of an interval that has no end": (
        sheet(START, END, row("+0.5")),
        ["row 3, column STEP", "no anchor after it", "Add such a row after it"],
    ),
    "a distance from nothing": (
        sheet(row("+5"), END),
        ["row 1, column STEP", "no anchor before it", "Add such a row before it"],
    ),
    "no number of a step": (
        sheet(START, row("1o")),
        ["row 2, column STEP cannot be read", "'1o'", "Correct the cell."],
    ),
    "two rows with one step": (
        sheet(START, row("10"), row("10")),
        ["row 3, column STEP does not rise", "row 2", "each step once"],
    ),
    "two rows that meet": (
        sheet(START, row("+10"), row("10")),
        ["row 3, column STEP repeats a step", "row 2", "Put both rows into one."],
    ),
    "a step that falls": (
        sheet(START, END, row("10")),
        ["row 3, column STEP does not rise", "row 2", "in the order of their steps"],
    ),
    "a step before the beginning": (
        sheet(row("-30"), END),
        ["row 1, column STEP is negative", "step -10", "Take away fewer steps"],
    ),
    "the logarithm of zero": (
        sheet(row("0", "0"), END),
        ["row 1, column lr:log has no logarithm", "above 0", "name the column lr, which is linear"],
    ),
    "text for a number": (
        sheet(START, row("20", "fast")),
        ["row 2, column lr:log is not a number", "'fast'", "Correct the cell, or clear it"],
    ),
    "infinity": (
        sheet(START, row("20", "inf")),
        ["row 2, column lr:log is not finite", "Correct the cell"],
    ),
    "an action nobody performs": (
        sheet(START, row("20", action="anchor-form-data-polar")),
        ["column ACTION", "row of step 20", "Did you mean anchor-from-data-polar?"],
    ),
    "an action without a name": (
        sheet(START, row("20", action='"dance,"')),
        ["row 2, column ACTION has an empty name", "Remove the extra comma."],
    ),
    "no rows": (sheet(), ["the dopesheet has no rows", "Add a row with STEP 0."]),
    "nothing": ("", ["is empty", "STEP, PHASE, ACTION", "Write one"]),
    "no column STEP": (
        GOOD.replace("STEP", "STP"),
        ["no column STEP", "Name the column of step numbers STEP"],
    ),
    "one property twice": (
        sheet("0,,,0.1,0.1,0.1,1", header=f"{HEADER},reg-norm:log"),
        ["two columns for reg-norm", "Merge or rename"],
    ),
}
SETTINGS = {
    'regularizers.0.labels={"rde": 1.0}': [
        "regularizer polar",
        "rde",
        "red, vibrant",
        "Did you mean red?",
    ],
    'data.concepts.scale={"rde": 0.5}': ["rde", "red, vibrant", "Correct data.concepts.scale."],
    "schedule.steps=1": ["longer than the run", "3 steps", "Lengthen the run"],
    "regularizers.1.column=lr": ["regularizer norm", "another meaning", "Set another column"],
    "regularizers.0.anchor=[1,0]": ["regularizer polar", "anchor", "[4]"],
}


@pytest.fixture
def refused(cli, tmp_path: Path):
    """Train with a sheet and settings; returns what is said when it is refused."""

    def train(text: str, *settings: str) -> str:
        (tmp_path / "run.yaml").write_text(CONFIG, encoding="utf-8")
        (tmp_path / "sheet.csv").write_text(text, encoding="utf-8")
        result = cli("train", "run.yaml", *settings)
        assert result.exit_code != 0
        assert not (tmp_path / "runs").exists()
        return " ".join(result.stderr.split())

    return train


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_that_cannot_be_used(refused, name: str) -> None:
    text, parts = SHEETS[name]
    said = refused(text)
    assert said.startswith("error: ")
    for part in parts:
        assert part in said


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_setting_that_does_not_fit(refused, setting: str) -> None:
    said = refused(GOOD, setting)
    for part in SETTINGS[setting]:
        assert part in said


def test_the_sheet_itself_is_fine(cli, tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "sheet.csv").write_text(GOOD, encoding="utf-8")
    assert cli("train", "run.yaml").exit_code == 0
