"""Draws: the global generator's outside an ensemble, each member's own inside."""

from __future__ import annotations

import pytest
import torch

from latelier.config import LatelierError
from latelier.losses import batches_differ, drawing_from, normal_like, uniform_like

SHAPE = (3, 40)


def generators() -> list[torch.Generator]:
    return [torch.Generator().manual_seed(seed) for seed in (1, 2)]


@pytest.mark.parametrize(("draw", "like"), [(normal_like, torch.randn), (uniform_like, torch.rand)])
def test_members_draw_what_they_would_alone(draw, like):
    x = torch.zeros(2, *SHAPE)
    with drawing_from(generators()):
        found = torch.vmap(draw, randomness="error")(x)
    for seed, row in zip((1, 2), found, strict=True):
        torch.manual_seed(seed)
        assert torch.equal(row, draw(torch.zeros(SHAPE)))
        torch.manual_seed(seed)
        assert torch.equal(row, like(*SHAPE))


def test_a_batch_in_another_place_is_found():
    with drawing_from(generators()):
        found = torch.vmap(normal_like, in_dims=1, out_dims=1)(torch.zeros(3, 2, 40))
    torch.manual_seed(2)
    assert torch.equal(found[:, 1], torch.randn(SHAPE))


def test_members_that_compute_the_same_draw_the_same_and_each_goes_on():
    own = [torch.Generator().manual_seed(5) for _ in range(2)]
    with drawing_from(own):
        found = torch.vmap(lambda scale: scale * normal_like(torch.zeros(SHAPE)))(torch.ones(2))
    torch.manual_seed(5)
    assert torch.equal(found[1], torch.randn(SHAPE))
    assert torch.equal(own[0].get_state(), own[1].get_state())
    assert torch.equal(own[0].get_state(), torch.get_rng_state())


def test_nothing_is_drawn_where_nothing_may_be():
    with drawing_from(None), pytest.raises(LatelierError, match="random numbers"):
        normal_like(torch.zeros(2))


def test_the_block_alone_is_changed():
    assert not batches_differ()
    with drawing_from(generators(), batches_differ=True):
        assert batches_differ()
    assert not batches_differ()
    torch.manual_seed(0)
    first = normal_like(torch.zeros(4))
    torch.manual_seed(0)
    assert torch.equal(first, torch.randn(4))
