from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from latelier.config import RunBusyError, RunError, RunNotFoundError
from latelier.runs import RunState, RunStore
from latelier.runs.sweep_store import SweepStore
from latelier.runs.sweeps import SWEEP_FILES, SweepRecord

CONFIG = {"seed": 0, "model": {"kind": "vae"}}


def content(*run_ids: str) -> dict[str, Any]:
    from latelier.runs.sweep_model import SweepVariant

    rows = [
        SweepVariant(i, f"v {i}", f"v-{i}", {"seed": i}, {"seed": str(i)}, run_id)
        for i, run_id in enumerate(run_ids)
    ]
    return {
        "executor": "local",
        "options": {"max_workers": 2, "grace": 300.0},
        "definition": {"metrics": {}},
        "base": CONFIG,
        "layout": {"kind": "flat"},
        "reference": len(rows) - 1,
        "variants": tuple(rows),
    }


@pytest.fixture
def runs(tmp_path) -> RunStore:
    return RunStore(tmp_path / "runs")


@pytest.fixture
def store(runs) -> SweepStore:
    return SweepStore(runs.root)


@pytest.fixture
def sweep(runs, store) -> SweepRecord:
    made = [runs.create(CONFIG, label="", model_kind="vae", dataset="digits") for _ in range(3)]
    return store.create("β and dimensions", content(*(run.id for run in made)))


def test_a_sweep_is_read_as_it_was_written(sweep):
    stored = json.loads((sweep.path / "sweep.json").read_text())
    assert stored["schema_version"] == 1
    assert stored["state"] == "created"
    assert "live" not in stored
    row = sweep.read()
    assert (row.name, row.executor, row.reference) == ("β and dimensions", "local", 2)
    assert [v.name for v in row.variants] == ["v 0", "v 1", "v 2"]
    assert row.stored() == stored
    assert sweep.id.split("-")[2] == "sweep"


def test_joined_with_the_states_of_its_runs(sweep, runs):
    first, second, third = sweep.runs()
    with first.own() as writer:
        writer.transition("running", total_steps=10, total_epochs=2)
        writer.update_summary(step=10, epoch=2, last_metrics={"loss": 1.5})
        writer.transition("completed")
    runs.trash(third.id)
    with second.own() as writer:
        writer.transition("running")
        view = sweep.view()
        assert [run.state for run in view.runs] == ["completed", "running", "unreadable"]
        assert view.runs[1].live
        assert view.counts == {"completed": 1, "running": 1, "unreadable": 1}
        rows = view.as_dict()["variants"]
        writer.transition("cancelled")
    assert rows[0]["state"] == "completed"
    assert rows[0]["metrics"] == {"loss": 1.5}
    assert (rows[0]["step"], rows[0]["total_steps"], rows[0]["values"]) == (10, 10, {"seed": 0})
    assert rows[2]["state"] == "unreadable"
    assert json.loads(json.dumps(view.as_dict()))["counts"] == view.counts


def test_one_process_carries_it_out(sweep):
    with sweep.own() as writer:
        writer.transition(RunState.RUNNING)
        assert sweep.read().live
        assert sweep.live_owner() is not None
        with pytest.raises(RunBusyError), sweep.own():
            pass
        writer.update(summary={"rows": []})
        writer.note(1, evaluation={"scores": {"x": 1.0}})
        writer.transition(RunState.COMPLETED)
    row = sweep.read()
    assert (row.state, row.live) == ("completed", None)
    assert row.variants[1].evaluation == {"scores": {"x": 1.0}}
    assert row.started <= row.ended
    with sweep.own() as writer, pytest.raises(RunError, match="completed run cannot become"):
        writer.transition(RunState.RUNNING)


def test_a_lost_process_reads_as_interrupted_and_is_written_down(sweep):
    path = sweep.path / "sweep.json"
    path.write_text(path.read_text().replace('"created"', '"running"', 1))
    assert (sweep.read().state, sweep.read().reason) == ("failed", "interrupted")
    assert sweep.reconcile()
    assert json.loads(path.read_text())["state"] == "failed"
    assert not sweep.reconcile()
    with sweep.own() as writer:
        writer.transition(RunState.RUNNING)


