from __future__ import annotations

import pytest

from latelier.config.errors import DataError
from latelier.data import DATASETS
from latelier.data.registry import find_spec


def test_names():
    assert list(DATASETS) == [
        "mnist-5k",
        "digits",
        "factors",
        "colors",
        "mnist",
        "fashion-mnist",
        "cifar10",
        "dsprites",
        "shapes3d",
        "npz",
        "image-folder",
    ]
    assert all(name == spec.name for name, spec in DATASETS.items())


@pytest.mark.parametrize("spec", DATASETS.values(), ids=DATASETS)
def test_rows_are_complete(spec, tmp_path):
    assert spec.description
    assert spec.present(tmp_path) == (spec.kind != "download")
    assert spec.embedded == (spec.kind in {"embedded", "procedural"})
    if spec.kind == "download":
        assert spec.decode
        assert spec.canonical
        assert spec.packages
        assert spec.download_bytes > 0
        assert all(len(package.sha256) == 64 for package in spec.packages)
        assert all(len(part.md5) == 32 for part in spec.parts)
    if spec.kind != "path":
        assert spec.classes == {"factors": 3, "colors": 0}.get(spec.name, 10)
        assert spec.train > 0
        assert len(spec.shape) == (1 if spec.name == "colors" else 3)


def test_a_near_miss_is_suggested():
    with pytest.raises(DataError, match=r"got mnist5k; expected one of mnist-5k.*mean mnist-5k"):
        find_spec("mnist5k")
