from __future__ import annotations

import pytest
import torch
from torch import nn

from latelier.config import ConfigError
from latelier.models import AE
from latelier.models.outputs import AdaGVAEOutput, VAEOutput
from latelier.training.captures import Captures, joined, latents_of


def model():
    encoder = nn.Sequential(nn.Linear(3, 5), nn.GELU(), nn.Linear(5, 2))
    return AE(encoder, nn.Linear(2, 3)).build(torch.zeros(2, 3))


def test_what_a_pass_computes_is_caught_with_its_graph():
    net = model()
    captures = Captures(net, {"latents", "encoder.0"})
    x = torch.randn(4, 3)
    with captures.listening() as caught:
        output = net(x)
        found = joined(caught)
    assert torch.equal(found["latents"], output.z)
    assert torch.equal(found["encoder.0"], net.encoder[0](x))
    found["encoder.0"].sum().backward()
    assert net.encoder[0].weight.grad is not None


def test_several_calls_stand_below_each_other():
    net = model()
    captures = Captures(net, {"latents"})
    with captures.listening() as caught:
        first, second = net(torch.randn(2, 3)).z, net(torch.randn(3, 3)).z
        assert torch.equal(joined(caught)["latents"], torch.cat([first, second]))


def test_silence_keeps_nothing():
    net = model()
    captures = Captures(net, {"latents"})
    net(torch.randn(2, 3))
    with captures.listening() as caught:
        assert caught == {}


def test_latents_are_the_posterior_mean_and_of_a_pair_both():
    ones = [VAEOutput(*(torch.full((2, 3), float(10 * i + j)) for j in range(4))) for i in (0, 1)]
    assert latents_of(ones[0]).unique().tolist() == [2]
    assert latents_of(AdaGVAEOutput(*ones)).tolist() == [[2] * 3] * 2 + [[12] * 3] * 2


def test_a_layer_must_be_there():
    with pytest.raises(ConfigError, match=r"got encoder.3; expected latents, encoder, encoder.0"):
        Captures(model(), {"encoder.3"})
