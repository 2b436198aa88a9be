"""The record of a run: its folder, read and written. No torch, and quick to import."""

from latelier.runs.artifacts import ARTIFACTS, artifact_name, artifact_spec, parse_name
from latelier.runs.events import EVENT_TYPES, Event, EventTail, read_events
from latelier.runs.ids import is_run_id, new_run_id
from latelier.runs.liveness import Owner, is_alive
from latelier.runs.metrics import Metrics, fold_metrics
from latelier.runs.naming import LATEST, ArtifactSpec, delta_key
from latelier.runs.receipt import RECEIPT
from latelier.runs.record import RunRecord
from latelier.runs.requests import StartRequest, request_start, start_request, take_start
from latelier.runs.states import RunState
from latelier.runs.store import RunStore
from latelier.runs.summary import Labels, RunSummary
from latelier.runs.table import RunTable
from latelier.runs.writer import RunWriter

__all__ = [
    "ARTIFACTS",
    "EVENT_TYPES",
    "LATEST",
    "RECEIPT",
    "ArtifactSpec",
    "Event",
    "EventTail",
    "Labels",
    "Metrics",
    "Owner",
    "RunRecord",
    "RunState",
    "RunStore",
    "RunSummary",
    "RunTable",
    "RunWriter",
    "StartRequest",
    "artifact_name",
    "artifact_spec",
    "delta_key",
    "fold_metrics",
    "is_alive",
    "is_run_id",
    "new_run_id",
    "parse_name",
    "read_events",
    "request_start",
    "start_request",
    "take_start",
]
