from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from latelier.config.errors import RunError
from latelier.runs import atomic


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _no_space(*args: Any, **kwargs: Any) -> Any:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _dead_pid() -> int:
    child = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    return int(child.stdout)


@pytest.mark.parametrize("durable", [False, True])
def test_a_file_is_replaced_and_nothing_else_is_left(
    tmp_path: Path, synced: list[int], durable: bool
) -> None:
    path = tmp_path / "deep" / "file.json"
    atomic.write_bytes(path, b"old", durable=durable)
    atomic.write_bytes(path, b"new", durable=durable)
    assert path.read_bytes() == b"new"
    assert _names(path.parent) == ["file.json"]
    assert len(synced) == (4 if durable else 0)  # content and folder, twice


@pytest.mark.parametrize("broken", ["os.write", "os.fsync", "pathlib.Path.replace"])
def test_a_full_disk_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    path = tmp_path / "file.json"
    atomic.write_bytes(path, b"old")
    with monkeypatch.context() as patch:
        patch.setattr(broken, _no_space)
        with pytest.raises(RunError, match=r"file\.json could not be written: no space.*Free"):
            atomic.write_bytes(path, b"new", durable=True)
    assert path.read_bytes() == b"old"
    assert _names(tmp_path) == ["file.json"]


def test_short_writes_are_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: whole(fd, bytes(data[:3])))
    atomic.write_bytes(tmp_path / "file", b"0123456789")
    assert (tmp_path / "file").read_bytes() == b"0123456789"


def test_readers_see_the_old_or_the_new_file_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    atomic.write_bytes(path, b"old")
    seen = []
    whole = os.write

    def look_while_writing(descriptor: int, data: bytes) -> int:
        seen.append(path.read_bytes())
        return whole(descriptor, data)

    monkeypatch.setattr(os, "write", look_while_writing)
    atomic.write_bytes(path, b"new")
    assert seen == [b"old"]


def test_a_folder_appears_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "epoch_1"
    with atomic.replaced_folder(target) as folder:
        (folder / "a").write_bytes(b"1")
        assert not target.exists()
    with atomic.replaced_folder(target) as folder:
        (folder / "b").write_bytes(b"2")
        assert _names(target) == ["a"]
    assert _names(target) == ["b"]
    assert _names(tmp_path) == ["epoch_1"]


@pytest.mark.parametrize("broken", ["os.fsync", "pathlib.Path.rename"])
def test_a_folder_that_cannot_be_finished_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    target = tmp_path / "epoch_1"
    with atomic.replaced_folder(target) as folder:
        (folder / "a").write_bytes(b"1")

    def replace_it(patch: pytest.MonkeyPatch) -> None:
        with atomic.replaced_folder(target) as folder:
            (folder / "b").write_bytes(b"2")
            patch.setattr(broken, _no_space)

    with monkeypatch.context() as patch, pytest.raises(RunError, match="no space left"):
        replace_it(patch)
    assert _names(target) == ["a"]
    assert _names(tmp_path) == ["epoch_1"]


def test_the_second_rename_failing_brings_the_old_folder_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "epoch_1"
    with atomic.replaced_folder(target) as folder:
        (folder / "a").write_bytes(b"1")
    rename = Path.rename

    def refuse_the_new(self: Path, name: Path) -> Path:
        if name == target and (self / "b").exists():
            _no_space()
        return rename(self, name)

    monkeypatch.setattr(Path, "rename", refuse_the_new)
    with pytest.raises(RunError), atomic.replaced_folder(target) as folder:
        (folder / "b").write_bytes(b"2")
    assert _names(tmp_path) == ["epoch_1"]
    assert _names(target) == ["a"]


def test_removing_a_folder(tmp_path: Path) -> None:
    (tmp_path / "epoch_1").mkdir()
    atomic.remove_folder(tmp_path / "epoch_1")
    atomic.remove_folder(tmp_path / "epoch_1")
    assert _names(tmp_path) == []


def test_only_unfinished_writes_of_dead_processes_are_swept(tmp_path: Path) -> None:
    mine = atomic.temporary_sibling(tmp_path / "a.json")
    dead = mine.with_name(mine.name.replace(str(os.getpid()), str(_dead_pid())))
    elsewhere = tmp_path / ".b.json.00000000-1-00000000.tmp"
    old = tmp_path / ".c.json.00000000-1-00000000.tmp"
    for path in (mine, dead, elsewhere, old, tmp_path / "kept.json"):
        path.write_bytes(b"")
    os.utime(old, (0, 0))
    folder = dead.with_name(dead.name.replace("a.json", "epoch_1"))
    (folder / "inside").mkdir(parents=True)
    atomic.sweep(tmp_path)
    assert _names(tmp_path) == sorted([mine.name, elsewhere.name, "kept.json"])
    assert atomic.is_temporary(mine.name)
    assert not atomic.is_temporary("kept.json")
