"""A task binds a model to the loop; the loop never asks which model it has."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar, runtime_checkable

import torch
from torch import Tensor, nn

from latelier.config import RunConfig
from latelier.data import Batch, Dataset
from latelier.models import LossResult
from latelier.timeline import Frame
from latelier.training.clock import Clock
from latelier.training.plan import Plan

if TYPE_CHECKING:
    from latelier.training.session import Session

M = TypeVar("M", bound=nn.Module)


@dataclass(frozen=True, eq=False)
class Encoded:
    """What an encoder says about a batch; parts that a model lacks are None.

    Args:
        z: The point shown on maps, [B, D]: the code, or the posterior mean.
        log_var: Natural log of the posterior variances, [B, D].
        responsibilities: q(c|x), [B, K].
        logits: Classifier's logits, [B, C].
    """

    z: Tensor
    log_var: Tensor | None = None
    responsibilities: Tensor | None = None
    logits: Tensor | None = None


@dataclass(frozen=True, eq=False)
class Prior:
    """The prior p(z): Gaussians with diagonal covariance, weighted equally.

    Args:
        mu: Mean of each component, [P, D]; P = 1 where the prior is a single Gaussian.
        log_var: Natural log of their variances, [P, D].
    """

    mu: Tensor
    log_var: Tensor

    @classmethod
    def standard(cls, like: Tensor) -> Prior:
        """Return N(0, I) over the last axis of ``like`` [..., D], in its type, on its device."""
        zeros = like.new_zeros(1, like.shape[-1])
        return cls(zeros, zeros.clone())


class Task(ABC, Generic[M]):
    """One model, made trainable and open to analysis.

    Args:
        model: A built model.
        config: The run's configuration.
        dataset: The run's data.
    """

    capabilities: frozenset[str]
    """What analysis may ask for: encode, decode, posterior, responsibilities, classify, sample,
    pairs."""

    takes_pairs: ClassVar[bool] = False
    """Whether a batch has to hold pairs."""

    def __init__(self, model: M, config: RunConfig, dataset: Dataset) -> None:
        self.model = model
        self.config = config
        self.dataset = dataset
        self.check()

    def check(self) -> None:
        """Raise `ConfigError` or `DataError` when model, objective and data do not fit."""

    def check_trainable(self) -> None:
        """Raise `ConfigError` when the task can be looked into, but not trained."""

    @abstractmethod
    def plan(self, clock: Clock) -> Plan:
        """Return the columns that `loss` reads, with their default tracks."""

    @abstractmethod
    def loss(self, batch: Batch, frame: Frame) -> LossResult:
        """Return the objective for one batch in the model's current mode."""

    @abstractmethod
    def encode(self, inputs: Tensor) -> Encoded:
        """Encode inputs [B, *shape] without noise. The caller sets eval mode and no_grad."""

    @abstractmethod
    def decode(self, z: Tensor) -> Tensor:
        """Decode latents [B, D] to the data's range, [B, *shape]."""

    @abstractmethod
    def prior(self, frame: Frame) -> Prior | None:
        """Return the prior that the loss pulls the posterior to, detached; None without one.

        Args:
            frame: What is in force: a mixture may not have begun yet.
        """

    @abstractmethod
    def anatomy(self, inputs: Tensor, encoded: Encoded, frame: Frame) -> dict[str, Tensor]:
        """Return the parts of the loss per example, unweighted, without noise.

        Args:
            inputs: Examples, [B, *shape].
            encoded: What `encode` returned for them.
            frame: What is in force; only columns that switch terms are read, not their weights.

        Returns:
            ``recon`` [B]; ``kl`` [B, D] and ``kl_c`` [B], in nats, where the model has them.
        """

    @property
    def actions(self) -> Mapping[str, Callable[[Session], dict[str, Any]]]:
        """The named actions this task can perform; each returns what to record of it."""
        return {}

    def state(self) -> dict[str, Tensor]:
        """Return what a checkpoint must hold of the task besides the model."""
        return {}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Take up what `state` returned."""

    def reset(self) -> None:
        """Forget what `state` would return: be as before the first update."""

    rate_columns: ClassVar[Mapping[str, str]] = {}
    """Which parameters learn at a rate of their own: beginning of the name → timeline column."""

    def parameter_groups(self) -> list[dict[str, Any]]:
        """Return optimizer groups, each with the timeline column of its rate (`column`)."""
        groups: dict[str, list[nn.Parameter]] = {}
        for name, parameter in self.model.named_parameters():
            if parameter.requires_grad:
                columns = (c for start, c in self.rate_columns.items() if name.startswith(start))
                groups.setdefault(next(columns, "lr"), []).append(parameter)
        return [{"params": params, "column": column} for column, params in groups.items()]


@runtime_checkable
class Sharing(Protocol):
    """A task whose pairs share latent dimensions; it has the capability ``pairs``."""

    def shared(self, first: Encoded, second: Encoded) -> Tensor:
        """Tell which dimensions pairs share, [B, D] bool, from what `encode` says of each half."""
        ...


BATCH = 1024
"""Rows that analysis feeds a model at once."""


@torch.no_grad()
def in_batches(function: Callable[[Tensor], Any], inputs: Tensor) -> list[Any]:
    """Apply ``function`` to slices of ``inputs`` [N, …] of at most `BATCH` rows."""
    return [function(part) for part in inputs.split(BATCH)]
