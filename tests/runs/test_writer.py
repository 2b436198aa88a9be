from __future__ import annotations

import errno
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from latelier.config.errors import RunError
from latelier.runs import RECEIPT, RunRecord, RunState, RunWriter
from latelier.runs.verify import verify


def _events(record: RunRecord) -> list[tuple[str, dict[str, Any]]]:
    return [(event.type, dict(event.data)) for event in record.events()]


def test_a_whole_life(record: RunRecord) -> None:
    with record.own() as writer:
        writer.transition("running", total_steps=20, total_epochs=2, device="cpu")
        assert record.summary().state == "running"
        assert record.summary().live
        writer.event("train.metrics", {"scope": "epoch", "train/loss": 2.0}, step=10, epoch=1)
        writer.update_summary(last_metrics={"train/loss": 2.0}, best_metrics={"train/loss": 2.0})
        writer.transition(RunState.COMPLETED, step=20, epoch=2)
    summary = record.summary()
    assert (summary.state, summary.step, summary.epoch) == ("completed", 20, 2)
    assert (summary.total_steps, summary.total_epochs) == (20, 2)
    assert summary.last_metrics == {"train/loss": 2.0}
    assert summary.started is not None
    assert summary.ended is not None
    assert summary.created is not None
    assert summary.created <= summary.started <= summary.ended
    assert summary.duration_s is not None
    types = [name for name, _ in _events(record)]
    assert types == ["run.created", "run.started", "train.metrics", "run.completed"]
    assert verify(record) == []


def test_the_summary_follows_training_not_backfill(record: RunRecord) -> None:
    with record.own() as writer:
        writer.transition("running")
        writer.event("train.progress", {}, step=40, epoch=4)
        writer.put_json("scores", {}, epoch=2, step=20)
        writer.event("eval.progress", {"done": 1, "total": 2}, step=20, epoch=2)
        assert writer.update_summary(total_steps=50).step == 40


def test_listeners_hear_every_event_after_it_is_written(record: RunRecord) -> None:
    heard: list[tuple[int, str]] = []
    with record.own() as writer:
        writer.listen(lambda event: heard.append((event.id, event.type)))
        writer.listen(lambda _: heard.append((len(list(record.events())), "written")))
        writer.put_json("scores", {}, epoch=1, step=1)
        writer.transition("cancelled")
    assert heard == [
        (2, "artifact.created"),
        (2, "written"),
        (3, "run.cancelled"),
        (3, "written"),
    ]


