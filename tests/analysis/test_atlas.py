"""The atlas against loops over its cells, and maps read backwards against their formulas."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latelier.analysis import Alignment, aligned, bounds_of, pca
from latelier.analysis.atlas import (
    MARGIN,
    MAX_SHEET,
    MAX_TILE,
    atlas_grid,
    centers_from_the_top,
    cycle_error,
    decode_atlas,
    latent_radius,
    nearest_point,
    off_plane,
    plane_codes,
)
from latelier.analysis.grid import Grid
from latelier.config import DataError, ShapeError

RNG = np.random.default_rng(0)
LATENTS = RNG.normal(size=(60, 5)) * [3.0, 2.0, 1.0, 0.5, 0.1] + 7.0


def turned(projection):
    """Turn and shift a map, as alignment does."""
    angle = 0.7
    matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return aligned(projection, Alignment(matrix, np.array([2.0, -3.0]), 0.0, 0.0, True, 60))


@given(st.integers(1, 6), st.integers(1, 6))
@settings(deadline=None, max_examples=50)
def test_centers_are_in_the_middle_of_their_cells_from_the_top_down(columns, rows):
    grid = Grid(columns, rows, np.array([-1.0, 2.0]), np.array([3.0, 10.0]))
    centers = centers_from_the_top(grid)
    for row in range(rows):
        for column in range(columns):
            x, y = -1 + (column + 0.5) * 4 / columns, 10 - (row + 0.5) * 8 / rows
            assert np.allclose(centers[row * columns + column], [x, y])


def test_a_grid_holds_every_point_of_the_map():
    coords = RNG.normal(size=(50, 2)) * [4.0, 0.1]
    grid = atlas_grid(bounds_of(coords, "pca"), 24)
    low, high = coords.min(0), coords.max(0)
    assert np.allclose(grid.low, low - MARGIN * (high - low))
    assert np.allclose(grid.high, high + MARGIN * (high - low))


@pytest.mark.parametrize(
    ("coords", "extent"), [([[1.0, 2.0], [3.0, 2.0]], [2.2, 2.2]), ([[1.0, 2.0]], [1.1, 1.1])]
)
def test_a_flat_axis_still_has_cells(coords, extent):
    grid = atlas_grid(bounds_of(np.array(coords), "identity"), 4)
    assert np.allclose(grid.high - grid.low, extent)
    assert np.allclose((grid.high + grid.low) / 2, np.mean(coords, axis=0))


def test_grids_that_cannot_be_are_refused():
    with pytest.raises(ShapeError):
        atlas_grid(bounds_of(np.zeros((3, 3)), "pca"), 4)
    with pytest.raises(DataError):
        atlas_grid(bounds_of(np.zeros((3, 2)), "pca"), 0)


@pytest.mark.parametrize("projection", [pca(LATENTS, 2), turned(pca(LATENTS, 2))])
def test_the_plane_of_a_map_is_read_backwards(projection):
    codes = plane_codes(projection)(projection.coords.astype(np.float64))
    # They lie on the map where they came from, and nowhere nearer to the points.
    back = (codes - projection.mean) @ projection.components.T
    assert np.allclose(back, projection.coords, atol=1e-4)
    centered = LATENTS - LATENTS.mean(0)
    _, _, axes = np.linalg.svd(centered, full_matrices=False)
    nearest = LATENTS.mean(0) + centered @ axes[:2].T @ axes[:2]
    assert np.allclose(codes, nearest, atol=1e-4)


@pytest.mark.parametrize("projection", [pca(LATENTS, 2), turned(pca(LATENTS, 2))])
def test_what_a_map_leaves_out_is_the_rest_of_the_spectrum(projection):
    values = np.linalg.svd(LATENTS - LATENTS.mean(0), compute_uv=False) ** 2
    left = off_plane(LATENTS, projection)
    assert left["variance_share"] == pytest.approx(values[2:].sum() / values.sum())
    codes = plane_codes(projection)(projection.coords.astype(np.float64))
    distances = np.linalg.norm(LATENTS - codes, axis=1)
    assert left["median_distance"] == pytest.approx(np.median(distances), abs=1e-4)


@pytest.mark.parametrize("width", [1, 2])
def test_latents_that_are_shown_as_they_are_leave_nothing_out(width):
    points = LATENTS[:, :width]
    projection = pca(points, 2)
    assert off_plane(points, projection) == {"variance_share": 0.0, "median_distance": 0.0}
    codes = plane_codes(projection)(projection.coords.astype(np.float64))
    assert np.allclose(codes, points, atol=1e-5)


def test_points_that_agree_leave_nothing_out():
    assert off_plane(np.ones((4, 5)), pca(np.ones((4, 5)), 2))["variance_share"] == 0.0


def test_the_nearest_point_is_that_of_a_loop():
    codes = RNG.normal(size=(300, 5)) * 3 + 7  # more than are looked up at once
    rows, distances = nearest_point(codes, LATENTS)
    for code, row, distance in zip(codes, rows, distances, strict=True):
        every = [float(np.linalg.norm(code - point)) for point in LATENTS]
        assert row == int(np.argmin(every))
        assert distance == pytest.approx(min(every))


def test_a_code_that_comes_back_has_no_cycle_error():
    codes = LATENTS[:10]
    matrix = RNG.normal(size=(5, 9))
    back = np.linalg.pinv(matrix)
    assert cycle_error(codes, lambda x: x @ back, lambda z: z @ matrix).max() < 1e-9
    shifted = cycle_error(codes, lambda x: x @ back + 2.0, lambda z: z @ matrix)
    assert np.allclose(shifted, 2 * np.sqrt(5))


def test_the_radius_is_the_typical_distance_from_the_mean():
    distances = [np.linalg.norm(point - LATENTS.mean(0)) for point in LATENTS]
    assert latent_radius(LATENTS) == pytest.approx(np.sqrt(np.mean(np.square(distances))))


def decode(z):
    """A decoder whose pixels tell the code: [M, 5] → [M, 1, 1, 2]."""
    return np.stack([z[:, 0], z[:, 1]], axis=1)[:, None, None, :] / 20


def test_every_tile_is_the_decoded_center_of_its_cell():
    projection = turned(pca(LATENTS, 2))
    grid = Grid(4, 3, np.array([-2.0, -9.0]), np.array([6.0, 3.0]))
    atlas = decode_atlas(grid, plane_codes(projection), decode, LATENTS)
    assert atlas.sheet.pixels.shape == (3, 4 * 2)
    for row in range(3):
        for column in range(4):
            x, y = -2 + (column + 0.5) * 2, 3 - (row + 0.5) * 4  # the first row is the topmost
            z = projection.mean + x * projection.components[0] + y * projection.components[1]
            tile = atlas.sheet.pixels[row : row + 1, column * 2 : column * 2 + 2]
            assert np.array_equal(tile, np.rint(decode(z[None])[0, 0].clip(0, 1) * 255))
            every = np.linalg.norm(LATENTS - z, axis=1)
            assert atlas.distance[row * 4 + column] == pytest.approx(every.min())
            assert atlas.nearest[row * 4 + column] == every.argmin()
    payload = atlas.payload()
    assert payload["order"] == "rows from the largest y down"
    assert (payload["columns"], payload["rows"], payload["gap"]) == (4, 3, 0)


@pytest.mark.parametrize(("tiles", "side"), [(24, MAX_TILE), (50, MAX_SHEET // 50), (800, 1)])
@pytest.mark.parametrize("channels", [1, 3])
def test_large_images_are_shrunk_and_keep_their_channels(tiles, side, channels):
    grid = Grid(tiles, 1, np.array([0.0, 0.0]), np.array([1.0, 1.0]))
    images = RNG.random((1, channels, 60, 60))
    atlas = decode_atlas(
        grid,
        lambda coords: np.zeros((len(coords), 5)),
        lambda z: images.repeat(len(z), axis=0),
        LATENTS,
    )
    assert atlas.sheet.tile == (side, side)
    assert atlas.sheet.pixels.ndim == (2 if channels == 1 else 3)
