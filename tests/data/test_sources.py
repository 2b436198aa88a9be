from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile

import numpy as np
import pytest
from PIL import Image

from latelier.config.errors import DataError
from latelier.data.archives import read_tar
from latelier.data.formats import CIFAR_FILES, cifar_batch
from latelier.data.sources import Part, TarFile, check_parts, plain_members, unpack_cifar_png


def write_tar(path, members: dict[str, bytes]) -> None:
    with tarfile.open(path, "w:gz") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


def part_of(name: str, data: bytes) -> Part:
    return Part(name, len(data), hashlib.md5(data).hexdigest())


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "png")
    return buffer.getvalue()


def test_cifar_batches_are_rebuilt_from_png_sheets(tmp_path):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (6, 2, 1024, 3), dtype=np.uint8)
    labels = rng.integers(0, 10, (6, 2)).tolist()
    members = {
        f"package/{name.removesuffix('.bin')}.png": png(sheet)
        for name, sheet in zip(CIFAR_FILES, pixels, strict=True)
    }
    members["package/train_lables.json"] = json.dumps(
        [y for part in labels[:5] for y in part]
    ).encode()
    members["package/test_lables.json"] = json.dumps(labels[5]).encode()
    write_tar(tmp_path / "c.tgz", members)
    batches = [cifar_batch(*pair) for pair in zip(pixels, labels, strict=True)]
    wanted = tuple(part_of(*pair) for pair in zip(CIFAR_FILES, batches, strict=True))
    parts = unpack_cifar_png(tmp_path / "c.tgz", wanted)
    assert parts == dict(zip(CIFAR_FILES, batches, strict=True))
    check_parts(parts, wanted, "png")


def test_gzipped_members(tmp_path):
    write_tar(tmp_path / "p.tgz", {"data/a.gz": gzip.compress(b"alpha")})
    unpack = plain_members(read_tar, "data/", gz=True)
    assert unpack(tmp_path / "p.tgz", (part_of("a", b"alpha"),)) == {"a": b"alpha"}
    with pytest.raises(DataError, match="more than 4 bytes"):
        unpack(tmp_path / "p.tgz", (Part("a", 4, ""),))


def test_a_tar_file_of_all_parts(web, tmp_path):
    write_tar(tmp_path / "all.tar.gz", {"set/a": b"alpha", "set/b": b"beta"})
    body = (tmp_path / "all.tar.gz").read_bytes()
    web.files["/all.tar.gz"] = body
    checksum = f"md5:{hashlib.md5(body).hexdigest()}"
    source = TarFile("host", f"{web.url}/all.tar.gz", checksum, "set/")
    wanted = (part_of("a", b"alpha"), part_of("b", b"beta"))
    (tmp_path / "into").mkdir()
    assert source.parts(tmp_path / "into", wanted, None) == {"a": b"alpha", "b": b"beta"}
