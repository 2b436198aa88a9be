from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from latelier.config.errors import DataError
from latelier.data.download import download

BODY = np.random.default_rng(0).integers(0, 256, 300_000, dtype=np.uint8).tobytes()
MD5 = "md5:" + hashlib.md5(BODY).hexdigest()


def get(web, folder: Path, checksum: str = MD5, progress=None) -> Path:
    return download(f"{web.url}/file.gz", folder / "file.gz", checksum, progress)


def break_off(web, folder: Path, after: int) -> DataError:
    web.breaks_after = after
    with pytest.raises(DataError) as caught:
        get(web, folder)
    web.breaks_after = None
    web.ranges.clear()
    return caught.value


def test_download_brings_the_bytes_and_tells_progress(web, tmp_path):
    web.files["/file.gz"] = BODY
    seen = []
    path = get(web, tmp_path, progress=lambda *told: seen.append(told))
    assert path.read_bytes() == BODY
    assert seen[-1] == ("file.gz", len(BODY), len(BODY))
    assert [done for _, done, _ in seen] == sorted({done for _, done, _ in seen})
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == ["file.gz"]


def test_a_file_that_is_there_is_not_downloaded_again(web, tmp_path):
    (tmp_path / "file.gz").write_bytes(BODY)
    get(web, tmp_path)
    assert web.ranges == []


def test_a_broken_connection_keeps_what_came_and_the_next_try_goes_on(web, tmp_path):
    web.files["/file.gz"] = BODY
    error = break_off(web, tmp_path, 100_000)
    assert "100000 bytes are kept" in str(error)
    assert "Run the same command again" in str(error)
    assert (tmp_path / "file.gz.part").read_bytes() == BODY[:100_000]
    seen = []
    path = get(web, tmp_path, progress=lambda *told: seen.append(told))
    assert path.read_bytes() == BODY
    assert web.ranges == ["bytes=100000-"]
    assert seen[0][1] > 100_000
    assert seen[-1] == ("file.gz", len(BODY), len(BODY))


def test_a_connection_may_break_twice(web, tmp_path):
    web.files["/file.gz"] = BODY
    break_off(web, tmp_path, 100_000)
    assert "150000 bytes are kept" in str(break_off(web, tmp_path, 50_000))
    assert get(web, tmp_path).read_bytes() == BODY
    assert web.ranges == ["bytes=150000-"]


def test_a_server_that_ignores_ranges_starts_again(web, tmp_path):
    web.files["/file.gz"] = BODY
    break_off(web, tmp_path, 100_000)
    web.ignores_range = True
    assert get(web, tmp_path).read_bytes() == BODY


def test_a_range_that_begins_elsewhere_is_not_appended(web, tmp_path):
    web.files["/file.gz"] = BODY
    break_off(web, tmp_path, 100_000)
    web.shifts_range = 7
    assert get(web, tmp_path).read_bytes() == BODY
    assert web.ranges == ["bytes=100000-", None]


def test_a_whole_part_needs_only_checking(web, tmp_path):
    web.files["/file.gz"] = BODY
    (tmp_path / "file.gz.part").write_bytes(BODY)
    assert get(web, tmp_path).read_bytes() == BODY
    assert web.ranges == [f"bytes={len(BODY)}-"]


def test_a_part_longer_than_the_file_is_dropped(web, tmp_path):
    web.files["/file.gz"] = BODY
    (tmp_path / "file.gz.part").write_bytes(BODY + b"more")
    assert get(web, tmp_path).read_bytes() == BODY


def test_a_wrong_checksum_removes_the_file_and_says_both(web, tmp_path):
    web.files["/file.gz"] = b"something else"
    with pytest.raises(DataError, match="wrong checksum") as caught:
        get(web, tmp_path)
    assert MD5.removeprefix("md5:") in str(caught.value)
    assert hashlib.md5(b"something else").hexdigest() in str(caught.value)
    assert [p for p in tmp_path.iterdir() if p.is_file()] == []


def test_a_missing_file_names_the_url(web, tmp_path):
    with pytest.raises(DataError, match=r"file\.gz failed; nothing came; got HTTPError: 404"):
        get(web, tmp_path)


def test_a_part_survives_a_server_error(web, tmp_path):
    (tmp_path / "file.gz.part").write_bytes(BODY[:1000])
    with pytest.raises(DataError, match="1000 bytes are kept"):
        get(web, tmp_path)
    assert (tmp_path / "file.gz.part").read_bytes() == BODY[:1000]


def test_a_server_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match="nothing came"):
        download("http://127.0.0.1:1/file.gz", tmp_path / "file.gz", MD5)
