"""The result of a loss: one scalar to minimize, and what was measured on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from latelier.config.html import html_table
from latelier.models.precision import upcast


@dataclass(frozen=True, eq=False, repr=False)
class LossResult:
    """An objective and its measurements.

    Args:
        objective: The scalar to minimize, with its graph.
        measured: Detached scalars, and small vectors such as counts per component, on the model's
            device. Reading `diagnostics` is what waits for the device; training never has to.

    Example:
        >>> import torch
        >>> result = LossResult(torch.tensor(1.5), {"recon": torch.tensor(0.5)})
        >>> result.diagnostics
        {'recon': 0.5}
        >>> result
        LossResult(objective=1.5, measured=recon)
    """

    objective: Tensor
    measured: Mapping[str, Tensor]

    @cached_property
    def diagnostics(self) -> dict[str, float]:
        """The measured scalars as floats: one transfer from the device, made once."""
        scalars = {name: value for name, value in self.measured.items() if value.ndim == 0}
        if not scalars:
            return {}
        values = torch.stack([upcast(value.detach()) for value in scalars.values()]).tolist()
        return dict(zip(scalars, values, strict=True))

    def _repr_html_(self) -> str:
        rows = [("objective", float(self.objective.detach())), *self.diagnostics.items()]
        vectors = ((n, f"[{v.numel()}]") for n, v in self.measured.items() if v.ndim)
        return html_table(("", "value"), [*rows, *vectors], caption="LossResult")

    def __repr__(self) -> str:
        value = float(self.objective.detach())
        return f"LossResult(objective={value:g}, measured={', '.join(self.measured)})"
