from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from latelier.config.errors import DataError
from latelier.data.archives import gunzip, read_deb, read_tar, read_zip

FILES = {"data/a": b"alpha", "data/b": b"beta" * 1000, "data/other": b"unasked"}
ASKED = {"data/a": 5, "data/b": 4000}


def tar_bytes(mode: str, files: dict[str, bytes] = FILES) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=f"w:{mode}") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def ar_bytes(members: dict[str, bytes]) -> bytes:
    out = b"!<arch>\n"
    for name, data in members.items():
        out += f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n".encode()
        out += data + b"\n" * (len(data) % 2)
    return out


def deb_bytes(mode: str = "xz") -> bytes:
    odd = b"2.0\n!"  # members begin at even offsets
    return ar_bytes({"debian-binary": odd, f"data.tar.{mode}": tar_bytes(mode)})


def zip_bytes() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in FILES.items():
            archive.writestr(name, data)
    return buffer.getvalue()


ARCHIVES = {
    "tar.gz": (read_tar, tar_bytes("gz")),
    "tar": (read_tar, tar_bytes("")),
    "zip": (read_zip, zip_bytes()),
    "deb-xz": (read_deb, deb_bytes("xz")),
    "deb-gz": (read_deb, deb_bytes("gz")),
}


@pytest.fixture(params=ARCHIVES)
def archive(request, tmp_path):
    read, data = ARCHIVES[request.param]
    path = tmp_path / "archive"
    path.write_bytes(data)
    return read, path


def test_members_are_read_by_exact_name(archive):
    read, path = archive
    assert read(path, ASKED) == {name: FILES[name] for name in ASKED}


def test_a_missing_member_is_named(archive):
    read, path = archive
    with pytest.raises(DataError, match="lacks members; got none named data/c"):
        read(path, {"data/a": 5, "data/c": 9})


def test_a_member_that_is_too_large_is_refused(archive):
    read, path = archive
    with pytest.raises(DataError, match="unexpected member data/b; got more than 3999 bytes"):
        read(path, {"data/b": 3999})


@pytest.mark.parametrize("kind", ["tar.gz", "zip", "deb-xz"])
@pytest.mark.parametrize("keep", [0.0, 0.5])
def test_a_truncated_archive_is_an_error(kind, keep, tmp_path):
    read, data = ARCHIVES[kind]
    path = tmp_path / "archive"
    path.write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(DataError, match="archive"):
        read(path, ASKED)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE])
def test_links_and_folders_are_not_followed(kind, tmp_path):
    path = tmp_path / "archive.tar"
    with tarfile.open(path, "w") as tar:
        info = tarfile.TarInfo("data/a")
        info.type, info.linkname = kind, "/etc/hostname"
        tar.addfile(info)
    with pytest.raises(DataError, match="unexpected member data/a; got no plain file"):
        read_tar(path, {"data/a": 100})


def test_nothing_is_written(archive, tmp_path):
    read, path = archive
    read(path, ASKED)
    assert list(tmp_path.rglob("*")) == [path]


def test_a_package_compressed_otherwise_is_named(tmp_path: Path):
    path = tmp_path / "p.deb"
    path.write_bytes(ar_bytes({"debian-binary": b"2.0\n", "data.tar.zst": b"...."}))
    with pytest.raises(DataError, match=r"got data\.tar\.zst"):
        read_deb(path, ASKED)


def test_a_package_without_data(tmp_path: Path):
    path = tmp_path / "p.deb"
    path.write_bytes(ar_bytes({"debian-binary": b"2.0\n"}))
    with pytest.raises(DataError, match=r"no member data\.tar"):
        read_deb(path, ASKED)
    path.write_bytes(b"!<arch>\n" + b"x" * 60)
    with pytest.raises(DataError, match="damaged"):
        read_deb(path, ASKED)


def test_gunzip_is_bounded():
    data = gzip.compress(b"0" * 1000)
    assert gunzip(data, 1000, "x.gz") == b"0" * 1000
    with pytest.raises(DataError, match="more than 999 bytes"):
        gunzip(data, 999, "x.gz")
    for damaged in (data[:-4], b"no gzip", data[:20] + b"\xff\xff" + data[22:]):
        with pytest.raises(DataError, match=r"x\.gz is damaged"):
            gunzip(damaged, 1000, "x.gz")
