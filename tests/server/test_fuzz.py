"""Whatever the document allows is answered as the document says, and never with a 5XX."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

from latelier.config.sweeps import load_sweep
from latelier.lab.sweeps.variants import create_sweep
from latelier.runs import RunRecord, RunStore
from latelier.server.app import create_app
from latelier.server.jobs import JobQueue
from latelier.server.settings import Settings

from .conftest import CONFIG


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, dict[str, str]]]:
    root = tmp_path_factory.mktemp("fuzzed")
    record = RunStore(root).create({"seed": 1}, label="x", model_kind="vae", dataset="digits")
    assert isinstance(record, RunRecord)
    section = {"axes": [{"kind": "seeds", "seeds": 2}]}
    sweep = create_sweep(load_sweep({**CONFIG, "sweep": section}), root)
    settings = Settings(runs_dir=root, warm=False, web_dir=Path("none"), max_streams=0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JobQueue, "start", lambda _: None)  # nothing of this is trained
        app = create_app(settings)
        found = schemathesis.openapi.from_asgi("/openapi.json", app, headers={"host": "localhost"})
        yield found, {"run_id": record.id, "sweep_id": sweep.id}


def test_the_document_holds(document: tuple[Any, dict[str, str]]) -> None:
    schema, known = document
    operations = [found.ok() for found in schema.exclude(path="/api/cost").get_all_operations()]
    assert len(operations) >= 24
    for operation in operations:

        @hypothesis_settings(
            max_examples=6,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def check(case: Any) -> None:
            for name in known.keys() & case.path_parameters.keys():
                if case.method != "DELETE" and len(case.path_parameters[name]) % 2:
                    case.path_parameters[name] = known[name]  # else nearly all are 404
            case.call_and_validate(
                headers={"host": "localhost"},
                checks=[not_a_server_error, response_schema_conformance],
            )

        check()
