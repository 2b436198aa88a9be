from __future__ import annotations

import itertools

import torch

from latelier.data.seeds import Stream, numpy_rng, torch_rng


def test_streams_are_repeatable_and_apart():
    keys = list(itertools.product((0, 1, 2**31 - 1), Stream, (0, 1, 2)))
    first = {key: torch.randint(2**62, (1,), generator=torch_rng(*key)).item() for key in keys}
    again = {key: torch.randint(2**62, (1,), generator=torch_rng(*key)).item() for key in keys}
    assert first == again
    assert len(set(first.values())) == len(keys)
    drawn = {int(numpy_rng(*key).integers(2**62)) for key in keys}
    assert len(drawn) == len(keys)


def test_the_global_generator_is_left_alone():
    before = torch.random.get_rng_state()
    torch_rng(0, Stream.ORDER)
    assert torch.equal(before, torch.random.get_rng_state())
