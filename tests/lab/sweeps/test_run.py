from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from latelier.config import ConfigError, RunBusyError, RunError
from latelier.lab.launch import fit
from latelier.lab.sweeps.local import train_variant
from latelier.lab.sweeps.run import carry_out_sweep
from latelier.runs import RunStore
from latelier.runs.record import read_summary
from latelier.runs.verify import verify

from .conftest import TINY

THREE = {"axes": [{"kind": "seeds", "seeds": 3}], "metrics": {"train/loss": "min"}}


def states(record) -> list[str]:
    return [str(run.state) for run in record.view().runs]


def test_every_variant_becomes_a_run_as_if_it_were_alone(make_sweep, here, tmp_path):
    here.train = train_variant
    record = make_sweep()
    assert states(record) == ["created", "created"]
    lines: list[str] = []
    sweep = carry_out_sweep(record, say=lines.append)

    assert sweep.state == "completed"
    view = record.view()
    assert [run.state for run in view.runs] == ["completed", "completed"]
    assert [run.name for run in view.runs] == ["beta=1", "beta=4"]
    digests = []
    for run in record.runs():
        assert verify(run) == []
        alone = fit(run.config(), runs_dir=tmp_path / "alone").record
        digests.append(run.read_json("checkpoint", epoch=2)["digest"])
        assert digests[-1] == alone.read_json("checkpoint", epoch=2)["digest"]
    assert digests[0] != digests[1]
    trains = [line for line in lines if "trains with" in line]
    assert trains[1].startswith("beta=4: trains with objective.beta=4; ")
    assert "parameters" in trains[1]
    assert view.runs[1].run_id in trains[1]
    log = record.path_of("console").read_text()
    assert all(line in log for line in lines)


def test_the_summary_holds_metrics_by_name_and_the_front(make_sweep, here):
    record = make_sweep()
    summary = carry_out_sweep(record).summary
    rows = summary["rows"]
    assert [row["name"] for row in rows] == ["beta=1", "beta=4"]
    assert rows[0]["last"]["train/loss"] < rows[1]["last"]["train/loss"]
    assert summary["columns"][0] == "train/loss"
    assert summary["pareto"] == [0]
    assert record.read().summary == summary


def test_a_variant_that_fails_stops_no_other_and_is_tried_again(make_sweep, here):
    record = make_sweep(THREE)
    broken = record.runs()[1]
    (broken.path / "config.json").rename(broken.path / "config.hidden")
    sweep = carry_out_sweep(record)
    assert sweep.state == "failed"
    assert sweep.reason == "variants_failed"
    assert sweep.message == "1 of 3 variants failed: seed=1"
    assert states(record) == ["completed", "failed", "completed"]

    (broken.path / "config.hidden").rename(broken.path / "config.json")
    here.trained.clear()
    assert carry_out_sweep(record).state == "completed"
    assert here.trained == [broken.id]


def test_a_stopped_sweep_goes_on_with_what_is_left(make_sweep, here):
    record = make_sweep(THREE)
    here.after = lambda done: record.request_cancel() if done == 1 else None
    sweep = carry_out_sweep(record)
    assert sweep.state == "cancelled"
    assert states(record) == ["completed", "created", "created"]
    assert sweep.message == "2 of 3 variants are not completed"

    here.after = lambda _done: None
    first = here.trained.pop()
    done = carry_out_sweep(record)
    assert done.state == "completed"
    assert not record.cancel_requested()
    assert first not in here.trained
    assert len(here.trained) == 2


def test_a_cancelled_variant_goes_on_from_its_checkpoint(make_sweep, here):
    here.train = train_variant
    record = make_sweep(schedule={"epochs": 10})
    asked = []

    def stop() -> bool:
        asked.append(None)
        return len(asked) > 12  # in the middle of the first run

    assert carry_out_sweep(record, stop=stop).state == "cancelled"
    assert states(record) == ["cancelled", "created"]
    first = record.runs()[0]
    step = first.summary().step
    assert 0 < step < 20
    assert carry_out_sweep(record).state == "completed"
    resumed = [event for event in first.events() if event.type == "run.resumed"]
    assert resumed[0].data["from_step"] == step
    assert [e.id for e in first.events()] == list(range(1, len(list(first.events())) + 1))


def test_a_sweep_is_carried_out_once(make_sweep, here):
    record = make_sweep()
    with record.own(), pytest.raises(RunBusyError):
        carry_out_sweep(record)
    carry_out_sweep(record)
    with pytest.raises(RunError, match="is completed"):
        carry_out_sweep(record)


def test_runs_that_were_not_made_are_made(make_sweep, here):
    record = make_sweep()
    missing = record.runs()[1]
    config = missing.config()
    RunStore(record.runs_dir).trash(missing.id)
    assert carry_out_sweep(record).state == "completed"
    assert {**missing.config(), "analysis": None} == {**config, "analysis": None}


def test_a_run_that_was_deleted_later_is_left_out(make_sweep, here):
    record = make_sweep()
    here.after = lambda _done: record.request_cancel()
    carry_out_sweep(record)
    here.after = lambda _done: None
    RunStore(record.runs_dir).trash(record.runs()[1].id)
    assert carry_out_sweep(record).state == "completed"
    assert states(record) == ["completed", "unreadable"]


