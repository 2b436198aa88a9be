"""A run recorded by the first version. Every later version reads it; it is never recorded again."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from latelier.config import load_config
from latelier.runs import RunRecord, RunStore
from latelier.runs.event_models import UnknownEvent, typed_event
from latelier.runs.verify import verify

ROOT = Path(__file__).parent / "runs-v1"
RUN_ID = "20261121-084207-vae-digits-gold"


@pytest.fixture
def golden() -> RunRecord:
    return RunStore(ROOT).open("20261121")


def _fingerprint() -> str:
    files = sorted(path for path in ROOT.rglob("*") if path.is_file())
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def test_it_is_listed(golden: RunRecord) -> None:
    (row,) = RunStore(ROOT).list()
    assert row.as_dict() == {
        "run_id": RUN_ID,
        "state": "completed",
        "reason": None,
        "message": None,
        "name": "golden",
        "model_kind": "vae",
        "dataset": "digits",
        "seed": 7,
        "created": "2026-11-21T08:42:07.171Z",
        "started": "2026-11-21T08:42:07.227Z",
        "ended": "2026-11-21T08:42:07.474Z",
        "step": 12,
        "epoch": 3,
        "total_steps": 12,
        "total_epochs": 3,
        "duration_s": 0.222,
        "last_metrics": {"val/loss": 1.0, "scores/nmi": 0.75},
        "best_metrics": {"val/loss": 1.0, "scores/nmi": 0.75},
        "version": "0.1.0",
        "parent": None,
        "live": None,
        "display_name": "The golden run",
        "tags": ("golden", "v1"),
        "note": "Read by every later version.",
    }


def test_its_events_are_read_and_typed(golden: RunRecord) -> None:
    events = list(golden.events())
    assert [event.id for event in events] == list(range(1, 37))
    life = [event.type for event in events if event.type.startswith("run.")]
    assert life == ["run.created", "run.started", "run.cancelled", "run.resumed", "run.completed"]
    assert not any(isinstance(typed_event(event), UnknownEvent) for event in events)


def test_its_metrics_read_as_if_it_had_never_been_cancelled(golden: RunRecord) -> None:
    metrics = golden.metrics()
    assert metrics.steps == {
        "step": list(range(12)),
        "train/loss": [
            1.0, 0.5, 0.3333, 0.25, 10.2, 10.1667, 0.1429, 0.125, 0.1111, 0.1, 0.0909, 0.0833,
        ],
    }  # fmt: skip
    assert metrics.epochs == {
        "epoch": [0, 1, 2, 3],
        "step": [0, 4, 8, 12],
        "train/loss": [3.0, 2.0, 1.0, 0.5],
        "val/loss": [3.5, 2.5, 1.5, 1.0],
    }


def test_its_artifacts_are_found(golden: RunRecord) -> None:
    assert golden.epochs("latent_2d_pca") == [0, 1, 2, 3]
    assert golden.epochs("latents") == [0, 1, 2, 3]
    assert golden.checkpoints() == [{"epoch": 1}, {"epoch": 2}, {"epoch": 3}]
    assert golden.read_json("latent_2d_pca", epoch=1, step=6)["points"] == [[0.5, None]]
    assert golden.read_json("latent_2d_pca", epoch="latest")["epoch"] == 3
    assert golden.read_json("scores", epoch=3)["clustering_accuracy"] is None
    assert golden.has("posterior_local_image", epoch=3, idx=14, m=4, seed=5)
    assert golden.has("layer_summary", epoch=3, idx=14, layer_id="encoder.0")
    assert golden.has("sprites")


def test_it_is_sound_and_its_configuration_still_loads(golden: RunRecord) -> None:
    assert verify(golden, check_config=load_config) == []
    assert load_config(golden.config()).model_dump(mode="json")["analysis"]["indices"] == [
        3,
        14,
        15,
    ]


def test_reading_changes_nothing(golden: RunRecord) -> None:
    before = _fingerprint()
    golden.summary()
    list(golden.events())
    golden.metrics()
    verify(golden)
    assert not golden.reconcile()
    assert _fingerprint() == before
