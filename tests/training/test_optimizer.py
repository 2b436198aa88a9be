from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.optim import SGD, Adam, AdamW

from latelier.config import load_config
from latelier.training.optimizer import (
    clear_gradients,
    drop_subnormals,
    make_optimizer,
    set_rates,
    update,
)


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


KINDS = [
    {},
    {"weight_decay": 0.1},
    {"optimizer": "adamw", "weight_decay": 0.1},
    {"optimizer": "sgd", "weight_decay": 0.1},
]


def twin(fields, steps, *, by):
    """Weights and state after some steps of three groups, one of them without a gradient."""
    torch.manual_seed(0)
    nets = [nn.Linear(5, 3), nn.Linear(3, 2), nn.Linear(2, 2)]
    made = optimizer([{"params": list(net.parameters())} for net in nets], **fields)
    for step in range(steps):
        set_rates(made, {"lr": 0.1 / (step + 1)})
        clear_gradients(made)
        nets[1](nets[0](torch.randn(4, 5))).square().sum().backward()
        by(made)
    parameters = [p for net in nets for p in net.parameters()]
    return parameters, made


@pytest.mark.parametrize("fields", KINDS)
def test_an_update_is_the_optimizers_own_step_bit_for_bit(fields):
    weights, ours = twin(fields, 4, by=update)
    expected, torchs = twin(fields, 4, by=lambda made: made.step())
    for one, other in zip(weights, expected, strict=True):
        assert torch.equal(one, other)
    for one, other in zip(weights, expected, strict=True):
        left, right = ours.state.get(one, {}), torchs.state.get(other, {})
        assert left.keys() == right.keys()
        assert all(torch.equal(left[name], right[name]) for name in left)


def test_who_hooks_into_an_optimizer_is_called_at_every_update():
    heard = []

    def hooked(made):
        if not heard:
            made.register_step_post_hook(lambda *_: heard.append("after"))
            made.register_step_pre_hook(lambda *_: heard.append("before"))
            heard.append("first")
        update(made)

    twin({}, 3, by=hooked)
    assert heard == ["first", *["before", "after"] * 3]


def test_a_step_that_somebody_put_in_its_place_is_the_one_that_is_made():
    calls = []

    def replaced(made):
        made.step = lambda: calls.append("step")
        update(made)

    twin({}, 2, by=replaced)
    assert calls == ["step", "step"]


def test_moments_below_every_normal_number_become_zero_and_no_other_changes():
    (weight, *_), made = twin({}, 2, by=update)
    moment = made.state[weight]["exp_avg"]
    moment[0] = torch.tensor([1e-39, -1e-45, 2e-38, -1.0, 0.0])
    others = {name: value.clone() for name, value in made.state[weight].items()}
    drop_subnormals(made)
    assert moment[0].tolist() == [0.0, 0.0, pytest.approx(2e-38), -1.0, 0.0]
    assert torch.equal(moment[1:], others["exp_avg"][1:])
    assert torch.equal(made.state[weight]["exp_avg_sq"], others["exp_avg_sq"])
    assert made.state[weight]["step"] == 2


def test_an_optimizer_without_moments_has_nothing_to_drop():
    _, made = twin({"optimizer": "sgd"}, 1, by=update)
    drop_subnormals(made)
