from __future__ import annotations

from math import prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latelier.config.errors import DataError
from latelier.data.factors import FactorTable, check_pairs, draw_partners

TABLE = FactorTable.of_grid({"a": 3, "b": 4, "c": 2, "d": 5})


def changes(rows: np.ndarray, partners: np.ndarray) -> np.ndarray:
    return TABLE.values[rows] != TABLE.values[partners]


def test_a_grid_holds_every_combination_once_in_order() -> None:
    assert TABLE.is_grid
    assert TABLE.values[:3].tolist() == [[0, 0, 0, 0], [0, 0, 0, 1], [0, 0, 0, 2]]
    assert len(np.unique(TABLE.values, axis=0)) == prod(TABLE.sizes) == 120
    assert np.array_equal(TABLE.rows_of(TABLE.values), np.arange(120))
    shuffled = FactorTable(TABLE.names, TABLE.sizes, TABLE.values[::-1].copy())
    assert not shuffled.is_grid
    assert not FactorTable(TABLE.names, TABLE.sizes, TABLE.values[:-1]).is_grid


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 3), st.integers(0, 2**31 - 1), st.integers(0, 100))
def test_exactly_so_many_factors_change(changed: int, seed: int, epoch: int) -> None:
    rows = np.arange(120)
    options = {"changed": changed, "allowed": None, "seed": seed, "epoch": epoch}
    partners = draw_partners(TABLE, rows, **options)
    assert (changes(rows, partners).sum(1) == changed).all()
    assert np.array_equal(partners, draw_partners(TABLE, rows, **options))


def test_every_factor_and_every_other_value_is_as_likely() -> None:
    rows = np.repeat(np.arange(120), 200)
    partners = draw_partners(TABLE, rows, changed=1, allowed=None, seed=0, epoch=1)
    share = changes(rows, partners).mean(0)
    assert np.abs(share - 0.25).max() < 0.015
    moved = rows[changes(rows, partners)[:, 3]], partners[changes(rows, partners)[:, 3]]
    distance = (TABLE.values[moved[1], 3] - TABLE.values[moved[0], 3]) % 5
    counts = np.bincount(distance, minlength=5) / len(distance)
    assert counts[0] == 0
    assert np.abs(counts[1:] - 0.25).max() < 0.03


def test_uniform_draws_how_many() -> None:
    rows = np.repeat(np.arange(120), 100)
    partners = draw_partners(TABLE, rows, changed=None, allowed=None, seed=0, epoch=1)
    counts = np.bincount(changes(rows, partners).sum(1), minlength=5) / len(rows)
    assert counts[0] == counts[4] == 0
    assert np.abs(counts[1:4] - 1 / 3).max() < 0.02


def test_seed_and_epoch_decide() -> None:
    rows = np.arange(120)
    drawn = [
        draw_partners(TABLE, rows, changed=1, allowed=None, seed=seed, epoch=epoch)
        for seed, epoch in ((0, 1), (1, 1), (0, 2))
    ]
    assert not np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])


def test_partners_stay_in_the_allowed_part() -> None:
    allowed = np.random.default_rng(0).random(120) < 0.5
    rows = np.flatnonzero(allowed)
    partners = draw_partners(TABLE, rows, changed=2, allowed=allowed, seed=0, epoch=1)
    assert allowed[partners].all()
    assert (changes(rows, partners).sum(1) == 2).all()


def test_an_example_without_partner_is_an_error() -> None:
    allowed = np.zeros(120, dtype=bool)
    allowed[[0, 119]] = True  # they differ in everything
    with pytest.raises(DataError, match="find no partner in the training part; got 2 of 2"):
        draw_partners(TABLE, np.array([0, 119]), changed=1, allowed=allowed, seed=0, epoch=1)


REFUSED = [
    (None, 1, "needs data whose factors are known; got the data set mnist"),
    (FactorTable(TABLE.names, TABLE.sizes, TABLE.values[:-1]), 1, "no complete grid"),
    (TABLE, 4, "leaves nothing to share; got 4; expected 1 to 3"),
]


@pytest.mark.parametrize(("table", "changed", "message"), REFUSED)
def test_what_gives_no_pairs_is_refused(
    table: FactorTable | None, changed: int | None, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        check_pairs(table, "mnist", changed)


def test_values_outside_a_factor_are_named() -> None:
    with pytest.raises(DataError, match="factor b of example 1 is outside its values; got 3"):
        FactorTable(("a", "b"), (2, 3), np.array([[0, 2], [1, 3]]))
    with pytest.raises(DataError, match="do not fit their names"):
        FactorTable(("a",), (2,), np.array([[0, 1]]))
