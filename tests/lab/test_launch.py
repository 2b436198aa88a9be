"""Starting, stopping and resuming: every way in leads to the same run."""

from __future__ import annotations

import json
import math
import os

import numpy as np
import pytest
import torch
from torch import nn

from latelier.config import (
    ConfigError,
    DataError,
    NonFiniteObjectiveError,
    RunBusyError,
    RunError,
    RunNotFoundError,
    load_config,
)
from latelier.lab.execute import execute
from latelier.lab.launch import create, fit, resume
from latelier.lab.prepare import prepare
from latelier.models import VAE
from latelier.runs import RunStore
from latelier.runs.verify import verify

from .conftest import GMVAE, TINY, digest


def stop_after(step: int):
    """An observer and a stop that end a run once that many steps were recorded as begun."""
    seen = {"calls": 0}

    def stop() -> bool:
        seen["calls"] += 1
        return seen["calls"] > step

    return stop


def test_a_completed_run_is_whole(finished):
    summary = finished.summary()
    assert finished.state == "completed"
    assert (summary.step, summary.epoch, summary.total_epochs) == (12, 3, 3)
    assert summary.last_metrics["clustering_accuracy"] > 0.1
    assert not [finding for finding in verify(finished.record) if finding.severity == "error"]
    kinds = {kind for kind, _ in (parsed for _, parsed in finished.record.files() if parsed)}
    assert kinds >= {
        "config", "events", "summary", "checkpoint", "latents", "latent_2d_pca", "latent_3d_pca",
        "align_2d_pca", "align_3d_pca", "knn_pca", "neighbor_churn", "anatomy", "mixture_health",
        "scores", "reconstructions", "reconstructions_image", "sprites", "sprites_layout",
        "timeline", "timeline_image", "curves_picture", "map_picture",
    }  # fmt: skip


def test_events_tell_the_story(finished):
    events = list(finished.record.events())
    assert [event.id for event in events] == list(range(1, len(events) + 1))
    story = [e.type for e in events if e.type.startswith(("run.", "phase.", "action."))]
    assert story == [
        "run.created", "run.started", "phase.started", "phase.started", "action.performed",
        "run.completed",
    ]  # fmt: skip
    metrics = finished.metrics()
    assert metrics.steps["step"] == list(range(12))
    assert metrics.epochs["epoch"] == [0, 1, 2, 3]
    assert {"cat_kl_weight", "entropy_bonus_weight", "qc_entropy_mean", "qc_neff", "qc_pmax",
            "qc_argmax_counts"} <= set(metrics.epochs)  # fmt: skip
    assert sum(metrics.epochs["qc_argmax_counts"][1]) == 120


def test_the_points_are_fixed_stratified_and_persisted(finished):
    indices = finished.config["analysis"]["indices"]
    assert len(indices) == 40
    assert indices == sorted(set(indices))
    for epoch in range(4):
        latents = finished.latents(epoch)
        assert latents["dataset_idx"].tolist() == indices
    assert np.bincount(latents["labels"], minlength=10).min() >= 3


def test_the_same_config_gives_the_same_run(tmp_path):
    runs = [fit(TINY, runs_dir=tmp_path) for _ in range(2)]
    assert digest(runs[0]) == digest(runs[1])
    first, second = (run.record.read_json("latent_2d_pca", epoch=3) for run in runs)
    assert first["coords"] == second["coords"]
    assert first["checkpoint_hash"] == digest(runs[0])


@pytest.mark.parametrize(
    "analysis",
    [
        {"enabled": False},
        {"every_epochs": 2, "points": 40, "neighbors": 5},
        {"snapshots": 3, "points": 30, "neighbors": 3, "reconstructions": 2},
    ],
)
def test_watching_never_changes_what_is_learned(tmp_path, analysis):
    model = {"model": GMVAE}
    plain = fit({**TINY, **model}, runs_dir=tmp_path)
    watched = fit({**TINY, **model, "analysis": {"pictures": False, **analysis}}, runs_dir=tmp_path)
    for epoch in range(4):
        assert digest(plain, epoch) == digest(watched, epoch)


def test_all_ways_to_say_it_are_one(tmp_path):
    path = tmp_path / "tiny.yaml"
    path.write_text(json.dumps(TINY))
    runs = [
        fit(TINY, runs_dir=tmp_path),
        fit(path, runs_dir=tmp_path),
        fit(load_config(TINY), runs_dir=tmp_path),
        fit(
            {**TINY, "schedule": {"epochs": 1}}, runs_dir=tmp_path, overrides=["schedule.epochs=3"]
        ),
        fit({**TINY, "schedule": {}}, runs_dir=tmp_path, schedule={"epochs": 3}),
    ]
    assert len({digest(run) for run in runs}) == 1


