"""The facts that rules look at: curves, settings, and the latents of each epoch in a few numbers.

Shapes: N points, D latent dimensions, K components of the mixture, P of the prior.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from latelier.analysis.arrays import Floats

ACTIVE_SHARE = 0.01
"""A dimension is active if its posterior means hold a larger share of its variance."""

Columns = Mapping[str, Sequence[Any]]


@dataclass(frozen=True)
class EpochFacts:
    """The latents of one epoch, in a few numbers. What the model does not have is None.

    Attributes:
        epoch: Complete passes by then.
        step: Updates by then.
        norm: Median length of the latents, in latent units.
        radius: Root mean square distance of the latents from their mean.
        dimensions: D.
        active: For each dimension whether the posterior means carry anything, [D].
        prior_norm: Root mean square length of a draw from the prior.
        counts: Points for which each component is the most responsible, [K], once the mixture is
            the prior.
        hole_mass: Prior mass in the holes listed for the 2-D map, 0..1.
        mean_kl: Mean KL of each dimension, in nats, [D].
    """

    epoch: int
    step: int
    norm: float
    radius: float
    dimensions: int = 1
    active: tuple[bool, ...] | None = None
    prior_norm: float | None = None
    counts: tuple[int, ...] | None = None
    hole_mass: float | None = None
    mean_kl: tuple[float, ...] | None = None


@dataclass(frozen=True)
class RunFacts:
    """One run.

    Attributes:
        config: Its configuration, as stored.
        steps_per_epoch: Updates per epoch.
        latents: The recorded epochs, ascending.
        epochs: Metrics by epoch, as columns of equal length; None where an epoch lacks one.
        steps: Metrics by step, the same way.
        non_finite_step: The step at which the objective stopped being finite.
    """

    config: Mapping[str, Any]
    steps_per_epoch: int
    latents: Sequence[EpochFacts] = ()
    epochs: Columns = field(default_factory=dict)
    steps: Columns = field(default_factory=dict)
    non_finite_step: int | None = None

    @property
    def trained(self) -> tuple[EpochFacts, ...]:
        """The recorded epochs after the first update: what came before says nothing of training."""
        return tuple(one for one in self.latents if one.epoch > 0)

    def setting(self, path: str) -> Any:
        """Return a setting by its dotted path; None where the configuration has none."""
        value: Any = self.config
        for name in path.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
        return value

    def scheduled(self, column: str) -> bool:
        """Tell whether the dopesheet has a column for a property."""
        rows = self.setting("schedule.dopesheet") or ()
        return any(name.partition(":")[0] == column for row in rows for name in row)


def epoch_facts(
    epoch: int,
    step: int,
    tensors: Mapping[str, npt.NDArray[Any]],
    *,
    hole_mass: float | None = None,
    mean_kl: Sequence[float] | None = None,
) -> EpochFacts:
    """Boil the latents of one epoch down.

    A dimension is active if var(mu) / (var(mu) + mean(sigma^2)) exceeds `ACTIVE_SHARE`: the rule
    of active units, made independent of the latents' scale, which a learned prior sets freely.
    Where sigma is 1, as in a collapsed VAE, it is that rule.

    Args:
        epoch: Complete passes by then.
        step: Updates by then.
        tensors: `z` [N, D]; `log_var` [N, D], `responsibilities` [N, K], `prior_mu` and
            `prior_log_var` [P, D] where the model has them.
        hole_mass: Prior mass in holes of the map, where it was measured.
        mean_kl: Mean KL of each dimension, [D], where it was measured.

    Returns:
        The facts.

    Source:
        Active units: Burda, Grosse & Salakhutdinov, arXiv:1509.00519, section 5.2.
    """
    z = tensors["z"].astype(np.float64)
    return EpochFacts(
        epoch=epoch,
        step=step,
        norm=float(np.median(np.linalg.norm(z, axis=1))),
        radius=float(np.sqrt(z.var(axis=0).sum())),
        dimensions=z.shape[1],
        active=_active(z, tensors.get("log_var")),
        prior_norm=_prior_norm(tensors),
        counts=_counts(tensors),
        hole_mass=hole_mass,
        mean_kl=None if mean_kl is None else tuple(map(float, mean_kl)),
    )


def onset(epochs: Sequence[EpochFacts], sick: Callable[[EpochFacts], bool]) -> EpochFacts | None:
    """Find where the last uninterrupted stretch of sick epochs began.

    Args:
        epochs: The epochs that can be judged, ascending.
        sick: The verdict on one.

    Returns:
        The first of the stretch; None if the last epoch is well: what has passed is not told.
    """
    begun = None
    for one in reversed(epochs):
        if not sick(one):
            break
        begun = one
    return begun


def _active(z: Floats, log_var: npt.NDArray[Any] | None) -> tuple[bool, ...] | None:
    if log_var is None:
        return None
    explained = z.var(axis=0)
    noise = np.exp(log_var.astype(np.float64)).mean(axis=0)
    # Written as a product: both are zero where a dimension is constant and certain.
    return tuple(bool(one) for one in explained > ACTIVE_SHARE * (explained + noise))


def _prior_norm(tensors: Mapping[str, npt.NDArray[Any]]) -> float | None:
    if "prior_mu" not in tensors:
        return None
    mu = tensors["prior_mu"].astype(np.float64)
    variance = np.exp(tensors["prior_log_var"].astype(np.float64))
    return float(np.sqrt((mu**2 + variance).sum(axis=1).mean()))


def _counts(tensors: Mapping[str, npt.NDArray[Any]]) -> tuple[int, ...] | None:
    q = tensors.get("responsibilities")
    if q is None:
        return None
    components = q.shape[1]
    if "prior_mu" in tensors and len(tensors["prior_mu"]) != components:
        return None  # a warm-up: the prior is still a single Gaussian
    counts = np.bincount(q.argmax(axis=1), minlength=components)
    return tuple(int(count) for count in counts)
