from __future__ import annotations

import pytest

from latelier.config.errors import RunError
from latelier.runs import LATEST, RunRecord, RunState
from latelier.runs.additions import LooseWriter, additions
from latelier.runs.verify import verify
from latelier.runs.writer import RunWriter


def finished(record: RunRecord) -> RunRecord:
    """Let a run begin and end, with one artifact."""
    with record.own() as writer:
        writer.transition(RunState.RUNNING, total_steps=10, total_epochs=5)
        writer.put_json("anatomy", {"of": 5}, epoch=5, step=10)
        writer.transition(RunState.COMPLETED)
    return record


def test_what_is_added_to_a_run_that_nobody_owns_is_announced(record) -> None:
    finished(record)
    with additions(record) as writer:
        assert isinstance(writer, RunWriter)
        writer.put_json("anatomy", {"of": 3}, epoch=3, step=6, compute_ms=1.5)
        writer.put_bytes("latents", b"tensors", epoch=3, step=6)
    told = [event.data for event in record.events() if event.type == "artifact.created"]
    assert [(data["kind"], data["keys"]) for data in told[-2:]] == [
        ("anatomy", {"epoch": 3}),
        ("latents", {"epoch": 3}),
    ]
    assert record.live_owner() is None
    assert record.summary().state == RunState.COMPLETED
    assert verify(record) == []


def test_what_is_added_to_a_live_run_lies_beside_what_its_owner_writes(record) -> None:
    with record.own() as owner:
        owner.transition(RunState.RUNNING, total_steps=10, total_epochs=5)
        owner.put_json("anatomy", {"of": 4}, epoch=4, step=8, checkpoint_hash="ab")
        before = len(list(record.events()))
        with additions(record) as writer:
            assert isinstance(writer, LooseWriter)
            path = writer.put_json("scores", {"of": 2}, epoch=2, step=4, compute_ms=2.0)
            writer.put_json("anatomy", {"of": 2}, epoch=2, step=4, checkpoint_hash="cd")
            writer.put_bytes("latents", b"tensors", epoch=2, step=4)
        assert len(list(record.events())) == before
        assert path == record.path_of("scores", epoch=2)
        owner.transition(RunState.COMPLETED)
    stored = record.read_json("anatomy", epoch=2)
    by_owner = record.read_json("anatomy", epoch=4)
    assert list(stored) == list(by_owner)
    assert (stored["checkpoint_hash"], stored["epoch"], stored["step"]) == ("cd", 2, 4)
    assert record.read_json("anatomy", epoch=LATEST)["of"] == 4
    assert record.read_bytes("latents", epoch=LATEST) == b"tensors"
    assert verify(record) == []


def test_the_mirror_shows_the_newest_epoch_whoever_wrote_it(record) -> None:
    with record.own() as owner:
        owner.transition(RunState.RUNNING, total_steps=40, total_epochs=20)
        owner.put_json("scores", {"of": 5}, epoch=5, step=10)
        with additions(record) as writer:
            writer.put_json("scores", {"of": 9}, epoch=9, step=18)
        assert record.read_json("scores", epoch=LATEST)["of"] == 9
        owner.put_json("scores", {"of": 8}, epoch=8, step=16)  # late, from a companion
        assert record.read_json("scores", epoch=LATEST)["of"] == 9
        owner.put_json("scores", {"of": 13}, epoch=13, step=26)
        with additions(record) as writer:
            writer.put_json("scores", {"of": 2}, epoch=2, step=4)
        assert record.read_json("scores", epoch=LATEST)["of"] == 13
        owner.transition(RunState.COMPLETED)
    assert verify(record) == []


def test_a_live_run_takes_nothing_that_is_no_artifact(record) -> None:
    with record.own(), additions(record) as writer:
        for kind in ("config", "checkpoint"):
            with pytest.raises(RunError, match="not written as an artifact"):
                writer.put_json(kind, {}, epoch=1, step=1)
        with pytest.raises(RunError, match="names of the receipt"):
            writer.put_json("anatomy", {"seed": 3}, epoch=1, step=1)
    assert not record.has("anatomy", epoch=1)


def test_a_run_that_lost_its_process_is_settled_first(record) -> None:
    with record.own() as owner:  # leaving it running makes it failed; put that back
        owner.transition(RunState.RUNNING, total_steps=10, total_epochs=5)
        running = [record.read_bytes(kind) for kind in ("events", "summary")]
    for kind, content in zip(("events", "summary"), running, strict=True):
        record.path_of(kind).write_bytes(content)
    with additions(record) as writer:
        writer.put_json("anatomy", {"of": 0}, epoch=0, step=0)
    assert record.summary().state == RunState.FAILED
    assert verify(record) == []
