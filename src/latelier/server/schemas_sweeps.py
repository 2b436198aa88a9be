"""What the API takes and gives about sweeps; see `schemas`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from latelier.runs.payloads.walls import Map, WallBox, WallStep
from latelier.server.schemas import Body, Model, Number, State

SweepState = Literal["created", "running", "completed", "cancelled", "failed"]
Values = dict[str, Any]
Override = Annotated[str, Field(max_length=1000)]


class SweepHead(Model):
    """What the list and the detail of a sweep share."""

    sweep_id: str
    name: str
    state: SweepState
    reason: str | None = Field(None, description="Why it was cancelled or failed.")
    message: str | None = None
    created: str | None = Field(None, description="Times are UTC, ISO 8601.")
    started: str | None = None
    ended: str | None = None
    executor: str
    counts: dict[str, int] = Field(description="State of a run → variants in that state.")
    live: bool | None = Field(
        None, description="Whether a process carries it out; null unless running."
    )
    queue_position: int | None = Field(
        None, description="Place in the queue of this server, from 1; 0 while its process starts."
    )
    cancelling: bool = Field(False, description="Somebody asked it to stop, and it has not yet.")


class SweepRow(SweepHead):
    """One row of the list of sweeps."""

    variants: int = Field(description="How many.")


class SweepsPage(Model):
    """All sweeps that can be read, oldest first."""

    sweeps: list[SweepRow]


class LayoutAxis(Model):
    """One side of a grid."""

    key: str = Field(description="Key of each variant's ``places``.")
    labels: list[str]


class GridLayout(Model):
    """Variants by two axes."""

    kind: Literal["grid"]
    rows: LayoutAxis
    columns: LayoutAxis


class LayoutGroup(Model):
    """Variants that stand in one row."""

    label: str
    indices: list[int]


class GroupsLayout(Model):
    """Variants in groups."""

    kind: Literal["groups"]
    groups: list[LayoutGroup]


class FlatLayout(Model):
    """Variants in order."""

    kind: Literal["flat"]


Layout = Annotated[GridLayout | GroupsLayout | FlatLayout, Field(discriminator="kind")]


class SweepOptions(Model):
    """How a sweep is carried out."""

    max_workers: int | None = None
    grace: float | None = Field(None, description="Seconds that runs get when it is stopped.")
    address: str | None = None


class PlannedVariant(Model):
    """A variant, before there is a run of it."""

    index: int
    name: str
    slug: str = Field(description="The name as a safe file name.")
    values: Values = Field(description="What it changes: dotted key → value.")
    places: dict[str, str] = Field(description="Axis → where it stands there.")


class VariantRow(PlannedVariant):
    """A variant, joined with its run."""

    run_id: str
    evaluation: Values | None = None
    error: str | None = Field(None, description="What went wrong outside its run.")
    state: State
    reason: str | None = None
    message: str | None = None
    step: int = 0
    epoch: int = 0
    total_steps: int | None = None
    total_epochs: int | None = None
    duration_s: float | None = None
    live: bool | None = None
    metrics: dict[str, Number] = Field({})
    best_metrics: dict[str, Number] = Field({})


class MetricRow(Model):
    """Metrics of one variant."""

    index: int
    name: str
    run_id: str
    state: State
    last: dict[str, Number]
    best: dict[str, Number]


class MetricTable(Model):
    """Metrics of all variants by name."""

    directions: dict[str, Literal["min", "max"]] = Field(description="Which end is better.")
    columns: list[str] = Field(description="All metrics, those with a direction first.")
    rows: list[MetricRow]
    pareto: list[int] = Field(description="Completed variants that none beats in all directions.")
    missing: list[str] = Field(description="Metrics with a direction that no variant has.")


class WallInfo(Model):
    """The frames of a sweep's wall; ``/wall`` has the points too."""

    map: Map
    reference: int | None
    bounds: WallBox | None
    points: int = Field(description="How many sets of points there are.")
    steps: list[WallStep]


class SweepDetail(SweepHead):
    """One sweep, joined with the state of its runs."""

    options: SweepOptions
    definition: Values = Field(description="The section `sweep`, complete with every default.")
    base: Values = Field(description="The configuration that the variants change.")
    layout: Layout
    reference: int | None = Field(description="Variant that maps are aligned to.")
    resumable: bool
    variants: list[VariantRow]
    table: MetricTable
    wall: WallInfo | None = Field(description="Null until a variant has recorded a map.")


class PlanSweep(Body):
    """A configuration, and what varies."""

    preset: str | None = Field(None, max_length=200, description="Or the configuration itself:")
    config: Values | None = Field(None, description="Settings; a section `sweep` may be in it.")
    overrides: list[Override] = Field([], max_length=100)
    axes: list[Values] = Field([], max_length=8, description="More axes, as in /api/schema/sweep.")
    only: list[Override] = Field([], max_length=1000, description="Keep these variants only.")

    @model_validator(mode="after")
    def _one_source(self) -> PlanSweep:
        if (self.preset is None) == (self.config is None):
            raise ValueError("give either preset or config")
        return self


class CreateSweep(PlanSweep):
    """A sweep to make."""

    executor: Literal["local", "ensemble"] = "local"
    max_workers: int | None = Field(None, ge=1, le=256)
    grace: float | None = Field(None, ge=0, le=86_400, description="Seconds.")
    start: bool = Field(True, description="Put it into the queue.")


class SweepPlan(Model):
    """What a sweep would be."""

    name: str
    variants: list[PlannedVariant]
    layout: Layout
    reference: int | None


class SweepMade(Model):
    """The sweep that waits."""

    sweep_id: str
    queue_position: int | None = None


class TrashedSweep(Model):
    """A sweep in the trash."""

    name: str = Field(description="Its name there, for restoring.")
    sweep_id: str
    display_name: str
    state: SweepState
    created: str | None = None
    variants: int
    runs_in_trash: int = Field(description="Runs of its variants that are in the trash too.")


class SweepTrash(Model):
    """Sweeps in the trash, oldest first."""

    sweeps: list[TrashedSweep]


class SweepRestored(Model):
    """What came out of the trash."""

    sweep_id: str
    runs: int = Field(description="Runs that came with it.")
