"""Artifacts on demand over HTTP, of a run that was really trained, by real worker processes."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from latelier.runs import RunRecord
from latelier.runs.verify import verify
from latelier.server.app import create_app
from latelier.server.schemas import RunDetail
from latelier.server.schemas_computed import ArtifactMade, ComputationInfo, ComputationsPage
from latelier.server.services import Services
from latelier.server.settings import Settings
from latelier.server.tables import quick_table, slow_table

Train = Callable[..., RunRecord]


@pytest.fixture(scope="module")
def api(root: Path) -> Iterator[TestClient]:
    """One app with warm workers for all tests: starting torch takes longer than they do."""
    app = create_app(Settings(runs_dir=root, warm=False))
    with TestClient(app, base_url="http://localhost:6283") as client:
        yield client


def ask(api: TestClient, run: RunRecord, kind: str, **wish: Any) -> Any:
    return api.post(f"/api/runs/{run.id}/artifacts/{kind}", json=wish)


def follow(api: TestClient, name: str, *, seconds: float = 120) -> list[ComputationInfo]:
    limit, seen = time.monotonic() + seconds, []
    while not seen or seen[-1].state in {"waiting", "running"}:
        assert time.monotonic() < limit, seen[-1]
        seen.append(ComputationInfo.model_validate(api.get(f"/api/computations/{name}").json()))
        time.sleep(0.01)
    return seen


def files_but_the_lock(run: RunRecord) -> list[str]:
    """Files of a run; the one by which processes take turns is there after the first request."""
    return sorted(name for name, _ in run.files() if name != "compute.lock")


def announced(run: RunRecord, kind: str, **keys: Any) -> int:
    made = [event.data for event in run.events() if event.type == "artifact.created"]
    return sum(data["kind"] == kind and keys.items() <= data["keys"].items() for data in made)


def leftovers(run: RunRecord) -> list[str]:
    return [path.name for path in run.path.rglob("*.tmp")]


def test_the_detail_says_what_can_be_asked(api: TestClient, run: RunRecord) -> None:
    detail = RunDetail.model_validate(api.get(f"/api/runs/{run.id}").json())
    assert detail.label_names == [str(digit) for digit in range(10)]
    assert {"posterior_local", "prior_component", "decode_point"} < set(detail.computable)
    assert {"latent_2d_umap", "posterior_2d_pca", "trust_2d_pca"} < set(detail.computable)


def test_samples_are_made_once_and_found_again(api: TestClient, run: RunRecord) -> None:
    wish = {"epoch": "latest", "idx": 3, "m": 4}
    first = ask(api, run, "posterior_local", **wish)
    assert first.status_code == 200, first.text
    made = ArtifactMade.model_validate(first.json())
    assert (made.kind, made.state, made.cached) == ("posterior_local", "done", False)
    assert made.keys == {"epoch": 2, "idx": 3, "m": 4}
    path = f"/api/runs/{run.id}/artifacts/posterior_local"
    payload = api.get(path, params=made.keys).json()
    assert (payload["epoch"], payload["m"], len(payload["z"])) == (2, 4, 4)
    picture = api.get(f"{path}_image", params=made.keys)
    assert picture.content.startswith(b"\x89PNG")
    again = ask(api, run, "posterior_local_image", **wish, seed=None).json()
    assert (again["cached"], again["keys"], again["kind"]) == (True, made.keys, made.kind)
    assert again["compute_ms"] == payload["compute_ms"]
    assert announced(run, "posterior_local", **made.keys) == 1
    other = ask(api, run, "posterior_local", **wish, seed=5).json()
    assert (other["cached"], other["keys"]["seed"]) == (False, 5)
    kept = api.get(path, params=other["keys"]).json()
    assert kept["sample_seed"] == 5
    assert kept["z"] != payload["z"]


def test_a_default_option_is_no_other_artifact(api: TestClient, run: RunRecord) -> None:
    wish = {"epoch": 1, "idx": 1, "to": 7, "m": 5}
    plain = ask(api, run, "interpolation", **wish).json()
    assert plain["keys"] == wish
    same = ask(api, run, "interpolation", **wish, mode="linear").json()
    assert (same["cached"], same["keys"]) == (True, wish)
    other = ask(api, run, "interpolation", **wish, mode="spherical").json()
    assert (other["cached"], other["keys"]) == (False, {**wish, "mode": "spherical"})


def test_equal_requests_compute_once(api: TestClient, run: RunRecord) -> None:
    wish = {"epoch": 1, "idx": 11, "m": 9}
    answers: list[Any] = []
    threads = [
        threading.Thread(target=lambda: answers.append(ask(api, run, "posterior_local", **wish)))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [200] * 6
    assert announced(run, "posterior_local", **wish) == 1
    assert announced(run, "posterior_local_image", **wish) == 1


@pytest.mark.parametrize(
    ("kind", "wish", "status", "says"),
    [
        ("posterior_local", {"epoch": 7, "idx": 1, "m": 4}, 422, "0, 1, 2"),
        ("posterior_local", {"epoch": 1, "idx": 99_999, "m": 4}, 422, "0 to"),
        ("posterior_local", {"epoch": 1, "idx": 1, "m": 5000}, 422, "1 to 256"),
        ("posterior_local", {"epoch": 1, "idx": 1}, 422, "idx, m"),
        ("posterior_local", {"epoch": 1, "idx": 1, "m": 4, "c": 2}, 422, "idx, m"),
        ("posterior_local", {"epoch": 1, "idx": 1.0, "m": 4}, 422, None),
        ("posterior_local", {"epoch": "last", "idx": 1, "m": 4}, 422, None),
        ("posterior_local", {"idx": 1, "m": 4}, 422, None),
        ("posterior_local", {"epoch": 1, "idx": 1, "m": 4, "path": "x"}, 422, None),
        ("prior_component", {"epoch": 2, "c": 3, "m": 4}, 422, "0 to 2"),
        ("traversal", {"epoch": 1, "idx": 1, "d": 4, "m": 4}, 422, "0 to 3"),
        ("decode_point", {"epoch": 1, "method": "tsne", "u": 0, "v": 0}, 422, "pca, umap"),
        ("sprites", {"epoch": 1}, 422, "posterior_local"),
        ("config", {"epoch": 1}, 404, "posterior_local"),
        ("owner", {"epoch": 1}, 404, "posterior_local"),
        ("dreams", {"epoch": 1}, 404, "posterior_local"),
    ],
)
def test_what_cannot_be_made_is_refused_with_what_can(
    api: TestClient, run: RunRecord, kind: str, wish: dict[str, Any], status: int, says: str | None
) -> None:
    before = files_but_the_lock(run)
    answer = ask(api, run, kind, **wish)
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert says is None or says in error["expected"], error
    assert files_but_the_lock(run) == before
    assert api.get("/api/computations").json() == {"computations": []}


def test_a_live_run_gets_samples_too(api: TestClient, run: RunRecord) -> None:
    wish = {"epoch": 2, "m": 6}
    with run.own() as writer:  # as its trainer would
        made = ask(api, run, "prior_samples", **wish)
        assert made.status_code == 200, made.text
        writer.event("log.warning", {"message": "still here"}, step=0, epoch=0)
    assert run.has("prior_samples", **wish)
    assert run.has("prior_samples_image", epoch="latest", m=6)
    assert announced(run, "prior_samples", **wish) == 0, "only the owner writes events"
    assert verify(run) == []


def test_a_killed_worker_leaves_nothing_and_is_replaced(
    api: TestClient, run: RunRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    services: Services = api.app.state.services  # type: ignore[attr-defined]
    wish = {"epoch": 2, "idx": 21, "m": 256}
    ask(api, run, "traversal", epoch=2, idx=1, d=0, m=3)  # it is warm now
    process = services.worker._process
    os.kill(process.pid, signal.SIGSTOP)  # in the middle of whatever it is asked
    asked: list[Any] = []
    patient = threading.Thread(
        target=lambda: asked.append(ask(api, run, "posterior_local", **wish))
    )
    patient.start()
    while services.worker.state != "busy":
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    patient.join(10)
    (answer,) = asked
    assert answer.status_code == 503
    assert "ended unexpectedly" in answer.json()["error"]["what"]
    assert "Try again" in answer.json()["error"]["remedy"]
    assert not run.has("posterior_local", **wish)
    assert leftovers(run) == []
    again = ask(api, run, "posterior_local", **wish)
    assert again.json()["cached"] is False, again.text
    assert run.has("posterior_local_image", **wish)


def test_a_half_made_pair_is_made_whole(api: TestClient, run: RunRecord) -> None:
    wish = {"epoch": 2, "c": 1, "m": 3}
    ask(api, run, "prior_component", **wish)
    run.path_of("prior_component_image", **wish).unlink()
    assert ask(api, run, "prior_component", **wish).json()["cached"] is False
    assert run.has("prior_component_image", **wish)
    run.path_of("prior_component", **wish).write_bytes(b"{")
    assert ask(api, run, "prior_component", **wish).json()["state"] == "done"


def test_a_backfill_is_checked_and_handed_to_the_slow_worker(
    api: TestClient, run: RunRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    services: Services = api.app.state.services  # type: ignore[attr-defined]
    worker = services.computations._lanes["slow"].worker
    jobs: list[Any] = []
    monkeypatch.setattr(worker, "ask", lambda *job, **_: jobs.append(job))
    for body in ({"kinds": ["knn_pca", "latents", "sprites"], "epochs": [2, 1, 2]}, {}, None):
        begun = api.post(f"/api/runs/{run.id}/backfill", json=body)
        assert begun.status_code == 202
        seen = follow(api, begun.json()["computation"])
        assert (seen[-1].state, seen[-1].done, seen[-1].what) == ("done", 1.0, "backfill")
    chosen = {"kinds": ["sprites", "latents", "knn_pca"], "epochs": [1, 2]}
    whole = {"kinds": None, "epochs": None}
    path = {"path": str(run.path)}
    assert jobs == [("backfill", path | keys) for keys in (chosen, whole, whole)]
    for wrong in ({"kinds": ["dreams"]}, {"epochs": [9]}, {"epochs": [-1]}, {"speed": 3}):
        answer = api.post(f"/api/runs/{run.id}/backfill", json=wrong)
        assert answer.status_code == 422, answer.text


@pytest.mark.slow
def test_backfill_completes_a_run_that_was_not_analyzed(api: TestClient, train: Train) -> None:
    bare = train(analysis={"points": 40, "neighbors": 5, "enabled": False})
    assert bare.epochs("latents") == []
    body = {"kinds": ["latent_2d_pca", "knn_pca", "posterior_2d_pca"], "epochs": [1, 2, 2]}
    begun = api.post(f"/api/runs/{bare.id}/backfill", json=body)
    assert begun.status_code == 202
    seen = follow(api, begun.json()["computation"])
    assert (seen[-1].state, seen[-1].done, seen[-1].what) == ("done", 1.0, "backfill")
    assert [one.done for one in seen] == sorted(one.done for one in seen)
    assert bare.epochs("posterior_2d_pca") == [1, 2]
    listed = ComputationsPage.model_validate(api.get(f"/api/computations?run_id={bare.id}").json())
    assert [one.id for one in listed.computations] == [seen[-1].id]
    assert not bare.has("scores", epoch=1), "nobody asked for it"
    before = {name: (bare.path / name).stat().st_mtime_ns for name, _ in bare.files()}
    again = api.post(f"/api/runs/{bare.id}/backfill", json=body).json()["computation"]
    assert follow(api, again)[-1].state == "done"
    assert {name: (bare.path / name).stat().st_mtime_ns for name, _ in bare.files()} == before


def test_what_is_written_again_is_not_kept_by_browsers(api: TestClient, run: RunRecord) -> None:
    quality = ask(api, run, "projection_quality", epoch=1)
    assert quality.status_code == 200, quality.text
    path = f"/api/runs/{run.id}/artifacts"
    fresh = api.get(f"{path}/projection_quality?epoch=1")
    assert "no-cache" in fresh.headers["cache-control"]
    assert "immutable" in api.get(f"{path}/latent_2d_pca?epoch=1").headers["cache-control"]
    same = {"if-none-match": fresh.headers["etag"]}
    assert api.get(f"{path}/projection_quality?epoch=1", headers=same).status_code == 304


def test_getting_never_writes(api: TestClient, run: RunRecord) -> None:
    before = {name: (run.path / name).stat().st_mtime_ns for name, _ in run.files()}
    for path in (
        f"runs/{run.id}",
        f"runs/{run.id}/artifacts/prior_samples?epoch=1&m=50",
        f"runs/{run.id}/artifacts/latent_2d_umap?epoch=1",
        "computations",
        f"computations?run_id={run.id}",
        "computations/0123456789abcdef",
    ):
        assert api.get(f"/api/{path}").status_code in {200, 404}
    assert {name: (run.path / name).stat().st_mtime_ns for name, _ in run.files()} == before


def test_both_workers_know_what_they_are_asked() -> None:
    assert set(quick_table()) == {"cost", "make", "backfill"}
    assert set(slow_table()) == {"make", "backfill"}


@pytest.mark.slow
def test_umap_is_made_with_progress(api: TestClient, run: RunRecord) -> None:
    begun = ask(api, run, "latent_3d_umap", epoch=2)
    assert begun.status_code == 202
    made = ArtifactMade.model_validate(begun.json())
    assert (made.state, made.keys, made.cached) == ("running", {"epoch": 2}, None)
    same = ask(api, run, "latent_3d_umap", epoch="latest").json()
    assert same["computation"] == made.computation
    assert ask(api, run, "prior_samples", epoch=2, m=2).status_code == 200, "beside it"
    assert made.computation is not None
    seen = follow(api, made.computation)
    assert seen[-1].state == "done", seen[-1]
    assert [one.done for one in seen] == sorted(one.done for one in seen)
    assert len({one.done for one in seen}) > 3, "it tells how far it is"
    path = f"/api/runs/{run.id}/artifacts/latent_3d_umap"
    assert len(api.get(f"{path}?epoch=2").json()["coords"]) == 40
    assert run.epochs("latent_2d_umap") == [0, 1, 2], "the chain that it needs"
    found = ask(api, run, "latent_3d_umap", epoch=2)
    assert (found.status_code, found.json()["cached"]) == (200, True)
    grid = ask(api, run, "posterior_2d_umap", epoch=2)
    assert (grid.status_code, grid.json()["state"]) == (200, "done"), "quick, for the map is there"


@pytest.mark.slow
def test_a_slow_computation_is_cancelled_and_killed_and_done(api: TestClient, train: Train) -> None:
    run = train(seed=9, schedule={"epochs": 8})
    services: Services = api.app.state.services  # type: ignore[attr-defined]
    worker = services.computations._lanes["slow"].worker

    first = ask(api, run, "latent_2d_umap", epoch=8).json()["computation"]
    while api.get(f"/api/computations/{first}").json()["state"] == "waiting":
        time.sleep(0.01)
    assert api.delete(f"/api/computations/{first}").json()["id"] == first
    assert follow(api, first, seconds=20)[-1].state == "cancelled"
    assert not run.has("latent_2d_umap", epoch=8)
    assert leftovers(run) == []
    assert api.delete(f"/api/computations/{first}").json()["state"] == "cancelled"

    second = ask(api, run, "latent_2d_umap", epoch=8).json()["computation"]
    while worker._process is None or worker.state != "busy":
        time.sleep(0.01)
    os.kill(worker._process.pid, signal.SIGKILL)
    end = follow(api, second, seconds=20)[-1]
    assert end.state == "failed"
    assert end.error is not None
    assert "ended unexpectedly" in end.error.what
    assert leftovers(run) == []

    third = ask(api, run, "latent_2d_umap", epoch=8).json()["computation"]
    assert follow(api, third)[-1].state == "done"
    assert run.has("latent_2d_umap", epoch=8)
    assert verify(run) == []
