from __future__ import annotations

import math

import numpy as np
import orjson
import pytest

from latelier.analysis.anatomy import active_units, point_anatomy
from latelier.config.errors import DataError, ShapeError


def terms(points: int = 30, dimensions: int = 4, components: int = 3) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {
        "reconstruction": rng.gamma(80.0, size=points),
        "kl_per_dimension": rng.gamma(2.0, size=(points, dimensions)),
        "kl_categorical": rng.gamma(1.0, size=points),
        "responsibilities": rng.dirichlet(np.ones(components), points),
        "log_var": rng.normal(size=(points, dimensions)),
        "predicted": rng.integers(0, 10, points),
        "labels": rng.integers(0, 10, points),
        "dataset_idx": rng.permutation(1000)[:points],
    }


def test_the_terms_of_each_point_sum_to_its_total():
    given = terms()
    read = orjson.loads(
        orjson.dumps(point_anatomy(**given).payload(), option=orjson.OPT_SERIALIZE_NUMPY)
    )
    for row in range(30):
        parts = [
            float(given["reconstruction"][row]),
            *map(float, given["kl_per_dimension"][row]),
            float(given["kl_categorical"][row]),
        ]
        assert read["total"][row] == np.float32(math.fsum(parts))
        q = given["responsibilities"][row].tolist()
        assert read["entropy"][row] == pytest.approx(
            -math.fsum(v * math.log(v) for v in q), rel=1e-6
        )
        assert read["component"][row] == q.index(max(q))
        deviations = [math.sqrt(math.exp(v)) for v in given["log_var"][row]]
        assert read["posterior_deviation"][row] == pytest.approx(sum(deviations) / 4, rel=1e-6)
        assert read["kl"][row] == [np.float32(v) for v in given["kl_per_dimension"][row]]
        assert read["responsibilities"][row] == [np.float32(v) for v in q]
    assert read["dataset_idx"] == given["dataset_idx"].tolist()
    assert read["label"] == given["labels"].tolist()
    assert read["predicted"] == given["predicted"].tolist()
    assert read["mean_kl"] == pytest.approx(given["kl_per_dimension"].mean(axis=0).tolist())
    assert [read["mean_kl"][d] for d in read["kl_order"]] == sorted(read["mean_kl"], reverse=True)


def test_a_plain_autoencoder_has_only_a_reconstruction_term():
    anatomy = point_anatomy([1.0, 2.0])
    assert anatomy.total.tolist() == [1.0, 2.0]
    payload = anatomy.payload()
    absent = ("kl", "kl_categorical", "responsibilities", "entropy", "component", "predicted")
    absent += ("label", "mean_kl", "kl_order", "posterior_deviation")
    assert all(payload[name] is None for name in absent)
    assert payload["dataset_idx"].tolist() == [0, 1]


def test_a_posterior_too_wide_for_the_file_has_no_deviation_and_breaks_nothing():
    wide = point_anatomy([1.0, 2.0], log_var=[[0.0, 3000.0], [-3000.0, 0.0]]).posterior_deviation
    assert wide is not None
    assert np.isinf(wide[0])
    assert wide[1] == 0.5


def test_refusals_name_term_and_row():
    given = terms()
    given["kl_per_dimension"][7, 2] = np.inf
    with pytest.raises(DataError, match="kl_per_dimension is not finite at row 7"):
        point_anatomy(**given)
    with pytest.raises(ShapeError, match="kl_categorical has 29 rows; expected 30, one per point"):
        point_anatomy(**{**terms(), "kl_categorical": np.ones(29)})
    with pytest.raises(DataError, match="labels holds float64; expected integers"):
        point_anatomy([1.0], labels=[0.5])


def test_active_units_vary_with_the_data():
    rng = np.random.default_rng(1)
    mu = np.stack([rng.normal(size=500), 0.05 * rng.normal(size=500), np.full(500, 3.0)], axis=1)
    units = active_units(mu)
    by_hand = [
        math.fsum((v - math.fsum(column) / 500) ** 2 for v in column) / 500 for column in mu.T
    ]
    assert units.variance.tolist() == pytest.approx(by_hand, abs=1e-12)
    assert units.active.tolist() == [True, False, False]
    assert units.count == 1
    read = orjson.loads(orjson.dumps(units.payload(), option=orjson.OPT_SERIALIZE_NUMPY))
    assert read["active"] == [True, False, False]
    assert read["threshold"] == 0.01
