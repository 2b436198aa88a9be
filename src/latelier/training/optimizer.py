"""Optimizers whose learning rates come from timeline columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch.optim import SGD, Adam, AdamW, Optimizer

from latelier.config import TrainingConfig

_FUSED_ON = {"cpu", "cuda", "mps"}


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