@pytest.mark.parametrize("calls", [1, 6, 9])
@pytest.mark.parametrize("model", [TINY["model"], GMVAE])
def test_a_cancelled_run_resumes_to_the_same_end(tmp_path, calls, model):
    config = {**TINY, "model": model}
    whole = fit(config, runs_dir=tmp_path)
    run = fit(config, runs_dir=tmp_path, stop=stop_after(calls))
    assert run.state == "cancelled"
    again = resume(run)
    assert (again.id, again.state) == (run.id, "completed")
    assert digest(again) == digest(whole)
    assert again.record.metrics().steps == whole.record.metrics().steps
    ids = [event.id for event in again.record.events()]
    assert ids == list(range(1, len(ids) + 1))
    for kind in ("latent_2d_pca", "neighbor_churn", "scores"):
        first, second = (r.record.read_json(kind, epoch=3) for r in (whole, again))
        assert {**first, "compute_ms": 0} == {**second, "compute_ms": 0}
    assert not [finding for finding in verify(again.record) if finding.severity == "error"]


def test_resume_from_an_epoch_of_choice(tmp_path):
    whole = fit(TINY, runs_dir=tmp_path)
    run = fit(TINY, runs_dir=tmp_path, stop=stop_after(11))
    assert digest(resume(run, epoch=1)) == digest(whole)


def test_a_completed_or_unknown_run_does_not_resume(finished, tmp_path):
    with pytest.raises(RunError, match="is completed"):
        resume(finished)
    with pytest.raises(RunNotFoundError):
        resume("20200101-000000-none", runs_dir=tmp_path)
    run = fit(TINY, runs_dir=tmp_path, stop=stop_after(6))
    with pytest.raises(RunError, match=r"no checkpoint of that epoch; got 7; expected one of 0"):
        resume(run, epoch=7)


def test_cancel_is_heard_while_training_and_while_analysis_runs(tmp_path):
    def cancel_at(kind: str):
        def observer(event) -> None:
            if event.type == "artifact.created" and event.data["kind"] == kind:
                RunStore(tmp_path).open(event.run_id).request_cancel()

        return observer

    run = fit(TINY, runs_dir=tmp_path, observers=[cancel_at("latent_3d_pca")])
    assert (run.state, run.summary().step) == ("cancelled", 0)
    assert not run.record.has("scores", epoch=0)
    assert digest(resume(run)) == digest(fit(TINY, runs_dir=tmp_path))


def test_two_trainers_on_one_run(tmp_path):
    session = prepare(load_config(TINY))
    record = create(session.config, tmp_path)
    with record.own(), pytest.raises(RunBusyError):
        execute(record, session)
    assert record.summary().state == "created"
    assert execute(record, prepare(load_config(TINY))) == "completed"


def test_nan_fails_the_run_at_that_step_with_the_term_named(tmp_path):
    data = np.random.default_rng(0).random((64, 6), dtype=np.float32)
    config = {**TINY, "data": {"held_out": 0.0}}
    config["objective"] = {"beta": 1.0}
    config["schedule"] = {"epochs": 2, "lr": 1e30}
    with pytest.raises(NonFiniteObjectiveError, match=r"step \d+.*kl_divergence"):
        fit(config, data, runs_dir=tmp_path)
    (row,) = RunStore(tmp_path).list()
    assert (row.state, row.reason) == ("failed", "non_finite")
    last = list(RunStore(tmp_path).open(row.run_id).events())[-1]
    assert last.type == "run.failed"
    assert "kl_divergence" in last.data["terms"]
    assert len(last.data["batch_indices"]) == 32


def test_an_error_of_an_observer_fails_the_run_and_keeps_it_resumable(tmp_path):
    def broken(event) -> None:
        if event.type == "train.metrics" and event.epoch == 2:
            raise OSError("the observer broke")

    with pytest.raises(OSError, match="observer broke"):
        fit(TINY, runs_dir=tmp_path, observers=[broken])
    (row,) = RunStore(tmp_path).list()
    assert row.state == "failed"
    assert "observer broke" in row.message
    assert resume(row.run_id, runs_dir=tmp_path).state == "completed"


