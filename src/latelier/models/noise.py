"""The scale of p(x|z): one, fixed, or learned."""

from __future__ import annotations

import math
from typing import Literal, final

import torch
from torch import Tensor, nn

from latelier.config.errors import ConfigError
from latelier.losses import LikelihoodType, scaled_log_likelihood

NoiseKind = Literal["unit", "fixed", "learned"]


@final
class ObservationNoise(nn.Module):
    """Scale s of the decoder's noise, one number for all features.

    Args:
        kind: ``"unit"``: s = 1 and the constants left out, as is usual; ``"fixed"``: s is given;
            ``"learned"``: log s is a parameter that starts there. The last two count all constants,
            without which a learned scale would have no optimum.
        scale: s: a standard deviation, or the scale of a Laplace density.

    Source:
        Rybkin et al., arXiv:2006.13202 (σ-VAE).
    """

    log_scale: Tensor

    def __init__(self, kind: NoiseKind = "unit", scale: float = 1.0) -> None:
        super().__init__()
        if kind not in ("unit", "fixed", "learned"):
            raise ConfigError(
                "the decoder's noise is unknown",
                got=repr(kind),
                expected="'unit', 'fixed' or 'learned'",
            )
        if not scale > 0:
            raise ConfigError("the decoder's scale is not positive", got=scale, expected="above 0")
        self.kind = kind
        log_scale = torch.tensor(math.log(scale))
        if kind == "learned":
            self.log_scale = nn.Parameter(log_scale)
        elif kind == "fixed":
            self.register_buffer("log_scale", log_scale)

    def forward(self, unit: Tensor, likelihood: LikelihoodType | str, features: int) -> Tensor:
        """Rescale log p(x|z) of unit scale; see `scaled_log_likelihood` for the arguments."""
        if self.kind == "unit":
            return unit
        return scaled_log_likelihood(unit, self.log_scale, likelihood, features=features)
