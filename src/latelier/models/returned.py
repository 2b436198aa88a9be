"""What functions of the user's own return, read by one rule each, or refused.

Shapes: B examples in a batch, each of shape ``*shape``; D the size of a latent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from latelier.config.errors import ConfigError, ShapeError
from latelier.models.result import LossResult

_RESERVED = ("loss", "step", "epoch", "scope")
_CODES = "z [B, D]; (mu, log_var), both [B, D]; or an object or mapping with z or mu, and log_var"
_LOSS = "a scalar tensor; (scalar tensor, {name: measurement}); or a LossResult"


@dataclass(frozen=True, eq=False)
class Codes:
    """z (the posterior mean where there is one) and log_var, [B, D] each; None without one."""

    z: Tensor
    log_var: Tensor | None = None


def read_codes(returned: Any, batch: int) -> Codes:
    """Read what ``encode`` returned for ``batch`` examples.

    Raises:
        ConfigError: If it holds no latents.
        ShapeError: If they have another shape than [B, D].
    """
    if isinstance(returned, Tensor):
        return Codes(_vectors("z", returned, batch))
    mu, log_var = _named(returned, "mu"), _named(returned, "log_var")
    z = mu if mu is not None else _named(returned, "z")
    if z is None and isinstance(returned, tuple | list) and len(returned) == 2:
        z, log_var = returned
    if not isinstance(z, Tensor) or not isinstance(log_var, Tensor | None):
        raise ConfigError(
            "encode returns no latents",
            got=_described(returned),
            expected=_CODES,
            remedy="Pass encode=lambda net, x: …, which returns one of these.",
        )
    z = _vectors("z" if mu is None else "mu", z, batch)
    if log_var is not None and log_var.shape != z.shape:
        raise ShapeError(
            "encode returns a log_var of another shape than the mean",
            got=list(log_var.shape),
            expected=str(list(z.shape)),
        )
    return Codes(z, log_var)


def read_reconstruction(returned: Any, shape: tuple[int, ...]) -> Tensor:
    """Read what ``decode`` returned: [B, *shape], or [B, F] with as many features.

    Raises:
        ConfigError: If it is neither a tensor nor has one named x_hat.
        ShapeError: If it has another shape.
    """
    x_hat = returned if isinstance(returned, Tensor) else _named(returned, "x_hat")
    if not isinstance(x_hat, Tensor):
        raise ConfigError(
            "decode returns no reconstruction",
            got=_described(returned),
            expected=f"a tensor {list(shape)}, or an object or mapping with x_hat",
        )
    if tuple(x_hat.shape) == shape:
        return x_hat
    if x_hat.ndim == 2 and len(x_hat) == shape[0] and x_hat.numel() == torch.Size(shape).numel():
        return x_hat.reshape(shape)
    raise ShapeError(
        "decode returns the wrong shape",
        got=list(x_hat.shape),
        expected=f"{list(shape)}, or flat: {[shape[0], torch.Size(shape[1:]).numel()]}",
        remedy="Let it end in the shape of the examples.",
    )


def read_loss(returned: Any) -> LossResult:
    """Read what the loss function returned.

    Raises:
        ConfigError: If it holds no scalar, or one without gradient where gradients are on; or a
            measurement is no number, or has a name that is taken.
        ShapeError: If the loss is no scalar.
    """
    if isinstance(returned, LossResult):
        objective, measured = returned.objective, dict(returned.measured)
    elif isinstance(returned, tuple | list) and len(returned) == 2:
        objective, measured = returned[0], returned[1]
    else:
        objective, measured = returned, {}
    if not isinstance(objective, Tensor) or not isinstance(measured, Mapping):
        raise ConfigError(
            "the loss function returns no loss", got=_described(returned), expected=_LOSS
        )
    _check_objective(objective)
    return LossResult(objective, {n: _measurement(n, v, objective) for n, v in measured.items()})


def _check_objective(objective: Tensor) -> None:
    if objective.ndim:
        raise ShapeError(
            "the loss is no scalar",
            got=list(objective.shape),
            expected="[]",
            remedy="Average it over the batch: return loss.mean().",
        )
    if not objective.is_floating_point():
        raise ConfigError(
            "the loss is no real number", got=str(objective.dtype), expected="floating point"
        )
    if torch.is_grad_enabled() and not objective.requires_grad:
        raise ConfigError(
            "the loss has no gradient",
            got="a tensor that depends on no parameter",
            expected="a loss that the module's parameters can lower",
            remedy="Compute it with the module, without detach(), .data or torch.no_grad().",
        )


def _measurement(name: Any, value: Any, objective: Tensor) -> Tensor:
    if not isinstance(name, str) or name in _RESERVED:
        raise ConfigError(
            "a measurement of the loss function has a name that is taken",
            got=repr(name),
            expected=f"a text other than {', '.join(_RESERVED)}",
            remedy="Rename it; the loss itself is recorded in any case.",
        )
    if isinstance(value, Tensor):
        if value.numel() and not value.is_complex():
            return value.detach()
    elif isinstance(value, int | float):
        return torch.as_tensor(float(value), device=objective.device)
    raise ConfigError(
        f"the measurement {name} is no number",
        got=_described(value),
        expected="a number, a scalar tensor, or a small vector such as counts",
    )


def _vectors(name: str, z: Tensor, batch: int) -> Tensor:
    if z.ndim == 2 and len(z) == batch and z.is_floating_point():
        return z
    raise ShapeError(
        f"encode returns {name} of the wrong shape",
        got=f"{list(z.shape)}, {z.dtype}",
        expected=f"[{batch}, D], floating point: one vector per example",
        remedy="Flatten it: encode=lambda net, x: net.encoder(x).flatten(1)."
        if z.ndim > 2
        else None,
    )


def _named(returned: Any, name: str) -> Any:
    if isinstance(returned, Mapping):
        return returned.get(name)
    return getattr(returned, name, None)


def _described(value: Any) -> str:
    if isinstance(value, Tensor):
        return f"a tensor {list(value.shape)}"
    if isinstance(value, tuple | list):
        inside = ", ".join(_described(part) for part in value[:4])
        return f"a {type(value).__name__} of {len(value)}: {inside}"
    if isinstance(value, Mapping):
        return f"a mapping of {', '.join(map(str, list(value)[:8]))}"
    return type(value).__name__
