from __future__ import annotations

import math

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latelier.analysis.mixture import mixture_health, row_entropy
from latelier.config.errors import DataError, ShapeError


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    points=st.integers(1, 50),
    components=st.integers(1, 12),
    concentration=st.sampled_from([0.02, 0.3, 5.0]),
)
def test_agrees_with_sums_by_hand(seed, points, components, concentration):
    rng = np.random.default_rng(seed)
    q = rng.gamma(concentration, size=(points, components)) + 1e-300
    q /= q.sum(axis=1, keepdims=True)
    health = mixture_health(q.astype(np.float32))
    p = [math.fsum(float(np.float32(row[c])) for row in q) / points for c in range(components)]
    entropy = -math.fsum(w * math.log(w) for w in p if w > 0)
    counts = [0] * components
    for row in q.astype(np.float32).tolist():
        counts[row.index(max(row))] += 1
    hard = -math.fsum(n / points * math.log(n / points) for n in counts if n)
    assert health.p.tolist() == pytest.approx(p)
    assert health.psum == pytest.approx(1, abs=1e-5)
    assert health.entropy == pytest.approx(entropy, abs=1e-9)
    assert health.neff == pytest.approx(math.exp(entropy))
    assert health.pmax == pytest.approx(max(p))
    assert health.top.tolist() == sorted(range(components), key=lambda c: (-health.p[c], c))
    assert health.argmax_counts.tolist() == counts
    assert health.argmax_neff == pytest.approx(math.exp(hard))
    assert health.dead == tuple(c for c in range(components) if counts[c] == 0)
    assert 0 <= health.mean_entropy <= math.log(components) + 1e-6


def test_the_two_extremes():
    even = mixture_health(np.eye(4)[np.arange(8) % 4])
    assert even.neff == pytest.approx(4)
    assert even.argmax_neff == pytest.approx(4)
    assert even.mean_entropy == 0
    collapsed = mixture_health(np.tile([1.0, 0, 0], (5, 1)))
    assert (collapsed.neff, collapsed.pmax, collapsed.dead) == (1, 1, (1, 2))
    unsure = mixture_health(np.full((5, 4), 0.25))
    assert unsure.mean_entropy == pytest.approx(math.log(4))
    assert unsure.argmax_counts.tolist() == [5, 0, 0, 0]


def test_the_payload_has_the_contract_names():
    health = mixture_health(np.array([[0.2, 0.8], [0.4, 0.6]]))
    read = orjson.loads(orjson.dumps(health.payload(), option=orjson.OPT_SERIALIZE_NUMPY))
    names = {"p", "psum", "entropy", "neff", "pmax", "top", "argmax_counts", "argmax_neff"}
    assert names <= set(read)
    assert read["top"][0] == {"component": 1, "p": pytest.approx(0.7)}
    assert read["dead"] == [0]


def test_refusals_name_the_row():
    with pytest.raises(DataError, match=r"row 1 is no distribution.*sum 0.9"):
        mixture_health([[0.5, 0.5], [0.5, 0.4]])
    with pytest.raises(DataError, match="row 0 is no distribution"):
        mixture_health([[1.5, -0.5]])
    with pytest.raises(DataError, match="not finite at row 0"):
        mixture_health([[np.nan, 1.0]])
    with pytest.raises(ShapeError, match="responsibilities has shape"):
        mixture_health([0.5, 0.5])


def test_entropy_of_a_hard_row_is_zero():
    assert row_entropy([[1.0, 0.0], [0.5, 0.5]]).tolist() == [0.0, pytest.approx(math.log(2))]
