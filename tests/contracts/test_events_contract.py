"""Every type of event: written, read, typed and documented; and lines of earlier versions."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from latelier.runs import EVENT_TYPES, Event, read_events
from latelier.runs.event_models import (
    ANY_EVENT,
    EVENT_MODELS,
    AnyEvent,
    UnknownEvent,
    typed_event,
)
from latelier.runs.events import EventLog
from latelier.runs.states import TRANSITIONS, event_type
from latelier.runs.summary import SUMMARY_FIELDS

SPEC = Path(__file__).parents[2] / "docs" / "spec.md"
EXAMPLES: dict[str, dict[str, Any]] = {
    "run.created": {"name": "", "model_kind": "vae", "dataset": "digits", "version": "0.1.0"},
    "run.started": {"total_steps": 10, "device": "cpu"},
    "run.resumed": {"from_step": 3},
    "run.completed": {"duration_s": 1.5},
    "run.cancelled": {},
    "run.failed": {"reason": "non_finite", "terms": ["loss"], "batch_indices": [1, 2]},
    "train.progress": {"steps_per_s": 3.5, "eta_s": None},
    "train.metrics": {"scope": "steps", "step": [1, 2], "train/loss": [0.5, None]},
    "phase.started": {"phase": "warm-up"},
    "action.performed": {"action": "fit", "components": 10},
    "artifact.created": {
        "kind": "scores",
        "path": "scores/scores_epoch_1.json",
        "keys": {"epoch": 1},
        "media_type": "application/json",
        "bytes": 10,
    },
    "projection.progress": {"method": "umap", "done": 0.5},
    "eval.progress": {"done": 3, "total": 10},
    "log.warning": {"message": "hot"},
}


def test_there_is_a_model_and_an_example_for_every_type() -> None:
    assert list(EVENT_MODELS) == list(EVENT_TYPES) == list(EXAMPLES)


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_every_type_is_written_read_and_typed(tmp_path: Path, name: str) -> None:
    path = tmp_path / "events.jsonl"
    log = EventLog(path, "a-run")
    log.append(name, EXAMPLES[name], step=4, epoch=1)
    log.close()
    (event,) = read_events(path)
    typed = typed_event(event)
    assert type(typed) is EVENT_MODELS[name]
    assert typed.model_dump(exclude_unset=True) == event.as_dict()
    assert ANY_EVENT.validate_python(event.as_dict()) == typed


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_required_fields_are_required(name: str) -> None:
    for field, info in _data_model(name).model_fields.items():
        data = {key: value for key, value in EXAMPLES[name].items() if key != field}
        event = Event(1, name, "", "a-run", 0, 0, data)
        if info.is_required():
            with pytest.raises(ValidationError):
                typed_event(event)
        else:
            typed_event(event)


def test_later_types_and_fields_are_tolerated() -> None:
    later = Event(1, "dream.began", "", "a-run", 0, 0, {"depth": 3})
    assert isinstance(typed_event(later), UnknownEvent)
    known = Event(1, "log.warning", "", "a-run", 0, 0, {"message": "hot", "degrees": 40})
    assert typed_event(known).model_dump()["data"]["degrees"] == 40


def test_openapi_gets_a_union_told_apart_by_type() -> None:
    schema = TypeAdapter(AnyEvent).json_schema()
    assert schema["discriminator"]["propertyName"] == "type"
    assert set(schema["discriminator"]["mapping"]) == set(EVENT_TYPES)
    assert len(schema["oneOf"]) == len(EVENT_TYPES)
    assert len(get_args(get_args(AnyEvent)[0])) == len(EVENT_TYPES)


def test_changes_of_state_have_an_event() -> None:
    changes = {
        event_type(before, after) for before, states in TRANSITIONS.items() for after in states
    }
    assert changes | {"run.created"} == {name for name in EVENT_TYPES if name.startswith("run.")}


def _data_model(name: str) -> type[BaseModel]:
    model = EVENT_MODELS[name].model_fields["data"].annotation
    assert isinstance(model, type)
    assert issubclass(model, BaseModel)
    return model


def _section(title: str) -> str:
    text = SPEC.read_text(encoding="utf-8")
    return text.partition(f"## {title}")[2].partition("\n## ")[0]


def test_every_field_of_every_type_is_documented_and_no_other() -> None:
    rows = re.findall(r"^\| `([a-z.]+)` \| `(\w+)` \| (required)?", _section("4. Events"), re.M)
    assert len(rows) == len(set(rows))
    expected = {
        (name, field, "required" if info.is_required() else "")
        for name in EVENT_TYPES
        for field, info in _data_model(name).model_fields.items()
    }
    assert set(rows) == expected


def test_the_envelope_is_documented() -> None:
    part = _section("4. Events").partition("Fields of `data`")[0]
    envelope = re.findall(r"^\| `(\w+)` \|", part, re.M)
    assert envelope == list(Event(1, "log.warning", "", "a-run", 0, 0).as_dict())


def test_the_summary_is_documented() -> None:
    part = _section("2. The files of the record").partition("Fields of `summary.json`")[2]
    fields = re.findall(r"^\| `(\w+)` \|", part, re.M)
    assert sorted(fields) == sorted(["schema_version", "run_id", *SUMMARY_FIELDS])


def test_the_states_are_documented() -> None:
    rows = re.findall(r"^\| (\w+) \| (\w+) \| `([a-z.]+)` \|", _section("3. States"), re.M)
    expected = {
        (str(before), str(after), event_type(before, after))
        for before, states in TRANSITIONS.items()
        for after in states
    }
    assert set(rows) == expected
    assert len(rows) == len(expected)