def test_letting_go_of_a_running_sweep_fails_it(sweep):
    def fall() -> None:
        with sweep.own() as writer:
            writer.transition(RunState.RUNNING)
            raise ZeroDivisionError("x")

    with pytest.raises(ZeroDivisionError):
        fall()
    row = sweep.read()
    assert (row.state, row.reason, row.message) == ("failed", "error", "ZeroDivisionError: x")


def test_cancel_is_asked_for_once_it_can_be(sweep):
    sweep.request_cancel()
    assert sweep.cancel_requested()
    with sweep.own() as writer:
        writer.transition(RunState.RUNNING)  # a new stretch begins
        assert not sweep.cancel_requested()
        writer.transition(RunState.CANCELLED)
    with pytest.raises(RunError, match="is cancelled already"):
        sweep.request_cancel()


def test_found_by_a_beginning(store, sweep):
    assert store.ids() == [sweep.id]
    assert store.open(sweep.id[:-2]).id == sweep.id
    assert [row.sweep_id for row in store.list()] == [sweep.id]
    run_id = sweep.read().variants[0].run_id
    assert [row.sweep_id for row in store.of_run(run_id)] == [sweep.id]
    assert store.of_run("another") == []
    for text in ("2027", "../sweeps", "", "a/b", "x" * 65):
        with pytest.raises(RunNotFoundError):
            store.open(text)


def test_trash_and_back_leave_the_runs(store, sweep, runs):
    ids = runs.ids()
    with sweep.own(), pytest.raises(RunBusyError):
        store.trash(sweep.id)
    store.trash(sweep.id)
    assert store.ids() == []
    assert store.trashed() == [sweep.id]
    assert runs.ids() == ids
    assert runs.trashed() == []
    assert store.restore(sweep.id).read().sweep_id == sweep.id
    with pytest.raises(RunNotFoundError):
        store.restore(sweep.id)


def test_runs_pass_over_the_folder_of_sweeps(sweep, runs):
    assert len(runs.ids()) == len(runs.list()) == 3
    assert "sweeps" not in runs.ids()
    for act in (runs.trash, runs.open):
        with pytest.raises(RunNotFoundError):
            act("sweeps")
    assert sweep.read().state == "created"
    assert runs.reconcile() == []


@pytest.mark.parametrize(
    "damage",
    ["", "[]", "{}", '{"state": "running"}', '{"state": "dreaming", "variants": []}', "null"],
)
def test_a_damaged_file_is_an_error_and_hides_no_other(store, sweep, damage):
    other = store.create("other", content())
    (sweep.path / "sweep.json").write_text(damage)
    with pytest.raises(RunError, match="damaged"):
        sweep.read()
    assert [row.sweep_id for row in store.list()] == [other.id]


def test_a_variant_that_leads_elsewhere_is_refused(sweep):
    path = sweep.path / "sweep.json"
    value = json.loads(path.read_text())
    value["variants"][0]["run_id"] = "../../etc"
    path.write_text(json.dumps(value))
    with pytest.raises(RunError, match="run_id"):
        sweep.view()


def test_paths_come_from_one_table(sweep, tmp_path):
    assert sweep.path_of("wall_step", step=200) == sweep.path / "wall/step_200.json"
    assert sweep.path_of("console").name == SWEEP_FILES["console"]
    for kind, step in (("wall_step", None), ("sweep", 3), ("wall_step", -1)):
        with pytest.raises(RunError):
            sweep.path_of(kind, step=step)
    (sweep.path / "wall").mkdir()
    for step in (0, 1000, 200):
        sweep.path_of("wall_step", step=step).write_text("{}")
    sweep.path_of("wall_latest").write_text("{}")
    assert sweep.wall_steps() == [0, 200, 1000]
    (sweep.path / "console.log").symlink_to(tmp_path / "outside")
    with pytest.raises(RunError, match="leads out"):
        sweep.path_of("console")


def test_an_id_that_was_chosen_is_used_once(runs: RunStore):
    def make() -> Path:
        return runs.create(
            CONFIG, label="", model_kind="vae", dataset="digits", run_id="20260101-000000-a-b-aaaa"
        ).path

    assert make().name == "20260101-000000-a-b-aaaa"
    with pytest.raises(RunError, match="is there already"):
        make()
