"""Interventions: change latents where a concept is thought to be, and see what that breaks.

If a structure is real, taking a concept's direction away spoils the reconstruction of examples in
proportion to how much they are of the concept, and of no others. Shapes: N latents of D dimensions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from latelier.config.errors import ConfigError, ShapeError

Array = npt.NDArray[np.float64]
BINS = 10


def alignment(z: npt.ArrayLike, direction: npt.ArrayLike) -> Array:
    """Return the cosine of the angle between latents and a direction.

    Args:
        z: Latents, [N, D].
        direction: [D], of any length but zero.

    Returns:
        [N], in −1…1; 0 for a latent of length zero.
    """
    latents, unit = _latents(z), _unit(direction)
    _require_width(latents, unit)
    length = np.linalg.norm(latents, axis=1)
    cosine: Array = latents @ unit / np.where(length > 0, length, 1)
    return cosine


def suppress(
    z: npt.ArrayLike, direction: npt.ArrayLike, *, strength: float = 1.0, threshold: float = 0.0
) -> Array:
    """Take a direction's part out of the latents that are aligned with it.

    z − strength · gate · (z·v) v, with the gate of `gate`: at full strength and alignment nothing
    of the direction is left; a latent below the threshold is untouched.

    Args:
        z: Latents, [N, D].
        direction: v, [D], of any length but zero.
        strength: 0 to 1.
        threshold: Alignment from which it begins, at least 0 and below 1.

    Returns:
        Changed latents, [N, D].
    """
    latents, unit = _latents(z), _unit(direction)
    amount = strength * gate(alignment(latents, unit), threshold)
    changed: Array = latents - (amount * (latents @ unit))[:, None] * unit
    return changed


def repel(
    z: npt.ArrayLike, direction: npt.ArrayLike, *, strength: float = 1.0, threshold: float = 0.0
) -> Array:
    """Turn latents that are aligned with a direction away from it, at their length.

    A latent at the angle φ from v is turned in the plane of both to the angle
    φ + strength · gate · (arccos(threshold) − φ): at full strength and alignment to where the gate
    closes. One that points exactly along v has no plane of its own and is turned towards the
    axis that is least like v.

    Args:
        z: Latents, [N, D], D ≥ 2.
        direction: v, [D], of any length but zero.
        strength: 0 to 1.
        threshold: Alignment from which it begins, at least 0 and below 1.

    Returns:
        Changed latents, [N, D], each as long as before.
    """
    latents, unit = _latents(z), _unit(direction)
    cosine = alignment(latents, unit)
    angle = np.arccos(np.clip(cosine, -1, 1))
    turned = angle + strength * gate(cosine, threshold) * (np.arccos(threshold) - angle)
    length = np.linalg.norm(latents, axis=1, keepdims=True)
    across = latents - (latents @ unit)[:, None] * unit
    width = np.linalg.norm(across, axis=1, keepdims=True)
    aside = np.where(width > 1e-9 * np.maximum(length, 1e-30), across, _beside(unit))
    aside = aside / np.linalg.norm(aside, axis=1, keepdims=True)
    changed = length * (np.cos(turned)[:, None] * unit + np.sin(turned)[:, None] * aside)
    return np.where((turned != angle)[:, None], changed, latents)


def gate(cosine: npt.ArrayLike, threshold: float) -> Array:
    """Return how far an intervention applies at an alignment: 0 at the threshold, 1 at 1, linear.

    Raises:
        ConfigError: If the threshold is not at least 0 and below 1.
    """
    if not 0 <= threshold < 1:
        raise ConfigError(
            "the threshold is no alignment to begin at", got=threshold, expected="0 to below 1"
        )
    opened: Array = np.clip((np.asarray(cosine) - threshold) / (1 - threshold), 0, 1)
    return opened


def ablate(z: npt.ArrayLike, dimensions: Sequence[int], *, fill: npt.ArrayLike = 0.0) -> Array:
    """Set some dimensions of all latents to a constant.

    Args:
        z: Latents, [N, D].
        dimensions: Which; 0 ≤ d < D.
        fill: What they become: 0, or one value per dimension of ``dimensions`` (such as means).

    Returns:
        Changed latents, [N, D].
    """
    latents = _latents(z).copy()
    _require_dimensions(latents, dimensions)
    latents[:, list(dimensions)] = fill
    return latents


def prune(z: npt.ArrayLike, dimensions: Sequence[int], *, on_sphere: bool = False) -> Array:
    """Remove some dimensions for good, as an encoder without those outputs would.

    Args:
        z: Latents, [N, D]; before normalization, where the model normalizes them.
        dimensions: Which; 0 ≤ d < D.
        on_sphere: Whether the model divides latents by their length, which then is that of what
            is left. Without it, pruning is ablation with zeros.

    Returns:
        [N, D], with zeros in the removed dimensions, so that the decoder can take them.
    """
    left = ablate(z, dimensions)
    if not on_sphere:
        return left
    length = np.linalg.norm(left, axis=1, keepdims=True)
    scaled: Array = left / np.where(length > 0, length, 1)
    return scaled


@dataclass(frozen=True)
class Effect:
    """What an intervention does to reconstruction, against similarity to a concept.

    Attributes:
        r2: Share of the variance of the added error that a straight line over the similarity
            explains, 0 to 1; None where the similarity or the error does not vary.
        slope: Added error per similarity.
        intercept: Added error where the similarity is 0.
        added: Mean added error.
        before: Mean error without the intervention.
        bins: Per tenth of the similarity's range 0…1: mean added error, None without examples.
    """

    r2: float | None
    slope: float | None
    intercept: float | None
    added: float
    before: float
    bins: tuple[float | None, ...]

    def payload(self) -> dict[str, Any]:
        """Return it as JSON-able values."""
        return {**asdict(self), "bins": list(self.bins)}


def effect(before: npt.ArrayLike, after: npt.ArrayLike, similarity: npt.ArrayLike) -> Effect:
    """Relate the error that an intervention adds to how much examples are of a concept.

    Args:
        before: Reconstruction error of each example, [N].
        after: The same with the intervention, [N].
        similarity: Of each example to the concept, in 0…1, [N].

    Raises:
        ShapeError: If the three do not have one length.
    """
    old, new, near = (np.asarray(v, dtype=np.float64) for v in (before, after, similarity))
    if not (old.ndim == 1 and old.shape == new.shape == near.shape and len(old)):
        raise ShapeError(
            "errors and similarity do not fit",
            got=f"{list(old.shape)}, {list(new.shape)} and {list(near.shape)}",
            expected="[N] each, N ≥ 1",
        )
    added = new - old
    place = np.clip((near * BINS).astype(int), 0, BINS - 1)
    bins = tuple(
        float(added[place == b].mean()) if (place == b).any() else None for b in range(BINS)
    )
    r2, slope, intercept = _line(near, added)
    return Effect(r2, slope, intercept, float(added.mean()), float(old.mean()), bins)


def measure(
    z: npt.ArrayLike,
    inputs: npt.ArrayLike,
    similarity: npt.ArrayLike,
    *,
    decode: Callable[[Array], npt.ArrayLike],
    change: Callable[[Array], Array],
) -> Effect:
    """Decode latents as they are and changed, and return the effect on the squared error.

    Args:
        z: Latents, [N, D].
        inputs: Examples, [N, *shape].
        similarity: Of each example to the concept, in 0…1, [N].
        decode: Latents [N, D] → reconstructions [N, *shape].
        change: The intervention, [N, D] → [N, D].
    """
    latents, x = _latents(z), np.asarray(inputs, dtype=np.float64)
    old, new = squared_error(decode, latents, x), squared_error(decode, change(latents), x)
    return effect(old, new, similarity)


def squared_error(decode: Callable[[Array], npt.ArrayLike], codes: Array, inputs: Array) -> Array:
    """Decode codes and return each example's squared error, averaged over features, [N].

    Args:
        decode: Codes [N, D] → reconstructions [N, *shape].
        codes: Latents, changed or not, [N, D].
        inputs: What they should be decoded to, [N, *shape] float64.
    """
    residual = np.asarray(decode(codes), dtype=np.float64) - inputs
    squared: Array = (residual**2).reshape(len(inputs), -1).mean(1)
    return squared


def _line(x: Array, y: Array) -> tuple[float | None, float | None, float | None]:
    spread, height = x - x.mean(), y - y.mean()
    if not spread.any() or not height.any():
        return None, None, None
    slope = float(spread @ height / (spread @ spread))
    residual = height - slope * spread
    r2 = 1 - float(residual @ residual / (height @ height))
    return min(max(r2, 0.0), 1.0), slope, float(y.mean() - slope * x.mean())


def _latents(z: npt.ArrayLike) -> Array:
    latents = np.asarray(z, dtype=np.float64)
    if latents.ndim != 2:
        raise ShapeError("z is no matrix of latents", got=list(latents.shape), expected="[N, D]")
    return latents


def _unit(direction: npt.ArrayLike) -> Array:
    vector = np.asarray(direction, dtype=np.float64)
    length = float(np.linalg.norm(vector))
    if vector.ndim != 1 or length == 0:
        raise ConfigError("the direction points nowhere", got=str(vector.tolist()))
    unit: Array = vector / length
    return unit


def _beside(unit: Array) -> Array:
    """Return a direction at right angles to a unit vector."""
    axis = np.eye(len(unit))[int(np.abs(unit).argmin())]
    beside: Array = axis - (axis @ unit) * unit
    return beside


def _require_width(latents: Array, unit: Array) -> None:
    if latents.shape[1] != len(unit):
        raise ShapeError(
            "the direction does not fit the latents",
            got=f"[{len(unit)}]",
            expected=f"[{latents.shape[1]}]",
        )


def _require_dimensions(latents: Array, dimensions: Sequence[int]) -> None:
    beyond = [d for d in dimensions if not 0 <= d < latents.shape[1]]
    if beyond:
        raise ConfigError(
            "there are no such dimensions",
            got=", ".join(map(str, beyond)),
            expected=f"0 to {latents.shape[1] - 1}",
        )
