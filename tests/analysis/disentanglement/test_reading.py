"""What every score refuses, and says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from known_codes import codes, factors_of

from latelier.analysis.disentanglement import (
    beta_vae_score,
    dci,
    factor_scores,
    factor_vae_score,
    irs,
    modularity,
    mutual_information_gap,
    sap,
    scorable,
)
from latelier.config.errors import DataError, ShapeError

Score = Callable[..., Any]
SCORES = (
    mutual_information_gap,
    modularity,
    dci,
    sap,
    beta_vae_score,
    factor_vae_score,
    irs,
    factor_scores,
)
SOME = codes(100)


@pytest.mark.parametrize("score", SCORES)
def test_bad_input_is_refused(score: Score) -> None:
    constant = SOME.factors.copy()
    constant[:, 1] = 2
    with pytest.raises(DataError, match="factor 1 is constant"):
        score(SOME.mixed, constant)
    with pytest.raises(DataError, match="too few examples"):
        score(SOME.mixed[:49], SOME.factors[:49])
    with pytest.raises(DataError, match="float64"):
        score(SOME.mixed, SOME.factors * 1.0)
    with pytest.raises(ShapeError, match="factors"):
        score(SOME.mixed, SOME.factors[:, 0])
    broken = SOME.mixed.copy()
    broken[3, 2] = np.nan
    with pytest.raises(DataError, match="row 3"):
        score(broken, SOME.factors)


@pytest.mark.parametrize("score", SCORES[:4])
def test_codes_and_factors_of_different_examples_are_refused(score: Score) -> None:
    with pytest.raises(ShapeError, match="100 and 99"):
        score(SOME.mixed, SOME.factors[:99])
    with pytest.raises(ShapeError, match="no dimension"):
        score(SOME.mixed[:, :0], SOME.factors)


@pytest.mark.parametrize("score", SCORES[4:7])
def test_an_encoder_that_loses_rows_is_refused(score: Score) -> None:
    with pytest.raises(ShapeError, match="number of rows"):
        score(lambda rows: SOME.mixed[rows][:-1], SOME.factors)


@pytest.mark.parametrize(
    "score", [modularity, dci, beta_vae_score, factor_vae_score, factor_scores]
)
def test_what_compares_factors_needs_two(score: Score) -> None:
    with pytest.raises(DataError, match="too few factors"):
        score(SOME.mixed, SOME.factors[:, :1])


def test_scorable_says_what_is_refused() -> None:
    assert scorable(SOME.factors)
    assert not scorable(SOME.factors[:49])
    assert not scorable(np.c_[SOME.factors, np.ones(100, dtype=int)])
    assert scorable(SOME.factors[:, :1])
    assert not scorable(SOME.factors[:, :1], least_factors=2)
    assert scorable(factors_of(50, (2, 2)))
