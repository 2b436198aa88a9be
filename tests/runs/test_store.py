from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from latelier.config.errors import RunBusyError, RunError, RunNotFoundError
from latelier.runs import Owner, RunRecord, RunStore, RunWriter
from latelier.runs.encoding import dumps
from latelier.runs.verify import verify


def test_a_new_run_has_config_summary_and_its_first_event(store: RunStore) -> None:
    config = {"name": "first", "seed": 7, "model": {"kind": "gmvae"}}
    record = store.create(
        config, label="first", model_kind="gmvae", dataset="mnist-5k", parent={"run_id": "x"}
    )
    assert re.fullmatch(r"\d{8}-\d{6}-gmvae-mnist-5k-[a-z0-9]{4}", record.id)
    assert record.config() == config
    summary = record.summary()
    assert (summary.state, summary.name, summary.seed) == ("created", "first", 7)
    assert (summary.model_kind, summary.dataset) == ("gmvae", "mnist-5k")
    assert summary.parent == {"run_id": "x"}
    assert summary.version
    (event,) = record.events()
    assert (event.id, event.type, event.run_id) == (1, "run.created", record.id)
    assert event.data["parent"] == {"run_id": "x"}
    assert verify(record) == []
    assert [path.name for path in store.root.iterdir()] == [record.id]


