from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from latelier.config.errors import RunBusyError, RunError
from latelier.runs import RunRecord, RunState, RunStore

OWNS_AND_DIES = """
import os, sys
from pathlib import Path
from latelier.runs import RunRecord
with RunRecord(Path(sys.argv[1])).own() as writer:
    writer.transition("running", total_steps=100)
    writer.event("train.progress", {}, step=7, epoch=2)
    print(os.getpid(), flush=True)
    sys.stdin.readline()
    if len(sys.argv) > 2:
        with open(writer.record.path_of("events"), "ab") as events:
            events.write(b'{"v":1,"id":')
        os.kill(os.getpid(), 9)
"""


@pytest.fixture
def killed(record: RunRecord) -> RunRecord:
    """A run whose process was killed in the middle of writing an event."""
    arguments = [sys.executable, "-c", OWNS_AND_DIES, str(record.path), "die"]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.communicate(b"\n")
    assert process.returncode == -9
    return record


def test_two_writers_on_one_run(record: RunRecord) -> None:
    arguments = [sys.executable, "-c", OWNS_AND_DIES, str(record.path)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        before = record.path_of("events").read_bytes()
        with pytest.raises(RunBusyError, match=f"process {other.pid} on"), record.own():
            pass
        assert record.path_of("events").read_bytes() == before
        assert record.summary().live is True
        assert record.summary().state == "running"
        assert not record.reconcile()
        owner = record.live_owner()
        assert owner is not None
        assert owner.pid == other.pid
        other.communicate(b"\n")
    assert record.summary().state == "failed"  # left while running


def test_a_killed_run_shows_as_interrupted_without_being_written(killed: RunRecord) -> None:
    before = {path: path.read_bytes() for path in killed.path.rglob("*") if path.is_file()}
    summary = killed.summary()
    assert (summary.state, summary.reason, summary.live) == ("failed", "interrupted", False)
    assert [event.id for event in killed.events()] == [1, 2, 3]
    assert killed.live_owner() is None
    assert {path: path.read_bytes() for path in killed.path.rglob("*") if path.is_file()} == before


def test_reconciling_writes_it_down_once(killed: RunRecord) -> None:
    assert killed.reconcile()
    assert not killed.reconcile()
    last = list(killed.events())[-1]
    assert (last.id, last.type, last.step, last.epoch) == (4, "run.failed", 7, 2)
    assert last.data["reason"] == "interrupted"
    stored = killed.read_json("summary")
    assert (stored["state"], stored["reason"], stored["step"]) == ("failed", "interrupted", 7)
    assert not killed.has("owner")


def test_the_next_owner_reconciles_and_resumes_with_gapless_ids(killed: RunRecord) -> None:
    killed.path_of("cancel").write_bytes(b"")
    with killed.own() as writer:
        assert writer.settled
        assert writer.state is RunState.FAILED
        assert killed.cancel_requested()
        writer.transition("running", from_step=5, epoch=1)
        assert not killed.cancel_requested()
        writer.transition("completed", step=100, epoch=9)
    events = list(killed.events())
    assert [event.id for event in events] == [1, 2, 3, 4, 5, 6]
    assert [event.type for event in events[3:]] == ["run.failed", "run.resumed", "run.completed"]
    assert events[4].data["from_step"] == 5
    assert killed.summary().state == "completed"


def test_asking_to_stop(record: RunRecord) -> None:
    assert not record.cancel_requested()
    record.request_cancel()
    assert record.cancel_requested()
    with record.own() as writer:
        assert record.cancel_requested()  # a queued run can be cancelled before it starts
        writer.transition("cancelled")
    with pytest.raises(RunError, match="is cancelled already"):
        record.request_cancel()


def test_looking_for_a_request_is_one_stat(
    record: RunRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    stat = os.stat
    monkeypatch.setattr(os, "stat", lambda path, **keys: calls.append(path) or stat(path, **keys))
    record.cancel_requested()
    assert len(calls) == 1


def test_labels_need_no_owner_and_keep_what_is_not_given(record: RunRecord) -> None:
    assert record.labels().tags == ()
    with record.own():
        record.set_labels(display_name="Best", tags=("a", "b"))
    record.set_labels(note="=1+1")
    labels = record.labels()
    assert (labels.display_name, labels.tags, labels.note) == ("Best", ("a", "b"), "=1+1")
    assert record.summary().display_name == "Best"


def test_damaged_labels_do_not_hide_the_run(record: RunRecord) -> None:
    record.path_of("labels").write_text("{")
    assert record.summary().state == "created"
    with pytest.raises(RunError, match="holds only labels"):
        record.labels()


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b'{"state": "asleep"}', b"\xff\xfe"])
def test_a_damaged_summary_is_an_error_that_says_what_to_do(
    record: RunRecord, content: bytes | None
) -> None:
    path = record.path_of("summary")
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RunError, match="latelier verify"):
        record.summary()
    with pytest.raises(RunError, match="latelier verify"), record.own():
        pass
    assert not record.has("owner")


