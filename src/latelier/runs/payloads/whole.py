"""Payloads of which a run has one."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from latelier.runs.payloads.base import Hex, Index, Part, Points, Real, Reals, Receipt


class SpritesLayout(Receipt):
    """Which thumbnail stands where in sprites.png, row by row."""

    count: Index
    tile: Annotated[int, Field(ge=1, description="Side of a thumbnail, pixels.")]
    columns: Annotated[int, Field(ge=1)]
    rows: Annotated[int, Field(ge=1)]
    dataset_idx: Points


class PointColors(Receipt):
    """What points that are colors look like."""

    dataset_idx: Points
    color: list[Hex] = Field(description="[N]")


class Column(Part):
    """One property of the schedule."""

    space: Literal["linear", "log"]
    timing: Literal["minjerk", "linear", "step-end"]
    keyframes: list[tuple[Index, float]] = Field(description="[[step, value], …]")
    values: Reals = Field(description="At the steps.")


class Phase(Part):
    """A named stretch, both ends included."""

    name: str
    start: Index
    end: Index


class Action(Part):
    """A named one-off."""

    step: Index
    name: str


class Timeline(Receipt):
    """The realized schedule."""

    length: Index = Field(description="Updates of the run.")
    steps: list[Index] = Field(max_length=1000, description="Steps at which values are given.")
    columns: dict[str, Column]
    phases: list[Phase]
    actions: list[Action]


class Knob(Part):
    """What to turn."""

    key: str = Field(description="Dotted path of a setting.")
    advice: str


class Finding(Part):
    """Something that went wrong."""

    rule: str
    severity: Literal["warning", "problem"]
    epoch: Index = Field(description="Of its onset.")
    step: Index
    title: str
    text: str
    evidence: dict[str, Real | Reals | str]
    knob: Knob


class Checked(Part):
    """A rule that was looked at."""

    rule: str
    applies: bool
    why: str | None = Field(None, description="Why it does not apply.")


class Diagnoses(Receipt):
    """What went wrong, since when, and the knob."""

    findings: list[Finding]
    checked: list[Checked]


class Checkpoint(BaseModel):
    """What a checkpoint holds; it has no receipt, and further fields that resuming reads."""

    model_config = ConfigDict(extra="allow", strict=True)

    step: Index
    epoch: Index
    files: dict[str, str] = Field(description="SHA-256 of each tensor file, by its name.")
    digest: str = Field(description="SHA-256 over those.")
