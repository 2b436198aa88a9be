from __future__ import annotations

import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from latelier.config import DataConfig
from latelier.config.errors import ConfigError, DataError
from latelier.data import load_dataset
from latelier.data.factor_files import H5Images, read_dsprites, read_shapes3d

GRID = np.stack(np.unravel_index(np.arange(3 * 2 * 2 * 2 * 2), (3, 2, 2, 2, 2)), 1)


def dsprites(path: Path, classes: np.ndarray, **others: np.ndarray) -> Path:
    images = np.zeros((len(classes), 64, 64), dtype=np.uint8)
    images[np.arange(len(classes)), np.arange(len(classes)) % 64, 0] = 1
    arrays = {"imgs": images, "latents_classes": classes, **others}
    np.savez_compressed(path, **arrays)
    return path


@pytest.mark.parametrize("with_color", [False, True])
def test_dsprites_with_and_without_its_constant_color(tmp_path: Path, with_color: bool) -> None:
    classes = np.insert(GRID, 0, 0, axis=1) if with_color else GRID
    metadata = np.frombuffer(pickle.dumps({"a": 1}), dtype=np.uint8)
    path = dsprites(tmp_path / "d.npz", classes, metadata=metadata)
    data = load_dataset(DataConfig(dataset="dsprites", path=path), seed=0)
    assert data.shape == (1, 64, 64)
    assert data.label_names == ("square", "ellipse", "heart")
    assert data.factors is not None
    assert data.factors.is_grid
    assert data.factors.names == ("shape", "scale", "rotation", "x", "y")
    assert data.examples(torch.tensor([5])).inputs.unique().tolist() == [0.0, 1.0]
    assert torch.equal(data.labels, torch.from_numpy(GRID[:, 0]))  # type: ignore[arg-type]


def test_other_files_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"names no file.*dSprites repository"):
        read_dsprites(tmp_path / "none.npz")
    np.savez(tmp_path / "x.npz", x=np.zeros(3))
    with pytest.raises(DataError, match=r"x\.npz is not the file of dsprites; got KeyError"):
        read_dsprites(tmp_path / "x.npz")
    (tmp_path / "torn.npz").write_bytes(b"PK\x03\x04torn")
    with pytest.raises(DataError, match="not the file of dsprites"):
        read_dsprites(tmp_path / "torn.npz")
    objects = np.empty(48, dtype=object)
    np.savez(tmp_path / "p.npz", imgs=objects, latents_classes=GRID)
    with pytest.raises(DataError, match="not the file of dsprites"):
        read_dsprites(tmp_path / "p.npz")
    with pytest.raises(DataError, match="latents_classes"):
        read_dsprites(dsprites(tmp_path / "few.npz", GRID[:, :3]))


def test_shapes3d_needs_its_library_and_its_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"3dshapes\.h5"):
        read_shapes3d(tmp_path / "none.h5")
    path = tmp_path / "3dshapes.h5"
    path.write_bytes(b"no hdf5")
    try:
        import h5py  # noqa: F401
    except ImportError:
        with pytest.raises(ConfigError, match=r'pip install "latelier\[shapes3d\]"'):
            read_shapes3d(path)
    else:
        with pytest.raises(DataError, match="not the file of shapes3d"):
            read_shapes3d(path)


def test_shapes3d_is_read_from_disk_row_by_row(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py", reason="h5py is an extra: latelier[shapes3d]")
    shape = (2, 2, 2, 2, 4, 3)
    values = np.stack(np.unravel_index(np.arange(192), shape), 1)
    images = np.random.default_rng(0).integers(0, 256, (192, 64, 64, 3), dtype=np.uint8)
    path = tmp_path / "3dshapes.h5"
    with h5py.File(path, "w") as file:
        file["images"], file["labels"] = images, values * 0.1 - 3
    found = read_shapes3d(path)
    assert isinstance(found.inputs, H5Images)
    assert found.factors.is_grid
    assert found.factors.sizes == shape
    rows = np.array([7, 0, 7, 191])
    expected = torch.from_numpy(images[rows]).permute(0, 3, 1, 2)
    assert torch.equal(pickle.loads(pickle.dumps(found.inputs)).read(rows), expected)


def test_the_real_grid() -> None:
    root = os.environ.get("LATELIER_TEST_DATA")
    path = Path(root or "", "dsprites", "dsprites_downsampled.npz")
    if root is None or not path.is_file():
        pytest.skip("LATELIER_TEST_DATA names no folder with dsprites")
    found = read_dsprites(path)
    assert found.factors.sizes == (3, 6, 10, 16, 16)
    assert found.factors.is_grid
