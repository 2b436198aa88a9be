from __future__ import annotations

import errno
import os
import threading
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latelier.config.errors import RunError
from latelier.runs.events import EventLog, EventTail, parse_event, read_events

RUN = "20261121-031204-vae-digits-aaaa"


def _write(path: Path, count: int) -> bytes:
    log = EventLog(path, RUN)
    for number in range(count):
        log.append("log.warning", {"message": f"Ünïcode {number}\n"}, step=number, epoch=0)
    log.close()
    return path.read_bytes()


def _ids(path: Path, after: int = 0) -> list[int]:
    return [event.id for event in read_events(path, after)]


def test_one_event_is_one_line_with_the_whole_envelope(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    log = EventLog(path, RUN)
    assert (
        log.append("train.metrics", {"scope": "epoch", "loss": float("nan")}, step=9, epoch=1) == 1
    )
    line = path.read_bytes()
    assert line.count(b"\n") == 1
    value = orjson.loads(line)
    assert list(value) == ["v", "id", "type", "time", "run_id", "step", "epoch", "data"]
    assert value["time"].endswith("Z")
    assert len(value["time"]) == len("2026-11-21T03:12:04.123Z")
    assert value | {"time": ""} == {
        "v": 1,
        "id": 1,
        "type": "train.metrics",
        "time": "",
        "run_id": RUN,
        "step": 9,
        "epoch": 1,
        "data": {"scope": "epoch", "loss": None},
    }
    assert parse_event(line).line() == line
    log.close()
    log.close()


def test_each_event_is_one_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = EventLog(tmp_path / "events.jsonl", RUN)
    writes: list[bytes] = []
    write = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: writes.append(bytes(data)) or write(fd, data))
    log.append("log.warning", {"message": "x" * 100_000}, step=0, epoch=0)
    log.close()
    assert len(writes) == 1
    assert writes[0].endswith(b"\n")


def test_reading_after_an_id(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    _write(path, 5)
    assert _ids(path) == [1, 2, 3, 4, 5]
    assert _ids(path, after=3) == [4, 5]
    assert _ids(path, after=9) == []
    assert _ids(tmp_path / "missing.jsonl") == []


def test_unknown_types_and_fields_are_read(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    value = orjson.loads(_write(path, 1)) | {"type": "dream.began", "later": 1}
    path.write_bytes(orjson.dumps(value) + b"\n")
    (event,) = read_events(path)
    assert event.type == "dream.began"


def test_an_unknown_type_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    log = EventLog(path, RUN)
    with pytest.raises(RunError, match=r"no such type of event; got dream\.began"):
        log.append("dream.began", {}, step=0, epoch=0)
    with pytest.raises(RunError, match="cannot be written as JSON"):
        log.append("log.warning", {"message": object()}, step=0, epoch=0)
    assert log.append("log.warning", {}, step=0, epoch=0) == 1
    log.close()


WHOLE = 6


@given(cut=st.integers(0, 4000), junk=st.binary(max_size=12))
@settings(deadline=None, max_examples=50)
def test_torn_anywhere_readers_get_a_prefix_and_the_next_writer_goes_on(
    tmp_path_factory: pytest.TempPathFactory, cut: int, junk: bytes
) -> None:
    path = tmp_path_factory.mktemp("torn") / "events.jsonl"
    data = _write(path, WHOLE)
    cut = min(cut, len(data))
    complete = data[:cut].count(b"\n")
    path.write_bytes(data[:cut] + junk.replace(b"\n", b"\0"))
    sound = list(range(1, complete + 1))
    assert _ids(path) == sound
    assert [event.id for event in EventTail(path).poll()] == sound
    log = EventLog(path, RUN)
    assert log.append("log.warning", {"message": "again"}, step=0, epoch=0) == complete + 1
    log.close()
    assert _ids(path) == [*sound, complete + 1]
    assert path.read_bytes().startswith(data[: sum(map(len, data.splitlines(True)[:complete]))])


def test_a_line_that_lacks_only_its_newline_is_torn(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    data = _write(path, 2)
    path.write_bytes(data[:-1])
    assert _ids(path) == [1]
    log = EventLog(path, RUN)
    assert log.append("log.warning", {}, step=0, epoch=0) == 2
    log.close()
    assert _ids(path) == [1, 2]


def test_an_end_of_zeros_after_a_power_cut_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    data = _write(path, 2)
    path.write_bytes(data + b"\0" * 50 + b"\n" + b"\0" * 50)
    assert _ids(path) == [1, 2]
    assert len(EventTail(path).poll()) == 2
    EventLog(path, RUN).close()
    assert path.read_bytes() == data


def test_damage_in_the_middle_is_an_error_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    lines = _write(path, 4).splitlines(keepends=True)
    lines[1] = b"{broken}\n"
    path.write_bytes(b"".join(lines))
    with pytest.raises(RunError, match=r"line 2 of .* is damaged"):
        _ids(path)
    with pytest.raises(RunError, match=r"line 2 of .* is damaged"):
        EventLog(path, RUN)
    assert path.read_bytes() == b"".join(lines)


def test_a_gap_in_the_ids_is_an_error_for_the_writer(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    lines = _write(path, 4).splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:1] + lines[2:]))
    with pytest.raises(RunError, match="its id is 3"):
        EventLog(path, RUN)


@pytest.mark.parametrize(
    "line",
    [b"[]", b"3", b"{}", b'{"v":1,"id":true,"type":"a","time":"","run_id":"","step":0,"epoch":0}'],
)
def test_what_is_not_an_event(line: bytes) -> None:
    with pytest.raises(ValueError):
        parse_event(line)


@pytest.mark.parametrize("written", [0, 20])
def test_a_full_disk_costs_the_event_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    path = tmp_path / "events.jsonl"
    data = _write(path, 2)
    log = EventLog(path, RUN)
    write = os.write
    calls: list[int] = []

    def fill_up(descriptor: int, line: Any) -> int:
        calls.append(len(line))
        if len(calls) == 1 and written:
            return write(descriptor, bytes(line[:written]))
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", fill_up)
        with pytest.raises(RunError, match="no space left"):
            log.append("log.warning", {"message": "lost"}, step=0, epoch=0)
    assert path.read_bytes() == data
    assert log.append("log.warning", {"message": "kept"}, step=0, epoch=0) == 3
    log.close()
    assert _ids(path) == [1, 2, 3]


def test_a_tail_gives_each_event_once_and_only_when_complete(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    tail = EventTail(path)
    assert tail.poll() == []
    data = _write(tmp_path / "source.jsonl", 3)
    seen = []
    for end in range(0, len(data) + 1, 7):
        path.write_bytes(data[:end])
        seen += [event.id for event in tail.poll()]
    path.write_bytes(data)
    seen += [event.id for event in tail.poll()]
    assert seen == [1, 2, 3]
    assert [event.id for event in EventTail(path, after=2).poll()] == [3]


def test_threads_get_gapless_ids(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    log = EventLog(path, RUN)

    def work() -> None:
        for _ in range(50):
            log.append("log.warning", {"message": "x"}, step=0, epoch=0)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.close()
    assert _ids(path) == list(range(1, 201))


def test_a_link_in_place_of_the_events_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"")
    (tmp_path / "events.jsonl").symlink_to(tmp_path / "secret")
    with pytest.raises(RunError):
        EventLog(tmp_path / "events.jsonl", RUN)
