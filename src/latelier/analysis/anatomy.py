"""The objective taken apart: what each point costs, and which latent dimensions pay for it.

Shapes: N points, D latent dimensions, C components. Terms are in nats, without the weights of
the schedule: they are the same quantities at every epoch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from latelier.analysis.arrays import Floats, Integers, finite_array, index_array, point_keys
from latelier.analysis.mixture import row_entropy
from latelier.config.errors import ShapeError

ACTIVE_VARIANCE = 0.01
"""A latent dimension is active if the variance of its posterior mean over the data is larger."""

Column = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Anatomy:
    """Per-point terms of the objective. A term the model does not have is None.

    Attributes:
        dataset_idx: The key of each point, [N].
        reconstruction: Reconstruction term, summed over the example, [N].
        kl: KL term per latent dimension, [N, D].
        kl_categorical: KL of q(c|x) to the prior over components, [N].
        total: Sum of the terms above, [N].
        responsibilities: q(c|x), [N, C].
        entropy: Entropy of q(c|x), [N].
        posterior_deviation: Mean over D of the posterior's standard deviation, [N].
        component: The most responsible component, [N].
        predicted: The label that a classifying model predicts, [N].
        label: The label of the data set, [N].
    """

    dataset_idx: Integers
    reconstruction: Column
    kl: Column | None
    kl_categorical: Column | None
    total: Column
    responsibilities: Column | None
    entropy: Column | None
    posterior_deviation: Column | None
    component: Integers | None
    predicted: Integers | None
    label: Integers | None

    def payload(self) -> dict[str, Any]:
        """Return the JSON form: columns, row by row in the order of `dataset_idx`."""
        mean_kl = None if self.kl is None else self.kl.mean(axis=0, dtype=np.float64)
        return {
            "units": {"reconstruction": "as in the objective", "kl": "nats"},
            "dataset_idx": self.dataset_idx,
            "reconstruction": self.reconstruction,
            "kl": self.kl,
            "kl_categorical": self.kl_categorical,
            "total": self.total,
            "responsibilities": self.responsibilities,
            "entropy": self.entropy,
            "posterior_deviation": self.posterior_deviation,
            "component": self.component,
            "predicted": self.predicted,
            "label": self.label,
            "mean_kl": mean_kl,
            "kl_order": None if mean_kl is None else np.argsort(-mean_kl, kind="stable"),
        }


@dataclass(frozen=True, eq=False)
class ActiveUnits:
    """Which latent dimensions carry information about the data.

    Attributes:
        variance: Variance over the data of each posterior mean, [D].
        active: Whether it exceeds `ACTIVE_VARIANCE`, [D].
    """

    variance: Floats
    active: npt.NDArray[np.bool_]

    @property
    def count(self) -> int:
        """The number of active dimensions."""
        return int(self.active.sum())

    def payload(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "variance": self.variance,
            "active": self.active,
            "count": self.count,
            "threshold": ACTIVE_VARIANCE,
        }


def point_anatomy(
    reconstruction: npt.ArrayLike,
    *,
    kl_per_dimension: npt.ArrayLike | None = None,
    kl_categorical: npt.ArrayLike | None = None,
    responsibilities: npt.ArrayLike | None = None,
    log_var: npt.ArrayLike | None = None,
    predicted: npt.ArrayLike | None = None,
    labels: npt.ArrayLike | None = None,
    dataset_idx: npt.ArrayLike | None = None,
) -> Anatomy:
    """Assemble what a model says about each point into columns.

    Args:
        reconstruction: Reconstruction term, summed over the example, nats, [N].
        kl_per_dimension: KL term per latent dimension, nats, [N, D].
        kl_categorical: KL of q(c|x) to the prior over components, nats, [N].
        responsibilities: q(c|x), [N, C].
        log_var: Natural log of the posterior variances, [N, D].
        predicted: Predicted label, [N].
        labels: Label of the data set, [N].
        dataset_idx: The key of each point, [N]; the row numbers where not given.

    Returns:
        The columns, floats rounded to float32; the total is summed in float64 before.

    Raises:
        ShapeError: If a column does not hold one row per point.
        DataError: If a term is not finite; the message names term and row.
    """
    term = finite_array("reconstruction", reconstruction, dims=1)
    count = len(term)
    kl = _rows("kl_per_dimension", kl_per_dimension, 2, count)
    categorical = _rows("kl_categorical", kl_categorical, 1, count)
    q = _rows("responsibilities", responsibilities, 2, count)
    total = term.copy()
    if kl is not None:
        total += kl.sum(axis=1)
    if categorical is not None:
        total += categorical
    return Anatomy(
        dataset_idx=point_keys(dataset_idx, count=count),
        reconstruction=term.astype(np.float32),
        kl=_rounded(kl),
        kl_categorical=_rounded(categorical),
        total=total.astype(np.float32),
        responsibilities=_rounded(q),
        entropy=None if q is None else row_entropy(q).astype(np.float32),
        posterior_deviation=_mean_deviation(_rows("log_var", log_var, 2, count)),
        component=None if q is None else q.argmax(axis=1),
        predicted=_integers("predicted", predicted, count),
        label=_integers("labels", labels, count),
    )


def active_units(mu: npt.ArrayLike) -> ActiveUnits:
    """Find the latent dimensions whose posterior mean depends on the input.

    Args:
        mu: Posterior means, [N, D].

    Returns:
        Variance over the N points (divided by N) and the verdict per dimension, [D].

    Raises:
        ShapeError: If `mu` is not a matrix with rows.
        DataError: If a mean is not finite.

    Source:
        Burda, Grosse & Salakhutdinov, arXiv:1509.00519, section 5.2.
    """
    variance = finite_array("mu", mu, dims=2).var(axis=0)
    return ActiveUnits(variance, variance > ACTIVE_VARIANCE)


def _rows(name: str, values: npt.ArrayLike | None, dims: int, count: int) -> Floats | None:
    if values is None:
        return None
    array = finite_array(name, values, dims=dims)
    if len(array) != count:
        raise ShapeError(f"{name} has {len(array)} rows", expected=f"{count}, one per point")
    return array


def _mean_deviation(log_var: Floats | None) -> Column | None:
    """Return the mean deviation, [N]; infinite, null in the file, where float32 cannot hold it."""
    with np.errstate(over="ignore"):
        return None if log_var is None else _rounded(np.exp(log_var / 2).mean(axis=1))


def _rounded(values: Floats | None) -> Column | None:
    return None if values is None else values.astype(np.float32)


def _integers(name: str, values: npt.ArrayLike | None, count: int) -> Integers | None:
    return None if values is None else index_array(name, values, count=count)