def test_an_id_that_is_taken_is_tried_again(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = iter(["a-run", "a-run", "a-run", "b-run"])
    monkeypatch.setattr("latelier.runs.store.new_run_id", lambda *_: next(ids))
    made = [store.create({}, label="", model_kind="vae", dataset="d").id for _ in range(2)]
    assert made == ["a-run", "b-run"]
    monkeypatch.setattr("latelier.runs.store.new_run_id", lambda *_: "a-run")
    with pytest.raises(RunError, match="no free run id"):
        store.create({}, label="", model_kind="vae", dataset="d")
    assert store.ids() == ["a-run", "b-run"]


def test_an_id_that_another_process_takes_at_the_same_moment_is_tried_again(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = iter(["a-run", "b-run"])
    monkeypatch.setattr("latelier.runs.store.new_run_id", lambda *_: next(ids))
    rename = Path.rename

    def too_late(self: Path, target: Path) -> Path:
        if target.name == "a-run":
            target.mkdir()
            (target / "config.json").write_text("theirs")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", too_late)
    assert store.create({}, label="", model_kind="vae", dataset="d").id == "b-run"
    assert (store.root / "a-run" / "config.json").read_text() == "theirs"
    assert len(list(store.root.iterdir())) == 2


@pytest.mark.parametrize("broken", ["os.write", "os.fsync", "pathlib.Path.rename"])
def test_a_full_disk_leaves_no_half_run(
    store: RunStore, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def no_space(*args: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    store.create({}, label="", model_kind="vae", dataset="d")
    with monkeypatch.context() as patch:
        patch.setattr(broken, no_space)
        with pytest.raises(RunError, match=r"no space left.*Free space"):
            store.create({}, label="", model_kind="vae", dataset="d")
    assert len(list(store.root.iterdir())) == 1


def test_opening_by_id_or_its_beginning(store: RunStore, make_run: Callable[[], RunRecord]) -> None:
    record = make_run()
    assert store.open(record.id).path == record.path
    assert store.open(record.id[:10]).id == record.id
    with pytest.raises(RunNotFoundError):
        store.open("1999")


@pytest.mark.parametrize(
    "run_id", ["..", "../secret", "/etc", "a/../b", ".trash", "", "a\0", "%2e%2e", "..\\x"]
)
def test_nothing_outside_the_root_can_be_named(store: RunStore, run_id: str) -> None:
    for ask in (store.open, store.trash, store.restore):
        with pytest.raises(RunNotFoundError):
            ask(run_id)


def test_links_to_runs_are_refused(store: RunStore, record: RunRecord, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(record.path, elsewhere)
    (store.root / "linked").symlink_to(elsewhere)
    assert store.ids() == [record.id]
    with pytest.raises(RunNotFoundError):
        store.open("linked")
    with pytest.raises(RunError, match="is a link"):
        store.trash("linked")
    assert elsewhere.exists()


def test_a_list_is_sorted_and_bad_runs_do_not_spoil_it(
    store: RunStore, make_run: Callable[[], RunRecord]
) -> None:
    good = make_run()
    for name, content in (("0-cut", "{"), ("1-wrong", "[]"), ("2-asleep", '{"state": "asleep"}')):
        (store.root / name).mkdir()
        (store.root / name / "summary.json").write_text(content)
    (store.root / "3-lost").mkdir()
    (store.root / "3-lost" / "events.jsonl").write_text("")
    (store.root / "4-folder").mkdir()
    (store.root / "4-folder" / "summary.json").mkdir()
    os.mkfifo(store.root / "4-folder" / "config.json")
    (store.root / "photos").mkdir()  # not a run
    (store.root / "Not A Run").mkdir()
    (store.root / "file").write_text("")
    rows = {row.run_id: row for row in store.list()}
    assert list(rows) == ["0-cut", "1-wrong", "2-asleep", good.id, "3-lost", "4-folder"]
    states = [row.state for row in rows.values()]
    assert states == ["unreadable"] * 3 + ["created"] + ["unreadable"] * 2
    assert "missing" in str(rows["3-lost"].reason)
    assert "state" in str(rows["2-asleep"].reason)


def test_a_pipe_instead_of_a_summary_does_not_hang(store: RunStore) -> None:
    (store.root / "piped").mkdir(parents=True)
    os.mkfifo(store.root / "piped" / "summary.json")
    assert [row.state for row in store.list()] == ["unreadable"]


def test_a_root_that_is_not_there_has_no_runs(tmp_path: Path) -> None:
    assert RunStore(tmp_path / "nowhere").list() == []
    assert RunStore(tmp_path / "nowhere").trashed() == []
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="cannot be read"):
        RunStore(tmp_path / "file").list()


def test_a_list_opens_only_what_it_needs(
    store: RunStore, make_run: Callable[[], RunRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        make_run()
    opened: list[str] = []
    real = os.open

    def watch(path: Any, *args: Any, **keys: Any) -> int:
        opened.append(Path(path).name)
        return real(path, *args, **keys)

    monkeypatch.setattr(os, "open", watch)
    monkeypatch.setattr("io.open", lambda *args: pytest.fail(f"opened {args[0]}"))
    store.list()
    assert sorted(opened) == ["labels.json"] * 3 + ["summary.json"] * 3


def _interrupt(record: RunRecord) -> None:
    """Leave a run as a process does that is killed while it trains."""
    with record.own() as writer:
        writer.transition("running")
        writer.abandon = bool  # type: ignore[method-assign,assignment]


def test_reconciling_a_store(store: RunStore, make_run: Callable[[], RunRecord]) -> None:
    lost, fine = make_run(), make_run()
    _interrupt(lost)
    rows = {row.run_id: row for row in store.list()}
    assert (rows[lost.id].state, rows[lost.id].live) == ("failed", False)
    assert store.reconcile() == [lost.id]
    assert store.reconcile() == []
    assert lost.read_json("summary")["state"] == "failed"
    assert fine.summary().state == "created"


def _files(record: RunRecord) -> list[str]:
    return sorted(path.name for path in record.path.iterdir())


def test_trash_and_restore(store: RunStore, record: RunRecord) -> None:
    before = _files(record)
    where = store.trash(record.id)
    assert where == store.root / ".trash" / record.id
    assert store.ids() == []
    assert store.trashed() == [record.id]
    again = store.restore(record.id)
    assert again.id == record.id
    assert store.trashed() == []
    assert _files(again) in (before, sorted([*before, "owner.lock"]))
    assert verify(again) == []


def test_a_name_in_the_trash_is_never_overwritten(store: RunStore, record: RunRecord) -> None:
    shutil.copytree(record.path, store.root / "copy")
    store.trash(record.id)
    shutil.copytree(store.root / "copy", record.path)
    store.trash(record.id)
    assert store.trashed() == [record.id, f"{record.id}~2"]
    store.restore(f"{record.id}~2")
    with pytest.raises(RunError, match="there already"):
        store.restore(record.id)
    assert store.trashed() == [record.id]


def test_a_live_run_is_not_trashed_unless_forced(store: RunStore, record: RunRecord) -> None:
    with record.own() as writer:
        with pytest.raises(RunBusyError, match=f"process {os.getpid()}"):
            store.trash(record.id)
        where = store.trash(record.id, force=True)
        writer.event("log.warning", {"message": "still here"}, step=0, epoch=0)
    assert not record.path.exists()
    assert (where / "owner.json").exists()
    assert store.restore(record.id).live_owner() is None


def test_a_live_owner_counts_even_without_its_lock(store: RunStore, record: RunRecord) -> None:
    record.path_of("owner").write_bytes(dumps(Owner.here().as_dict()))
    with pytest.raises(RunBusyError):
        store.trash(record.id)


def test_dead_and_unreadable_runs_can_be_trashed(store: RunStore, record: RunRecord) -> None:
    _interrupt(record)
    store.trash(record.id)
    (store.root / "broken").mkdir()
    (store.root / "broken" / "summary.json").write_text("{")
    store.trash("broken")
    assert store.ids() == []


def test_a_full_disk_does_not_keep_a_run_from_the_trash(
    store: RunStore, record: RunRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    (store.root / ".trash").mkdir()
    real = os.open

    def no_new_files(path: Any, flags: int, *args: Any, **keys: Any) -> int:
        if flags & os.O_CREAT and not Path(path).exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(path, flags, *args, **keys)

    monkeypatch.setattr(os, "open", no_new_files)
    store.trash(record.id)
    assert store.trashed() == [record.id]


def test_a_trash_that_is_a_link_is_not_used(
    store: RunStore, record: RunRecord, tmp_path: Path
) -> None:
    (store.root / ".trash").symlink_to(tmp_path)
    with pytest.raises(RunError, match="is a link"):
        store.trash(record.id)


def _fill(writer: RunWriter) -> None:
    for step in range(10_000):
        writer.event("log.warning", {"message": "x" * 100}, step=step, epoch=1)


@pytest.fixture
def small_disk(tmp_path: Path) -> Any:
    """A disk of 256 KiB; None where this user may not mount one."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    mounted = (
        os.geteuid() == 0
        and subprocess.run(command, capture_output=True, check=False).returncode == 0
    )
    yield folder if mounted else None
    if mounted:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_on_a_disk_that_is_really_full(small_disk: Path | None, tmp_path: Path) -> None:
    store = RunStore(small_disk or tmp_path / "large")
    record = store.create({}, label="", model_kind="vae", dataset="d")
    with record.own() as writer:
        writer.transition("running")
        writer.put_json("scores", {"value": 1}, epoch=1, step=1)
        if small_disk is None:  # the injected faults of test_writer cover this case
            writer.transition("completed")
            return
        with pytest.raises(RunError, match="no space left"):
            writer.put_bytes("latents", b"x" * 1_000_000, epoch=1, step=1)
        with pytest.raises(RunError, match="no space left"):
            _fill(writer)
    store.trash(record.id)
    record = store.restore(record.id)
    assert record.read_json("scores", epoch=1)["value"] == 1
    ids = [event.id for event in record.events()]
    assert ids == list(range(1, len(ids) + 1))
    assert not list(record.path.rglob(".*.tmp"))
    with pytest.raises(RunError, match="no space left"):
        record.reconcile()
    assert record.summary().state == "failed"
