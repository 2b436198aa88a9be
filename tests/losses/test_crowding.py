"""Crowding against the naive sum, its gradient against finite differences, alone and stacked."""

from __future__ import annotations

import pytest
import torch

from latelier.losses.crowding import crowding


def naive(directions: torch.Tensor, power: float, *, shift: bool) -> torch.Tensor:
    rows = []
    for i, own in enumerate(directions):
        cosines = [own @ other for j, other in enumerate(directions) if j != i]
        values = [(1 + c) / 2 if shift else c for c in cosines]
        rows.append(sum(value.clamp_min(0) ** power if shift else value**power for value in values))
    return torch.stack(rows)


def unit(*shape: int) -> torch.Tensor:
    x = torch.randn(*shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return x / x.norm(dim=-1, keepdim=True)


CASES = [(1.0, False), (2.0, False), (3.0, False), (10.0, False), (1.0, True), (2.5, True)]
CASES += [(7.0, True), (65.0, True)]


@pytest.mark.parametrize(("power", "shift"), CASES)
def test_values_and_gradient_are_those_of_the_sum(power, shift):
    directions = unit(6, 3).requires_grad_()
    weights = torch.linspace(-1, 2, 6, dtype=torch.float64)
    value, expected = (
        crowding(directions, power, shift=shift),
        naive(directions, power, shift=shift),
    )
    torch.testing.assert_close(value, expected)
    (mine,) = torch.autograd.grad((value * weights).sum(), directions, retain_graph=True)
    (its,) = torch.autograd.grad((expected * weights).sum(), directions)
    torch.testing.assert_close(mine, its)
    torch.autograd.gradcheck(lambda d: crowding(d, power, shift=shift), (directions,))


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_stacked_members_are_each_by_themselves(axis):
    many = unit(4, 5, 3)
    expected = torch.stack([crowding(one, 10, shift=False) for one in many])
    found = torch.vmap(lambda d: crowding(d, 10, shift=False), in_dims=axis)(many.movedim(0, axis))
    torch.testing.assert_close(found, expected)
