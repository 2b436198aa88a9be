from __future__ import annotations

import numpy as np
import pytest

from latelier.config.errors import DataError
from latelier.data.arrays import checked_inputs, checked_labels


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ((5, 4), (5, 4)),
        ((5, 4, 6), (5, 1, 4, 6)),
        ((5, 3, 4, 6), (5, 3, 4, 6)),
        ((5, 4, 6, 3), (5, 3, 4, 6)),
        ((5, 4, 6, 1), (5, 1, 4, 6)),
        ((5, 7, 4, 6), (5, 7, 4, 6)),
    ],
)
@pytest.mark.parametrize("dtype", [np.uint8, np.float64, ">f4"])
def test_shapes(given, stored, dtype):
    array = np.arange(np.prod(given)).reshape(given).astype(dtype)
    ours, _ = checked_inputs(array, "x")
    assert ours.shape == stored
    assert ours.dtype == (np.uint8 if dtype == np.uint8 else np.float32)
    if given[-1] in {1, 3} and len(given) == 4:
        assert np.array_equal(ours, array.transpose(0, 3, 1, 2))
    else:
        assert np.array_equal(ours.reshape(given), array)


def test_channels_that_could_be_on_either_side():
    with pytest.raises(DataError, match="channels first or last"):
        checked_inputs(np.zeros((5, 3, 4, 1)), "x")


@pytest.mark.parametrize("shape", [(0, 4), (4, 0), (4,), ()])
def test_no_examples(shape):
    with pytest.raises(DataError, match=r"x (has no examples|is not a set of examples)"):
        checked_inputs(np.zeros(shape), "x")


@pytest.mark.parametrize("dtype", [np.int64, np.uint16, np.bool_, np.complex64, "U3", object])
def test_other_numbers_are_not_guessed(dtype):
    with pytest.raises(DataError, match=r"scale is unknown.*Convert it"):
        checked_inputs(np.zeros((5, 4), dtype=dtype), "x")


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.0, 1.0, (0, 1)), (0.25, 0.5, (0, 1)), (-1.0, 1.0, (-1, 1)), (0.0, 255.0, (0, 255))],
)
def test_value_range_is_stated(low, high, expected):
    array = np.full((9000, 2), low)
    array[8000, 1] = high
    assert checked_inputs(array, "x")[1] == expected


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300])
def test_what_is_not_finite_is_found(value):
    array = np.zeros((9000, 2))
    array[8123, 1] = value
    with pytest.raises(DataError, match="not finite, in example 8123"):
        checked_inputs(array, "x")


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, ">i8"])
def test_labels(dtype):
    labels = checked_labels(np.array([0, 2, 1], dtype=dtype), 3, "y")
    assert labels.dtype == np.int64
    assert labels.tolist() == [0, 2, 1]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.zeros(4, int), r"got shape \[4\]; expected \[3\]"),
        (np.zeros((3, 2), int), "argmax"),
        (np.zeros(3), "no integers; got float64"),
        (np.zeros(3, bool), "no integers; got bool"),
        (np.array(["a", "b", "c"]), "no integers"),
        (np.array([0, -1, 1]), "first at example 1; got -1"),
        (np.array([0, 1, 3]), "first at example 2; got 3"),
    ],
)
def test_labels_that_do_not_fit(labels, message):
    with pytest.raises(DataError, match=message):
        checked_labels(labels, 3, "y")
