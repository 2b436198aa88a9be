"""A session around a loop that is somebody else's: everything but the loop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn
from torch.optim import SGD

from latelier.config import ConfigError, RunConfig
from latelier.data import Dataset
from latelier.models import Autoencoder, OwnModule
from latelier.models.building import uninitialized
from latelier.training.clock import Clock, WatchedClock
from latelier.training.determinism import shielded
from latelier.training.plan import make_timeline
from latelier.training.session import Session, probed
from latelier.training.tasks import make_task

# The timeline has to have an end; what is read from it does not move.
_HORIZON = 10**9
_SAMPLE = 8


def open_watched(
    config: RunConfig,
    dataset: Dataset,
    model: nn.Module | OwnModule,
    *,
    epochs: int | None = None,
) -> Session:
    """Build a session that records a model and trains nothing; the model is left as it is.

    Args:
        config: The run.
        dataset: What the model is looked at with.
        model: A built model of ours, or a module with functions.
        epochs: Epochs that the loop will have, if that is known.

    Raises:
        ConfigError: If the model is not built, or configuration, model and data do not fit.
    """
    net = model.module if isinstance(model, OwnModule) else model
    _require_sizes(net)
    device = next(net.parameters()).device
    if isinstance(model, OwnModule):
        with undisturbed(net):
            sample = dataset.examples(dataset.train[:_SAMPLE])
            config = probed(model, config, sample.to(device), device)
    task = make_task(model, config, dataset)
    timeline = make_timeline(config, clock := Clock(1, _HORIZON), task.plan(clock))
    return Session(
        config=config,
        dataset=dataset,
        task=task,
        timeline=timeline,
        clock=WatchedClock(length=epochs),
        optimizer=SGD(list(net.parameters()), lr=0.0),  # for a checkpoint; it makes no update
        device=device,
        threads=torch.get_num_threads(),
    )


def _require_sizes(net: nn.Module) -> None:
    waiting = uninitialized(net)
    if waiting or (isinstance(net, Autoencoder) and not net.built):
        raise ConfigError(
            "the model has parts without a size, which watching may not make",
            got=", ".join(waiting[:6]) or f"a {type(net).__name__} that is not built",
            expected="a model that is ready to train",
            remedy="Run one batch through it first"
            + (": model.build(x)." if isinstance(net, Autoencoder) else "."),
        )
    if next(net.parameters(), None) is None:
        raise ConfigError("the model has no parameters", got=type(net).__name__)


@contextmanager
def undisturbed(net: nn.Module) -> Iterator[None]:
    """Let a block look into a model that somebody trains, and leave no trace.

    Inside: no gradients, no automatic precision, random generators of its own. Afterwards every
    part is in the mode it was in, and buffers hold what they held.
    """
    modes = [(part, part.training) for part in net.modules()]
    buffers = [(buffer, buffer.detach().clone()) for buffer in net.buffers()]
    device = next(net.parameters()).device.type
    try:
        with shielded(), torch.no_grad(), torch.autocast(device, enabled=False):
            yield
    finally:
        for part, training in modes:
            part.training = training
        with torch.no_grad():
            for buffer, before in buffers:
                if not torch.equal(buffer, before):
                    buffer.copy_(before)
