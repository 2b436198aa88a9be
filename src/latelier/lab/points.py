"""The fixed points of a run: what the model is fed, and what it says about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from latelier.training import Encoded, Session
from latelier.training.tasks import in_batches

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Points:
    """The fixed points, as the model is fed them.

    Args:
        indices: dataset_idx, [N], ascending.
        inputs: [N, *shape] float32, on the model's device.
        labels: Labels, [N], or None.
    """

    indices: Array
    inputs: Tensor
    labels: Array | None

    @classmethod
    def of(cls, session: Session) -> Points:
        """Return the points that the run's config names."""
        indices = session.config.analysis.indices
        assert indices is not None, "launch fills analysis.indices"
        batch = session.dataset.examples(torch.tensor(indices))
        labels = None if batch.labels is None else batch.labels.numpy()
        return cls(np.array(indices), batch.inputs.to(session.device), labels)


def spread(count: int, wanted: int) -> Array:
    """Return up to ``wanted`` row numbers spread evenly over ``count`` rows, ascending."""
    return np.unique(np.linspace(0, count - 1, min(wanted, count)).round().astype(np.int64))


@dataclass(frozen=True, eq=False)
class Latents:
    """What the encoder says about the points; arrays as in `Encoded`, and its parts as tensors."""

    z: Array
    log_var: Array | None
    responsibilities: Array | None
    predicted: Array | None
    parts: tuple[Encoded, ...] = ()


@torch.no_grad()
def encode_points(session: Session, inputs: Tensor) -> Latents:
    """Encode inputs [N, *shape] in eval mode."""
    session.model.eval()
    parts = in_batches(session.task.encode, inputs)

    def joined(name: str) -> Array | None:
        """Join one field of all batches to an array; None if the model has no such field."""
        values = [getattr(part, name) for part in parts]
        return None if values[0] is None else torch.cat(values).float().cpu().numpy()

    z, logits = joined("z"), joined("logits")
    assert z is not None
    predicted = None if logits is None else logits.argmax(1)
    return Latents(z, joined("log_var"), joined("responsibilities"), predicted, tuple(parts))


def prior_arrays(session: Session) -> dict[str, Array]:
    """Return `prior_mu` and `prior_log_var`, [P, D] each, as in `Prior`; nothing without one."""
    prior = session.task.prior(session.last_frame())
    if prior is None:
        return {}
    parts = {"prior_mu": prior.mu, "prior_log_var": prior.log_var}
    return {name: value.float().cpu().numpy() for name, value in parts.items()}
