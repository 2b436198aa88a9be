from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from latelier.config.errors import DataError
from latelier.data.prepared import default_root, read_prepared, write_prepared

IMAGES = np.random.default_rng(0).integers(0, 256, (300, 1, 28, 28), dtype=np.uint8)
LABELS = np.arange(300) % 7


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_prepared(
        tmp_path / "set",
        shape=IMAGES.shape,
        blocks=[IMAGES[:100], IMAGES[100:]],
        labels=LABELS,
        meta={"source": "here"},
    )
    return tmp_path / "set"


def opened(folder: Path, **options):
    return read_prepared(folder, remedy="Fetch it.", **options)


@pytest.mark.parametrize("thorough", [False, True])
def test_round_trip(folder, thorough):
    prepared = opened(folder, thorough=thorough)
    assert np.array_equal(prepared.inputs.tensor(read_now=thorough).numpy(), IMAGES)
    assert np.array_equal(prepared.labels, LABELS)
    assert prepared.meta == {"source": "here"}
    assert sorted(path.name for path in folder.iterdir()) == [
        "inputs.npy",
        "labels.npy",
        "stamp.json",
    ]


def test_plain_npy_without_pickle(folder):
    assert np.array_equal(np.load(folder / "inputs.npy", allow_pickle=False), IMAGES)


def test_what_is_written_into_a_mapped_tensor_stays_in_the_process(folder):
    tensor = opened(folder).inputs.tensor(read_now=False)
    tensor.fill_(3)
    assert np.array_equal(opened(folder, thorough=True).inputs.tensor(read_now=True), IMAGES)


def damage(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("name", ["inputs.npy", "labels.npy"])
@pytest.mark.parametrize("at", [2, 70, -1])
def test_a_changed_head_or_tail_is_found(folder, name, at):
    damage(folder / name, at)
    with pytest.raises(DataError, match=rf"{name} is damaged; got edges_sha256 .* Fetch it\."):
        opened(folder)


def test_a_changed_middle_is_found_by_a_thorough_look(folder):
    damage(folder / "inputs.npy", 120_000)
    opened(folder)
    with pytest.raises(DataError, match=r"inputs\.npy is damaged; got sha256"):
        opened(folder, thorough=True)


def test_a_truncated_file_is_found(folder):
    data = (folder / "inputs.npy").read_bytes()
    (folder / "inputs.npy").write_bytes(data[:-1])
    with pytest.raises(DataError, match=rf"got {len(data) - 1} bytes; expected {len(data)} bytes"):
        opened(folder)


def test_a_missing_file_is_named(folder):
    (folder / "labels.npy").unlink()
    with pytest.raises(DataError, match=r"labels\.npy is missing"):
        opened(folder)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"version": 1}', '{"version": 9, "files": {}, "meta": {}}', "\xff"]
)
def test_a_stamp_that_says_nothing(folder, text):
    (folder / "stamp.json").write_text(text, encoding="latin-1")
    with pytest.raises(DataError, match=r"stamp\.json is damaged"):
        opened(folder)


def test_a_failure_leaves_no_stamp(folder):
    def blocks():
        yield IMAGES[:10]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_prepared(folder, shape=IMAGES.shape, blocks=blocks(), labels=None, meta={})
    assert not (folder / "stamp.json").exists()
    assert not [path for path in folder.iterdir() if path.suffix == ".tmp"]


def test_blocks_must_fill_the_shape(tmp_path):
    with pytest.raises(DataError, match="wrong length"):
        write_prepared(tmp_path, shape=IMAGES.shape, blocks=[IMAGES[:-1]], labels=None, meta={})


def test_stamp_is_json(folder):
    stamp = json.loads((folder / "stamp.json").read_text())
    assert stamp["files"]["inputs.npy"]["shape"] == [300, 1, 28, 28]


def test_default_root(monkeypatch):
    monkeypatch.setenv("LATELIER_DATA_ROOT", "/somewhere")
    assert default_root() == Path("/somewhere")
    monkeypatch.delenv("LATELIER_DATA_ROOT")
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    assert default_root() == Path("/cache/latelier")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert default_root() == Path.home() / ".cache" / "latelier"
