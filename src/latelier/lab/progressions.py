"""Which frames of a film to show when there is room for a few: pure functions of their number."""

from __future__ import annotations

import numpy as np

from latelier.config.errors import ConfigError

Point = tuple[float, float]


def geometric_frames(count: int, total: int, *, offset: int = 10) -> tuple[int, ...]:
    """Choose frames whose distances grow by a constant factor: more of the beginning.

    Args:
        count: How many at most; neighbors that fall together count once.
        total: How many there are.
        offset: Added before and taken away after the progression, so that it can begin at 0; the
            larger, the more even it is.

    Returns:
        Places from 0 on, rising; never the last frame, which a picture shows large.

    Example:
        >>> geometric_frames(5, 51, offset=10)
        (0, 4, 10, 19, 32)
    """
    count = min(count, total)
    if count <= 0:
        return ()
    places = np.geomspace(offset, total + offset, count, endpoint=False) - offset
    # A rounding error below a whole number must not move a frame.
    return tuple(int(place) for place in np.unique(np.floor(places + 1e-9).astype(int)))


def bezier_frames(
    count: int, total: int, control1: Point, control2: Point, *, lookup: int = 200
) -> tuple[int, ...]:
    """Choose frames along a cubic Bézier curve from (0, 0) to (1, 1), as easings are given.

    Args:
        count: How many at most, the first and the last frame included.
        total: How many there are.
        control1: First control point: (share of the frames chosen, share of the film).
        control2: Second control point; (0, 0) and (1, 1) make it even, (0.42, 0) and (1, 1) show
            more of the beginning.
        lookup: Points at which the curve is tabulated.

    Returns:
        Places from 0 on, rising. What the curve overshoots is held at the first or last frame.

    Raises:
        ConfigError: If the curve goes back in time, so that it is no function of its first axis.

    Example:
        >>> bezier_frames(5, 101, (0.0, 0.0), (1.0, 1.0))
        (0, 25, 50, 75, 100)
    """
    if count <= 0 or total <= 0:
        return ()
    points = np.array([(0.0, 0.0), control1, control2, (1.0, 1.0)])
    t = np.linspace(0, 1, lookup)[:, None]
    weights = np.concatenate([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3], 1)
    across, along = (weights @ points).T
    if (np.diff(across) < -1e-12).any():
        raise ConfigError(
            "the Bézier progression goes back in time",
            got=f"control points {control1} and {control2}",
            expected="first coordinates between 0 and 1",
            remedy="Move the first coordinates towards each other.",
        )
    eased = np.interp(np.linspace(0, 1, count), across, along).clip(0, 1)
    return tuple(int(place) for place in np.unique(np.round(eased * (total - 1)).astype(int)))
