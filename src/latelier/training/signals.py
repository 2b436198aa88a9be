"""Signals: what training tells its subscribers. They hold live objects and are never stored.

Handlers run in the order in which they subscribed, in the training thread, and may change what
they are given: an action may move an anchor of a loss term. Recorders turn signals into events.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import torch

from latelier.config.errors import LatelierError
from latelier.data import Batch
from latelier.models import LossResult
from latelier.timeline import Frame
from latelier.training.determinism import shielded

if TYPE_CHECKING:
    from latelier.training.session import Session


@dataclass(frozen=True, eq=False)
class Signal:
    """A moment of a run. ``session`` is the live run; ``step`` counts the updates done so far."""

    session: Session
    step: int
    epoch: int


@dataclass(frozen=True, eq=False)
class RunStarted(Signal):
    """Training begins, at step 0 or where it is resumed."""


@dataclass(frozen=True, eq=False)
class PhaseStarted(Signal):
    """A phase of the timeline begins; sent before the update of that step.

    ``validation`` and ``inference`` are as in `PhaseEnded`, computed when first asked for.
    """

    frame: Frame

    @cached_property
    def validation(self) -> Batch:
        """The held-out batch (training examples where nothing is held out)."""
        return self.session.validation_batch()

    @cached_property
    def inference(self) -> Any:
        """The model's output for it, in eval mode without gradients."""
        with shielded(), torch.no_grad():
            self.session.model.eval()
            return self.session.model(self.validation.fed)

    @property
    def name(self) -> str:
        """Name of the phase."""
        return self.frame.phase


@dataclass(frozen=True, eq=False)
class ActionReached(Signal):
    """The timeline names an action at this step; sent before the update."""

    frame: Frame
    name: str


@dataclass(frozen=True, eq=False)
class StepStarting(Signal):
    """An update is about to be made; the one of step 0 comes before any."""

    frame: Frame
    batch: Batch


@dataclass(frozen=True, eq=False)
class StepEnded(Signal):
    """An update was made; ``step`` already counts it, ``frame`` is the one that drove it."""

    frame: Frame
    batch: Batch
    result: LossResult


@dataclass(frozen=True, eq=False)
class PhaseEnded(Signal):
    """The last update of a phase was made.

    ``validation`` is the held-out batch (training examples where nothing is held out) and
    ``inference`` the model's output for it in eval mode.
    """

    frame: Frame
    validation: Batch
    inference: Any

    @property
    def name(self) -> str:
        """Name of the phase."""
        return self.frame.phase


@dataclass(frozen=True, eq=False)
class EpochEnded(Signal):
    """An epoch is complete; epoch 0 is the state before the first update.

    ``metrics`` are means over the epoch's examples (empty for epoch 0), counts are sums;
    ``validation`` the same over held-out examples in eval mode.
    """

    metrics: dict[str, float | list[float]]
    validation: dict[str, float | list[float]]


@dataclass(frozen=True, eq=False)
class Checkpointed(Signal):
    """A checkpoint is on disk."""

    path: Path
    digest: str


@dataclass(frozen=True, eq=False)
class RunEnded(Signal):
    """The loop is left: ``completed`` or ``cancelled``."""

    outcome: str


S = TypeVar("S", bound=Signal)
Handler = Callable[[S], None]


@dataclass(frozen=True)
class Cadence:
    """When a handler hears; many runs that train together have few different ones.

    Attributes:
        every: See `Signals.subscribe`, like all others.
        offset: Shift of that grid.
        counting: What ``every`` counts.
        at: The only steps.
        seconds: Seconds between.
    """

    every: int | None = None
    offset: int = 0
    counting: Literal["steps", "calls"] = "steps"
    at: frozenset[int] | None = None
    seconds: float | None = None

    def allows(self, clock: int) -> bool:
        """Whether a signal at a step (an epoch) may be heard, as far as the step decides it."""
        if self.at is not None and clock not in self.at:
            return False
        return (
            self.every is None
            or self.counting == "calls"
            or (clock + self.offset) % self.every == 0
        )


