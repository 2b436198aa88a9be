"""A run in memory: everything the loop works on, and everything a checkpoint must hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from latelier.config import ConfigError, RunConfig
from latelier.data import Batch, Dataset, batches_per_epoch, epoch_batches, with_partners
from latelier.data.pairs import check_pairing
from latelier.data.sampling import FRACTION_COLUMN
from latelier.models import OwnModule, build_model
from latelier.timeline import Frame, Timeline
from latelier.training.clock import Clock, WatchedClock
from latelier.training.determinism import seed_everything, shielded
from latelier.training.device import choose_threads, resolve_device
from latelier.training.meter import Meter
from latelier.training.optimizer import make_optimizer
from latelier.training.plan import make_clock, make_timeline
from latelier.training.runtime import OneDevice, Runtime
from latelier.training.signals import ActionReached, Signals
from latelier.training.tasks import Task, make_task

_VALIDATION_EXAMPLES = 2000
_SAMPLE = 8


@dataclass(eq=False)
class Session:
    """One run, ready for the loop.

    Args:
        config: The run's configuration.
        dataset: Its data.
        task: Its model, bound to the loop.
        timeline: Values of every column at every step.
        clock: Steps done and to do.
        optimizer: Over the task's parameter groups.
        device: Where the model is.
        threads: CPU threads of the run.
        first_step: Where the run begins: 0, or the step that it was forked at.
        signals: Its subscribers.
        stop: Asked at every step; True cancels the run.
        meter: Measurements that were not written yet.
        runtime: How this process works together with others of the run.
    """

    config: RunConfig
    dataset: Dataset
    task: Task[Any]
    timeline: Timeline
    clock: Clock | WatchedClock
    optimizer: Optimizer
    device: torch.device
    threads: int
    first_step: int = 0
    signals: Signals = field(default_factory=Signals)
    stop: Callable[[], bool] = lambda: False
    meter: Meter = field(default_factory=Meter)
    runtime: Runtime = field(default_factory=OneDevice)

    @property
    def model(self) -> nn.Module:
        """The model being trained."""
        model: nn.Module = self.task.model
        return model

    def batches(self, epoch: int, start: int) -> Iterator[Batch]:
        """Yield the batches of one epoch, beginning with batch ``start``.

        The order is a pure function of seed and pass, so that a resumed epoch goes on with exactly
        the batches that were left. An epoch of `training.steps_per_epoch` steps may cross passes.
        """
        per_pass = batches_per_epoch(self.dataset, self.config.training.batch_size)
        done = (epoch - 1) * self.clock.steps_per_epoch + start
        left = min(epoch * self.clock.steps_per_epoch, self.clock.total_steps) - done
        while left > 0:
            number, skipped = divmod(done, per_pass)
            for batch in self._pass(number + 1, skipped):
                yield batch
                done, left = done + 1, left - 1
                if left == 0:
                    return

    def _pass(self, number: int, start: int) -> Iterator[Batch]:
        return epoch_batches(
            self.dataset,
            self.config.data,
            epoch=number,
            batch_size=self.config.training.batch_size,
            seed=self.config.seed,
            start=start,
            device=self.device,
            fraction=self._fraction(number),
        )

    def _fraction(self, number: int) -> Callable[[int], float] | None:
        """Return which share of the examples each batch of a pass may draw from."""
        if self.config.data.sampling != "curriculum":
            return None
        first = (number - 1) * batches_per_epoch(self.dataset, self.config.training.batch_size)
        last = self.timeline.last_step
        return lambda batch: self.timeline.at(min(first + batch, last)).props[FRACTION_COLUMN]

    def validation_batch(self) -> Batch:
        """Return up to 2,000 held-out examples (training examples where nothing is held out).

        Always the same ones, in an order of their own: data that lies sorted by class would make
        every statistic over a batch one of a single class.
        """
        pool = self.dataset.held_out if len(self.dataset.held_out) else self.dataset.train
        generator = torch.Generator().manual_seed(self.config.seed)
        chosen = pool[torch.randperm(len(pool), generator=generator)[:_VALIDATION_EXAMPLES]]
        batch = self.dataset.examples(chosen)
        batch = with_partners(self.dataset, self.config.data, batch, seed=self.config.seed)
        return batch.to(self.device)

    def last_frame(self) -> Frame:
        """Return the frame that drove the last update (the first one before any)."""
        return self.timeline.at(max(0, self.clock.step - 1))


def open_session(
    config: RunConfig,
    dataset: Dataset,
    *,
    model: nn.Module | OwnModule | None = None,
    threads: int | None = None,
    allow_code: bool = False,
) -> Session:
    """Build everything a run needs; whatever does not fit fails here, before any work starts.

    Args:
        config: The run.
        dataset: Its data.
        model: A model of the user's own, built or not; otherwise the config's is built.
        threads: CPU threads of the run that is resumed; chosen by the model's size otherwise.
        allow_code: Import and call the networks that the config names, if it names any.

    Raises:
        ConfigError: If configuration, model and data do not fit.
    """
    check_pairing(dataset, config.data)
    device = resolve_device(config.training.device)
    clock = make_clock(config, batches_per_epoch(dataset, config.training.batch_size))
    sample = dataset.examples(dataset.train[:_SAMPLE])
    with shielded():
        seed_everything(config.seed)
        if isinstance(model, OwnModule):
            config = probed(model, config, sample.to(device), device)
        elif model is None:
            model = build_model(
                config.model, sample.inputs[:2], classes=dataset.classes, allow_code=allow_code
            )
        else:
            model.build(sample.inputs[:2])  # type: ignore[operator]
    net = model.module if isinstance(model, OwnModule) else model.to(device)
    run_once = model.run_once if isinstance(model, OwnModule) else None
    task = make_task(model, config, dataset)
    example = sample.inputs[:1].to(device)
    fed = (example, example) if task.takes_pairs else example
    threads = threads or choose_threads(config.training, net, fed, run_once)
    if config.training.compile:
        # A graph per shape: one for all shapes would depend on which of them came first.
        net.compile(dynamic=False)
    timeline = make_timeline(config, clock, task.plan(clock))
    return Session(
        config=config,
        dataset=dataset,
        task=task,
        timeline=timeline,
        clock=clock,
        optimizer=make_optimizer(config.training, task.parameter_groups()),
        device=device,
        threads=threads,
    )


def probed(own: OwnModule, config: RunConfig, batch: Batch, device: torch.device) -> RunConfig:
    """Run a module of the user's once; what it makes is written into its run's config.

    Args:
        own: The module.
        config: The run; ``model.latent_dim`` of 0 is filled in.
        batch: A few examples, on the device.
        device: Where the module goes.

    Returns:
        The configuration with the size of a latent.

    Raises:
        ConfigError: If the size is another than the configuration's, or the module cannot be used.
    """
    own.module.to(device)
    own.probe(batch)
    known = config.model.latent_dim
    if known not in (0, own.latent_dim):
        raise ConfigError(
            "the module's latents have another size than those of the run",
            got=own.latent_dim,
            expected=str(known),
            remedy="Give the module that the run was started with.",
        )
    section = config.model.model_copy(update={"latent_dim": own.latent_dim})
    return config.model_copy(update={"model": section})


def check_actions(session: Session) -> None:
    """Refuse an action of the timeline that neither the task nor a handler performs.

    Raises:
        ConfigError: The message names the actions, and those that exist.
    """
    known = set(session.task.actions) | session.signals.names(ActionReached)
    actions = session.timeline.actions
    unknown = {name: step for step in sorted(actions) for name in actions[step]}
    unknown = {name: step for name, step in unknown.items() if name not in known}
    if unknown:
        close = get_close_matches(next(iter(unknown)), known, n=1)
        raise ConfigError(
            "the dopesheet's column ACTION names actions that nobody performs",
            got=", ".join(f"{name} in the row of step {step}" for name, step in unknown.items()),
            expected=", ".join(sorted(known)) or "no action",
            remedy=f"Did you mean {close[0]}?" if close else "Correct the name, or remove it.",
        )
