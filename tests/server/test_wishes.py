"""What may be asked of which run: refusals before any worker is bothered, and who computes what."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from latelier.runs import RunRecord, RunStore
from latelier.server.app import create_app
from latelier.server.computations import Computations
from latelier.server.errors import ApiError
from latelier.server.settings import Settings
from latelier.server.wishes import Wish, read_wish

CONFIG: dict[str, Any] = {"seed": 1, "model": {"kind": "gmvae", "latent_dim": 4}}


@pytest.fixture
def api(root: Path) -> TestClient:
    app = create_app(Settings(runs_dir=root, warm=False))
    return TestClient(app, base_url="http://localhost:6283")


def ask(api: TestClient, run: RunRecord, kind: str, **wish: Any) -> Any:
    return api.post(f"/api/runs/{run.id}/artifacts/{kind}", json=wish)


def test_runs_that_cannot(api: TestClient, root: Path) -> None:
    store = RunStore(root)
    new = store.create(CONFIG, label="new", model_kind="gmvae", dataset="digits")
    given = {**CONFIG, "data": {"dataset": "given"}}
    foreign = store.create(given, label="given", model_kind="gmvae", dataset="given")
    for run in (new, foreign):
        answer = ask(api, run, "prior_samples", epoch="latest", m=4)
        assert answer.status_code == 409
        assert "checkpoint" in answer.json()["error"]["what"]
        assert api.post(f"/api/runs/{run.id}/backfill").status_code == 409
        assert api.get(f"/api/runs/{run.id}").json()["computable"] == []
        assert api.get(f"/api/runs/{run.id}").json()["label_names"] is None
    assert ask(api, RunRecord(root / "nobody"), "prior_samples", epoch=1, m=4).status_code == 404


def test_a_model_without_the_capability_says_what_there_is(
    api: TestClient, run: RunRecord, root: Path
) -> None:
    store = RunStore(root)
    plain = store.create(CONFIG, label="ae", model_kind="ae", dataset="digits")
    with plain.own() as writer:
        writer.transition("running", capabilities=["encode", "decode"], total_epochs=2)
        with writer.checkpoint(epoch=1, step=4) as folder:
            (folder / "checkpoint.json").write_bytes(run.read_bytes("checkpoint", epoch=1))
        writer.transition("completed")
    answer = ask(api, plain, "prior_samples", epoch=1, m=4)
    assert answer.status_code == 409
    error = answer.json()["error"]
    assert error["got"] == "a model that can decode, encode"
    assert "traversal" in error["expected"]
    assert "prior_component" not in error["expected"]


def test_an_epoch_without_a_checkpoint_is_refused_before_a_worker_is_bothered(
    make_run: Callable[..., RunRecord], run: RunRecord
) -> None:
    sparse = make_run()
    with sparse.own() as writer:
        with writer.checkpoint(epoch=0, step=0) as folder:
            (folder / "checkpoint.json").write_bytes(run.read_bytes("checkpoint", epoch=1))
        writer.put_bytes("latents", b"", epoch=1, step=10)
    for kind, keys in (("traversal", {"idx": 0, "d": 0, "m": 3}), ("trust_2d_pca", {})):
        assert read_wish(sparse, kind, {"epoch": 0, **keys}).kind == kind
        with pytest.raises(ApiError, match="no checkpoint of that epoch") as caught:
            read_wish(sparse, kind, {"epoch": 1, **keys})
        assert caught.value.status == 422
    assert read_wish(sparse, "posterior_2d_pca", {"epoch": 1}).keys == {"epoch": 1}


def test_a_server_that_only_reads_computes_nothing(root: Path, run: RunRecord) -> None:
    app = create_app(Settings(runs_dir=root, warm=False, read_only=True))
    client = TestClient(app, base_url="http://localhost:6283")
    assert ask(client, run, "prior_samples", epoch=1, m=4).status_code == 403
    assert client.post(f"/api/runs/{run.id}/backfill").status_code == 403
    assert client.delete("/api/computations/0123456789abcdef").status_code == 403
    assert client.get("/api/computations").status_code == 200


@pytest.mark.parametrize("changes", [{}, {"warm": False}, {"read_only": True}])
def test_looking_at_a_run_makes_the_worker_ready(
    root: Path, run: RunRecord, changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    warmed: list[bool] = []
    monkeypatch.setattr(Computations, "warm", lambda _: warmed.append(True))
    app = create_app(Settings(runs_dir=root, **changes))
    client = TestClient(app, base_url="http://localhost:6283")
    new = RunStore(root).create(CONFIG, label="new", model_kind="gmvae", dataset="digits")
    assert client.get(f"/api/runs/{new.id}").status_code == 200
    assert warmed == []
    assert client.get(f"/api/runs/{run.id}").status_code == 200
    assert warmed == ([] if changes else [True])


def test_what_takes_seconds_is_not_waited_for(make_run: Callable[..., RunRecord]) -> None:
    run, bare = make_run(), make_run("created")
    with run.own() as writer:
        writer.put_bytes("latents", b"", epoch=0, step=0)
    at: dict[str, Any] = {"epoch": 0}
    place = {**at, "u": 0, "v": 0}
    lanes = {
        (record is run, kind, keys.get("method")): Wish(record, kind, keys).lane
        for record in (run, bare)
        for kind, keys in (
            ("latents", at),
            ("posterior_2d_pca", at),
            ("trust_2d_pca", at),
            ("atlas_umap", at),
            ("latent_3d_umap", at),
            ("prior_samples", {**at, "m": 4}),
            ("decode_point", {**place, "method": "pca"}),
            ("decode_point", {**place, "method": "umap"}),
        )
    }
    slow = {key for key, lane in lanes.items() if lane == "slow"}
    umap = {("atlas_umap", None), ("latent_3d_umap", None), ("decode_point", "umap")}
    chained = {("latents", None), ("posterior_2d_pca", None), ("trust_2d_pca", None)}
    assert slow == {(True, *key) for key in umap} | {(False, *key) for key in umap | chained}
