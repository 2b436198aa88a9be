from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from latelier.config.errors import ConfigError
from latelier.runs import RunRecord
from latelier.runs.verify import Finding, hash_file, verify

PNG_BYTES = b"\x89PNG\r\n\x1a\n" + b"\0" * 8


@pytest.fixture
def sound(record: RunRecord) -> RunRecord:
    """A completed run with a bit of everything."""
    with record.own() as writer:
        writer.transition("running")
        for epoch in (0, 1):
            step = epoch * 10
            writer.event("train.metrics", {"scope": "epoch", "loss": 1.0}, step=step, epoch=epoch)
            writer.put_json("scores", {"nmi": 0.5}, epoch=epoch, step=step)
            with writer.checkpoint(epoch=epoch, step=step) as folder:
                files = {}
                for part in ("model", "optimizer", "state"):
                    (folder / f"{part}.safetensors").write_bytes(part.encode())
                    files[f"{part}.safetensors"] = hash_file(folder / f"{part}.safetensors")
                (folder / "checkpoint.json").write_bytes(orjson.dumps({"files": files}))
        writer.put_bytes("map_picture", PNG_BYTES, epoch=1, step=10)
        writer.put_bytes("sprites", PNG_BYTES)
        writer.transition("completed", step=10, epoch=1)
    record.set_labels(note="fine")
    return record


def _edit(record: RunRecord, name: str, change: Callable[[bytes], bytes]) -> None:
    path = record.path / name
    path.write_bytes(change(path.read_bytes()))


def _lines(record: RunRecord, change: Callable[[list[bytes]], list[bytes]]) -> None:
    _edit(record, "events.jsonl", lambda data: b"".join(change(data.splitlines(keepends=True))))


def _without(record: RunRecord, name: str) -> None:
    (record.path / name).unlink()


def _set(**fields: object) -> Callable[[bytes], bytes]:
    return lambda data: orjson.dumps(orjson.loads(data) | fields)


def _unset(name: str) -> Callable[[bytes], bytes]:
    return lambda data: orjson.dumps(
        {key: value for key, value in orjson.loads(data).items() if key != name}
    )


def test_a_sound_run_has_no_findings_and_is_not_changed(sound: RunRecord) -> None:
    before = {path: path.stat().st_mtime_ns for path in sound.path.rglob("*")}
    assert verify(sound, check_config=dict) == []
    assert {path: path.stat().st_mtime_ns for path in sound.path.rglob("*")} == before


