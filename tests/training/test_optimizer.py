from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.optim import SGD, Adam, AdamW

from latelier.config import load_config
from latelier.training.optimizer import make_optimizer, set_rates


def optimizer(groups, **fields):
    return make_optimizer(load_config({"training": fields}).training, groups)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [({}, Adam), ({"optimizer": "adamw"}, AdamW), ({"optimizer": "sgd"}, SGD)],
)
def test_adam_unless_another_is_asked_for(fields, kind):
    assert type(optimizer([{"params": [nn.Parameter(torch.zeros(2))]}], **fields)) is kind


def test_every_group_takes_the_rate_of_its_column():
    first, second = nn.Parameter(torch.zeros(2)), nn.Parameter(torch.zeros(2))
    made = optimizer([{"params": [first]}, {"params": [second], "column": "slow_lr"}])
    set_rates(made, {"lr": 0.5, "slow_lr": 0.25, "beta": 1.0})
    assert [group["lr"] for group in made.param_groups] == [0.5, 0.25]
