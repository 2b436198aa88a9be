"""What the API answers, and that it fits what OpenAPI says."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from latelier.config import presets
from latelier.runs import RunRecord, RunStore, start_request
from latelier.server.routes.artifacts import ArtifactKeys
from latelier.server.schemas import (
    Datasets,
    ErrorBody,
    EventsPage,
    Health,
    MetricsTables,
    Presets,
    RunDetail,
    RunsPage,
    Trash,
)

Make = Callable[..., RunRecord]


# Runs


def test_the_list_has_every_run_and_fits_its_schema(client: TestClient, make_run: Make) -> None:
    first, second = make_run(), make_run("created", label="second")
    first.set_labels(display_name="Best", tags=("a",), note="n")
    page = RunsPage.model_validate(client.get("/api/runs").json())
    rows = {row.run_id: row for row in page.runs}
    assert set(rows) == {first.id, second.id}
    assert rows[first.id].display_name == "Best"
    assert rows[first.id].tags == ["a"]
    assert rows[second.id].display_name == "second"
    assert rows[second.id].state == "created"


def test_the_list_never_opens_events(client: TestClient, make_run: Make) -> None:
    run = make_run()
    run.path_of("events").write_bytes(b"not events")
    assert client.get("/api/runs").json()["runs"][0]["state"] == "completed"


def test_an_empty_folder_is_an_empty_list(client: TestClient, store: RunStore) -> None:
    assert client.get("/api/runs").json() == {"runs": []}
    assert not store.root.exists(), "looking does not make it"


def test_one_run_is_told_whole(client: TestClient, make_run: Make) -> None:
    run = make_run()
    detail = RunDetail.model_validate(client.get(f"/api/runs/{run.id}").json())
    assert detail.config is not None
    assert detail.config["seed"] == 7
    assert (detail.total_steps, detail.steps_per_epoch) == (40, 10)
    assert detail.capabilities == ["encode", "decode"]
    groups = {group.kind: group for group in detail.artifacts}
    assert set(groups) == {"latent_2d_pca", "sprites"}
    maps = groups["latent_2d_pca"]
    assert maps.epochs == [0, 1]
    assert maps.latest
    assert [(frame.epoch, frame.step) for frame in maps.snapshots] == [(0, 3)]
    assert groups["sprites"].epochs == []
    assert not detail.resumable, "it is completed"
    assert detail.last_event_id == sum(1 for _ in run.events())


def test_a_run_that_has_begun_nothing(client: TestClient, make_run: Make) -> None:
    run = make_run("created")
    detail = RunDetail.model_validate(client.get(f"/api/runs/{run.id}").json())
    assert detail.capabilities == []
    assert detail.artifacts == []
    assert detail.last_event_id == 1


def test_metrics_are_columns_without_nan(client: TestClient, make_run: Make) -> None:
    run = make_run()
    tables = MetricsTables.model_validate(client.get(f"/api/runs/{run.id}/metrics").json())
    assert tables.epochs["epoch"] == [1]
    assert tables.epochs["val/loss"] == [None]
    assert tables.epochs["train/loss"] == [1.5]


@pytest.mark.parametrize(
    "path", ["", "/metrics", "/events", "/artifacts/config", "/artifacts/sprites"]
)
def test_a_run_that_is_not_there(client: TestClient, make_run: Make, path: str) -> None:
    run = make_run()
    prefix = run.id[:-1]
    for run_id in ("20200101-000000-a-b-cccc", prefix):
        answer = client.get(f"/api/runs/{run_id}{path}")
        assert answer.status_code == 404
        assert ErrorBody.model_validate(answer.json()).error.what == "no such run"
        assert prefix == run_id or run.id not in answer.text


def test_corrupt_folders_among_good_ones(
    client: TestClient, make_run: Make, store: RunStore
) -> None:
    good, torn, empty = make_run(), make_run(), make_run()
    torn.path_of("summary").write_bytes(b'{"state": "runn')
    torn.path_of("config").write_bytes(b"[1, 2]")
    torn.path_of("labels").write_bytes(b"\xff")
    torn.path_of("events").write_bytes(b"garbage\nmore\n")
    for path in sorted(empty.path.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (store.root / "notes.txt").write_text("mine")
    (store.root / "a-folder-of-mine").mkdir()
    states = {row["run_id"]: row["state"] for row in client.get("/api/runs").json()["runs"]}
    assert states == {good.id: "completed", torn.id: "unreadable"}
    detail = RunDetail.model_validate(client.get(f"/api/runs/{torn.id}").json())
    assert detail.summary.reason
    assert detail.config is None
    assert not detail.resumable
    assert client.get(f"/api/runs/{torn.id}/events").json()["events"] == []
    assert client.get(f"/api/runs/{torn.id}/metrics").status_code in {200, 409}
    for action in ("resume", "cancel", "start"):
        assert client.post(f"/api/runs/{torn.id}/{action}").status_code == 409, action
    fork = client.post(f"/api/runs/{torn.id}/fork", json={"epoch": 1})
    assert fork.status_code == 409
    assert client.delete(f"/api/runs/{torn.id}").status_code == 204


# Labels and trash


def test_labels_change_alone(client: TestClient, make_run: Make) -> None:
    run = make_run()
    before = run.path_of("summary").read_bytes()
    path = f"/api/runs/{run.id}/labels"
    assert client.patch(path, json={"display_name": "A"}).json()["display_name"] == "A"
    answer = client.patch(path, json={"tags": ["x", "y", "x"], "note": "n"}).json()
    assert answer == {"display_name": "A", "tags": ["x", "y"], "note": "n"}
    assert client.patch(path, json={"display_name": ""}).json()["display_name"] == ""
    assert run.path_of("summary").read_bytes() == before
    for wrong in ({"tags": [""]}, {"note": "x" * 10_001}, {"name": "x"}, {"display_name": 3}):
        assert client.patch(path, json=wrong).status_code == 422, wrong


def test_trash_and_back(client: TestClient, make_run: Make) -> None:
    run = make_run()
    assert client.delete(f"/api/runs/{run.id}").status_code == 204
    assert client.get(f"/api/runs/{run.id}").status_code == 404
    entries = Trash.model_validate(client.get("/api/trash").json()).runs
    assert [(entry.name, entry.state) for entry in entries] == [(run.id, "completed")]
    assert client.post(f"/api/trash/{run.id}/restore").status_code == 200
    assert client.get(f"/api/runs/{run.id}").status_code == 200
    assert client.post(f"/api/trash/{run.id}/restore").status_code == 404


def test_a_run_being_written_is_not_trashed(client: TestClient, make_run: Make) -> None:
    run = make_run("created")
    with run.own() as writer:
        answer = client.delete(f"/api/runs/{run.id}")
        assert answer.status_code == 409
        assert "being written" in answer.json()["error"]["what"]
        writer.transition("failed", reason="error")
    assert client.delete(f"/api/runs/{run.id}?force=true").status_code == 204


def test_a_trashed_run_leaves_the_queue(client: TestClient, make_run: Make) -> None:
    run = make_run("created")
    client.post(f"/api/runs/{run.id}/start")
    client.delete(f"/api/runs/{run.id}")
    client.post(f"/api/trash/{run.id}/restore")
    assert start_request(run) is None


# Artifacts


def test_artifacts_come_by_kind_and_keys(client: TestClient, make_run: Make) -> None:
    run = make_run()
    path = f"/api/runs/{run.id}/artifacts/latent_2d_pca"
    first = client.get(f"{path}?epoch=0")
    assert first.json()["points"] == [0]
    assert "immutable" in first.headers["cache-control"]
    latest = client.get(f"{path}?epoch=latest")
    assert latest.json()["points"] == [1]
    assert "no-cache" in latest.headers["cache-control"]
    assert client.get(f"{path}?epoch=0&step=3").json()["points"] == []
    same = client.get(f"{path}?epoch=latest", headers={"if-none-match": latest.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    picture = client.get(f"/api/runs/{run.id}/artifacts/sprites")
    assert picture.headers["content-type"] == "image/png"
    assert "sandbox" in picture.headers["content-security-policy"]
    config = client.get(f"/api/runs/{run.id}/artifacts/config")
    assert config.json()["seed"] == 7
    head = client.head(f"{path}?epoch=0")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(first.content))


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("latent_2d_pca", 422),
        ("latent_2d_pca?epoch=9", 404),
        ("latent_2d_pca?epoch=-1", 422),
        ("latent_2d_pca?epoch=01", 422),
        ("latent_2d_pca?epoch=1e1", 422),
        ("latent_2d_pca?epoch=1&idx=2", 422),
        ("latent_2d_pca?epoch=1&path=x", 422),
        ("latent_2d_pca?epoch=latest&step=3", 422),
        ("sprites?epoch=1", 422),
        ("nothing?epoch=1", 404),
        ("owner", 404),
        ("owner_lock", 404),
        ("cancel", 404),
        ("start", 404),
        ("layer_grid?epoch=1&idx=1&layer_id=..", 422),
        ("upload?sha256=" + "A" * 64, 422),
    ],
)
def test_wrong_keys(client: TestClient, make_run: Make, query: str, status: int) -> None:
    run = make_run()
    answer = client.get(f"/api/runs/{run.id}/artifacts/{query}")
    assert answer.status_code == status, answer.text
    assert ErrorBody.model_validate(answer.json())


def test_a_large_artifact_is_sent_in_parts(
    client: TestClient, make_run: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    from latelier.server.routes import artifacts

    run = make_run()
    path = f"/api/runs/{run.id}/artifacts/sprites"
    whole = client.get(path).content
    monkeypatch.setattr(artifacts, "_WHOLE", 1)
    parts = client.get(path)
    assert parts.content == whole
    assert parts.headers["content-type"] == "image/png"


def test_every_key_of_the_table_is_a_parameter() -> None:
    from latelier.runs.naming import FIELDS

    assert set(ArtifactKeys.model_fields) == set(FIELDS)


# Events


def test_events_come_in_pages(client: TestClient, make_run: Make) -> None:
    run = make_run()
    path = f"/api/runs/{run.id}/events"
    whole = EventsPage.model_validate(client.get(path).json())
    assert [event.id for event in whole.events] == list(range(1, whole.last_id + 1))
    assert not whole.more
    assert whole.last_id == len(list(run.events()))
    seen, after, more = [], 0, True
    while more:
        page = client.get(f"{path}?after={after}&limit=3").json()
        seen += page["events"]
        after, more = page["last_id"], page["more"]
    assert seen == client.get(path).json()["events"]
    beyond = client.get(f"{path}?after=99").json()
    assert beyond == {"events": [], "last_id": 99, "more": False}
    for wrong in ("after=-1", "after=x", "limit=0", "limit=10001"):
        assert client.get(f"{path}?{wrong}").status_code == 422


# The catalog


def test_the_catalog_fits_its_schema(client: TestClient, app: FastAPI) -> None:
    found = Presets.model_validate(client.get("/api/presets").json())
    assert [preset.name for preset in found.presets] == [preset.name for preset in presets()]
    assert found.default in [preset.name for preset in found.presets]
    assert all(preset.config["schedule"] for preset in found.presets)
    rows = Datasets.model_validate(client.get("/api/datasets").json()).datasets
    embedded = {row.name: row for row in rows if row.kind == "embedded"}
    assert set(embedded) == {"mnist-5k", "digits"}
    assert embedded["digits"].ready
    assert client.get("/api/schema").json()["properties"]["model"]
    assert Health.model_validate(client.get("/api/health").json()).page


def test_every_preset_can_be_posted_back(client: TestClient) -> None:
    for preset in client.get("/api/presets").json()["presets"]:
        body = {"config": preset["config"], "start": False}
        answer = client.post("/api/runs", json=body)
        assert answer.status_code == 201, (preset["name"], answer.text)


# Making runs


def test_a_run_is_made_and_waits(client: TestClient, store: RunStore) -> None:
    config = {"name": "mine", "data": {"dataset": "digits"}, "tags": ["t"]}
    answer = client.post("/api/runs", json={"config": config})
    assert answer.status_code == 201
    made = answer.json()
    assert made["queue_position"] == 1
    record = store.open(made["run_id"])
    assert record.config()["name"] == "mine"
    assert record.config()["training"]["batch_size"] == 128, "complete with defaults"
    assert record.summary().name == "mine"
    second = client.post("/api/runs", json={"config": config}).json()
    assert second["queue_position"] == 2
    row = client.get("/api/runs").json()["runs"][-1]
    assert row["queue_position"] in {1, 2}
    third = client.post("/api/runs", json={"config": config, "start": False}).json()
    assert third["queue_position"] is None
    assert client.post(f"/api/runs/{third['run_id']}/start").json()["queue_position"] == 3


def test_wrong_settings_are_told_by_field(client: TestClient, store: RunStore) -> None:
    config = {"training": {"batch_size": 0}, "schedule": {"epochz": 3}, "seed": "x"}
    answer = client.post("/api/runs", json={"config": config})
    assert answer.status_code == 422
    problems = {problem["path"]: problem for problem in answer.json()["error"]["problems"]}
    assert set(problems) == {"training.batch_size", "schedule.epochz", "seed"}
    assert "schedule.epochs" in problems["schedule.epochz"]["remedy"]
    assert store.list() == []


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ({"data": {"dataset": "npz", "path": "/etc/passwd"}}, "data.path"),
        ({"data": {"root": "/etc"}}, "data.root"),
        ({"data": {"dataset": "given"}}, "data.dataset"),
        ({"schedule": {"dopesheet": "/etc/passwd"}}, "schedule.dopesheet"),
        ({"model": {"kind": "vae", "net": {"kind": "custom", "encoder": "os:system"}}},
         "model.net.kind"),
        ({"model": {"kind": "module", "module": "os:system"}}, "model.kind"),
    ],
)  # fmt: skip
def test_nothing_of_the_machine_is_reached(
    client: TestClient, make_run: Make, config: dict[str, object], path: str
) -> None:
    for target in ("/api/runs", "/api/cost"):
        answer = client.post(target, json={"config": config})
        assert answer.status_code == 422
        assert [problem["path"] for problem in answer.json()["error"]["problems"]] == [path]
        assert "root:" not in answer.text
    run = make_run("failed", reason="error")
    ((section, fields),) = config.items()
    overrides = [f"{section}.{name}={json.dumps(value)}" for name, value in fields.items()]  # type: ignore[attr-defined]
    answer = client.post(f"/api/runs/{run.id}/fork", json={"epoch": 1, "overrides": overrides})
    assert answer.status_code == 422


def test_a_folder_that_was_named_may_be_read(
    settings: object, tmp_path: Path, store: RunStore
) -> None:
    from dataclasses import replace

    from latelier.config.errors import ConfigError
    from latelier.server.launching import checked_config
    from latelier.server.settings import Settings

    assert isinstance(settings, Settings)
    allowed = replace(settings, data_dirs=(tmp_path / "data",))
    (tmp_path / "data").mkdir()
    inside = {"data": {"dataset": "npz", "path": str(tmp_path / "data" / "x.npz")}}
    assert checked_config(inside, allowed).data.path
    for outside in (tmp_path / "data" / ".." / "x.npz", tmp_path / "database.npz"):
        with pytest.raises(ConfigError, match="may not read"):
            checked_config({"data": {"dataset": "npz", "path": str(outside)}}, allowed)


def test_runs_from_python_are_left_to_python(client: TestClient, store: RunStore) -> None:
    config = {"data": {"dataset": "given"}, "model": {"kind": "vae"}}
    run = store.create(config, label="x", model_kind="vae", dataset="given")
    for action, body in (("start", None), ("resume", None), ("fork", {"epoch": 0})):
        answer = client.post(f"/api/runs/{run.id}/{action}", json=body)
        assert answer.status_code == 409, action
        assert "Python" in answer.json()["error"]["what"]


def test_what_cannot_go_on(client: TestClient, make_run: Make) -> None:
    done, failed = make_run(), make_run("failed", reason="error")
    assert client.post(f"/api/runs/{done.id}/resume").status_code == 409
    assert client.post(f"/api/runs/{done.id}/cancel").status_code == 409
    answer = client.post(f"/api/runs/{failed.id}/resume", json={"epoch": 5})
    assert answer.status_code == 422
    assert "checkpoint" in answer.json()["error"]["what"]
    assert client.post(f"/api/runs/{failed.id}/resume", json={"epoch": -1}).status_code == 422
    fork = client.post(f"/api/runs/{failed.id}/fork", json={"epoch": 1})
    assert fork.status_code == 409
    assert start_request(failed) is None