@dataclass(eq=False)
class _Subscription:
    """A handler, and which of the signals it hears."""

    handler: Handler[Any]
    name: str | None
    cadence: Cadence
    calls: int = 0
    heard: float = field(default_factory=time.monotonic)

    def awaits(self, clock: int, patience: float) -> bool:
        """Whether it may hear a signal now; changes nothing."""
        seconds = self.cadence.seconds
        if not self.cadence.allows(clock):
            return False
        return seconds is None or time.monotonic() - self.heard >= seconds * patience

    def hear(self, signal: Signal, patience: float) -> None:
        """Call the handler, if the signal is one that it hears."""
        if self.name is not None and getattr(signal, "name", None) != self.name:
            return
        clock = signal.epoch if isinstance(signal, EpochEnded) else signal.step
        cadence = self.cadence
        if cadence.every is not None and cadence.counting == "calls":
            self.calls += 1
            if (self.calls - 1 + cadence.offset) % cadence.every:
                return
        if self.awaits(clock, patience):
            self.heard = time.monotonic() if cadence.seconds is not None else self.heard
            self.handler(signal)


class Signals:
    """The subscribers of one run.

    Attributes:
        patience: Handlers that hear at most every so many seconds wait this many times as long.
        count: How many subscriptions there are.
    """

    def __init__(self) -> None:
        self._handlers: dict[type[Signal], list[_Subscription]] = {}
        self._names: dict[type[Signal], set[str]] = {}
        self.patience = 1.0
        self.count = 0

    def subscribe(
        self,
        signal: type[S],
        handler: Handler[S],
        *,
        name: str | None = None,
        every: int | None = None,
        offset: int = 0,
        counting: Literal["steps", "calls"] = "steps",
        at: Collection[int] | None = None,
        seconds: float | None = None,
    ) -> None:
        """Call ``handler`` at each signal of one type.

        Args:
            signal: The type to hear.
            handler: Called with the signal, in the training thread.
            name: Only phases or actions of this name.
            every: Only steps (for `EpochEnded`: epochs) with ``(step + offset) % every == 0``.
            offset: Shift of that grid.
            counting: What ``every`` counts: steps, or the signals that would have been heard,
                from 0 on, such as the starts of a phase that comes again.
            at: Only these steps.
            seconds: At most once in so many seconds, the first ones after subscribing included.

        Raises:
            LatelierError: If ``every`` is not positive, or ``name`` is given for a signal that
                has none.
        """
        if every is not None and every < 1:
            raise LatelierError("the interval of a handler", got=every, expected="1 or more")
        if name is not None and not hasattr(signal, "name") and signal is not ActionReached:
            raise LatelierError(
                f"{signal.__name__} has no name to subscribe to",
                got=name,
                expected="PhaseStarted, PhaseEnded or ActionReached",
            )
        if name is not None:
            self._names.setdefault(signal, set()).add(name)
        steps = None if at is None else frozenset(at)
        self.count += 1
        cadence = Cadence(every, offset, counting, steps, seconds)
        self._handlers.setdefault(signal, []).append(_Subscription(handler, name, cadence))

    def hears(self, signal: type[Signal]) -> bool:
        """Whether anybody subscribed to this type."""
        return signal in self._handlers

    def awaits(self, signal: type[Signal], step: int) -> bool:
        """Whether anybody would hear a signal of this type at a step, now."""
        found = self._handlers.get(signal, ())
        return any(subscription.awaits(step, self.patience) for subscription in found)

    def cadences(self, signal: type[Signal]) -> set[Cadence]:
        """Return when signals of a type are heard, each cadence once."""
        return {subscription.cadence for subscription in self._handlers.get(signal, ())}

    def names(self, signal: type[Signal]) -> set[str]:
        """Return the names of phases or actions that somebody subscribed to."""
        return self._names.get(signal, set())

    def emit(self, signal: Signal) -> None:
        """Call the handlers of the signal's type, in order of subscription."""
        for subscription in self._handlers.get(type(signal), ()):
            subscription.hear(signal, self.patience)
