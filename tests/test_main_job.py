"""The main job, as a person does it: real commands, real images, a kill in the middle."""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from latelier.lab.launch import fit
from latelier.runs import RunStore
from latelier.runs.verify import verify

pytestmark = pytest.mark.slow
SHORT = ["schedule.epochs=6", "model.warmup_epochs=3", "training.checkpoints.every_epochs=1"]


def latelier(*arguments: str, **options) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "latelier", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def digest(root: Path, epoch: int = 6) -> str:
    (record,) = (RunStore(root).open(run_id) for run_id in RunStore(root).ids())
    return str(record.read_json("checkpoint", epoch=epoch)["digest"])


def test_train_verify_and_train_again(tmp_path):
    for name in ("one", "two"):
        done = latelier("train", "lab/mnist5k-gmvae", *SHORT, "--runs-dir", str(tmp_path / name))
        assert done.returncode == 0, done.stderr
    assert digest(tmp_path / "one") == digest(tmp_path / "two")
    (run_id,) = RunStore(tmp_path / "one").ids()
    checked = latelier("verify", run_id, "--runs-dir", str(tmp_path / "one"), "--json")
    assert checked.returncode == 0, checked.stdout
    summary = json.loads((tmp_path / "one" / run_id / "summary.json").read_text())
    assert summary["state"] == "completed"
    assert 0 < summary["last_metrics"]["clustering_accuracy"] <= 1


def test_killed_in_mid_epoch_and_resumed_is_the_same_run(tmp_path):
    fit("lab/mnist5k-gmvae", runs_dir=tmp_path / "whole", overrides=SHORT)
    command = [sys.executable, "-m", "latelier", "train", "lab/mnist5k-gmvae", *SHORT]
    child = subprocess.Popen(
        [*command, "--runs-dir", str(tmp_path / "killed")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    store = RunStore(tmp_path / "killed")
    until = time.monotonic() + 120
    while not (store.ids() and store.open(store.ids()[0]).has("checkpoint", epoch=2)):
        assert child.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < until
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.wait()
    (run_id,) = store.ids()
    with (tmp_path / "killed" / run_id / "events.jsonl").open("ab") as file:
        file.write(b'{"v":1,"id":99')  # as if a line was being written
    assert store.open(run_id).summary().state == "failed"
    assert store.open(run_id).summary().reason == "interrupted"
    resumed = latelier("resume", run_id, "--runs-dir", str(tmp_path / "killed"))
    assert resumed.returncode == 0, resumed.stderr
    assert digest(tmp_path / "killed") == digest(tmp_path / "whole")
    record = store.open(run_id)
    ids = [event.id for event in record.events()]
    assert ids == list(range(1, len(ids) + 1))
    assert not [finding for finding in verify(record) if finding.severity == "error"]


def test_the_default_preset_clusters_without_labels(tmp_path):
    accuracies = []
    for seed in range(5):
        run = fit("lab/mnist5k-gmvae", runs_dir=tmp_path, overrides=[f"seed={seed}"])
        summary = run.summary()
        accuracies.append(summary.last_metrics["clustering_accuracy"])
        assert run.record.read_json("mixture_health", epoch="latest")["dead"] == []
        assert summary.duration_s < 90 * 4, "90 s of training, with room for a busy machine"
    assert statistics.median(accuracies) >= 0.75, accuracies


@pytest.mark.parametrize(
    ("preset", "metric", "least"),
    [
        ("lab/mnist5k-supervised-ae", "accuracy", 0.95),
        ("library/digits-vae", "probe_accuracy", 0.60),
        ("library/mnist5k-vae", "probe_accuracy", 0.80),
        ("library/mnist5k-ae", "probe_accuracy", 0.80),
        ("lab/digits-gmvae", "clustering_accuracy", 0.60),
    ],
)
def test_presets_learn(tmp_path, preset, metric, least):
    run = fit(preset, runs_dir=tmp_path)
    assert run.summary().last_metrics[metric] >= least