def test_missing_and_damaged_artifacts_are_told_apart(record: RunRecord) -> None:
    with pytest.raises(RunError, match=r"has no scores/scores_epoch_3\.json.*latelier show"):
        record.read_json("scores", epoch=3)
    record.path_of("config").write_text("{")
    with pytest.raises(RunError, match=r"config\.json is not JSON"):
        record.config()
    record.path_of("config").write_text("[]")
    with pytest.raises(RunError, match="not a JSON object"):
        record.config()


def test_a_link_that_leads_out_is_not_followed(record: RunRecord, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(b"secret")
    (record.path / "sprites.png").symlink_to(tmp_path / "secret.png")
    (record.path / "scores").symlink_to(tmp_path)
    for kind, keys in (("sprites", {}), ("scores", {"epoch": 1})):
        with pytest.raises(RunError, match="leads out of its run folder"):
            record.read_bytes(kind, **keys)
    (record.path / "summary.json").rename(tmp_path / "secret.json")
    (record.path / "summary.json").symlink_to(tmp_path / "secret.json")
    with pytest.raises(RunError, match="cannot be read"):
        record.summary()


def test_epochs_and_checkpoints_are_found_by_their_files(record: RunRecord) -> None:
    with record.own() as writer:
        for epoch in (10, 2, 0):
            writer.put_json("latent_2d_pca", {}, epoch=epoch, step=epoch)
            writer.put_json("latent_2d_umap", {}, epoch=epoch + 1, step=epoch)
            writer.put_bytes("posterior_local_image", b"", epoch=epoch, idx=epoch, m=4)
            with writer.checkpoint(epoch=epoch, step=epoch) as folder:
                (folder / "checkpoint.json").write_text("{}")
        with writer.checkpoint(epoch=2, step=25, mid_epoch=True) as folder:
            (folder / "checkpoint.json").write_text("{}")
        writer.put_json("latent_2d_pca", {}, epoch=4, step=44, snapshot=True)
    (record.path / "checkpoints" / "epoch_7").mkdir()
    assert record.epochs("latent_2d_pca") == [0, 2, 10]
    assert record.epochs("latent_2d_umap") == [1, 3, 11]
    assert record.epochs("posterior_local_image", idx=2, m=4) == [2]
    assert record.epochs("checkpoint") == [0, 2, 10]
    assert record.epochs("scores") == []
    assert record.checkpoints() == [
        {"epoch": 0},
        {"epoch": 2},
        {"epoch": 2, "step": 25},
        {"epoch": 10},
    ]
    with pytest.raises(RunError, match="not made per epoch"):
        record.epochs("config")


def test_files_are_named_or_strangers(record: RunRecord) -> None:
    (record.path / "notes.txt").write_text("mine")
    found = dict(record.files())
    assert found["config.json"] == ("config", {})
    assert found["notes.txt"] is None
    assert record.size_bytes() == sum(path.stat().st_size for path in record.path.iterdir())


def test_a_tail_sees_what_a_writer_adds(record: RunRecord) -> None:
    tail = record.tail(after=1)
    with record.own() as writer:
        assert tail.poll() == []
        writer.event("log.warning", {"message": "hot"}, step=0, epoch=0)
        assert [event.data["message"] for event in tail.poll()] == ["hot"]


def test_a_run_folder_needs_a_run_id(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="not a run id"):
        RunRecord(tmp_path / "Not A Run")


def test_forked_and_copied_runs_read_alike(
    store: RunStore, make_run: Callable[[], RunRecord]
) -> None:
    record = make_run()
    copy = record.path.with_name("copied-run")
    copy.mkdir()
    for path in record.path.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    assert store.open("copied").summary().run_id == "copied-run"
    assert json.loads((copy / "summary.json").read_text())["run_id"] == record.id