def test_durations_of_all_stretches_add_up(
    record: RunRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([100.0, 103.0, 200.0, 204.5])
    monkeypatch.setattr("latelier.runs.writer.time.monotonic", lambda: next(clock))
    with record.own() as writer:
        writer.transition("running")
        writer.transition("cancelled", reason="asked")
        writer.transition("running", from_step=0)
        assert record.summary().reason is None
        assert record.summary().ended is None
        writer.transition("completed")
    assert record.summary().duration_s == 7.5


def test_changes_of_state_need_their_fields(record: RunRecord) -> None:
    with record.own() as writer:
        with pytest.raises(RunError, match="a created run cannot become completed"):
            writer.transition("completed")
        with pytest.raises(RunError, match=r"run\.failed needs reason"):
            writer.transition("failed", message="oh")
        writer.transition("failed", reason="no_data", message="oh")
        with pytest.raises(RunError, match=r"run\.resumed needs from_step"):
            writer.transition("running")
        with pytest.raises(RunError, match="written by a change of state"):
            writer.event("run.completed", {}, step=0, epoch=0)
    assert [name for name, _ in _events(record)] == ["run.created", "run.failed"]
    assert record.summary().message == "oh"


@pytest.mark.parametrize(
    ("error", "reason"),
    [(ValueError("boom"), "error"), (KeyboardInterrupt(), "interrupted"), (None, "interrupted")],
)
def test_leaving_while_running_is_a_failure(
    record: RunRecord, error: BaseException | None, reason: str
) -> None:
    def leave() -> None:
        with record.own() as writer:
            writer.transition("running")
            if error is not None:
                raise error

    if error is None:
        leave()
    else:
        with pytest.raises(type(error)):
            leave()
    stored = record.read_json("summary")
    assert (stored["state"], stored["reason"]) == ("failed", reason)
    assert not record.has("owner")


def test_json_artifacts_carry_the_receipt_and_are_announced(record: RunRecord) -> None:
    points = np.array([[0.5, np.nan]], dtype=np.float32)
    with record.own() as writer:
        path = writer.put_json(
            "latent_2d_pca",
            {"points": points},
            epoch=3,
            step=30,
            compute_ms=1.5,
            checkpoint_hash="abc",
        )
    assert path == record.path / "projections/latent_2d_epoch_3.json"
    payload = record.read_json("latent_2d_pca", epoch=3)
    assert tuple(payload)[: len(RECEIPT)] == RECEIPT
    assert payload == {
        "schema_version": 1,
        "kind": "latent_2d_pca",
        "epoch": 3,
        "step": 30,
        "model_kind": "gmvae",
        "seed": 7,
        "compute_ms": 1.5,
        "checkpoint_hash": "abc",
        "points": [[0.5, None]],
    }
    (event,) = [event for event in record.events() if event.type == "artifact.created"]
    assert (event.step, event.epoch) == (30, 3)
    assert event.data == {
        "kind": "latent_2d_pca",
        "path": "projections/latent_2d_epoch_3.json",
        "keys": {"epoch": 3},
        "latest": "projections/latent_2d_latest.json",
        "media_type": "application/json",
        "bytes": path.stat().st_size,
        "compute_ms": 1.5,
    }


def test_a_payload_cannot_overwrite_the_receipt(record: RunRecord) -> None:
    with record.own() as writer, pytest.raises(RunError, match=r"got seed.*sample_seed"):
        writer.put_json("posterior_local", {"seed": 3}, epoch=1, idx=2, m=3)


@pytest.mark.parametrize("kind", ["config", "events", "checkpoint", "checkpoint_model"])
def test_the_record_itself_is_not_written_as_an_artifact(record: RunRecord, kind: str) -> None:
    with record.own() as writer, pytest.raises(RunError, match="not written as an artifact"):
        writer.put_bytes(kind, b"", epoch=1)


def test_the_mirror_is_the_newest_epoch_whatever_the_order(record: RunRecord) -> None:
    with record.own() as writer:
        for epoch in (0, 5, 3):
            writer.put_json("scores", {"value": epoch}, epoch=epoch, step=epoch)
        writer.put_json("scores", {"value": "inside"}, epoch=9, step=99, snapshot=True)
    with record.own() as writer:  # a later process, for one epoch that was left out
        writer.put_json("scores", {"value": 4}, epoch=4, step=4)
        assert record.read_json("scores", epoch="latest")["value"] == 5
        writer.put_json("scores", {"value": "again"}, epoch=5, step=5)
    assert record.read_json("scores", epoch="latest")["value"] == "again"
    assert record.read_json("scores", epoch=9, step=99)["value"] == "inside"
    mirrors = [data["latest"] for name, data in _events(record) if name == "artifact.created"]
    latest = "scores/scores_latest.json"
    assert mirrors == [latest, latest, None, None, None, latest]
    assert verify(record) == []


def test_mirrors_of_on_demand_pictures_are_kept_apart_by_their_keys(record: RunRecord) -> None:
    with record.own() as writer:
        for idx in (1, 2):
            writer.put_bytes("posterior_local_image", b"%d" % idx, epoch=3, idx=idx, m=4)
        writer.put_bytes("posterior_local_image", b"seeded", epoch=1, idx=1, m=4, seed=9)
    keys = {"epoch": "latest", "m": 4}
    assert record.read_bytes("posterior_local_image", idx=1, **keys) == b"1"
    assert record.read_bytes("posterior_local_image", idx=2, **keys) == b"2"
    assert record.read_bytes("posterior_local_image", idx=1, seed=9, **keys) == b"seeded"


def test_artifacts_whose_name_has_its_own_step(record: RunRecord) -> None:
    with record.own() as writer:
        path = writer.put_json("evaluation", {}, epoch=2, step=1950)
    assert path == record.path / "evaluation/epoch_2_step1950/eval_metadata.json"


def _save_badly(writer: RunWriter) -> None:
    with writer.checkpoint(epoch=1, step=10) as folder:
        (folder / "model.safetensors").write_bytes(b"two")
        raise KeyboardInterrupt


def test_a_checkpoint_appears_as_a_whole(record: RunRecord) -> None:
    with record.own() as writer:
        with writer.checkpoint(epoch=1, step=10) as folder:
            (folder / "model.safetensors").write_bytes(b"one")
            (folder / "checkpoint.json").write_bytes(b'{"epoch":1}')
            assert not record.has("checkpoint", epoch=1)
            assert record.checkpoints() == []
        with writer.checkpoint(epoch=1, step=17, mid_epoch=True) as folder:
            (folder / "checkpoint.json").write_bytes(b"{}")
        assert record.read_bytes("checkpoint", epoch="latest") == b'{"epoch":1}'
        with pytest.raises(KeyboardInterrupt):
            _save_badly(writer)
        with (
            pytest.raises(RunError, match=r"no checkpoint\.json"),
            writer.checkpoint(epoch=2, step=20),
        ):
            pass
        assert record.read_bytes("checkpoint_model", epoch=1) == b"one"
        assert record.checkpoints() == [{"epoch": 1}, {"epoch": 1, "step": 17}]
        writer.drop_checkpoint(epoch=1, step=17)
        writer.drop_checkpoint(epoch=5)
    assert record.checkpoints() == [{"epoch": 1}]
    assert sorted(path.name for path in (record.path / "checkpoints").iterdir()) == [
        "epoch_1",
        "latest.json",
    ]


def test_the_next_owner_removes_what_a_dead_one_left_half_written(record: RunRecord) -> None:
    with record.own() as writer:
        writer.put_json("scores", {}, epoch=1, step=1)
    left = record.path / "scores" / ".scores_epoch_2.json.00000000-1-0a1b2c3d.tmp"
    left.write_bytes(b"{")
    os.utime(left, (0, 0))
    assert [finding.code for finding in verify(record)] == ["unfinished"]
    with record.own():
        pass
    assert verify(record) == []


class FullDisk:
    """Lets a number of writes pass, then none, as a disk does that fills up."""

    def __init__(self, patch: pytest.MonkeyPatch, passing: int) -> None:
        self.left = passing
        self._write = os.write
        patch.setattr(os, "write", self)

    def __call__(self, descriptor: int, data: Any) -> int:
        if self.left <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.left -= 1
        return self._write(descriptor, bytes(data))


def _one_epoch(record: RunRecord, epoch: int) -> None:
    with record.own() as writer:
        if writer.state is RunState.CREATED:
            writer.transition("running", total_steps=100)
        else:
            writer.transition("running", from_step=epoch * 10, epoch=epoch)
        writer.event("train.metrics", {"scope": "epoch", "loss": 1.0}, step=epoch * 10, epoch=epoch)
        writer.put_json("scores", {"value": epoch}, epoch=epoch, step=epoch * 10)
        writer.transition("cancelled")


@pytest.mark.parametrize("passing", range(10))
def test_a_disk_that_fills_up_at_any_write_loses_nothing_that_was_written(
    record: RunRecord, monkeypatch: pytest.MonkeyPatch, passing: int
) -> None:
    _one_epoch(record, 1)
    events = record.path_of("events").read_bytes()
    scores = record.read_bytes("scores", epoch=1)
    with monkeypatch.context() as patch:
        FullDisk(patch, passing)
        if passing < 9:
            with pytest.raises(RunError, match=r"no space left.*Free space"):
                _one_epoch(record, 2)
        else:  # shows that the other cases cover every write
            _one_epoch(record, 2)
    assert record.path_of("events").read_bytes().startswith(events)
    assert record.read_bytes("scores", epoch=1) == scores
    assert not list(record.path.rglob(".*.tmp"))
    assert record.summary().state in {"cancelled", "failed"}
    record.reconcile()
    _one_epoch(record, 3)
    assert [event.id for event in record.events()] == list(range(1, 1 + len(list(record.events()))))
    assert [finding for finding in verify(record) if finding.severity == "error"] == []


def test_a_settled_end_survives_a_summary_that_could_not_be_written(
    record: RunRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    def complete_on_a_full_disk() -> None:
        with record.own() as writer:
            writer.transition("running")
            with monkeypatch.context() as patch:
                FullDisk(patch, 1)  # room for the event alone
                writer.transition("completed", step=5, epoch=1)

    with pytest.raises(RunError, match=r"summary\.json could not be written"):
        complete_on_a_full_disk()
    assert record.reconcile()
    summary = record.summary()
    assert (summary.state, summary.step, summary.reason) == ("completed", 5, None)
    assert summary.duration_s is not None
    assert verify(record) == []


def test_without_a_beginning_nothing_is_guessed(record: RunRecord) -> None:
    record.path_of("events").write_bytes(b"")
    with pytest.raises(RunError, match=r"do not begin with run\.created"), record.own():
        pass


def test_threads_of_the_owner_may_all_write(record: RunRecord) -> None:
    with record.own() as writer:

        def work(kind: str) -> None:
            for epoch in range(10):
                writer.put_json(kind, {}, epoch=epoch, step=epoch)

        threads = [
            threading.Thread(target=work, args=(kind,))
            for kind in ("scores", "anatomy", "latent_2d_pca")
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [event.id for event in record.events()] == list(range(1, 32))
    assert verify(record) == []


def test_a_link_inside_the_run_is_not_written_through(record: RunRecord, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (record.path / "scores").symlink_to(outside)
    with record.own() as writer, pytest.raises(RunError, match="leads out"):
        writer.put_json("scores", {}, epoch=1, step=1)
    assert list(outside.iterdir()) == []
