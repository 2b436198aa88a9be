"""Which dimensions pairs share."""

from __future__ import annotations

import numpy as np
import pytest

from latelier.analysis.disentanglement import shared_dimensions
from latelier.config.errors import DataError, ShapeError


def test_shares_are_counted_by_the_factor_that_changed() -> None:
    rng = np.random.default_rng(0)
    shared, changed = rng.random((200, 3)) < 0.6, rng.random((200, 2)) < 0.4
    found = shared_dimensions(shared, changed)
    np.testing.assert_allclose(found.dimension, shared.mean(axis=0))
    for f in range(2):
        np.testing.assert_allclose(found.by_factor[f], shared[changed[:, f]].mean(axis=0))
        assert found.pairs[f] == changed[:, f].sum()


def test_a_perfect_model_shares_all_but_the_dimension_of_the_factor() -> None:
    changed = np.eye(4, dtype=bool)[np.arange(40) % 4]
    found = shared_dimensions(~changed, changed)
    np.testing.assert_allclose(found.by_factor, 1 - np.eye(4))
    np.testing.assert_allclose(found.dimension, 0.75)


def test_a_factor_that_never_changed_has_no_share() -> None:
    found = shared_dimensions([[True], [False]], [[True, False], [True, False]])
    assert found.by_factor[0].tolist() == [0.5]
    assert np.isnan(found.by_factor[1]).all()
    assert found.pairs.tolist() == [2, 0]


def test_bad_tables_are_refused() -> None:
    with pytest.raises(ShapeError, match="same pairs"):
        shared_dimensions([[True]], [[True], [False]])
    with pytest.raises(DataError, match="no pair"):
        shared_dimensions(np.zeros((0, 2)), np.zeros((0, 2)))
