from __future__ import annotations

from pathlib import Path

import pytest

from latelier.config.errors import RunError, RunNotFoundError
from latelier.runs.folders import Trash, entries, place
from latelier.runs.ids import RUN, SWEEP


def fill(folder: Path) -> None:
    (folder / "file").write_text("content")


def refuse(folder: Path) -> None:
    fill(folder)
    raise OSError("no")


def test_only_folders_with_an_id_are_listed(tmp_path: Path) -> None:
    for name in ("a-run", "Not-One", ".hidden"):
        (tmp_path / name).mkdir()
    (tmp_path / "a-file").touch()
    (tmp_path / "a-link").symlink_to(tmp_path / "a-run")
    assert [entry.name for entry in entries(tmp_path)] == ["a-run"]
    everything = {entry.name for entry in entries(tmp_path, any_name=True)}
    assert everything == {"a-run", "Not-One", ".hidden"}
    assert entries(tmp_path / "nowhere") == []
    with pytest.raises(RunError, match="cannot be read"):
        entries(tmp_path / "a-file")


def test_a_folder_appears_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "home" / "one"
    assert place(target, fill)
    assert (target / "file").read_text() == "content"
    assert not place(target, refuse), "the name is taken, and nobody is asked to fill it"
    with pytest.raises(RunError, match="could not be written"):
        place(target.with_name("two"), refuse)
    assert [path.name for path in target.parent.iterdir()] == ["one"]


def test_the_trash_gives_back_what_it_took(tmp_path: Path) -> None:
    trash = Trash(tmp_path / ".trash", home=tmp_path, noun=SWEEP)
    assert trash.names() == []
    for _ in range(3):
        place(tmp_path / "one", fill)
        trash.put(tmp_path / "one")
    assert trash.names() == ["one", "one~2", "one~3"]
    assert trash.take("one~2") == tmp_path / "one"
    assert (tmp_path / "one/file").is_file()
    with pytest.raises(RunError, match="sweep one is there already"):
        trash.take("one")
    for name in ("two", "../one", "one~2"):
        with pytest.raises(RunNotFoundError, match="no such sweep in the trash"):
            trash.take(name)


def test_a_trash_that_is_a_link_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / ".trash").symlink_to(tmp_path / "elsewhere")
    place(tmp_path / "one", fill)
    with pytest.raises(RunError, match="is a link"):
        Trash(tmp_path / ".trash", home=tmp_path, noun=RUN).put(tmp_path / "one")
    assert (tmp_path / "one/file").is_file()
