"""The precision in which objectives are computed."""

from __future__ import annotations

import torch
from torch import Tensor


def upcast(tensor: Tensor) -> Tensor:
    """Return the tensor in float32, or as it is when wider.

    Sums over features lose digits in bfloat16, so losses are never computed in it.

    Example:
        >>> upcast(torch.zeros(1, dtype=torch.bfloat16)).dtype
        torch.float32
    """
    return tensor.to(torch.promote_types(tensor.dtype, torch.float32))
