"""SAP."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_codes import Codes, codes, factors_of

from latelier.analysis.disentanglement import sap

KNOWN = codes(200)


def test_a_perfect_a_mixed_and_a_useless_code(known: Codes) -> None:
    values = [sap(z, known.factors).value for z in (known.perfect, known.mixed, known.useless)]
    assert values[0] > 0.93
    assert 0.05 < values[1] < 0.5
    assert values[2] < 0.06


def test_accuracy_is_balanced_and_without_chance() -> None:
    rng = np.random.default_rng(0)
    rare = (rng.random(4000) < 0.1).astype(np.int64)[:, None]  # "never" is right in 90 %
    found = sap(rng.normal(size=(4000, 1)), rare)
    assert found.predictability[0, 0] < 0.06
    assert sap(rare * 1.0, rare).predictability[0, 0] == pytest.approx(1.0)
    # A tenth of the values of a binary factor is wrong: accuracy 0.9, chance 0.5.
    even = rng.integers(2, size=(4000, 1))
    wrong = rng.random((4000, 1)) < 0.1
    assert sap(np.where(wrong, 1.0 - even, even), even).value == pytest.approx(0.8, abs=0.03)


def test_a_factor_told_twice_has_no_gap() -> None:
    factors = factors_of(200)
    assert sap(np.c_[factors, factors * 2.0], factors).value == pytest.approx(0)


@given(
    order=st.permutations(range(4)),
    signs=st.lists(st.sampled_from([-1.0, 1.0]), min_size=4, max_size=4),
)
@settings(deadline=None, max_examples=5)
def test_order_and_sign_of_the_dimensions_do_not_matter(
    order: list[int], signs: list[float]
) -> None:
    before = sap(KNOWN.mixed, KNOWN.factors).predictability
    after = sap((KNOWN.mixed * np.array(signs))[:, order], KNOWN.factors).predictability
    np.testing.assert_allclose(after, before[order], atol=1e-9)


def test_monotone_changes_hardly_matter() -> None:
    before, after = (sap(z, KNOWN.factors).value for z in (KNOWN.mixed, np.exp(KNOWN.mixed)))
    assert after == pytest.approx(before, abs=0.03)
