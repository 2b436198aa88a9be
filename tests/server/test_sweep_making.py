"""Sweeps that are asked for over HTTP: what they may hold, and what they may not reach."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from latelier.runs import RunStore, start_request
from latelier.runs.sweep_store import SweepStore
from latelier.runs.sweeps import SweepRecord
from latelier.server.app import create_app
from latelier.server.schemas_sweeps import (
    SweepMade,
    SweepPlan,
)
from latelier.server.settings import Settings

from .conftest import CONFIG, SWEPT, TOKEN


def test_a_sweep_is_made_of_a_configuration(client: TestClient, sweeps: SweepStore) -> None:
    body = {"config": SWEPT, "max_workers": 3, "grace": 2, "executor": "ensemble"}
    answer = client.post("/api/sweeps", json={**body, "start": False})
    assert answer.status_code == 201
    made = SweepMade.model_validate(answer.json())
    assert made.queue_position is None
    record = sweeps.open(made.sweep_id)
    assert start_request(record) is None
    sweep = record.read()
    assert (sweep.executor, sweep.options["max_workers"], sweep.options["grace"]) == (
        "ensemble",
        3,
        2,
    )
    assert [run.summary().state for run in record.runs()] == ["created", "created"]


def test_a_preset_may_be_changed_and_seen_beforehand(client: TestClient, store: RunStore) -> None:
    body = {"preset": "color/quick", "overrides": ["training.batch_size=32", "sweep.name=mine"]}
    answer = client.post("/api/sweeps/preview", json=body)
    plan = SweepPlan.model_validate(answer.json())
    assert (plan.name, len(plan.variants), plan.reference) == ("mine", 31, 30)
    assert plan.layout.kind == "groups"
    assert plan.variants[0].name == "polar"
    assert not store.root.exists(), "nothing was written"
    fewer = {**body, "only": ["polar", "polar + norm"], "axes": [{"kind": "seeds", "seeds": 2}]}
    plan = SweepPlan.model_validate(client.post("/api/sweeps/preview", json=fewer).json())
    assert len(plan.variants) == 4


RANDOM = {"kind": "random", "samples": 10**9, "keys": {"seed": [1]}}
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({}, "either preset or config"),
    ({"preset": "color/quick", "config": {}}, "either preset or config"),
    ({"preset": "color/none"}, "no preset has that name"),
    ({"preset": "../../etc/passwd"}, "no preset has that name"),
    ({"config": CONFIG}, "no section sweep"),
    ({"config": SWEPT, "executor": "ray"}, "local"),
    ({"config": SWEPT, "address": "evil.example"}, "Extra inputs"),
    ({"config": SWEPT, "max_workers": 0}, "greater than or equal to 1"),
    ({"config": SWEPT, "only": ["beta=7"]}, "no such variants"),
    ({"config": SWEPT, "overrides": ["objective.bet=7"]}, "bet"),
    ({"config": SWEPT, "axes": [{"kind": "seeds", "seeds": 501}]}, "too many variants"),
    ({"config": SWEPT, "axes": [RANDOM]}, "too many variants"),
]


def test_what_cannot_be_made(client: TestClient, store: RunStore) -> None:
    for body, said in REFUSED:
        for path in ("", "/preview"):
            of_making = path and body.keys() & {"executor", "address", "max_workers"}
            answer = client.post(f"/api/sweeps{path}", json=body)
            assert answer.status_code == 422, body
            assert ("Extra inputs" if of_making else said) in answer.text
    assert not store.root.exists()


def grid(key: str, value: Any) -> dict[str, Any]:
    return {"kind": "grid", "keys": {key: [value]}}


FORBIDDEN: list[tuple[str, Any]] = [
    ("data.path", "/etc/passwd"),
    ("data", {"dataset": "npz", "path": "/etc/passwd"}),
    (" data . path ", "/etc/passwd"),
    ("data.root", "/etc"),
    ("data.dataset", "given"),
    ("schedule.dopesheet", "/etc/passwd"),
    ("schedule", {"dopesheet": "/etc/passwd"}),
    ("model.net.kind", "custom"),
    ("model.net", {"kind": "custom", "encoder": "os:getcwd"}),
    ("model", {"kind": "vae", "net": {"kind": "custom", "encoder": "os:getcwd"}}),
    ("model.kind", "module"),
]


def axes_of(key: str, value: Any) -> list[dict[str, Any]]:
    """Every kind of axis that can give a setting a value."""
    listed = {"kind": "list", "variants": [{"name": "a", "values": {key: value}}]}
    on, off = {"on": {key: value}}, {"on": {"seed": 1}, "off": {key: value}}
    return [
        grid(key, value),
        listed,
        {"kind": "random", "samples": 1, "keys": {key: [value]}},
        {"kind": "subsets", "parts": {"a": on}},
        {"kind": "subsets", "parts": {"a": off}, "include_empty": True},
    ]


def test_no_axis_reaches_beyond(
    client: TestClient, store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "latelier.config.loading.read_dopesheet_rows", lambda _: pytest.fail("it was opened")
    )
    cases = [(key, axis) for key, value in FORBIDDEN for axis in axes_of(key, value)]
    for number, (key, axis) in enumerate(cases):
        body: dict[str, Any] = {"config": CONFIG, "axes": [axis]}
        if number % 2:
            body = {"config": {**CONFIG, "sweep": {"axes": [axis]}}}
        answer = client.post("/api/sweeps", json=body)
        assert answer.status_code == 422, (key, axis)
        what = answer.json()["error"]["what"]
        assert any(word in what for word in ("server", "Python")), what
    assert not store.root.exists()


def test_no_override_reaches_beyond(client: TestClient) -> None:
    for source in ({"preset": "color/quick"}, {"config": SWEPT}):
        for override in ("data.path=/etc/passwd", "schedule.dopesheet=/etc/passwd"):
            answer = client.post("/api/sweeps", json={**source, "overrides": [override]})
            assert answer.status_code == 422
            assert "server" in answer.json()["error"]["what"]


def test_data_of_a_folder_that_may_be_read(
    settings: Settings, store: RunStore, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    allowed = TestClient(
        create_app(replace(settings, data_dirs=(folder,))),
        base_url="http://127.0.0.1:6283",
        headers={"authorization": f"Bearer {TOKEN}"},
    )
    config = {**CONFIG, "data": {"dataset": "npz", "path": str(folder / "a.npz")}}
    body = {"config": config, "axes": [grid("data.path", str(folder / "b.npz"))], "start": False}
    assert allowed.post("/api/sweeps", json=body).status_code == 201
    body["axes"] = [grid("data.path", str(folder / ".." / "c.npz"))]
    assert allowed.post("/api/sweeps", json=body).status_code == 422


def test_who_only_reads_changes_nothing(settings: Settings, sweep: SweepRecord) -> None:
    app = create_app(replace(settings, read_only=True))
    client = TestClient(
        app, base_url="http://127.0.0.1:6283", headers={"authorization": f"Bearer {TOKEN}"}
    )
    assert client.get(f"/api/sweeps/{sweep.id}").status_code == 200
    for method, path in (
        ("POST", ""),
        ("POST", f"/{sweep.id}/cancel"),
        ("POST", f"/{sweep.id}/resume"),
        ("DELETE", f"/{sweep.id}"),
    ):
        assert client.request(method, f"/api/sweeps{path}", json={}).status_code == 403
