"""What runs and sweeps have in common, tested on both; the rest is in their own tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from latelier.config.errors import RunError, RunNotFoundError
from latelier.runs import RunRecord, RunState, RunStore, request_start, start_request, take_start
from latelier.runs.encoding import loads
from latelier.runs.owned import OwnedFolder
from latelier.runs.sweep_store import SweepStore
from latelier.runs.sweeps import SweepRecord

EMPTY: dict[str, Any] = {
    "executor": "local",
    "definition": {},
    "base": {},
    "layout": {},
    "variants": (),
}


@pytest.fixture(params=["run", "sweep"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> OwnedFolder:
    if request.param == "sweep":
        return SweepStore(tmp_path).create("one", EMPTY)
    return RunStore(tmp_path).create({"seed": 1}, label="one", model_kind="vae", dataset="digits")


def test_messages_name_what_it_is(folder: OwnedFolder) -> None:
    word = folder.noun.word
    with pytest.raises(RunNotFoundError, match=f"not a {word} id"):
        type(folder)(folder.path.with_name("No Id"))
    with folder.own() as writer:
        writer.transition(RunState.RUNNING)
        with pytest.raises(RunError, match=f"{word} {folder.id} is running"):
            request_start(folder)
        writer.transition(RunState.COMPLETED)
    with pytest.raises(RunError, match=f"{word} {folder.id} is completed already"):
        folder.request_cancel()
    with pytest.raises(RunError, match=f"{word} {folder.id} is completed") as found:
        request_start(folder)
    assert found.value.remedy == folder.once_completed


def test_its_life_is_told(folder: OwnedFolder) -> None:
    assert (folder.life().state, folder.life().ended) == ("created", None)
    with folder.own() as writer:
        writer.transition(RunState.CANCELLED, reason="x")
        assert folder.live_owner() is not None
    assert folder.life().state == "cancelled"
    assert folder.life().ended is not None
    assert folder.live_owner() is None


def test_a_request_to_stop_is_dropped_by_the_next_start(folder: OwnedFolder) -> None:
    assert not folder.cancel_requested()
    folder.request_cancel()
    assert folder.cancel_requested()
    with folder.own() as writer:
        writer.transition(RunState.CANCELLED, reason="x")
    request_start(folder)
    assert not folder.cancel_requested()


def test_a_request_says_what_its_kind_needs(folder: OwnedFolder) -> None:
    made = request_start(folder)
    keys = {RunRecord: {"requested", "epoch"}, SweepRecord: {"requested"}}[type(folder)]
    assert set(loads(folder.path_of("start").read_bytes())) == keys
    assert start_request(folder) == made
    assert [take_start(folder), take_start(folder)] == [True, False]
    assert start_request(folder) is None


def test_what_lost_its_process_is_settled_once(folder: OwnedFolder) -> None:
    assert not folder.reconcile()
    kinds = ["sweep"] if isinstance(folder, SweepRecord) else ["events", "summary"]
    with folder.own() as writer:  # leaving it running makes it failed; put that back
        writer.transition(RunState.RUNNING)
        assert not folder.reconcile(), "its process lives"
        stored = [folder.path_of(kind).read_bytes() for kind in kinds]
    for kind, content in zip(kinds, stored, strict=True):
        folder.path_of(kind).write_bytes(content)
    assert folder.reconcile()
    assert folder.life().state == "failed"
    assert not folder.reconcile()


def test_a_link_out_of_the_folder_is_refused(folder: OwnedFolder, tmp_path: Path) -> None:
    folder.path_of("console").symlink_to(tmp_path / "outside")
    with pytest.raises(RunError, match=f"leads out of its {folder.noun.word} folder"):
        folder.path_of("console")
