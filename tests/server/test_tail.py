"""Raw lines of a growing file: all of them, once, and nothing that is not sound."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from latelier.runs import Event
from latelier.server.tail import Line, LineTail


def line(number: int, size: int = 0, name: str = "train.metrics") -> bytes:
    data = {"pad": "x" * size}
    return Event(number, name, "t", "a-run", 0, 0, data).line()


def ids(lines: list[Line]) -> list[int]:
    return [one.id for one in lines]


@hypothesis_settings(deadline=None, max_examples=50)
@given(
    st.lists(st.integers(0, 400), max_size=20),
    st.lists(st.integers(1, 300), max_size=40),
    st.integers(0, 8),
    st.integers(16, 600),
)
def test_every_line_once_however_it_is_written(
    tmp_path_factory: pytest.TempPathFactory,
    sizes: list[int],
    pieces: list[int],
    after: int,
    limit: int,
) -> None:
    path = tmp_path_factory.mktemp("tail") / "events.jsonl"
    path.touch()
    whole = b"".join(line(n, size) for n, size in enumerate(sizes, start=1))
    tail, seen, texts, position = LineTail(path, after), [], b"", 0
    with path.open("ab", buffering=0) as file:
        for piece in [*pieces, len(whole)]:
            file.write(whole[position : position + piece])
            position += piece
            while new := tail.read(limit):
                seen += ids(new)
                texts += b"".join(one.text + b"\n" for one in new)
    assert seen == list(range(after + 1, len(sizes) + 1))
    assert whole.endswith(texts)


def test_an_unfinished_line_waits(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(line(1) + line(2)[:-1])
    tail = LineTail(path)
    assert ids(tail.read()) == [1]
    assert tail.read() == []
    with path.open("ab") as file:
        file.write(b"\n")
    assert ids(tail.read()) == [2]


@pytest.mark.parametrize("damage", [b"\0" * 40 + b"\n", b"{}\n", line(7), b"[1]\n"])
def test_a_damaged_end_is_not_read_past_and_its_repair_is(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(line(1) + damage)
    tail = LineTail(path)
    assert ids(tail.read()) == [1]
    assert tail.read() == []
    os.truncate(path, len(line(1)))  # what the next writer does
    with path.open("ab") as file:
        file.write(line(2))
    assert ids(tail.read()) == [2]


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        LineTail(tmp_path / "events.jsonl").read()


def test_progress_is_known_by_its_type_alone() -> None:
    progress = Line(1, line(1, name="train.progress")[:-1])
    other = Event(1, "log.warning", "t", "a-run", 0, 0, {"message": '"type":"train.progress"'})
    assert progress.is_progress
    assert not Line(1, other.line()[:-1]).is_progress


def test_a_damaged_line_that_fills_a_chunk_ends_the_reading(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"x" * 15 + b"\n" + line(2))
    tail = LineTail(path)
    assert tail.read(limit=16) == []
    assert tail.offset == 0
