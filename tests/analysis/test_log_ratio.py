from __future__ import annotations

import json

import numpy as np
import pytest

from latelier.analysis.density import Density, Spread, common_grid, density_of
from latelier.analysis.gaussians import PlaneMixture
from latelier.analysis.grid import Grid
from latelier.analysis.log_ratio import density_level, log_ratio
from latelier.config.errors import DataError
from latelier.runs.encoding import dumps

PLACES = np.array([[0.0, 0], [10, 0], [0, 10], [10, 10]])


def mixture(*weights: float, places: np.ndarray = PLACES) -> PlaneMixture:
    kept = np.array(weights) / sum(weights)
    return PlaneMixture(places, np.tile([1.0, 0.0, 1.0], (len(places), 1)), kept)


def densities(prior: PlaneMixture, posterior: PlaneMixture) -> tuple[Density, Density]:
    grid = common_grid([posterior, prior], 64)
    return (
        density_of(Spread(prior, {"source": "prior", "prior_kind": "uniform"}), grid),
        density_of(Spread(posterior, {"source": "posterior", "count": 9}), grid),
    )


def naive_region(mask: np.ndarray, row: int, column: int) -> set[tuple[int, int]]:
    """All cells that are reached from one over its sides."""
    found, todo = set(), [(row, column)]
    while todo:
        cell = todo.pop()
        if cell in found or min(cell) < 0 or max(cell) >= len(mask) or not mask[cell]:
            continue
        found.add(cell)
        y, x = cell
        todo += [(y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)]
    return found


def test_planted_holes_and_spills_are_found():
    # The data lacks two components of the prior, and has one that the prior lacks.
    places = np.concatenate([PLACES, [[5.0, 20.0]]])
    prior, posterior = densities(
        mixture(0.2, 0.3, 0.1, 0.4, 0, places=places), mixture(0.4, 0, 0.4, 0, 0.2, places=places)
    )
    ratio = log_ratio(prior, posterior)
    assert len(ratio.holes) == 2
    assert len(ratio.spills) >= 1
    for hole, place, mass in zip(ratio.holes, [[10, 10], [10, 0]], [0.4, 0.3], strict=True):
        assert (np.abs([hole.x, hole.y] - np.array(place)) <= prior.grid.cell).all()
        assert hole.mass == pytest.approx(mass, rel=0.05)
        assert hole.prior > 3 * hole.posterior
        assert hole.log_ratio > np.log(3)
    spill = max(ratio.spills, key=lambda one: one.y)
    assert (np.abs([spill.x - 5, spill.y - 20]) <= prior.grid.cell).all()
    assert spill.mass == pytest.approx(0.2, rel=0.05)
    assert spill.log_ratio < -np.log(3)


def test_values_masses_and_places_by_a_naive_loop():
    prior, posterior = densities(mixture(1, 1, 2, 0.3), mixture(1, 0.1, 0.4, 1))
    ratio = log_ratio(prior, posterior)
    grid = prior.grid
    naive = np.full((64, 64), np.nan)
    for row in range(64):
        for column in range(64):
            p, q = prior.values[row, column], posterior.values[row, column]
            if p >= ratio.floor or q >= ratio.floor:
                naive[row, column] = np.log(max(p, ratio.floor) / max(q, ratio.floor))
    np.testing.assert_allclose(ratio.values, naive, rtol=1e-12)
    for regions, sign, ours in ((ratio.holes, 1, prior), (ratio.spills, -1, posterior)):
        assert regions
        mask = np.nan_to_num(sign * naive) > np.log(3)
        for region in regions:
            row, column = divmod(int(grid.index_of([[region.x, region.y]])[0]), 64)
            cells = naive_region(mask, row, column)
            mass = sum(ours.values[cell] for cell in cells) * grid.area
            assert region.mass == pytest.approx(mass)
            assert region.log_ratio * sign == max(sign * ratio.values[cell] for cell in cells)
            assert region.prior == prior.values[row, column]
            assert region.posterior == posterior.values[row, column]
        assert [r.mass for r in regions] == sorted((r.mass for r in regions), reverse=True)


def test_equal_densities_have_no_holes():
    prior, posterior = densities(mixture(1, 2, 3, 4), mixture(1, 2, 3, 4))
    ratio = log_ratio(prior, posterior)
    known = np.isfinite(ratio.values)
    assert known.any()
    assert not known.all()
    np.testing.assert_allclose(ratio.values[known], 0, atol=1e-12)
    assert ratio.holes == ratio.spills == ()


def test_exchange_turns_the_sign():
    prior, posterior = densities(mixture(1, 1, 2, 0.3), mixture(1, 0.1, 0.4, 1))
    one, other = log_ratio(prior, posterior), log_ratio(posterior, prior)
    np.testing.assert_allclose(one.values, -other.values, atol=1e-12)
    assert [r.mass for r in one.holes] == [r.mass for r in other.spills]


def test_floor_leaves_the_covered_share_of_both():
    prior, posterior = densities(mixture(1, 1, 1, 1), mixture(1, 0, 0, 0))
    ratio = log_ratio(prior, posterior)
    for one in (prior, posterior):
        above = one.values[one.values >= ratio.floor].sum() / one.values.sum()
        assert above >= 0.99
    assert ratio.floor == min(density_level(one.values, 0.99) for one in (prior, posterior))


@pytest.mark.parametrize(("share", "level"), [(0.4, 4), (0.41, 3), (0.7, 3), (0.9, 2), (1, 1)])
def test_level_of_a_share(share, level):
    assert density_level([[1.0, 4.0], [2.0, 3.0], [0, 0]], share) == level


def test_at_most_twelve_are_listed_and_specks_are_not():
    rng = np.arange(16)
    places = np.stack([rng % 4 * 10.0, rng // 4 * 10.0], axis=1)
    prior = mixture(*(0.05 + 0.001 * rng), places=places)
    # The data is in the first two places only, but its box spans the lattice.
    posterior = mixture(1, *([1e-9] * 14), 1, places=places)
    ratio = log_ratio(*densities(prior, posterior))
    assert len(ratio.holes) == 12
    assert ratio.holes[0].mass > ratio.holes[11].mass
    assert min(hole.mass for hole in ratio.holes) >= 0.001


def test_payload_is_json_with_nulls():
    prior, posterior = densities(mixture(1, 1, 2, 0.3), mixture(1, 0.1, 0.4, 1))
    ratio = log_ratio(prior, posterior)
    payload = json.loads(dumps(ratio.payload()))
    assert None in payload["values"]
    assert payload["stats"]["max"] == pytest.approx(np.nanmax(ratio.values))
    assert payload["stats"]["min"] < 0
    assert set(payload["holes"][0]) == {"x", "y", "log_ratio", "prior", "posterior", "mass"}
    assert payload["meta"]["subset_n"] == 9


def test_refuses_different_grids_and_nothing():
    prior, posterior = densities(mixture(1, 1, 1, 1), mixture(1, 1, 1, 1))
    other = Grid(64, 64, prior.grid.low, prior.grid.high + 1)
    with pytest.raises(DataError, match="different grids"):
        log_ratio(Density(other, prior.values, 1.0, "prior"), posterior)
    with pytest.raises(DataError, match="no mass"):
        log_ratio(Density(prior.grid, np.zeros((64, 64)), 0.0, "prior"), posterior)
