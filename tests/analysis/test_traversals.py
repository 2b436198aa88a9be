"""Ways through latent space: ends, steps, norms and angles."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from latelier.analysis.traversals import (
    along_dimension,
    linear_path,
    mixture_deviation,
    spherical_path,
)
from latelier.config import DataError, ShapeError

LATENT = arrays(np.float64, 3, elements=st.floats(-5, 5))


@given(LATENT, LATENT, st.integers(2, 20))
@settings(deadline=None, max_examples=50)
def test_a_straight_way_has_equal_steps_between_its_ends(start, end, m):
    z, t = linear_path(start, end, m)
    assert z.shape == (m, 3)
    assert np.allclose(z[0], start)
    assert np.allclose(z[-1], end)
    assert np.allclose(np.diff(z, axis=0), (end - start) / (m - 1), atol=1e-5)
    assert np.allclose(t, [i / (m - 1) for i in range(m)])


@given(LATENT, LATENT, st.integers(2, 20))
@settings(deadline=None, max_examples=50)
def test_a_way_around_turns_by_equal_angles_while_the_norm_goes_linearly(start, end, m):
    norms = np.linalg.norm(start), np.linalg.norm(end)
    assume(min(norms) > 0.1)
    a, b = start / norms[0], end / norms[1]
    assume(np.linalg.norm(a + b) > 1e-2)
    z, t = spherical_path(start, end, m)
    assert np.allclose(z[0], start, atol=1e-5)
    assert np.allclose(z[-1], end, atol=1e-5)
    radii = np.linalg.norm(z.astype(np.float64), axis=1)
    assert np.allclose(radii, norms[0] + t * (norms[1] - norms[0]), atol=1e-4)
    directions = z / radii[:, None]
    chords = np.linalg.norm(np.diff(directions, axis=0), axis=1)  # equal angles, equal chords
    assert np.allclose(chords, chords[0], atol=1e-5)
    # It stays in the plane of its ends, and turns the short way.
    assert np.linalg.matrix_rank(np.stack([a, b, *directions]), tol=1e-4) <= 2
    assert (directions @ (a + b) > 0).all()


def test_a_way_around_keeps_the_norm_of_its_ends():
    start, end = np.array([3.0, 4.0]), np.array([-5.0, 0.0])
    z, _ = spherical_path(start, end, 9)
    assert np.allclose(np.linalg.norm(z, axis=1), 5.0)
    assert np.linalg.norm(linear_path(start, end, 9)[0], axis=1).min() < 3.0


def test_a_way_around_to_itself_stands_still():
    z, _ = spherical_path([1.0, 2.0], [1.0, 2.0], 4)
    assert np.allclose(z, [1.0, 2.0])


@pytest.mark.parametrize(
    ("start", "end"), [([0.0, 0.0], [1.0, 0.0]), ([1.0, 2.0], [-2.0, -4.0]), ([1.0], [-1.0])]
)
def test_no_way_around_is_chosen_where_there_is_not_one(start, end):
    with pytest.raises(DataError, match="mode=linear"):
        spherical_path(start, end, 3)


@pytest.mark.parametrize("path", [linear_path, spherical_path])
def test_a_way_needs_two_ends_of_one_size(path):
    with pytest.raises(DataError, match="2 or more"):
        path([1.0, 0.0], [0.0, 1.0], 1)
    with pytest.raises(ShapeError):
        path([1.0, 0.0], [0.0, 1.0, 2.0], 3)


def test_a_traversal_moves_one_coordinate_only():
    center = np.array([0.5, -1.0, 2.0])
    z, values = along_dimension(center, 1, 0.5, 7)
    assert np.allclose(z[3], center)
    assert np.allclose(z[:, [0, 2]], center[[0, 2]])
    assert np.allclose(values, [-2.5, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5])
    assert np.allclose(z[:, 1], values)


@pytest.mark.parametrize(
    ("dimension", "deviation", "m"), [(3, 1.0, 5), (-1, 1.0, 5), (0, float("nan"), 5), (0, 1.0, 1)]
)
def test_a_traversal_that_cannot_be_made_is_refused(dimension, deviation, m):
    with pytest.raises(DataError):
        along_dimension(np.zeros(3), dimension, deviation, m)


def test_the_deviation_of_a_mixture_is_that_of_its_draws():
    rng = np.random.default_rng(0)
    mu, log_var = rng.normal(size=(4, 3)) * 2, rng.normal(size=(4, 3))
    mixture = torch.distributions.MixtureSameFamily(
        torch.distributions.Categorical(torch.ones(4)),
        torch.distributions.Independent(
            torch.distributions.Normal(torch.tensor(mu), torch.tensor(log_var / 2).exp()), 1
        ),
    )
    assert np.allclose(mixture_deviation(mu, log_var), mixture.variance.sqrt().numpy())
