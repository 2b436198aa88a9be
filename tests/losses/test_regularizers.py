"""Criteria of regularizers against naive loops, closed forms, and the traps of their ancestors."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from latelier.config import ConfigError, ShapeError
from latelier.losses import (
    angular_anchor,
    anti_anchor,
    orthogonality,
    pin,
    planarity,
    separate,
    sparsity,
    subspace,
    to_sphere,
    unitarity,
    weighted_mean,
)

ANCHOR = torch.tensor([1.0, 0.0, 0.0, 0.0])
CRITERIA = {
    "unitarity": unitarity,
    "planarity": planarity,
    "pin": lambda z: pin(z, ANCHOR.to(z)),
    "separate": separate,
    "separate, raw": lambda z: separate(z, shift=False, power=10, over="sum"),
    "angular-anchor": lambda z: angular_anchor(z, ANCHOR.to(z)),
    "anti-anchor": lambda z: anti_anchor(z, ANCHOR.to(z), power=3),
    "subspace": lambda z: subspace(z, (0, 1)),
    "orthogonality": lambda z: orthogonality(z, ANCHOR.to(z)),
    "sparsity": sparsity,
    "sparsity, scale-free": lambda z: sparsity(z, scale_free=True),
}
ZERO_AT = {
    "unitarity": [0.6, 0.8, 0, 0],
    "planarity": [3, -2, 0, 0],
    "pin": [1, 0, 0, 0],
    "angular-anchor": [7, 0, 0, 0],
    "anti-anchor": [-2, 0, 0, 0],
    "subspace": [0.1, 5, 0, 0],
    "orthogonality": [0, 1, 2, 3],
    "sparsity": [0, 0, 0, 0],
    "sparsity, scale-free": [0, 0, -4, 0],
}


def latents(rows: int = 6, seed: int = 0) -> torch.Tensor:
    return torch.randn(rows, 4, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("name", CRITERIA)
@pytest.mark.parametrize("rows", [1, 5])
def test_one_finite_number_per_example_and_a_gradient(name, rows):
    z = latents(rows).requires_grad_()
    losses = CRITERIA[name](z)
    assert losses.shape == (rows,)
    losses.sum().backward()
    assert torch.isfinite(losses).all()
    assert torch.isfinite(z.grad).all()


@pytest.mark.parametrize("name", CRITERIA)
def test_the_origin_has_no_direction_and_no_nan(name):
    z = torch.zeros(3, 4, requires_grad=True)
    losses = CRITERIA[name](z)
    losses.sum().backward()
    assert torch.isfinite(losses).all()
    assert torch.isfinite(z.grad).all()


@pytest.mark.parametrize("name", CRITERIA)
def test_gradients_are_those_of_finite_differences(name):
    assert torch.autograd.gradcheck(CRITERIA[name], latents(4).requires_grad_())


@pytest.mark.parametrize(("name", "at"), ZERO_AT.items())
def test_zero_where_it_says_and_nowhere_else(name, at):
    zero = CRITERIA[name](torch.tensor([at], dtype=torch.float64))
    assert zero.item() == pytest.approx(0, abs=1e-7)
    assert (CRITERIA[name](latents()) > 1e-4).all()


def test_closed_forms():
    z = torch.tensor([[3.0, 4.0, 0.0, 12.0]])
    assert unitarity(z).item() == 144
    assert planarity(z).item() == 144
    assert planarity(z, (3,)).item() == 25
    assert pin(z, ANCHOR).item() == 4 + 16 + 144
    assert subspace(z, (0, 1)).item() == pytest.approx(144 / 169)
    assert angular_anchor(z, 5 * ANCHOR).item() == pytest.approx(1 - 3 / 13)
    assert anti_anchor(z, ANCHOR, power=2).item() == pytest.approx((8 / 13) ** 2)
    assert orthogonality(z, ANCHOR).item() == pytest.approx((3 / 13) ** 2)
    assert sparsity(z).item() == 19
    assert sparsity(z, scale_free=True).item() == pytest.approx(19 / 13 - 1)
    assert sparsity(torch.ones(1, 4), scale_free=True).item() == pytest.approx(1)
    assert sparsity(torch.ones(2, 1), scale_free=True).tolist() == [0, 0]


def test_planarity_of_two_dimensions_is_zero():
    assert planarity(torch.randn(3, 2)).tolist() == [0, 0, 0]
    assert planarity(torch.randn(3, 1)).tolist() == [0, 0, 0]


@given(
    st.integers(1, 7),
    st.sampled_from([1, 2, 3, 10]),
    st.booleans(),
    st.sampled_from(["sum", "mean"]),
    st.sampled_from([None, (0, 2), (1,)]),
)
@settings(deadline=None, max_examples=40)
def test_separate_is_the_naive_loop(rows, power, shift, over, channels):
    z = latents(rows, seed=rows)
    found = separate(z, channels=channels, power=power, shift=shift, over=over)
    parts = z if channels is None else z[:, list(channels)]
    for i in range(rows):
        total = 0.0
        for j in range(rows):
            if i != j:
                cosine = torch.nn.functional.cosine_similarity(parts[i], parts[j], dim=0).item()
                total += ((1 + cosine) / 2 if shift else cosine) ** power
        expected = total if over == "sum" else total / max(rows - 1, 1)
        # A length is at least 1e-8, which counts where a single small channel is compared.
        assert found[i].item() == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("shift", [True, False])
def test_a_batch_of_one_is_not_charged_for_itself(shift):
    assert separate(torch.randn(1, 4), shift=shift, over="sum").item() == 0
    assert separate(torch.randn(1, 4), shift=shift, over="mean").item() == 0


@pytest.mark.parametrize("shift", [True, False])
def test_duplicates_repel_each_other_but_not_themselves(shift):
    z = torch.tensor([[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]])
    assert separate(z, shift=shift, power=4, over="sum").tolist() == pytest.approx([2, 2, 2])


def test_the_sum_grows_with_the_batch_and_the_mean_does_not():
    z = latents(8)
    doubled = torch.cat([z, z + 0])
    once, twice = (separate(v, shift=True, over="mean").mean() for v in (z, doubled))
    assert separate(doubled, over="sum").mean() > 2 * separate(z, over="sum").mean()
    assert abs(once - twice) < 0.1


def test_opposites_are_at_rest_only_with_a_shift():
    z = torch.tensor([[1.0, 0.0], [-1.0, 0.0]])
    assert separate(z, power=10, shift=False, over="sum").tolist() == [1, 1]
    assert separate(z, power=10, shift=True, over="sum").tolist() == [0, 0]
    assert separate(z, power=3, shift=False, over="sum").tolist() == [-1, -1]


@pytest.mark.parametrize("power", [1.5, 0.5, 0.0, -2.0])
def test_a_power_that_gives_no_number_is_refused(power):
    with pytest.raises(ConfigError, match="power"):
        separate(latents(), power=power, shift=False)


def test_a_broken_power_is_fine_with_a_shift():
    z = torch.tensor([[1.0, 0.0], [-1.0, 1e-9], [0.3, -0.7]], requires_grad=True)
    losses = separate(z, power=1.5, shift=True)
    losses.sum().backward()
    assert torch.isfinite(losses).all()
    assert torch.isfinite(z.grad).all()
    with pytest.raises(ConfigError, match="1 or more"):
        separate(z, power=0.5, shift=True)


def test_what_is_no_dimension_is_refused():
    with pytest.raises(ConfigError, match="0 to 3"):
        separate(latents(), channels=(0, 4))
    with pytest.raises(ShapeError, match="anchor"):
        pin(latents(), torch.zeros(3))
    with pytest.raises(ShapeError, match="z has 1 axes"):
        unitarity(torch.zeros(4))


@given(st.lists(st.tuples(st.floats(0, 9), st.floats(0, 1)), min_size=1, max_size=9))
@settings(deadline=None, max_examples=50)
def test_a_term_is_the_affinity_weighted_mean(rows):
    losses, affinities = (torch.tensor(column, dtype=torch.float64) for column in zip(*rows))  # noqa: B905
    expected = sum(a * b for a, b in rows) / (sum(b for _, b in rows) + 1e-8)
    assert weighted_mean("x", losses, affinities).item() == pytest.approx(expected, abs=1e-9)


def test_a_scalar_counts_for_every_example_and_other_shapes_are_refused():
    affinities = torch.tensor([1.0, 0.0, 0.5])
    assert weighted_mean("x", torch.tensor(3.0), affinities).item() == pytest.approx(3)
    for wrong in (torch.ones(2), torch.ones(3, 1), torch.ones(3, 3)):
        with pytest.raises(ShapeError, match="reg-mine"):
            weighted_mean("reg-mine", wrong, affinities)


def test_nobody_meant_is_zero_without_a_nan_and_without_a_gradient():
    z = latents().requires_grad_()
    value = weighted_mean("x", unitarity(z), torch.zeros(6, dtype=z.dtype))
    value.backward()
    assert value.item() == 0
    assert not z.grad.any()


def test_on_the_sphere_only_directions_are_left():
    z = torch.cat([latents(), torch.zeros(1, 4, dtype=torch.float64)])
    found = to_sphere(z)
    assert found.norm(dim=1).tolist() == pytest.approx([1] * 6 + [0])
    assert torch.allclose(to_sphere(5 * z), found, atol=1e-7)
    assert math.isclose(float(found[0] @ z[0]), float(z[0].norm()), rel_tol=1e-6)
