"""Optimizers whose learning rates come from timeline columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.optim import SGD, Adam, AdamW, Optimizer
from torch.optim.adam import adam

from latelier.config import TrainingConfig

_FUSED_ON = {"cpu", "cuda", "mps"}
_PASSED_ON = ("lr", "weight_decay", "eps", "amsgrad", "maximize", "fused", "foreach")


def make_optimizer(config: TrainingConfig, groups: list[dict[str, Any]]) -> Optimizer:
    """Build the configured optimizer, fused where the device has it.

    Args:
        config: ``optimizer`` and ``weight_decay`` are read.
        groups: Parameter groups; ``column`` names the timeline column of a group's rate (`lr`
            when absent). Rates start at 0, because `set_rates` sets them before every update.
    """
    groups = [{"column": "lr", **group} for group in groups]
    device = groups[0]["params"][0].device.type
    common: dict[str, Any] = {
        "lr": 0.0,
        "weight_decay": config.weight_decay,
        "fused": device in _FUSED_ON,
    }
    kinds: dict[str, type[Optimizer]] = {"adam": Adam, "adamw": AdamW, "sgd": SGD}
    return kinds[config.optimizer](groups, **common)


def set_rates(optimizer: Optimizer, columns: Mapping[str, float]) -> None:
    """Set each group's learning rate from its timeline column."""
    for group in optimizer.param_groups:
        group["lr"] = columns[group["column"]]


def clip_gradients(optimizer: Optimizer, norm: float | None) -> None:
    """Shorten the gradient of all groups together to an L2 norm of at most ``norm``."""
    if norm is None:
        return
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    torch.nn.utils.clip_grad_norm_(parameters, norm)


def clear_gradients(optimizer: Optimizer) -> None:
    """Forget all gradients, as `Optimizer.zero_grad` does inside a range of torch's profiler."""
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            parameter.grad = None


@torch.no_grad()
def update(optimizer: Optimizer) -> None:
    """Make one step of an optimizer.

    For a small model, what `Optimizer.step` puts around Adam's arithmetic (a range of torch's
    profiler, lookups of hooks, breaks in a graph to be compiled) costs as much as the arithmetic.
    An Adam or AdamW of `make_optimizer` that nobody has hooked into is asked for the arithmetic
    alone, from its second step on; the numbers are the same, bit for bit.
    """
    if not _is_plain(optimizer):
        optimizer.step()
        return
    for group in optimizer.param_groups:
        parameters = [p for p in group["params"] if p.grad is not None]
        _adam_step(group, parameters, [optimizer.state[p] for p in parameters])


@torch.no_grad()
def drop_subnormals(optimizer: Optimizer) -> None:
    """Set Adam's moments to zero where they are smaller than any normal number.

    Moments of weights that are rarely used (those of pixels that are almost always black) shrink
    at every step, and end as subnormal numbers that never become zero: 0.9 of the smallest one
    rounds to itself. A processor computes with these at half its speed or less. No weight notices:
    what they would add is beyond its last digit.
    """
    for state in optimizer.state.values():
        for name in ("exp_avg", "exp_avg_sq"):
            if name in state:
                moment = state[name]
                moment.masked_fill_(moment.abs() < torch.finfo(moment.dtype).tiny, 0.0)


def _is_plain(optimizer: Optimizer) -> bool:
    if type(optimizer) not in {Adam, AdamW} or "step" in vars(optimizer):
        return False
    if optimizer._optimizer_step_pre_hooks or optimizer._optimizer_step_post_hooks:
        return False
    if any(group["amsgrad"] for group in optimizer.param_groups):
        return False
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    return all(p.grad is None or optimizer.state.get(p) for p in parameters)


def _adam_step(
    group: dict[str, Any], parameters: list[Tensor], states: list[dict[str, Tensor]]
) -> None:
    beta1, beta2 = group["betas"]
    adam(
        parameters,
        [p.grad for p in parameters if p.grad is not None],
        [state["exp_avg"] for state in states],
        [state["exp_avg_sq"] for state in states],
        [],
        [state["step"] for state in states],
        beta1=beta1,
        beta2=beta2,
        decoupled_weight_decay=group["decoupled_weight_decay"],
        **{name: group[name] for name in _PASSED_ON},
    )
