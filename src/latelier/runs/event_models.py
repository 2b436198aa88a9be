"""The events as pydantic models: a union told apart by ``type``, for validation and OpenAPI.

Importing this costs a tenth of a second, so the reader and the writer of events do without it.
Fields are only ever added, and unknown ones are kept.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from latelier.runs.events import EVENT_VERSION, Event


class _Open(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)


class RunCreatedData(_Open):
    """The run exists; nothing has been computed."""

    name: str
    model_kind: str
    dataset: str
    seed: int | None = None
    version: str
    parent: dict[str, Any] | None = None


class RunStartedData(_Open):
    """The first update is about to be made."""

    total_steps: int | None = None
    total_epochs: int | None = None
    steps_per_epoch: int | None = None
    device: str | None = None
    threads: int | None = None
    parameters: int | None = None
    capabilities: list[str] | None = None
    data: dict[str, Any] | None = None
    data_sha256: str | None = None
    config_sha256: str | None = None
    watched: bool | None = None


class RunResumedData(RunStartedData):
    """Training goes on from a checkpoint; metrics from ``from_step`` on are void."""

    from_step: int = Field(ge=0)


class RunCompletedData(_Open):
    """Training and the analysis queued for the run are done."""

    duration_s: float | None = None


class RunCancelledData(_Open):
    """Somebody asked the run to stop, and it did."""

    duration_s: float | None = None
    reason: str | None = None


class RunFailedData(_Open):
    """The run stopped on its own: an error, or its process is gone (``interrupted``)."""

    reason: str
    message: str | None = None
    terms: list[str] | None = None
    batch_indices: list[int] | None = None
    duration_s: float | None = None


class TrainProgressData(_Open):
    """How far training is; at most twice a second."""

    total_steps: int | None = None
    total_epochs: int | None = None
    loss: float | None = None
    steps_per_s: float | None = None
    examples_per_s: float | None = None
    eta_s: float | None = None
    phase: str | None = None


class TrainMetricsData(_Open):
    """Metrics: one row (``epoch``: values) or several (``steps``: lists as long as ``step``)."""

    scope: Literal["epoch", "steps"]
    step: list[int] | None = None


class PhaseStartedData(_Open):
    """A phase of the timeline begins with the next update."""

    phase: str


class ActionPerformedData(_Open):
    """An action of the timeline was performed; further fields say with what result."""

    action: str


class ArtifactCreatedData(_Open):
    """A file of the name table was written."""

    kind: str
    path: str
    keys: dict[str, int | str]
    latest: str | None = None
    media_type: str
    bytes: int = Field(ge=0)
    compute_ms: float | None = None


class ProjectionProgressData(_Open):
    """A slow projection is being computed."""

    method: str
    done: float = Field(ge=0, le=1)


class EvalProgressData(_Open):
    """An evaluation is being computed."""

    done: int = Field(ge=0)
    total: int = Field(ge=0)
    what: str | None = None


class LogWarningData(_Open):
    """Something a person should know; the run goes on."""

    message: str
    code: str | None = None


class _Envelope(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)

    v: int = EVENT_VERSION
    id: int = Field(ge=1)
    time: str
    run_id: str
    step: int = Field(ge=0)
    epoch: int = Field(ge=0)


class RunCreated(_Envelope):
    """See `RunCreatedData`."""

    type: Literal["run.created"]
    data: RunCreatedData


class RunStarted(_Envelope):
    """See `RunStartedData`."""

    type: Literal["run.started"]
    data: RunStartedData


class RunResumed(_Envelope):
    """See `RunResumedData`."""

    type: Literal["run.resumed"]
    data: RunResumedData


class RunCompleted(_Envelope):
    """See `RunCompletedData`."""

    type: Literal["run.completed"]
    data: RunCompletedData


class RunCancelled(_Envelope):
    """See `RunCancelledData`."""

    type: Literal["run.cancelled"]
    data: RunCancelledData


class RunFailed(_Envelope):
    """See `RunFailedData`."""

    type: Literal["run.failed"]
    data: RunFailedData


class TrainProgress(_Envelope):
    """See `TrainProgressData`."""

    type: Literal["train.progress"]
    data: TrainProgressData


class TrainMetrics(_Envelope):
    """See `TrainMetricsData`."""

    type: Literal["train.metrics"]
    data: TrainMetricsData


class PhaseStarted(_Envelope):
    """See `PhaseStartedData`."""

    type: Literal["phase.started"]
    data: PhaseStartedData


class ActionPerformed(_Envelope):
    """See `ActionPerformedData`."""

    type: Literal["action.performed"]
    data: ActionPerformedData


class ArtifactCreated(_Envelope):
    """See `ArtifactCreatedData`."""

    type: Literal["artifact.created"]
    data: ArtifactCreatedData


class ProjectionProgress(_Envelope):
    """See `ProjectionProgressData`."""

    type: Literal["projection.progress"]
    data: ProjectionProgressData


class EvalProgress(_Envelope):
    """See `EvalProgressData`."""

    type: Literal["eval.progress"]
    data: EvalProgressData


class LogWarning(_Envelope):
    """See `LogWarningData`."""

    type: Literal["log.warning"]
    data: LogWarningData


class UnknownEvent(_Envelope):
    """An event of a type that a later version added."""

    type: str
    data: dict[str, Any]


AnyEvent = Annotated[
    RunCreated
    | RunStarted
    | RunResumed
    | RunCompleted
    | RunCancelled
    | RunFailed
    | TrainProgress
    | TrainMetrics
    | PhaseStarted
    | ActionPerformed
    | ArtifactCreated
    | ProjectionProgress
    | EvalProgress
    | LogWarning,
    Field(discriminator="type"),
]
EVENT_MODELS: dict[str, type[_Envelope]] = {
    model.model_fields["type"].annotation.__args__[0]: model
    for model in AnyEvent.__origin__.__args__  # type: ignore[attr-defined]
}
ANY_EVENT: TypeAdapter[Any] = TypeAdapter(AnyEvent)


def typed_event(event: Event) -> _Envelope:
    """Check an event against the model of its type.

    Returns:
        The model; an `UnknownEvent` if this version does not know the type.

    Raises:
        pydantic.ValidationError: If a field of a known type is missing or wrong.
    """
    return EVENT_MODELS.get(event.type, UnknownEvent).model_validate(event.as_dict())
