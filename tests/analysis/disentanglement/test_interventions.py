"""β-VAE score and FactorVAE score."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_codes import Array, Codes, codes, factors_of

from latelier.analysis.disentanglement import beta_vae_score, factor_vae_score
from latelier.analysis.disentanglement.interventions import _agreeing

KNOWN = codes(300)
Score = Callable[..., Any]
SCORES = (beta_vae_score, factor_vae_score)


@pytest.mark.parametrize("score", SCORES)
def test_a_perfect_a_mixed_and_a_useless_code(known: Codes, score: Score) -> None:
    values = [score(z, known.factors).value for z in (known.perfect, known.mixed, known.useless)]
    assert values[0] > 0.99
    assert values[0] > values[1] > values[2] + 0.2
    assert values[2] == pytest.approx(0.25, abs=0.08)  # chance, of four factors


def test_votes_name_the_dimension_of_each_factor(known: Codes) -> None:
    found = factor_vae_score(known.perfect, known.factors)
    assert found.votes.sum() == 1600
    assert found.votes.argmax(axis=0).tolist() == [1, 3, 0, 2]
    assert found.active.all()


def test_a_dimension_that_is_never_used_casts_no_vote(known: Codes) -> None:
    still = np.c_[np.full(len(known.factors), 2.0), known.mixed]
    found = factor_vae_score(still, known.factors)
    assert found.active.tolist() == [False, True, True, True, True]
    assert found.votes[0].sum() == 0
    np.testing.assert_array_equal(
        found.votes[1:], factor_vae_score(known.mixed, known.factors).votes
    )


def test_what_decides_the_vote_is_not_what_tests_it(known: Codes) -> None:
    noise = np.random.default_rng(0).normal(size=(len(known.factors), 40))
    assert factor_vae_score(noise, known.factors, groups=160).value < 0.4


def test_a_constant_code_is_at_chance(known: Codes) -> None:
    constant = np.ones((len(known.factors), 3))
    for score in SCORES:
        assert score(constant, known.factors).value < 0.4


@pytest.mark.parametrize("score", SCORES)
def test_codes_on_request_score_the_same_and_each_row_is_encoded_once(
    known: Codes, score: Score
) -> None:
    asked: list[Array] = []

    def encode(rows: Array) -> Array:
        asked.append(rows)
        return known.mixed[rows]

    assert score(encode, known.factors).value == score(known.mixed, known.factors).value
    assert all(len(np.unique(rows)) == len(rows) for rows in asked)


@given(st.integers(0, 1000))
@settings(deadline=None, max_examples=15)
def test_partners_agree_in_the_factor_and_reach_every_example_that_does(seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = factors_of(60, (2, 3), seed)
    still, rows = rng.integers(2, size=4000), rng.integers(60, size=4000)
    drawn = _agreeing(table, still, rows, rng)
    np.testing.assert_array_equal(
        table[drawn, still], table[rows, still], err_msg="they share the factor"
    )
    chosen = drawn[(still == 0) & (table[rows, 0] == 1)]
    assert set(chosen) == set(np.flatnonzero(table[:, 0] == 1))


@given(
    order=st.permutations(range(4)),
    scales=st.lists(st.floats(0.2, 5.0), min_size=4, max_size=4),
    signs=st.lists(st.sampled_from([-1.0, 1.0]), min_size=4, max_size=4),
)
@settings(deadline=None, max_examples=6)
def test_order_scale_and_sign_of_the_dimensions_do_not_matter(
    order: list[int], scales: list[float], signs: list[float]
) -> None:
    changed = (KNOWN.mixed * np.array(scales) * np.array(signs))[:, order]
    voted = factor_vae_score(KNOWN.mixed, KNOWN.factors, groups=400)
    again = factor_vae_score(changed, KNOWN.factors, groups=400)
    np.testing.assert_array_equal(again.votes, voted.votes[order])
    before = beta_vae_score(KNOWN.mixed, KNOWN.factors, groups=400).value
    after = beta_vae_score(changed, KNOWN.factors, groups=400).value
    assert after == pytest.approx(before, abs=0.04)  # the classifier shrinks by a scale of its own


@pytest.mark.parametrize("score", SCORES)
def test_draws_are_seeded(known: Codes, score: Score) -> None:
    values = [score(known.mixed, known.factors, seed=s, groups=300).value for s in (1, 1, 2, 3)]
    assert values[0] == values[1]
    assert len(set(values[1:])) > 1
