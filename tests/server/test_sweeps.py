"""Sweeps over HTTP: listed, looked at, put in the trash."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from latelier.lab.sweeps.wall import Wall
from latelier.runs import RunStore
from latelier.runs.payloads.walls import WallFrame, WallIndex
from latelier.runs.sweep_store import SweepStore
from latelier.runs.sweeps import SweepRecord
from latelier.server.schemas_sweeps import (
    SweepDetail,
    SweepsPage,
    SweepTrash,
)

from .conftest import finish

# Looking


def test_the_list_fits_its_schema(client: TestClient, sweep: SweepRecord) -> None:
    page = SweepsPage.model_validate(client.get("/api/sweeps").json())
    (row,) = page.sweeps
    assert (row.sweep_id, row.name, row.state, row.variants) == (sweep.id, "betas", "created", 2)
    assert row.counts == {"completed": 1, "created": 1}


def test_no_sweep_is_an_empty_list(client: TestClient, store: RunStore) -> None:
    assert client.get("/api/sweeps").json() == {"sweeps": []}
    assert client.get("/api/trash/sweeps").json() == {"sweeps": []}
    assert not store.root.exists(), "looking does not make it"


def test_a_sweep_is_told_whole(client: TestClient, sweep: SweepRecord) -> None:
    answer = client.get(f"/api/sweeps/{sweep.id}")
    value, detail = answer.json(), SweepDetail.model_validate_json(answer.content)
    assert set(value) == set(SweepDetail.model_fields), "every field is always there"
    first, second = detail.variants
    assert (first.name, first.state, first.step, first.total_steps) == (
        "beta=1",
        "completed",
        40,
        40,
    )
    assert first.metrics == {"val/loss": 2.0, "train/loss": None}
    assert (second.values, second.state) == ({"objective.beta": 4.0}, "created")
    assert detail.table.directions == {"val/loss": "min"}
    assert detail.table.pareto == [0]
    assert detail.table.columns[0] == "val/loss"
    assert "wall/ring" in detail.table.rows[0].last
    assert detail.resumable
    assert detail.wall is not None
    assert [(row.step, row.variants) for row in detail.wall.steps] == [(10, 1)]
    assert (detail.wall.points, detail.wall.map) == (1, (0, 2))


def test_a_variant_whose_run_is_gone(
    client: TestClient, sweep: SweepRecord, store: RunStore
) -> None:
    store.trash(sweep.runs()[1].id)
    answer = client.get(f"/api/sweeps/{sweep.id}")
    value, gone = answer.json(), SweepDetail.model_validate_json(answer.content).variants[1]
    assert gone.state == "unreadable"
    assert set(value["variants"][1]) == set(value["variants"][0])
    assert client.get("/api/sweeps").json()["sweeps"][0]["counts"]["unreadable"] == 1


def test_the_wall_is_its_files(client: TestClient, sweep: SweepRecord) -> None:
    index = client.get(f"/api/sweeps/{sweep.id}/wall")
    assert WallIndex.model_validate_json(index.content).points[0].dataset_idx == [0, 1, 2, 3]
    frame = client.get(f"/api/sweeps/{sweep.id}/wall/10")
    assert WallFrame.model_validate_json(frame.content).step == 10
    latest = client.get(f"/api/sweeps/{sweep.id}/wall/latest")
    assert latest.json()["variants"] == frame.json()["variants"]
    for answer in (index, frame, latest):
        assert answer.headers["cache-control"] == "private, no-cache"
        headers = {"if-none-match": answer.headers["etag"]}
        again = client.get(answer.url.path, headers=headers)
        assert (again.status_code, again.content) == (304, b"")


def test_a_frame_that_grows_is_sent_again(client: TestClient, sweep: SweepRecord) -> None:
    wall = Wall(RunStore(sweep.runs_dir), sweep)
    path = f"/api/sweeps/{sweep.id}/wall/10"
    headers = {"if-none-match": client.get(path).headers["etag"]}
    finish(sweep.runs()[1])
    assert wall.update() == 1
    assert client.get(path, headers=headers).json()["version"] == 2


def test_a_step_is_a_bounded_number(client: TestClient, sweep: SweepRecord) -> None:
    for step in ("-1", "01", "1e1", "step_10", "10.json", "newest", "9" * 13):
        assert client.get(f"/api/sweeps/{sweep.id}/wall/{step}").status_code == 422, step
    for step in ("11", "%2e%2e%2fsweep", "..%2f..%2fsweep.json"):
        answer = client.get(f"/api/sweeps/{sweep.id}/wall/{step}")
        assert answer.status_code in {404, 422}
        assert "definition" not in answer.text


def test_a_sweep_without_a_wall(client: TestClient, make_sweep: Callable[..., SweepRecord]) -> None:
    record = make_sweep()
    assert client.get(f"/api/sweeps/{record.id}").json()["wall"] is None
    for path in ("wall", "wall/latest", "wall/0"):
        assert client.get(f"/api/sweeps/{record.id}/{path}").status_code == 404


@pytest.mark.parametrize("path", ["", "/wall", "/wall/0", "/wall/latest"])
def test_a_sweep_that_is_not_there(client: TestClient, sweep: SweepRecord, path: str) -> None:
    for sweep_id in ("20200101-000000-sweep-a-cccc", "sweeps", sweep.id[:-1]):
        answer = client.get(f"/api/sweeps/{sweep_id}{path}")
        assert answer.status_code == 404
        assert answer.json()["error"]["what"] == "no such sweep"
    for sweep_id in (".trash", "UPPER", "a" * 65, "%2e%2e"):
        assert client.get(f"/api/sweeps/{sweep_id}{path}").status_code in {404, 422}


def test_a_link_is_not_followed(client: TestClient, sweep: SweepRecord, tmp_path: Path) -> None:
    other = sweep.path.with_name("another")
    other.symlink_to(sweep.path)
    assert client.get("/api/sweeps/another").status_code == 404
    secret = tmp_path / "secret.json"
    secret.write_text('{"secret": 1}')
    step = sweep.path_of("wall_step", step=20)
    step.symlink_to(secret)
    answer = client.get(f"/api/sweeps/{sweep.id}/wall/20")
    assert answer.status_code >= 400
    assert "secret" not in answer.text.replace(str(secret), "")


def test_a_damaged_sweep_hides_no_other(
    client: TestClient, sweep: SweepRecord, make_sweep: Callable[..., SweepRecord]
) -> None:
    torn = make_sweep()
    torn.path_of("sweep").write_bytes(b"{")
    assert [row["sweep_id"] for row in client.get("/api/sweeps").json()["sweeps"]] == [sweep.id]
    assert client.get(f"/api/sweeps/{torn.id}").status_code == 409
    assert client.delete(f"/api/sweeps/{torn.id}").status_code == 204, "deleting always works"


def test_looking_never_writes(client: TestClient, sweep: SweepRecord, sweeps: SweepStore) -> None:
    def facts() -> dict[str, tuple[int, int]]:
        found = ((str(path), path.lstat()) for path in sorted(sweeps.runs_dir.rglob("*")))
        return {name: (fact.st_mtime_ns, fact.st_size) for name, fact in found}

    before = facts()
    for path in ("", "/wall", "/wall/10", "/wall/latest", "/wall/11"):
        client.get(f"/api/sweeps/{sweep.id}{path}")
    client.get("/api/sweeps")
    client.get("/api/trash/sweeps")
    assert facts() == before


def test_the_form_has_what_it_needs(client: TestClient) -> None:
    schema = client.get("/api/schema/sweep").json()
    assert {"axes", "reference", "map", "metrics"} <= set(schema["properties"])
    rows = {row["name"]: row["sweep"] for row in client.get("/api/presets").json()["presets"]}
    assert rows["color/regularizers"]["axes"][0]["kind"] == "subsets"
    assert rows["lab/mnist5k-gmvae"] is None


# The trash


def test_a_sweep_goes_alone_or_with_its_runs(
    client: TestClient, sweep: SweepRecord, store: RunStore
) -> None:
    ids = [run.id for run in sweep.runs()]
    assert client.delete(f"/api/sweeps/{sweep.id}").status_code == 204
    assert store.ids() == sorted(ids), "the runs stay"
    assert client.get(f"/api/sweeps/{sweep.id}").status_code == 404
    page = SweepTrash.model_validate(client.get("/api/trash/sweeps").json())
    (entry,) = page.sweeps
    assert (entry.sweep_id, entry.display_name) == (sweep.id, "betas")
    assert (entry.variants, entry.runs_in_trash) == (2, 0)
    answer = client.post(f"/api/trash/sweeps/{entry.name}/restore")
    assert answer.json() == {"sweep_id": sweep.id, "runs": 0}

    assert client.delete(f"/api/sweeps/{sweep.id}?runs=true").status_code == 204
    assert store.ids() == []
    (row,) = client.get("/api/trash/sweeps").json()["sweeps"]
    assert row["runs_in_trash"] == 2
    answer = client.post(f"/api/trash/sweeps/{row['name']}/restore")
    assert answer.json() == {"sweep_id": sweep.id, "runs": 2}
    assert store.ids() == sorted(ids)
    assert client.get(f"/api/sweeps/{sweep.id}").json()["variants"][0]["state"] == "completed"


def test_a_sweep_may_come_back_without_its_runs(
    client: TestClient, sweep: SweepRecord, store: RunStore
) -> None:
    client.delete(f"/api/sweeps/{sweep.id}?runs=true")
    answer = client.post(f"/api/trash/sweeps/{sweep.id}/restore?runs=false")
    assert answer.json() == {"sweep_id": sweep.id, "runs": 0}
    assert store.ids() == []


def test_what_is_written_is_not_thrown_away(
    client: TestClient, sweep: SweepRecord, store: RunStore
) -> None:
    run = sweep.runs()[1]
    with run.own() as writer:
        writer.transition("running", total_steps=40, total_epochs=4, steps_per_epoch=10)
        answer = client.delete(f"/api/sweeps/{sweep.id}?runs=true")
        assert answer.status_code == 409
        assert len(store.ids()) == 2, "nothing was moved"
        assert sweep.path.is_dir()
    with sweep.own():
        assert client.delete(f"/api/sweeps/{sweep.id}").status_code == 409
        assert client.delete(f"/api/sweeps/{sweep.id}?runs=true").status_code == 409
    assert len(store.ids()) == 2


def test_what_is_not_in_the_trash(client: TestClient) -> None:
    for name in ("20200101-000000-sweep-a-cccc", "x~2", "UP", "..%2f..%2fa"):
        answer = client.post(f"/api/trash/sweeps/{name}/restore")
        assert answer.status_code in {404, 405, 422}, name
