"""MIG and modularity, and the matrix that they are read from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_codes import Codes, codes, factors_of
from sklearn.metrics import mutual_info_score

from latelier.analysis.disentanglement import (
    MutualInformation,
    discretized,
    modularity,
    mutual_information,
    mutual_information_gap,
)

KNOWN = codes(300)


def test_the_matrix_is_that_of_an_independent_count(known: Codes) -> None:
    found = mutual_information(known.mixed, known.factors, bins=7)
    edges = [np.histogram(column, 7)[1][1:-1] for column in known.mixed.T]
    for d, inner in enumerate(edges):
        binned = np.digitize(known.mixed[:, d], inner)
        for f, values in enumerate(known.factors.T):
            assert found.matrix[d, f] == pytest.approx(mutual_info_score(binned, values))
    own = [mutual_info_score(values, values) for values in known.factors.T]
    np.testing.assert_allclose(found.entropy, own)


def test_bins_have_equal_width_and_hold_both_ends() -> None:
    binned = discretized([[0.0, 5.0], [0.49, 5.0], [0.51, 5.0], [1.0, 5.0]], 2)
    assert binned.T.tolist() == [[0, 0, 1, 1], [0, 0, 0, 0]]


def test_a_perfect_a_mixed_and_a_useless_code(known: Codes) -> None:
    gaps = [
        mutual_information_gap(z, known.factors).value
        for z in (known.perfect, known.mixed, known.useless)
    ]
    assert gaps[0] > 0.97
    assert 0.05 < gaps[1] < 0.5
    assert gaps[2] < 0.03


def test_the_gap_names_the_dimension_of_each_factor(known: Codes) -> None:
    found = mutual_information_gap(known.perfect, known.factors)
    assert found.dimension.tolist() == [1, 3, 0, 2]
    assert found.gaps.mean() == pytest.approx(found.value)


def test_a_factor_told_twice_has_no_gap(known: Codes) -> None:
    twice = np.c_[known.perfect, known.perfect]
    assert mutual_information_gap(twice, known.factors).value == pytest.approx(0, abs=1e-12)
    assert modularity(twice, known.factors).value > 0.99


def test_of_one_dimension_the_second_knows_nothing() -> None:
    factors = factors_of(200, (4,))
    assert mutual_information_gap(factors * 2.0, factors).value == pytest.approx(1.0)


def test_two_factors_in_one_dimension_are_not_modular() -> None:
    factors = factors_of(400, (4, 4))
    both = factors[:, :1] * 4.0 + factors[:, 1:]
    assert modularity(both, factors).value < 0.05
    assert modularity(factors * 1.0, factors).value > 0.99


def test_modularity_by_hand() -> None:
    matrix = np.array([[2.0, 1.0, 1.0], [0.0, 0.0, 3.0]])
    found = modularity([], [], information=MutualInformation(matrix, np.ones(3), 20))
    np.testing.assert_allclose(found.per_dimension, [1 - (1 + 1) / (4 * 2), 1])
    assert found.value == pytest.approx(0.875)


def test_modularity_of_known_codes(known: Codes) -> None:
    values = [
        modularity(z, known.factors).value for z in (known.perfect, known.mixed, known.useless)
    ]
    assert values[0] > 0.99
    assert values[0] > values[1] > values[2]


def test_a_constant_dimension_has_no_modularity(known: Codes) -> None:
    found = modularity(np.c_[known.perfect, np.ones(len(known.factors))], known.factors)
    assert np.isnan(found.per_dimension[4])
    assert found.value == pytest.approx(modularity(known.perfect, known.factors).value)
    assert modularity(np.ones((100, 2)), factors_of(100)).value == 0.0


@given(
    order=st.permutations(range(4)),
    scales=st.lists(st.floats(0.01, 100.0), min_size=4, max_size=4),
    signs=st.lists(st.sampled_from([-1.0, 1.0]), min_size=4, max_size=4),
    shift=st.floats(-10, 10),
)
@settings(deadline=None, max_examples=25)
def test_order_scale_sign_and_origin_of_the_dimensions_do_not_matter(
    order: list[int], scales: list[float], signs: list[float], shift: float
) -> None:
    changed = (KNOWN.mixed * np.array(scales) * np.array(signs) + shift)[:, order]
    for score in (mutual_information_gap, modularity):
        before, after = score(KNOWN.mixed, KNOWN.factors), score(changed, KNOWN.factors)
        assert after.value == pytest.approx(before.value, abs=1e-3)  # rounding at a bin's edge


@given(st.permutations(range(8)), st.permutations(range(4)))
@settings(deadline=None, max_examples=20)
def test_names_of_values_and_order_of_factors_do_not_matter(
    names: list[int], order: list[int]
) -> None:
    changed = KNOWN.factors.copy()
    changed[:, 2] = 10 * np.array(names)[changed[:, 2]]
    for score in (mutual_information_gap, modularity):
        before = score(KNOWN.mixed, KNOWN.factors).value
        assert score(KNOWN.mixed, changed[:, order]).value == pytest.approx(before)