@pytest.mark.parametrize("last", [True, False])
def test_a_run_that_somebody_else_trains_is_waited_for(make_sweep, here, last):
    record = make_sweep({**THREE, "clean_up": {"checkpoints": "none"}})
    first = record.runs()[0]
    began = threading.Event()
    lines: list[str] = []

    def train() -> None:
        with first.own() as writer:
            writer.transition("running", parameters=5)
            began.set()
            while len(here.trained) < 1 + last:
                time.sleep(0.01)
            time.sleep(0.3 * last)
            with writer.checkpoint(epoch=1, step=1) as folder:
                (folder / "checkpoint.json").write_text("{}")
            writer.transition("completed")

    other = threading.Thread(target=train)
    other.start()
    began.wait(10)
    here.after = lambda _done: None if last else other.join()
    sweep = carry_out_sweep(record, say=lines.append)
    other.join()
    assert sweep.state == "completed"
    assert first.id not in here.trained
    assert "tiny: 2 variants to train, 0 done before, 1 in other hands" in lines
    assert any(line.startswith("seed=0: completed") for line in lines)
    assert lines[-2].endswith("3 of 3 completed")
    assert first.checkpoints() == []  # it was cleaned up after, too


def test_what_cannot_be_trained_is_said_before_anything_is_begun(make_sweep, here):
    sheet = [{"STEP": 0, "kl-wait": 1.0}, {"STEP": 3}]
    variants = [
        {"name": "plain", "values": {"seed": 1}},
        {"name": "typo", "values": {"schedule": {"dopesheet": sheet}}},
    ]
    record = make_sweep({"axes": [{"kind": "list", "variants": variants}]})
    with pytest.raises(ConfigError, match=r"1 of 2 variants(.|\n)*typo: nothing in this run reads"):
        carry_out_sweep(record)
    sweep = record.read()
    assert sweep.state == "failed"
    assert "kl-wait" in sweep.message
    assert here.trained == []
    assert states(record) == ["created", "created"]


def test_an_error_of_the_executor_ends_the_sweep_as_failed(make_sweep, here):
    record = make_sweep()

    def fall(_done: int) -> None:
        raise ZeroDivisionError("gone")

    here.after = fall
    with pytest.raises(ZeroDivisionError):
        carry_out_sweep(record)
    sweep = record.read()
    assert (sweep.state, sweep.reason) == ("failed", "error")
    assert states(record) == ["completed", "created"]


def test_artifacts_and_scores_stand_beside_the_metrics(make_sweep, here):
    section = {
        "axes": [{"kind": "grid", "keys": {"objective.beta": [1.0, 4.0]}}],
        "metrics": {"neighbors": "max"},
        "evaluate": {"artifacts": ["scores"], "scores": {"neighbors": "scores:knn_accuracy"}},
        "clean_up": {"checkpoints": "last"},
    }
    here.train = train_variant
    record = make_sweep(section, analysis={"enabled": False, "points": 40, "neighbors": 5})
    sweep = carry_out_sweep(record)
    for variant, run in zip(sweep.variants, record.runs(), strict=True):
        score = run.read_json("scores", epoch=2)["knn_accuracy"]
        assert variant.error is None
        assert variant.evaluation == {
            "epoch": 2,
            "artifacts": {"scores": "made"},
            "scores": {"neighbors": score},
        }
        assert sweep.summary["rows"][variant.index]["last"]["neighbors"] == score
        assert run.checkpoints() == [{"epoch": 2}]
        assert verify(run) == []


def test_an_evaluation_that_fails_is_noted_and_done_again(make_sweep, here):
    section = {
        "axes": [{"kind": "seeds", "seeds": 1}],
        "evaluate": {"artifacts": ["scores"], "scores": {"speed": "scores:speed"}},
    }
    here.train = train_variant
    record = make_sweep(section, analysis={"enabled": False, "points": 40, "neighbors": 5})
    sweep = carry_out_sweep(record)
    assert sweep.state == "completed"
    assert "has no speed" in sweep.variants[0].error
    assert sweep.variants[0].evaluation is None


def test_unknown_artifacts_are_refused_before_anything_is_begun(make_sweep, here):
    record = make_sweep({**THREE, "evaluate": {"artifacts": ["score"]}})
    with pytest.raises(ConfigError, match="Did you mean scores"):
        carry_out_sweep(record)
    assert here.trained == []


@pytest.mark.slow
def test_a_killed_driver_leaves_a_sweep_that_goes_on(make_sweep, tmp_path):
    training = {**TINY["training"], "checkpoints": {"every_epochs": 50}}
    record = make_sweep(THREE, schedule={"epochs": 100}, training=training)
    command = [sys.executable, "-m", "latelier", "run-sweep", record.id]
    driver = subprocess.Popen([*command, "--runs-dir", str(record.runs_dir)])
    until = time.monotonic() + 60
    while states(record).count("completed") < 1 and time.monotonic() < until:
        time.sleep(0.05)
    os.kill(driver.pid, signal.SIGKILL)
    driver.wait()

    assert (record.read().state, record.read().reason) == ("failed", "interrupted")
    done = [run.run_id for run in record.view().runs if run.state == "completed"]
    before = {run: read_summary(record.runs_dir / run) for run in done}
    assert carry_out_sweep(record, max_workers=1).state == "completed"
    assert states(record) == ["completed"] * 3
    for run in done:  # completed ones were left alone
        assert read_summary(record.runs_dir / run) == before[run]
    for run in record.runs():
        assert verify(run) == []
        begun = [e.type for e in run.events() if e.type in {"run.started", "run.completed"}]
        assert begun == ["run.started", "run.completed"]
