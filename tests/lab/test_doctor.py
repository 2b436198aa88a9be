from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from latelier.config import ConfigError
from latelier.lab import doctor
from latelier.lab.doctor import examine


@pytest.fixture
def looked(tmp_path):
    def look() -> dict[str, doctor.Check]:
        return {check.name: check for check in examine(tmp_path / "runs", tmp_path / "data")}

    return look


def test_this_machine_is_ready_and_nothing_is_left_behind(looked, tmp_path):
    checks = looked()

    assert {name: check.found for name, check in checks.items() if check.status == "problem"} == {}
    assert "torch" in checks["packages"].found
    assert "threads" in checks["device"].found
    assert "mnist-5k" in checks["data sets"].found
    assert checks["runs folder"].found == f"{tmp_path / 'runs'} (made when needed)"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_a_problem(monkeypatch, tmp_path):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor.tempfile, "TemporaryDirectory", refuse)

    check = doctor._folder("runs folder", tmp_path)

    assert (check.status, check.found) == ("problem", f"{tmp_path}: Permission denied")
    assert check.remedy


def test_a_folder_without_locks_is_a_warning(monkeypatch, tmp_path):
    def refuse(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", refuse)

    assert doctor._folder("runs folder", tmp_path).status == "warning"


@pytest.mark.parametrize("inside", ["", "deeper/still"])
def test_a_file_where_a_folder_should_be_is_a_problem(tmp_path, inside):
    (tmp_path / "runs").write_text("not a folder")

    check = doctor._folder("runs folder", tmp_path / "runs" / inside)

    assert (check.status, check.found) == ("problem", f"{tmp_path / 'runs'} is a file")


def test_a_full_disk_is_a_warning(monkeypatch, looked):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=2e8))

    assert looked()["disk"].status == "warning"
    assert "0.2 GB free" in looked()["disk"].found


def test_a_missing_package_is_a_problem(monkeypatch):
    monkeypatch.setattr(doctor, "_PACKAGES", ("numpy", "no-such-package"))

    check = doctor._packages()

    assert (check.status, check.found) == ("problem", "missing: no-such-package")


def test_a_broken_preset_is_a_problem_that_names_it(monkeypatch):
    def refuse(path: Path):
        raise ConfigError(f"{path.name} is broken")

    monkeypatch.setattr(doctor, "load_config", refuse)

    assert doctor._presets().status == "problem"
    assert "mnist5k-gmvae.yaml is broken" in doctor._presets().found


def test_what_goes_wrong_in_a_check_is_its_finding(monkeypatch, looked):
    def fail():
        raise RuntimeError("no driver")

    monkeypatch.setattr(doctor, "_device", fail)

    assert looked()["device"].status == "problem"
    assert looked()["device"].found == "RuntimeError: no driver"


def test_an_old_python_is_a_problem(monkeypatch):
    monkeypatch.setattr(doctor, "_OLDEST_PYTHON", (99, 0))

    assert doctor._python().status == "problem"


def test_locks_are_told_apart_from_a_locked_file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"")
    assert doctor._can_lock(path)

    holder = os.open(path, os.O_RDWR)
    fcntl.flock(holder, fcntl.LOCK_EX)
    try:
        assert not doctor._can_lock(path)
    finally:
        os.close(holder)
