"""IRS."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_codes import Codes, codes, factors_of

from latelier.analysis.disentanglement import irs

KNOWN = codes(300)


def test_a_perfect_a_mixed_and_a_useless_code(known: Codes) -> None:
    values = [irs(z, known.factors).value for z in (known.perfect, known.mixed, known.useless)]
    assert values[0] == pytest.approx(1.0)
    assert 0.2 < values[1] < 0.7
    assert values[2] < 0.12


def test_a_sum_of_two_factors_by_hand() -> None:
    grid = np.stack(np.meshgrid(range(4), range(2), range(10), indexing="ij"), -1).reshape(-1, 3)
    found = irs(grid[:, :1] + grid[:, 1:2], grid, quantile=1.0)
    # z = a + b lies in 0 … 4 around 2. With a still it moves ½ to each side, with b still 1½.
    np.testing.assert_allclose(found.weights, [2.0])
    np.testing.assert_allclose(found.matrix, [[0.75, 0.25, 0.0]], atol=1e-12)
    assert found.value == pytest.approx(0.75)


def test_values_count_by_their_frequency() -> None:
    """The rare value of a factor, a tenth of the rows, is where the code moves."""
    factor = (np.arange(200) % 10 == 0).astype(np.int64)
    code = np.where(factor == 1, np.where(np.arange(200) % 20 == 0, 1.0, -1.0), 0.0)
    found = irs(code[:, None], factor[:, None], quantile=1.0)
    np.testing.assert_allclose(found.matrix, [[0.9]])


def test_dimensions_count_by_how_far_they_move() -> None:
    factors = factors_of(400, (4, 4))
    noise = np.random.default_rng(0).normal(size=400)
    small, large = (irs(np.c_[factors[:, 0], s * noise], factors).value for s in (0.01, 10.0))
    assert small > 0.95
    assert large < 0.3


def test_a_constant_dimension_has_no_weight(known: Codes) -> None:
    wider = np.c_[known.mixed, np.ones(len(known.factors))]
    found = irs(wider, known.factors)
    assert found.weights[4] == 0.0
    assert found.value == pytest.approx(irs(known.mixed, known.factors).value)
    assert irs(np.ones((100, 2)), factors_of(100)).value == 0.0


@given(
    order=st.permutations(range(4)),
    scale=st.floats(0.01, 100.0),
    signs=st.lists(st.sampled_from([-1.0, 1.0]), min_size=4, max_size=4),
)
@settings(deadline=None, max_examples=20)
def test_order_sign_and_a_common_scale_of_the_dimensions_do_not_matter(
    order: list[int], scale: float, signs: list[float]
) -> None:
    before = irs(KNOWN.mixed, KNOWN.factors)
    after = irs((KNOWN.mixed * scale * np.array(signs))[:, order], KNOWN.factors)
    assert after.value == pytest.approx(before.value)
    np.testing.assert_allclose(after.matrix, before.matrix[order], atol=1e-9)
