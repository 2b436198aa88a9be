from __future__ import annotations

import numpy as np
import pytest
import torch

from latelier.analysis.arrays import finite_array, index_array, point_keys, shortened
from latelier.config.errors import DataError, ShapeError


def test_reads_tensors_lists_and_arrays_as_float64():
    for values in (torch.ones(2, 3), [[1, 1, 1], [1, 1, 1]], np.ones((3, 2), np.float32).T):
        array = finite_array("z", values, dims=2)
        assert array.dtype == np.float64
        assert array.flags.c_contiguous
        assert array.shape == (2, 3)


def test_names_the_first_row_that_is_not_finite():
    values = np.zeros((4, 2))
    values[2, 1], values[3, 0] = np.inf, np.nan
    with pytest.raises(DataError, match="z is not finite at row 2"):
        finite_array("z", values, dims=2)
    with pytest.raises(DataError, match="z is not finite at row 1"):
        finite_array("z", [0.0, np.nan], dims=1)


def test_refuses_other_shapes_and_empty_arrays():
    with pytest.raises(ShapeError, match=r"z has shape \[0, 3\]; expected 2 axes"):
        finite_array("z", np.zeros((0, 3)), dims=2)
    with pytest.raises(ShapeError, match=r"labels has shape \[2, 1\]; expected \[2\]"):
        index_array("labels", [[1], [2]], count=2)


def test_keys_are_row_numbers_unless_given():
    assert point_keys(None, count=3).tolist() == [0, 1, 2]
    assert point_keys(np.array([5, 3], np.int32), count=2).tolist() == [5, 3]
    with pytest.raises(DataError, match="dataset_idx names a point twice; got 3"):
        point_keys([3, 1, 3], count=3)


def test_shortened_keeps_significant_digits_and_the_shape():
    given = [[1234567.0, -0.00123456], [0.0, np.nan], [9.99996, 1e-40]]
    short = shortened(given, 4)
    assert short.shape == (3, 2)
    assert short.dtype == np.float32
    expected = [[1235000.0, -0.001235], [0.0, np.nan], [10.0, 0.0]]
    np.testing.assert_array_equal(short, np.float32(expected))
