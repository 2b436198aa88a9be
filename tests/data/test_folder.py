from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from latelier.config.data import DataConfig
from latelier.config.errors import DataError
from latelier.data import load_dataset
from latelier.data.folder import list_images

RNG = np.random.default_rng(0)


def put(folder: Path, name: str, *, size=(6, 6), mode="L") -> np.ndarray:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    shape = size if mode == "L" else (*size, 3)
    array = RNG.integers(0, 256, shape, dtype=np.uint8)
    Image.fromarray(array).save(folder / name)
    return array


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "images"
    for at in range(4):
        put(target, f"cat/{at}.png")
        put(target, f"ant/deep/{at}.png")
    (target / "cat" / "notes.txt").write_text("no image")
    (target / "cat" / ".hidden.png").write_text("no image")
    return target


def load(folder: Path, **settings):
    config = DataConfig(dataset="image-folder", path=folder, **{"held_out": 0.25} | settings)
    return load_dataset(config, seed=0)


def test_a_class_per_subfolder_in_sorted_order(folder):
    dataset = load(folder)
    assert dataset.label_names == ("ant", "cat")
    assert dataset.labels.tolist() == [0] * 4 + [1] * 4
    assert dataset.shape == (1, 6, 6)
    expected = np.asarray(Image.open(folder / "ant" / "deep" / "2.png"))
    assert np.array_equal(dataset.inputs[2, 0].numpy(), expected)
    assert len(dataset.held_out) == 2


def test_a_flat_folder_has_no_labels(tmp_path):
    arrays = [put(tmp_path / "flat", f"{name}.png") for name in "bac"]
    dataset = load(tmp_path / "flat")
    assert dataset.labels is None
    assert np.array_equal(dataset.inputs[0, 0].numpy(), arrays[1])


def test_loading_again_reads_no_image(folder, monkeypatch):
    first = load(folder)
    monkeypatch.setattr("latelier.data.folder.open_image", None)
    second = load(folder)
    assert np.array_equal(first.inputs.numpy(), second.inputs.numpy())


def test_a_changed_file_is_read_again(folder):
    load(folder)
    array = put(folder, "ant/deep/0.png")
    os.utime(folder / "ant/deep/0.png", ns=(1, 1))
    assert np.array_equal(load(folder).inputs[0, 0].numpy(), array)
    put(folder, "ant/deep/9.png")
    assert len(load(folder)) == 9


def test_resizing_is_another_data_set(folder):
    assert load(folder).shape == (1, 6, 6)
    assert load(folder, image_size=4).shape == (1, 4, 4)
    assert load(folder, image_size=6).shape == (1, 6, 6)


def test_wide_images_are_cropped_in_the_middle(tmp_path):
    array = np.zeros((4, 8), dtype=np.uint8)
    array[:, 2:6] = 200
    for at in range(2):
        (tmp_path / "wide").mkdir(exist_ok=True)
        Image.fromarray(array).save(tmp_path / "wide" / f"{at}.png")
    dataset = load(tmp_path / "wide", image_size=4, held_out=0.5)
    assert (dataset.inputs == 200).all()


def test_gray_among_color_becomes_rgb(tmp_path):
    gray = put(tmp_path / "mixed", "a.png")
    put(tmp_path / "mixed", "b.png", mode="RGB")
    dataset = load(tmp_path / "mixed", held_out=0.5)
    assert dataset.shape == (3, 6, 6)
    assert np.array_equal(dataset.inputs[0].numpy(), np.broadcast_to(gray, (3, 6, 6)))


def test_streamed_from_the_cache(folder):
    dataset = load(folder, in_memory="never")
    assert np.array_equal(
        dataset.examples(dataset.train).inputs, load(folder).examples(dataset.train).inputs
    )


def test_images_that_differ_in_size(folder):
    put(folder, "cat/wide.png", size=(6, 9))
    with pytest.raises(DataError, match=r"wide\.png; got 9×6 pixels; expected 6×6.*image_size"):
        load(folder)
    assert load(folder, image_size=6).shape == (1, 6, 6)


@pytest.mark.parametrize("keep", [0, 60])
def test_a_corrupt_image_is_named(folder, keep):
    path = folder / "cat" / "3.png"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(DataError, match=r"cat/3\.png cannot be read"):
        load(folder)


def test_a_damaged_cache_says_what_to_delete(folder, data_root):
    load(folder)
    [cached] = data_root.glob("image-folder/*/inputs.npy")
    cached.write_bytes(b"")
    with pytest.raises(DataError, match=f"Delete {cached.parent}"):
        load(folder)


def test_folders_that_cannot_be_used(folder, tmp_path):
    with pytest.raises(DataError, match="names no folder"):
        list_images(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="has no images"):
        list_images(tmp_path / "empty")
    (folder / "bird").mkdir()
    with pytest.raises(DataError, match="the subfolder 'bird'"):
        list_images(folder)
    (folder / "bird").rmdir()
    put(folder, "loose.png")
    with pytest.raises(DataError, match=r"loose\.png beside the subfolder ant"):
        list_images(folder)
