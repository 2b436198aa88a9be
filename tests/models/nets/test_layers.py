from __future__ import annotations

from typing import get_args

import pytest
import torch
from torch import nn

from latelier.config.models import Activation, MLPNet
from latelier.models.nets import ACTIVATIONS, build_nets
from latelier.models.nets.layers import Layers


def test_the_table_has_every_name_of_the_configuration() -> None:
    assert set(ACTIVATIONS) == set(get_args(Activation))


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_activations_work_in_nets(name: Activation) -> None:
    encoder, decoder = build_nets(MLPNet(hidden=(4,), activation=name), (3,), 2, to_latent=True)
    assert decoder(encoder(torch.rand(2, 3))).shape == (2, 3)
    assert f"{name.replace('-', '_')}1" in dict(encoder.named_children())


def test_activations_are_numbered_on_their_own() -> None:
    layers = Layers("relu")
    layers.add("flatten", nn.Flatten())
    layers.add("a", nn.Linear(2, 2), activate=True)
    layers.add("b", nn.Linear(2, 2))
    layers.add("c", nn.Linear(2, 2), activate=True)
    names = [name for name, _ in layers.sequential().named_children()]
    assert names == ["flatten", "a", "relu1", "b", "c", "relu2"]
