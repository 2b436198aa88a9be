"""What the API takes and gives, as pydantic models: OpenAPI is made of these.

Large answers (lists of runs, metrics, events) are sent as they were read, without going through
these models again; tests check that they fit.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from latelier.runs.event_models import AnyEvent

State = Literal["created", "running", "completed", "cancelled", "failed", "unreadable"]
Epoch = Annotated[int, Field(ge=0, le=999_999_999)]
Number = float | None


class Model(BaseModel):
    """Base of answers: every field is always there."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)


class Body(BaseModel):
    """Base of requests: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class ProblemInfo(Model):
    """One setting that cannot be used, for a form to show beside its field."""

    path: str = Field(description="Dotted path of the setting; empty for the whole.")
    message: str
    got: str = ""
    expected: str = ""
    remedy: str = ""


class ErrorInfo(Model):
    """What went wrong."""

    what: str
    got: str | None = None
    expected: str | None = None
    remedy: str | None = None
    problems: list[ProblemInfo] = []


class ErrorBody(Model):
    """The body of every answer that is not a success."""

    error: ErrorInfo


class Parent(Model):
    """Where a forked run began."""

    model_config = ConfigDict(extra="allow")

    run_id: str
    epoch: int
    checkpoint_hash: str | None = None


class RunRow(Model):
    """One row of the list of runs."""

    run_id: str
    state: State
    reason: str | None = Field(None, description="Why it was cancelled, failed or is unreadable.")
    message: str | None = None
    name: str
    model_kind: str
    dataset: str
    seed: int | None = None
    created: str | None = Field(None, description="Times are UTC, ISO 8601.")
    started: str | None = None
    ended: str | None = None
    step: int
    epoch: int
    total_steps: int | None = None
    total_epochs: int | None = None
    duration_s: float | None = None
    last_metrics: dict[str, Number] = {}
    best_metrics: dict[str, Number] = {}
    version: str = ""
    parent: Parent | None = None
    display_name: str = Field(description="The label, else the name, else the id.")
    tags: list[str] = []
    note: str = ""
    live: bool | None = Field(None, description="Whether a process writes it; null unless running.")
    queue_position: int | None = Field(
        None, description="Place in the queue of this server, from 1; 0 while its process starts."
    )
    cancelling: bool = Field(False, description="Somebody asked it to stop, and it has not yet.")


class RunsPage(Model):
    """All runs, oldest first."""

    runs: list[RunRow]


class Snapshot(Model):
    """A frame inside the epoch that follows ``epoch`` complete passes."""

    epoch: int
    step: int


class ArtifactGroup(Model):
    """The artifacts of one kind that differ only in the epoch."""

    kind: str
    media_type: str
    keys: dict[str, int | str] = Field(description="Keys besides epoch and step.")
    epochs: list[int] = Field(description="Epochs for which there is one; empty if not per epoch.")
    snapshots: list[Snapshot] = []
    latest: bool = Field(description="Whether ``epoch=latest`` gives the newest.")


class CheckpointInfo(Model):
    """A checkpoint to resume or fork from."""

    epoch: int
    step: int | None = Field(None, description="Set if it was taken inside an epoch.")


class RunDetail(Model):
    """One run, whole but for its metrics, events and the content of its artifacts."""

    summary: RunRow
    config: dict[str, Any] | None = Field(description="The resolved configuration.")
    total_steps: int | None = None
    total_epochs: int | None = None
    steps_per_epoch: int | None = None
    device: str | None = None
    parameters: int | None = None
    capabilities: list[str] = Field(description="What the model offers; decides the panels.")
    artifacts: list[ArtifactGroup]
    checkpoints: list[CheckpointInfo]
    resumable: bool
    last_event_id: int
    computable: list[str] = Field(
        description="Kinds of artifacts that can be asked for, at any epoch with a checkpoint."
    )
    label_names: list[str] | None = Field(
        None, description="Name of each label, from 0; null where the run does not tell."
    )


class MetricsTables(Model):
    """Metrics as columns of equal length; see ``RunRecord.metrics``."""

    epochs: dict[str, list[Any]] = Field(description="A row per epoch: epoch, step, metrics.")
    steps: dict[str, list[Any]] = Field(description="A row per update: step, metrics.")


class EventsPage(Model):
    """Events in order."""

    events: list[AnyEvent]
    last_id: int = Field(description="Id of the last event of the answer, or ``after``.")
    more: bool = Field(description="Whether there are more: ask again with ``after=last_id``.")


class JobsInfo(Model):
    """The queue of this server."""

    queued: list[str]
    running: list[str]
    slots: int


class Health(Model):
    """What this server is."""

    version: str
    runs_dir: str
    read_only: bool
    token_required: bool
    base_path: str
    page: bool = Field(description="Whether the exported page is there.")
    jobs: JobsInfo
    worker: Literal["off", "starting", "ready", "busy"]
    streams: int


class PresetInfo(Model):
    """A ready configuration."""

    name: str
    description: str
    config: dict[str, Any]
    sweep: dict[str, Any] | None = Field(None, description="Its section `sweep`, if it has one.")


class Presets(Model):
    """All presets, by name."""

    presets: list[PresetInfo]
    default: str


class DatasetInfo(Model):
    """A data set by name."""

    name: str
    description: str
    kind: Literal["embedded", "procedural", "download", "path"]
    train: int
    test: int
    shape: list[int]
    label_names: list[str]
    license: str
    download_bytes: int
    ready: bool = Field(description="Whether it can be loaded without a download.")


class Datasets(Model):
    """All data sets."""

    datasets: list[DatasetInfo]


class CreateRun(Body):
    """A run to make."""

    config: dict[str, Any] = Field(description="Settings; see /api/schema. Missing ones: default.")
    start: bool = Field(True, description="Put it into the queue.")


class RunMade(Model):
    """The run that was made."""

    run_id: str
    queue_position: int | None = None


class ResumeRun(Body):
    """From where to go on."""

    epoch: Epoch | None = Field(None, description="That epoch's checkpoint instead of the newest.")


class ForkRun(Body):
    """From where to branch off, and what to change."""

    epoch: Epoch
    overrides: list[Annotated[str, Field(max_length=1000)]] = Field([], max_length=100)
    name: str | None = Field(None, max_length=200)
    start: bool = True


class LabelsPatch(Body):
    """What to change; what is left out stays."""

    display_name: str | None = Field(None, max_length=200)
    tags: list[Annotated[str, Field(min_length=1, max_length=64)]] | None = Field(
        None, max_length=32
    )
    note: str | None = Field(None, max_length=10_000)


class LabelsInfo(Model):
    """What people say about a run."""

    display_name: str
    tags: list[str]
    note: str


class TrashEntry(Model):
    """A run in the trash."""

    name: str = Field(description="Its name there, for restoring.")
    run_id: str
    display_name: str
    state: State
    created: str | None = None


class Trash(Model):
    """Runs in the trash, oldest first."""

    runs: list[TrashEntry]


class CostQuery(Body):
    """A configuration to estimate."""

    config: dict[str, Any]


class Cost(Model):
    """What a run would take, measured with a few steps of it."""

    steps: int
    epochs: int
    steps_per_epoch: int
    parameters: int
    device: str
    threads: int
    seconds_per_step: float
    seconds_per_epoch_analysis: float = Field(description="What recording an epoch adds.")
    seconds: float = Field(description="The whole run, analysis included.")
    measured_steps: int
    checkpoint_bytes: int