CHECKPOINT = "checkpoints/epoch_1"
DAMAGE: dict[str, tuple[Callable[[RunRecord], object], list[tuple[str, str, str]]]] = {
    "no config": (
        lambda run: _without(run, "config.json"),
        [("error", "config", "config.json")],
    ),
    "config is not JSON": (
        lambda run: _edit(run, "config.json", lambda data: data[:-9]),
        [("error", "config", "config.json")],
    ),
    "no summary": (
        lambda run: _without(run, "summary.json"),
        [("error", "summary", "summary.json")],
    ),
    "summary without a state": (
        lambda run: _edit(run, "summary.json", _set(state="asleep")),
        [("error", "summary", "summary.json")],
    ),
    "summary of another state": (
        lambda run: _edit(run, "summary.json", _set(state="failed")),
        [("error", "state", "summary.json")],
    ),
    "summary of another run": (
        lambda run: _edit(run, "summary.json", _set(run_id="another")),
        [("warning", "run-id", "summary.json")],
    ),
    "labels are not JSON": (
        lambda run: (run.path / "labels.json").write_bytes(b"{"),
        [("warning", "labels", "labels.json")],
    ),
    "no events": (
        lambda run: _without(run, "events.jsonl"),
        [("error", "events", "events.jsonl")],
    ),
    "a torn end": (
        lambda run: _edit(run, "events.jsonl", lambda data: data + b'{"v":1'),
        [("warning", "torn", "events.jsonl")],
    ),
    "a damaged line": (
        lambda run: _lines(run, lambda lines: [*lines[:2], b"{}\n", *lines[3:]]),
        [("error", "event", "events.jsonl")],
    ),
    "a warning written twice": (
        lambda run: _lines(run, lambda lines: [*lines[:3], lines[2], *lines[3:]]),
        [("error", "event-id", "events.jsonl")] * 9,
    ),
    "an event that cannot follow": (
        lambda run: _lines(
            run,
            lambda lines: [*lines, lines[1].replace(b'"id":2', b'"id":%d' % (len(lines) + 1))],
        ),
        [("error", "state", "events.jsonl"), ("error", "state", "summary.json")],
    ),
    "an event of another run": (
        lambda run: _lines(
            run, lambda lines: [lines[0].replace(run.id.encode(), b"other"), *lines[1:]]
        ),
        [("warning", "run-id", "events.jsonl")],
    ),
    "metrics without a scope": (
        lambda run: _edit(run, "events.jsonl", lambda data: data.replace(b'"scope"', b'"soap"')),
        [("error", "metrics", "events.jsonl")] * 2,
    ),
    "an announced artifact is missing": (
        lambda run: _without(run, "scores/scores_epoch_0.json"),
        [("error", "artifact", "scores/scores_epoch_0.json")],
    ),
    "a dropped checkpoint is fine": (
        lambda run: [_without(run, f"checkpoints/epoch_0/{name}") for name in
                     ("checkpoint.json", "model.safetensors", "optimizer.safetensors",
                      "state.safetensors")] and (run.path / "checkpoints/epoch_0").rmdir(),
        [],
    ),
    "a stranger": (
        lambda run: (run.path / "scores" / "notes.txt").write_text("mine"),
        [("warning", "stranger", "scores/notes.txt")],
    ),
    "a link": (
        lambda run: (run.path / "diagnoses.json").symlink_to("config.json"),
        [("error", "link", "diagnoses.json")],
    ),
    "a linked folder": (
        lambda run: (run.path / "uploads").symlink_to("scores"),
        [("error", "link", "uploads")],
    ),
    "a picture that is none": (
        lambda run: (run.path / "sprites.png").write_bytes(b"<html>"),
        [("error", "picture", "sprites.png")],
    ),
    "a payload that is not JSON": (
        lambda run: _edit(run, "scores/scores_epoch_0.json", lambda data: data[:-1]),
        [("error", "payload", "scores/scores_epoch_0.json")],
    ),
    "a payload without a receipt": (
        lambda run: _edit(run, "scores/scores_epoch_0.json", _unset("seed")),
        [("error", "receipt", "scores/scores_epoch_0.json")],
    ),
    "a payload of another kind": (
        lambda run: _edit(run, "scores/scores_epoch_0.json", _set(kind="anatomy")),
        [("error", "receipt", "scores/scores_epoch_0.json")],
    ),
    "a payload of another epoch": (
        lambda run: _edit(run, "scores/scores_epoch_0.json", _set(epoch=3)),
        [("error", "receipt", "scores/scores_epoch_0.json")],
    ),
    "a mirror that is behind": (
        lambda run: (run.path / "scores/scores_latest.json").write_bytes(
            (run.path / "scores/scores_epoch_0.json").read_bytes()
        ),
        [("error", "mirror", "scores/scores_latest.json")],
    ),
    "a mirror of nothing": (
        lambda run: (run.path / "pictures/map_epoch_1.png").unlink(),
        [("error", "artifact", "pictures/map_epoch_1.png"),
         ("error", "mirror", "pictures/map_latest.png")],
    ),
    "a checkpoint whose content changed": (
        lambda run: _edit(run, f"{CHECKPOINT}/model.safetensors", lambda data: data + b"x"),
        [("error", "hash", f"{CHECKPOINT}/model.safetensors")],
    ),
    "a checkpoint that lost a part": (
        lambda run: _without(run, f"{CHECKPOINT}/state.safetensors"),
        [("error", "checkpoint", f"{CHECKPOINT}/state.safetensors")],
    ),
    "a checkpoint without its header": (
        lambda run: _without(run, "checkpoints/epoch_0/checkpoint.json"),
        [("error", "checkpoint", "checkpoints/epoch_0")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("damage", list(DAMAGE))
def test_each_kind_of_damage_is_found_and_nothing_else(sound: RunRecord, damage: str) -> None:
    hurt, expected = DAMAGE[damage]
    hurt(sound)
    found = [(finding.severity, finding.code, finding.path) for finding in verify(sound)]
    assert found == expected


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (b"{}", "lists no files"),
        (b'{"files":[]}', "lists no files"),
        (b'{"files":{}}', "its hash was not recorded"),
        (b'{"files":{"../../config.json":"0"}}', "unknown file '../../config.json'"),
    ],
)
def test_a_checkpoint_header_opens_only_its_own_files(
    sound: RunRecord, header: bytes, message: str
) -> None:
    for name in (f"{CHECKPOINT}/checkpoint.json", "checkpoints/latest.json"):
        (sound.path / name).write_bytes(header)
    findings = verify(sound)
    assert {finding.code for finding in findings} == {"checkpoint"}
    assert any(message in finding.message for finding in findings)


def test_an_interrupted_run_is_a_warning(record: RunRecord) -> None:
    with record.own() as writer:
        writer.transition("running")
        assert verify(record) == []  # it is alive
        writer.abandon = bool  # type: ignore[method-assign,assignment]
    assert [(finding.severity, finding.code) for finding in verify(record)] == [
        ("warning", "interrupted")
    ]


def test_a_config_of_another_version_is_a_warning(sound: RunRecord) -> None:
    def refuse(config: dict[str, object]) -> None:
        raise ConfigError("no such key", got="mood")

    (finding,) = verify(sound, check_config=refuse)
    assert finding == Finding("warning", "config", "config.json", "no such key; got mood.")


def test_errors_come_first(sound: RunRecord) -> None:
    (sound.path / "aaa.txt").write_text("")
    _without(sound, "config.json")
    assert [finding.severity for finding in verify(sound)] == ["error", "warning"]


def test_an_announcement_with_a_hostile_name_opens_nothing(sound: RunRecord) -> None:
    with sound.own() as writer:
        data = {"kind": "layer_grid", "keys": {"epoch": 1, "idx": 1, "layer_id": "../../x"}}
        writer.event("artifact.created", data, step=0, epoch=0)
    (finding,) = verify(sound)
    assert (finding.code, "layer_id" in finding.message) == ("artifact", True)


def test_a_hash_is_the_sha256_of_the_content(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert hash_file(tmp_path / "a") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )
    assert (tmp_path / "a").stat().st_size == 3
