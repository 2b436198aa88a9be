from __future__ import annotations

import platform
import sys

import torch

from latelier.lab.sweeps.ray_versions import (
    Versions,
    differences,
    version_finder,
    versions_here,
)


def test_it_tells_what_is_here():
    here = versions_here()
    assert here.python == platform.python_version()
    assert here.torch == torch.__version__.partition("+")[0]
    assert len(here.code) == 12


def test_other_source_files_are_another_version(monkeypatch, tmp_path):
    package = tmp_path / "latelier"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "loss.py").write_text("weight = 1\n")
    monkeypatch.delitem(sys.modules, "latelier")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    first = versions_here()
    (package / "loss.py").write_text("weight = 2\n")
    second = versions_here()
    (package / "loss.py").rename(package / "lost.py")
    third = versions_here()
    assert len({first.code, second.code, third.code}) == 3
    assert differences(first, second) == f"code {second.code} (here {first.code})"


def test_a_machine_without_latelier_can_say_so(monkeypatch):
    monkeypatch.delitem(sys.modules, "latelier")
    monkeypatch.setattr(sys, "path", [])
    assert version_finder()()[1:] == ("none", "none", "none")


def test_every_difference_is_named():
    here = Versions("3.11.7", "2.13.0", "0.1", "abc")
    assert differences(here, here) == ""
    there = Versions("3.12.1", "2.13.0", "0.2", "abc")
    assert differences(here, there) == "python 3.12.1 (here 3.11.7), latelier 0.2 (here 0.1)"