def test_ctrl_c_in_a_notebook_leaves_a_cancelled_run(tmp_path):
    def interrupt(event) -> None:
        if event.epoch == 1 and event.type == "train.metrics":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(TINY, runs_dir=tmp_path, observers=[interrupt])
    (row,) = RunStore(tmp_path).list()
    assert row.state == "cancelled"
    assert "keyboard" in row.reason
    resumed = resume(row.run_id, runs_dir=tmp_path)
    assert digest(resumed) == digest(fit(TINY, runs_dir=tmp_path))


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"training": {"batch_size": 1000}}, "batch_size is larger than the training data"),
        ({"data": {"dataset": "digits", "limit": 5000}}, "limit"),
        ({"model": {"kind": "vae", "latnt_dim": 3}}, "latent_dim"),
        ({"schedule": {"epochs": -1}}, "schedule.epochs"),
        ({"data": {"dataset": "mnst-5k"}}, "mnist-5k"),
        ({"analysis": {"indices": [0, 99999], "neighbors": 1, "reconstructions": 1}}, "indices"),
    ],
)
def test_what_cannot_work_fails_before_anything_is_written(tmp_path, config, message):
    with pytest.raises((ConfigError, DataError), match=message):
        fit({**TINY, **config}, runs_dir=tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


def test_a_full_disk_fails_the_run_and_loses_nothing(tmp_path, monkeypatch):
    run = fit(TINY, runs_dir=tmp_path, stop=stop_after(6))
    before = {
        name: (run.path / name).read_bytes()
        for name, _ in run.record.files()
        if name.startswith("checkpoints/epoch_1/")
    }
    real, budget = os.replace, [5]

    def replace(source, target, **options):
        budget[0] -= 1
        if budget[0] < 0:
            raise OSError(28, "No space left on device")
        return real(source, target, **options)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(RunError, match="no space left"):
        resume(run)
    monkeypatch.undo()
    assert all((run.path / name).read_bytes() == data for name, data in before.items())
    assert resume(run).state == "completed"


def networks() -> VAE:
    torch.manual_seed(0)
    return VAE(nn.Sequential(nn.Linear(6, 8), nn.Tanh()), nn.Linear(2, 6), latent_dim=2)


def test_a_model_around_your_own_networks(tmp_path):
    data = np.random.default_rng(0).random((80, 6), dtype=np.float32)
    sections = {
        "schedule": {"epochs": 3},
        "training": {"batch_size": 16},
        "analysis": {"points": 40, "neighbors": 5, "pictures": False},
    }
    run = fit(networks(), data, runs_dir=tmp_path, **sections)
    assert run.state == "completed"
    assert run.config["model"] == {
        "kind": "vae", "latent_dim": 2, "samples": 1, "decoder_noise": "unit",
        "decoder_scale": 1.0,
        "net": {"kind": "custom", "encoder": "torch.nn.modules.container:Sequential",
                "decoder": "torch.nn.modules.linear:Linear"},
    }  # fmt: skip
    assert run.latents()["z"].shape == (40, 2)

    stopped = fit(networks(), data, runs_dir=tmp_path, stop=stop_after(4), **sections)
    with pytest.raises(ConfigError, match="given from Python"):
        resume(stopped)
    with pytest.raises(ConfigError, match="custom"):
        resume(stopped, data=data)
    assert digest(resume(stopped, data=data, model=networks())) == digest(run)
    other = fit(networks(), data, runs_dir=tmp_path, stop=stop_after(4), **sections)
    with pytest.raises(RunError, match="not what it was"):
        resume(other, data=np.flip(data), model=networks())


def test_a_model_that_is_not_ours_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"none of latelier.models.*Linear"):
        fit(nn.Linear(2, 2), np.zeros((4, 2), np.float32), runs_dir=tmp_path)


def test_labels_and_clean_values_in_any_payload(finished):
    text = (finished.path / "events.jsonl").read_text()
    assert "NaN" not in text
    assert "Infinity" not in text
    for epoch in range(4):
        scores = finished.scores(epoch)
        assert all(math.isfinite(v) for v in scores.values() if isinstance(v, float))


def test_best_metrics_know_which_way_is_better(finished):
    summary, epochs = finished.summary(), finished.metrics().epochs
    for name, best in summary.best_metrics.items():
        values = [value for value in epochs[name] if value is not None]
        lower = name.endswith(("loss", "recon"))
        extreme = min(values) if lower else max(values)
        # The last scores are those of all examples, not only of the fixed points.
        assert best <= extreme if lower else best >= extreme
    assert "val/loss" in summary.best_metrics
    assert "train/lr" not in summary.best_metrics
