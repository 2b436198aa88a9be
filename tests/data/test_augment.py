from __future__ import annotations

import pytest
import torch

from latelier.config.data import AugmentConfig
from latelier.data.augment import augment_images, epoch_draws

FILL = -1.0


def changed(images, draws, **settings):
    draws = torch.tensor(draws, dtype=torch.float32).expand(len(images), 6)
    return augment_images(images, draws, AugmentConfig(**settings), FILL)


def noise(*shape):
    return torch.rand(shape, generator=torch.Generator().manual_seed(0))


def spot(height, width, y, x):
    """An image of FILL with one pixel of 1, so many pixels below and right of the center."""
    image = torch.full((1, 1, height, width), FILL)
    image[0, 0, height // 2 + y, width // 2 + x] = 1
    return image


def spot_at(image):
    """Where its brightest pixel is, in pixels below and right of the center."""
    height, width = image.shape[-2:]
    y, x = divmod(int(image.argmax()), width)
    return y - height // 2, x - width // 2


def by_hand(images, dy, dx):
    moved = torch.full_like(images, FILL)
    height, width = images.shape[-2:]
    for y in range(height):
        for x in range(width):
            if 0 <= y - dy < height and 0 <= x - dx < width:
                moved[:, :, y, x] = images[:, :, y - dy, x - dx]
    return moved


def test_no_draw_changes_nothing():
    images = noise(5, 3, 6, 7)
    kept = changed(images, [0.0] * 6, shift=3, rotate=90, scale=0.5, shear=1)
    assert torch.allclose(kept, images, atol=1e-5)


@pytest.mark.parametrize(("x", "y"), [(1, 0), (0, 1), (-1, 0.5), (1, -1)])
def test_whole_shifts_move_pixels(x, y):
    images = noise(5, 3, 6, 7)
    moved = changed(images, [x, y, 0, 0, 0, 0], shift=2)
    assert torch.allclose(moved, by_hand(images, round(-2 * y), round(-2 * x)), atol=1e-5)


def test_half_a_pixel_is_a_mean_of_two():
    images = noise(5, 1, 1, 7)
    moved = changed(images, [-1, 0, 0, 0, 0, 0], shift=0.5)
    assert torch.allclose(moved[..., 1:], (images[..., 1:] + images[..., :-1]) / 2, atol=1e-5)


@pytest.mark.parametrize(("height", "width"), [(11, 11), (11, 15), (15, 11)])
def test_a_quarter_turn_keeps_distances_in_pixels(height, width):
    turned = [
        spot_at(changed(spot(height, width, *start), [0, 0, 1, 0, 0, 0], rotate=90))
        for start in ((0, 4), (3, 0))
    ]
    assert turned in ([(4, 0), (0, -3)], [(-4, 0), (0, 3)])


def test_half_a_turn():
    images = noise(4, 3, 6, 8)
    turned = changed(images, [0, 0, 1, 0, 0, 0], rotate=180)
    assert torch.allclose(turned, images.flip(2, 3), atol=1e-4)


def test_scale_stretches_each_axis_about_the_center():
    wide = changed(spot(13, 13, 0, 3), [0, 0, 0, -1, 0, 0], scale=0.5)
    high = changed(spot(13, 13, 3, 0), [0, 0, 0, 0, -1, 0], scale=0.5)
    assert spot_at(wide) == (0, 6)
    assert spot_at(high) == (6, 0)
    assert spot_at(changed(spot(13, 13, 3, 0), [0, 0, 0, -1, 0, 0], scale=0.5)) == (3, 0)


@pytest.mark.parametrize(("height", "width"), [(13, 13), (13, 21)])
def test_shear_moves_rows_by_their_height(height, width):
    at = [
        spot_at(changed(spot(height, width, y, 0), [0, 0, 0, 0, 0, 1], shear=0.5))
        for y in (-4, 0, 4)
    ]
    assert at == [(-4, 2), (0, 0), (4, -2)]


def test_draws_are_uniform_and_differ_by_epoch():
    draws = epoch_draws(4000, seed=0, epoch=1)
    assert draws.shape == (4000, 6)
    assert draws.abs().max() <= 1
    assert (draws.mean(0).abs() < 0.05).all()
    assert ((draws.std(0) - 3**-0.5).abs() < 0.02).all()
    assert torch.equal(draws, epoch_draws(4000, seed=0, epoch=1))
    assert not torch.equal(draws, epoch_draws(4000, seed=0, epoch=2))
    assert not torch.equal(draws, epoch_draws(4000, seed=1, epoch=1))
