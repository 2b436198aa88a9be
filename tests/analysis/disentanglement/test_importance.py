"""DCI."""

from __future__ import annotations

import time

import numpy as np
import pytest
from known_codes import Codes, codes, factors_of

from latelier.analysis.disentanglement import dci


def test_a_perfect_a_mixed_and_a_useless_code(known: Codes) -> None:
    perfect, mixed, useless = (
        dci(z, known.factors) for z in (known.perfect, known.mixed, known.useless)
    )
    for name in ("disentanglement", "completeness", "informativeness"):
        values = [getattr(found, name) for found in (perfect, mixed, useless)]
        assert values[0] > 0.99, name
        assert 0.1 < values[1] < 0.9, name
        assert values[2] < (0.3 if name == "informativeness" else 0.03), name


def test_importance_is_on_the_dimension_of_each_factor(known: Codes) -> None:
    found = dci(known.perfect, known.factors)
    np.testing.assert_allclose(found.importance, np.eye(4)[[2, 0, 3, 1]], atol=1e-9)
    np.testing.assert_allclose(found.accuracy, 1.0)


def test_a_dimension_of_two_factors_is_not_disentangled_but_complete() -> None:
    factors = factors_of(600, (3, 3, 3))
    code = np.c_[factors[:, 0] + 3.0 * factors[:, 1], factors[:, 2]]
    found = dci(code, factors)
    assert found.completeness > 0.99
    np.testing.assert_allclose(found.per_dimension, [1 - np.log(2) / np.log(3), 1], atol=0.01)
    # Weighted by importance: the first dimension has two of three.
    expected = np.average(found.per_dimension, weights=found.importance.sum(axis=1))
    assert found.disentanglement == pytest.approx(expected)
    assert found.importance.sum(axis=1) == pytest.approx([2, 1], abs=0.01)


def test_a_factor_in_two_dimensions_is_not_complete_but_disentangled() -> None:
    factors = factors_of(600, (4, 4))
    low, high = factors[:, 0] % 2, factors[:, 0] // 2
    found = dci(np.c_[low, high, factors[:, 1]].astype(float), factors)
    assert found.disentanglement > 0.99
    assert found.per_factor[0] == pytest.approx(1 - np.log(2) / np.log(3), abs=0.05)
    assert found.per_factor[1] > 0.99


def test_order_sign_and_monotone_changes_of_the_dimensions_hardly_matter(known: Codes) -> None:
    before = dci(known.mixed, known.factors)
    changed = np.c_[-known.mixed[:, 3], np.exp(known.mixed[:, :3])]
    after = dci(changed, known.factors)
    assert after.disentanglement == pytest.approx(before.disentanglement, abs=0.03)
    assert after.completeness == pytest.approx(before.completeness, abs=0.03)
    np.testing.assert_allclose(after.importance, before.importance[[3, 0, 1, 2]], atol=0.06)


def test_it_is_seeded_and_leaves_the_global_generator_alone(known: Codes) -> None:
    state = np.random.get_state()[1].copy()
    first, again = (dci(known.mixed, known.factors, seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.importance, again.importance)
    np.testing.assert_array_equal(state, np.random.get_state()[1])
    assert dci(known.mixed, known.factors, seed=4).disentanglement != first.disentanglement


def test_a_constant_code_and_a_code_of_one_dimension() -> None:
    factors = factors_of(200)
    flat = dci(np.ones((200, 3)), factors)
    assert (flat.disentanglement, flat.completeness) == (0.0, 0.0)
    assert flat.importance.sum() == 0.0
    assert dci(factors[:, :1] * 1.0, factors).completeness == pytest.approx(1.0)


def test_two_thousand_points_in_ten_dimensions_take_less_than_three_seconds() -> None:
    some = codes(2000, seed=5)
    wide = np.c_[some.mixed, some.useless, some.useless[::-1, :2]]
    since = time.process_time()
    dci(wide, np.c_[some.factors, some.factors[::-1, :2]])
    assert time.process_time() - since < 3.0
