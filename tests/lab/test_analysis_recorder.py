from __future__ import annotations

import sys
import threading
import time
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latelier.config import RunError, TrainingError
from latelier.lab import companion, full_recorder
from latelier.lab.analysis_recorder import snapshot_steps
from latelier.lab.backfill import backfill
from latelier.lab.companion import Companion
from latelier.lab.full_set import array_part, write_product
from latelier.lab.launch import fit, resume
from latelier.lab.makers import MAKERS
from latelier.lab.run import Run
from latelier.runs import RunStore
from latelier.runs.additions import additions
from latelier.runs.verify import verify

from .conftest import TINY, contents, digest


@given(count=st.integers(0, 64), steps=st.integers(1, 5000))
@settings(deadline=None, max_examples=50)
def test_frames_are_capped_different_and_in_geometric_progression(count, steps):
    frames = sorted(snapshot_steps(count, steps))
    assert len(frames) <= count
    assert all(1 <= frame < steps for frame in frames)
    if count > 1 and steps > 2:
        assert (frames[0], frames[-1]) == (1, steps - 1)
        gaps = [after - before for before, after in pairwise(frames)]
        assert all(after >= before - 1 for before, after in pairwise(gaps))


def test_frames_are_recorded_beside_their_epoch(tmp_path):
    analysis = {**TINY["analysis"], "snapshots": 2}
    run = fit({**TINY, "schedule": {"epochs": 1}, "analysis": analysis}, runs_dir=tmp_path)
    for step in snapshot_steps(2, 4):
        assert run.record.read_json("latent_2d_pca", epoch=0, step=step)["step"] == step
    assert run.record.epochs("latent_2d_pca") == [0, 1]


FULL = ("posterior_2d_pca", "projection_quality", "atlas_pca", "atlas_pca_image", "trust_2d_pca")


def full_run(folder, *, epochs=4, stop=None, **analysis):
    config = {
        **TINY,
        "schedule": {"epochs": epochs},
        "analysis": {**TINY["analysis"], **analysis},
    }
    return fit(config, runs_dir=folder, stop=stop).record


@pytest.mark.parametrize(
    ("cadence", "epochs"),
    [("fibonacci", [0, 1, 2, 3, 5, 6]), ("last", [6]), ("off", [])],
)
def test_the_full_set_is_recorded_at_its_cadence(tmp_path, cadence, epochs):
    record = full_run(tmp_path, epochs=6, full_set=cadence)
    for kind in FULL:
        assert record.epochs(kind) == epochs, kind
    assert verify(record) == []


def test_few_points_and_many_make_the_same_full_set(tmp_path, monkeypatch):
    """On the spot, and in a companion with a copy of the model."""
    here = full_run(tmp_path)
    monkeypatch.setattr(full_recorder, "INLINE_POINTS", 0)
    beside = full_run(tmp_path)
    assert contents(beside) == contents(here)
    assert digest(Run(beside), 4) == digest(Run(here), 4)
    assert verify(beside) == []
    types = [event.type for event in beside.events()]
    assert "log.warning" not in types
    last = max(i for i, kind in enumerate(types) if kind == "artifact.created")
    assert types.index("run.completed") > last


def test_the_full_set_changes_nothing_in_training(tmp_path):
    analyzed = full_run(tmp_path, epochs=2)
    for analysis in ({"full_set": "off"}, {"enabled": False}):
        other = full_run(tmp_path, epochs=2, **analysis)
        for epoch in range(3):
            assert digest(Run(other), epoch) == digest(Run(analyzed), epoch)


def test_cancelling_drops_what_is_queued_and_says_how_to_make_it(tmp_path, monkeypatch):
    monkeypatch.setattr(full_recorder, "INLINE_POINTS", 0)
    asleep = (sys.executable, "-c", "import sys, time; sys.stdin.buffer.read(16); time.sleep(60)")
    monkeypatch.setattr(full_recorder, "Companion", lambda writer: Companion(writer, asleep))
    monkeypatch.setattr(companion, "GRACE_SECONDS", 0.1)
    asked = 0

    def stop():
        nonlocal asked
        asked += 1
        return asked > 20

    record = full_run(tmp_path, stop=stop)
    assert record.summary().state == "cancelled"
    (told,) = [event.data for event in record.events() if event.type == "log.warning"]
    assert told["code"] == "full_set_incomplete"
    assert "plane_pca of epoch 0" in told["message"]
    assert "atlas and trust of epoch 1" in told["message"]
    assert f"latelier backfill {record.id}" in told["message"]
    assert verify(record) == []
    made = backfill(record)
    assert ("trust_2d_pca", 1) in made.made


