"""A resumed run's record is the record of one that never stopped: metrics, maps, scores."""

from __future__ import annotations

import json
import threading
from typing import Any

import numpy as np
import pytest
import torch

from latelier.config import ConfigError, NonFiniteWeightsError, RunError
from latelier.lab.launch import fit, resume
from latelier.lab.prepare import config_fingerprint
from latelier.lab.run import Run, open_run
from latelier.models import VAE
from latelier.runs import RunStore

from .conftest import TINY, digest

FILM = ("latent_2d_pca", "align_2d_pca", "neighbor_churn", "scores")


class Killed(BaseException):
    """Stands for a process that is gone: nothing of ours catches it."""


def killed(config: dict[str, Any], folder, kind: str, step: int) -> Run:
    """Start a run and lose its process as soon as an artifact of a kind appears at a step."""

    def observer(event) -> None:
        if event.type == "artifact.created" and event.data["kind"] == kind and event.step == step:
            raise Killed

    with pytest.raises(Killed):
        fit(config, runs_dir=folder, observers=[observer])
    return open_run(RunStore(folder).ids()[-1], folder)


def payloads(run: Run, epoch: int) -> dict[str, Any]:
    found = {kind: run.record.read_json(kind, epoch=epoch) for kind in FILM}
    return {kind: {**payload, "compute_ms": 0} for kind, payload in found.items()}


@pytest.mark.parametrize(("kind", "step"), [("checkpoint", 3), ("checkpoint", 8), ("knn_pca", 8)])
def test_a_kill_leaves_no_hole_in_metrics_and_film(tmp_path, kind, step):
    config = {**TINY, "training": {"batch_size": 32, "checkpoints": {"every_steps": 3}}}
    whole = fit(config, runs_dir=tmp_path / "whole")
    run = killed(config, tmp_path / "killed", kind, step)
    again = resume(run)
    assert digest(again) == digest(whole)
    assert again.metrics() == whole.metrics()
    assert again.summary().best_metrics == whole.summary().best_metrics
    for epoch in (2, 3):
        assert payloads(again, epoch) == payloads(whole, epoch)


@pytest.mark.parametrize(("analysis", "step"), [({"snapshots": 3}, 3), ({"every_epochs": 2}, 10)])
def test_the_film_goes_on_from_the_frame_before(tmp_path, analysis, step):
    config = {
        **TINY,
        "schedule": {"epochs": 4},
        "training": {"batch_size": 32, "checkpoints": {"every_steps": 1}},
        "analysis": {**TINY["analysis"], **analysis},
    }
    whole = fit(config, runs_dir=tmp_path / "whole")
    again = resume(killed(config, tmp_path / "killed", "checkpoint", step))
    for epoch in whole.record.epochs("align_2d_pca")[1:]:
        assert payloads(again, epoch) == payloads(whole, epoch)


def test_scores_that_were_not_measured_are_not_those_of_the_epoch_before(tmp_path):
    seen: list[str] = []

    def observer(event) -> None:
        if event.type == "artifact.created" and event.epoch == 2:
            seen.append(event.data["kind"])

    run = fit(TINY, runs_dir=tmp_path, observers=[observer], stop=lambda: "knn_pca" in seen)
    assert run.state == "cancelled"
    columns = run.metrics().epochs
    assert columns["epoch"] == [0, 1, 2]
    assert columns["probe_accuracy"][1] is not None
    assert columns["probe_accuracy"][2] is None


def test_metrics_of_epochs_without_a_map_reach_the_summary(tmp_path):
    analysis = {**TINY["analysis"], "every_epochs": 100}
    steps: list[int] = []
    run = fit(
        {**TINY, "analysis": analysis},
        runs_dir=tmp_path,
        observers=[lambda event: steps.append(event.step)],
        stop=lambda: max(steps) >= 8,
    )
    column = run.metrics().epochs["val/loss"]
    assert run.summary().last_metrics["val/loss"] == column[2]


def test_a_damaged_map_does_not_keep_a_run_from_going_on(tmp_path):
    run = killed(TINY, tmp_path / "killed", "scores", 8)
    for name in ("latents", "projections"):
        for path in (run.path / name).iterdir():
            path.write_bytes(b"x")
    assert digest(resume(run)) == digest(fit(TINY, runs_dir=tmp_path / "whole"))


def test_a_run_that_was_lost_before_its_first_checkpoint_begins_again(tmp_path):
    run = killed(TINY, tmp_path / "killed", "sprites", 0)
    assert run.record.checkpoints() == []
    assert digest(resume(run)) == digest(fit(TINY, runs_dir=tmp_path / "whole"))


def edited(run: Run, section: str, **values: Any) -> None:
    path = run.path / "config.json"
    config = json.loads(path.read_text())
    config[section].update(values)
    path.write_text(json.dumps(config))


def test_a_config_that_was_changed_is_refused_but_not_where_it_may_differ(tmp_path):
    run = killed(TINY, tmp_path, "scores", 4)
    edited(run, "training", threads=1, device="cpu")
    edited(run, "data", workers=0, in_memory="always")
    assert config_fingerprint(run.config) == config_fingerprint({**run.config, "tags": ["a"]})
    edited(run, "training", batch_size=16)
    with pytest.raises(RunError, match=r"config.json of run .* was changed.*Put it back"):
        resume(run)
    edited(run, "training", batch_size=32)
    assert resume(run).state == "completed"


def test_threads_of_one_process_train_one_after_another(tmp_path):
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(digest(fit(TINY, runs_dir=tmp_path))))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [digest(fit(TINY, runs_dir=tmp_path))] * 3


class BrokenGradient(torch.nn.Linear):
    """Its output is finite, its gradient is not: d/dx sqrt(x) at 0."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = super().forward(x)
        return h + torch.sqrt((h - h).abs())


@pytest.mark.parametrize("enabled", [True, False])
def test_weights_that_broke_in_the_last_update_are_found(tmp_path, enabled):
    data = np.random.default_rng(0).random((40, 6), dtype=np.float32)
    model = VAE(BrokenGradient(6, 5), torch.nn.Linear(2, 6), latent_dim=2)
    with pytest.raises(NonFiniteWeightsError, match=r"after 1 steps.*encoder\.weight.*clip_norm"):
        fit(
            model,
            data,
            runs_dir=tmp_path,
            schedule={"steps": 1},
            training={"batch_size": 32},
            analysis={**TINY["analysis"], "enabled": enabled},
        )
    (row,) = RunStore(tmp_path).list()
    assert (row.state, row.reason) == ("failed", "non_finite")
    assert RunStore(tmp_path).open(row.run_id).checkpoints() == [{"epoch": 0}]


def test_a_single_example_has_no_neighbors_and_trains(tmp_path):
    config = {**TINY, "data": {"held_out": 0.0}, "training": {"batch_size": 1}}
    run = fit({**config, "analysis": {}}, np.ones((1, 6), np.float32), runs_dir=tmp_path)
    assert run.state == "completed"
    assert run.latents()["z"].shape == (1, 3)
    with pytest.raises(RunError, match=r"has no scores; .*need labels"):
        run.scores()


def test_data_in_the_place_of_the_model_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"got ndarray.*fit\(model_or_config, data\)"):
        fit(np.ones((4, 6), np.float32), runs_dir=tmp_path)
