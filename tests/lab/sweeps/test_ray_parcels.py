"""A run that is trained in one folder grows in another as if it were trained there."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from latelier.config import RunBusyError, RunError, load_config
from latelier.lab.launch import create, fit, start
from latelier.lab.sweeps.ray_home import Home
from latelier.lab.sweeps.ray_parcels import Parcel, Sender, pack_whole, place_of, unpack_whole
from latelier.runs import RunRecord
from latelier.runs.verify import verify

from .conftest import TINY

WATCHED = {
    **TINY,
    "schedule": {"epochs": 3},
    "training": {**TINY["training"], "checkpoints": {"every_steps": 3}},
    "analysis": {"points": 30, "neighbors": 5, "reconstructions": 4, "pictures": False},
}
ELSEWHERE = {"owner.lock", "owner.json", "cancel_requested"}


def contents(record: RunRecord) -> dict[str, bytes]:
    return {
        path: (record.path / path).read_bytes()
        for path, _ in record.files()
        if path not in ELSEWHERE
    }


def sent_home(
    record: RunRecord,
    away: Path,
    *,
    parcels: int | None = None,
    check: Callable[[], None] = lambda: None,
) -> None:
    """Train a run elsewhere and send what is new at every event, as many times as said."""
    home = Home(record)
    shutil.rmtree(away / record.id, ignore_errors=True)
    elsewhere = unpack_whole(away / record.id, pack_whole(record))
    sender = Sender(elsewhere)
    left = [10**6 if parcels is None else parcels]

    def send(_: object = None) -> None:
        left[0] -= 1
        if left[0] >= 0:
            home.take_in(sender.pack())
            if left[0] % 9 == 0:  # it takes a while
                check()

    start(elsewhere, observers=[send], stop=lambda: left[0] < 0)
    send()
    home.close()


def check_sound(record: RunRecord) -> None:
    """What must hold at home whenever the stream may break off."""
    events = list(record.events())
    assert [event.id for event in events] == list(range(1, len(events) + 1))
    assert not [finding for finding in verify(record) if finding.severity == "error"]
    for keys in record.checkpoints():
        header = record.read_json("checkpoint", **keys)
        assert record.metrics().steps.get("step", []) >= list(range(header["step"]))


@pytest.fixture(scope="module")
def alone(tmp_path_factory) -> RunRecord:
    """The same run, trained without a break. Read only."""
    return fit(WATCHED, runs_dir=tmp_path_factory.mktemp("alone")).record


@pytest.mark.parametrize("keep_last", [None, 1])
def test_home_is_what_the_worker_has(tmp_path, keep_last):
    checkpoints = {"every_steps": 3, "keep_last": keep_last}
    training = {**WATCHED["training"], "checkpoints": checkpoints}
    record = create(load_config({**WATCHED, "training": training}), tmp_path / "runs")
    sent_home(record, tmp_path / "away", check=lambda: check_sound(record))
    assert record.summary().state == "completed"
    assert verify(record) == []
    assert len(record.checkpoints()) == (1 if keep_last else 5)
    assert record.epochs("latents") == [0, 1, 2, 3]
    assert contents(record) == contents(RunRecord(tmp_path / "away" / record.id))


@pytest.mark.parametrize("parcels", [0, 12, 25, 33])
def test_a_stream_that_breaks_off_goes_on_elsewhere(tmp_path, parcels, alone):
    record = create(load_config(WATCHED), tmp_path / "runs")
    sent_home(record, tmp_path / "first", parcels=parcels)
    check_sound(record)
    assert record.summary().state != "completed"
    sent_home(record, tmp_path / "second")
    assert record.summary().state == "completed"
    assert verify(record) == []
    assert record.metrics().steps == alone.metrics().steps
    last = {"epoch": 3}
    assert (
        record.read_json("checkpoint", **last)["digest"]
        == alone.read_json("checkpoint", **last)["digest"]
    )
    assert {path for path, _ in record.files()} >= {path for path, _ in alone.files()}


def test_only_the_newest_checkpoint_travels_whole(alone):
    packed = pack_whole(alone)
    newest = alone.path_of("checkpoint", epoch=3).parent.relative_to(alone.path)
    assert [path for path in packed if "model" in path] == [f"{newest}/model.safetensors"]
    headers = [path for path in packed if path.endswith("/checkpoint.json")]
    assert len(headers) == len(alone.checkpoints())
    assert not {"owner.lock", "owner.json", "labels.json"} & set(packed)


def test_events_come_once_and_in_order(tmp_path):
    record = create(load_config(WATCHED), tmp_path / "runs")
    away = unpack_whole(tmp_path / "away" / record.id, pack_whole(record))
    sender = Sender(away)
    home = Home(record)
    start(away)
    parcel = sender.pack()
    before = contents(record)
    for lines in (parcel.lines[1:], (*parcel.lines[:2], parcel.lines[1])):
        with pytest.raises(RunError, match="does not follow"):
            home.take_in(replace(parcel, lines=lines))
    assert contents(record) == before
    home.take_in(parcel)
    with pytest.raises(RunError, match="does not follow"):
        home.take_in(parcel)
    assert sender.pack() == Parcel()
    home.close()
    assert verify(record) == []


def test_home_takes_no_file_that_is_none_of_a_workers_business(tmp_path):
    record = create(load_config(TINY), tmp_path)
    foreign = ["owner.json", "labels.json", "local_origin", "checkpoints/latest.json", "x.txt"]
    for path in [*foreign, "../other/config.json", "/etc/hosts"]:
        with pytest.raises(RunError, match="does not take"):
            place_of(record, path)
    assert place_of(record, "config.json") == record.path / "config.json"


def test_one_home_at_a_time(tmp_path):
    record = create(load_config(TINY), tmp_path)
    home = Home(record)
    with pytest.raises(RunBusyError):
        Home(record)
    assert record.live_owner() is not None
    home.close()
    Home(record).close()


def test_a_run_that_was_thrown_away_does_not_come_back(tmp_path):
    record = create(load_config(TINY), tmp_path / "runs")
    away = unpack_whole(tmp_path / "away" / record.id, pack_whole(record))
    sender = Sender(away)
    home = Home(record)
    start(away)
    shutil.rmtree(record.path)
    with pytest.raises(RunError):
        home.take_in(sender.pack())
    home.close()
    assert not record.path.exists()