def test_a_model_part_waits_for_its_grids_with_the_weights_of_its_epoch(tmp_path, monkeypatch):
    monkeypatch.setattr(full_recorder, "INLINE_POINTS", 0)

    class Late(Companion):
        """Makes everything when the run is over."""

        def submit(self, unit):
            held.append(unit)

        def waiting(self, unit):
            return unit in held

        def finish(self, stop):  # noqa: ARG002
            for unit in list(held):
                for product in array_part(self._writer.record, unit.epoch, unit.name):
                    write_product(self._writer.record, self._writer, product)
                held.remove(unit)

    held = []
    monkeypatch.setattr(full_recorder, "Companion", Late)
    late = full_run(tmp_path, epochs=2)
    monkeypatch.undo()
    assert contents(late) == contents(full_run(tmp_path, epochs=2))


def test_a_resumed_run_goes_on_with_its_full_set(tmp_path):
    straight = full_run(tmp_path, epochs=3)
    asked = 0

    def stop():
        nonlocal asked
        asked += 1
        return asked > 16

    record = full_run(tmp_path, epochs=3, stop=stop)
    assert record.summary().state == "cancelled"
    resume(record.id, runs_dir=tmp_path)
    assert contents(record) == contents(straight)


def test_an_analysis_that_fails_is_said_and_training_goes_on(tmp_path, monkeypatch):
    def broken(moment, keys):
        raise ZeroDivisionError("of all things")

    row = replace(MAKERS["trust_2d_pca"], make=broken)
    monkeypatch.setitem(MAKERS, "trust_2d_pca", row)
    record = full_run(tmp_path, epochs=1)
    assert record.summary().state == "completed"
    told = [event.data for event in record.events() if event.type == "log.warning"]
    assert {data["code"] for data in told} == {"full_set_failed"}
    assert "ZeroDivisionError: of all things" in told[0]["message"]
    monkeypatch.undo()
    assert {kind for kind, _ in backfill(record).made} == {"trust_2d_pca", "diagnoses"}


@pytest.mark.parametrize("analysis", [{}, {"enabled": False}])
def test_a_run_is_diagnosed_however_it_ends(tmp_path, analysis):
    settings = {**TINY["analysis"], **analysis}
    wild = {**TINY, "schedule": {"epochs": 2, "lr": 1e30}, "analysis": settings}
    with pytest.raises(TrainingError):
        fit(wild, runs_dir=tmp_path)
    record = RunStore(tmp_path).open(RunStore(tmp_path).ids()[0])
    assert list(record.events())[-1].type == "run.failed"
    if analysis:
        assert not record.has("diagnoses")
        backfill(record, kinds=["diagnoses"])
    payload = record.read_json("diagnoses")
    assert any("learning_rate" in finding["rule"] for finding in payload["findings"])
    assert verify(record) == []


def test_a_run_waits_for_somebody_who_adds_to_its_folder(tmp_path):
    asked = 0

    def stop():
        nonlocal asked
        asked += 1
        return asked > 3

    record = full_run(tmp_path, full_set="off", stop=stop)
    entered = threading.Event()

    def add():
        with additions(record):
            entered.set()
            time.sleep(0.2)

    thread = threading.Thread(target=add)
    thread.start()
    entered.wait()
    assert resume(record.id, runs_dir=tmp_path).state == "completed"
    thread.join()
    with record.own(), pytest.raises(RunError, match="is completed"):
        resume(record.id, runs_dir=tmp_path)


@pytest.mark.slow
def test_umap_while_training_tells_its_progress(tmp_path):
    record = full_run(tmp_path, epochs=2, umap=True, umap_neighbors=5, full_set="last")
    # D = 3: shown as they are in 3-D. The anchors before the last epoch are completed.
    assert record.epochs("latent_2d_umap") == [0, 1, 2]
    assert not record.epochs("latent_3d_umap")
    assert record.epochs("posterior_2d_umap") == [2]
    told = [event.data for event in record.events() if event.type == "projection.progress"]
    assert {data["method"] for data in told} == {"umap"}
    assert told[-1]["done"] == 1.0
    assert verify(record) == []
