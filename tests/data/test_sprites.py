from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from latelier.config.data import DataConfig
from latelier.config.errors import DataError
from latelier.data import (
    default_tile,
    given_dataset,
    sprite_layout,
    sprite_sheet,
    visualization_indices,
)
from latelier.data.sprites import MAX_SIDE

RNG = np.random.default_rng(0)


def dataset(x, y=None):
    data = x if y is None else (x, y)
    return given_dataset(data, config=DataConfig(dataset="given", held_out=0.2), seed=0)


def test_visualization_indices_are_stratified_sorted_training_examples():
    labels = np.repeat(np.arange(3), [60, 30, 10])
    data = dataset(np.zeros((100, 2)), labels)
    chosen = visualization_indices(data, 20, seed=7)
    assert chosen == tuple(sorted(set(chosen)))
    assert set(chosen) <= set(data.train.tolist())
    assert np.bincount(labels[list(chosen)]).tolist() == [12, 6, 2]
    assert chosen == visualization_indices(data, 20, seed=7)
    assert chosen != visualization_indices(data, 20, seed=8)


def test_visualization_indices_of_few_examples_and_without_labels():
    data = dataset(np.zeros((10, 2)))
    assert visualization_indices(data, 1000, seed=0) == tuple(data.train.tolist())
    assert len(visualization_indices(data, 3, seed=0)) == 3


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 100_000), st.integers(1, 512))
def test_layout_holds_all_and_is_about_square(count, side):
    tile = default_tile((1, side, side), count)
    layout = sprite_layout(count, tile)
    assert 1 <= tile <= min(side, 64)
    assert layout.columns * layout.rows >= count > layout.columns * (layout.rows - 1)
    assert layout.rows <= layout.columns <= layout.rows + 1
    assert max(layout.width, layout.height) <= MAX_SIDE


@pytest.mark.parametrize(("count", "tile"), [(0, 8), (10_000, 82), (5, 0)])
def test_layouts_that_do_not_fit(count, tile):
    with pytest.raises(DataError, match="do not fit on a sheet"):
        sprite_layout(count, tile)


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB")])
def test_thumbnails_lie_row_by_row(channels, mode):
    x = RNG.integers(0, 256, (30, channels, 6, 6), dtype=np.uint8)
    indices = (9, 2, 5, 2, 11)
    sheet = sprite_sheet(dataset(x), indices)
    assert sheet.mode == mode
    assert sheet.size == (18, 12)
    pixels = np.asarray(sheet).reshape(12, 18, channels)
    for at, index in enumerate(indices):
        top, left = 6 * (at // 3), 6 * (at % 3)
        tile = pixels[top : top + 6, left : left + 6]
        assert np.array_equal(tile, x[index].transpose(1, 2, 0))
    assert (pixels[6:, 12:] == 0).all()


def test_shrunk_by_means_and_enlarged_sharply():
    x = np.zeros((10, 4, 4), dtype=np.uint8)
    x[:, :2, :2] = [[0, 100], [200, 100]]
    small = np.asarray(sprite_sheet(dataset(x), [0], tile=2))
    assert small.tolist() == [[100, 0], [0, 0]]
    large = np.asarray(sprite_sheet(dataset(x), [0], tile=8))
    assert np.array_equal(large, x[0].repeat(2, 0).repeat(2, 1))


def test_wide_images_keep_their_proportions():
    x = np.full((10, 2, 8), 255, dtype=np.uint8)
    sheet = np.asarray(sprite_sheet(dataset(x), [0], tile=8))
    assert (sheet[3:5] == 255).all()
    assert (sheet[:3] == 0).all()
    assert (sheet[5:] == 0).all()


def test_floats_are_scaled_by_the_value_range():
    x = np.linspace(-2, 2, 40).reshape(10, 2, 2)
    sheet = np.asarray(sprite_sheet(dataset(x), torch.arange(10)))
    assert sheet[0, 0] == 0
    assert sheet.max() == 255


def test_native_size_up_to_64():
    assert sprite_sheet(dataset(RNG.random((10, 90, 90))), [0]).size == (64, 64)
    assert sprite_sheet(dataset(RNG.random((10, 40, 40))), [0]).size == (40, 40)


def test_what_cannot_be_drawn():
    with pytest.raises(DataError, match=r"cannot be drawn; got shape \[3\]"):
        sprite_sheet(dataset(np.zeros((10, 3))), [0])
