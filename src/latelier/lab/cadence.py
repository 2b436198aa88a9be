"""At which epochs the latent space is measured: pure functions of the settings."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from typing import Literal

Cadence = Literal["fibonacci", "all", "last", "off"]


def is_fibonacci(number: int) -> bool:
    """Tell whether a number is 0, 1, 2, 3, 5, 8, 13, …

    Example:
        >>> [n for n in range(10) if is_fibonacci(n)]
        [0, 1, 2, 3, 5, 8]
    """
    smaller, larger = 0, 1
    while smaller < number:
        smaller, larger = larger, smaller + larger
    return smaller == number


def fast_epochs(every: int, total_epochs: int) -> tuple[int, ...]:
    """Return the epochs of the fast set: every so many from 0 on, and the last.

    Example:
        >>> fast_epochs(3, 10)
        (0, 3, 6, 9, 10)
    """
    return tuple(sorted({*range(0, total_epochs + 1, every), total_epochs}))


def full_epochs(cadence: Cadence, total_epochs: int, recorded: Iterable[int]) -> tuple[int, ...]:
    """Return the epochs of the full set.

    Args:
        cadence: `analysis.full_set`.
        total_epochs: Length of the run; its last epoch is one of them unless `off`.
        recorded: The epochs that have the fast set, which the full set needs.

    Returns:
        Those of the recorded epochs that are due, ascending.

    Example:
        >>> full_epochs("fibonacci", 10, range(11))
        (0, 1, 2, 3, 5, 8, 10)
    """
    if cadence == "off":
        return ()
    every, rare = cadence == "all", cadence == "fibonacci"
    return tuple(
        epoch
        for epoch in sorted(set(recorded))
        if every or epoch == total_epochs or (rare and is_fibonacci(epoch))
    )


def before(epochs: Iterable[int], epoch: int) -> int | None:
    """Return the greatest of some epochs that is smaller than ``epoch``; None if none is."""
    known = sorted(epochs)
    place = bisect_left(known, epoch)
    return known[place - 1] if place else None


def anchors(recorded: Iterable[int]) -> tuple[int, ...]:
    """Return the recorded epochs that UMAP maps are aligned to: those that are Fibonacci numbers.

    Example:
        >>> anchors([0, 1, 2, 3, 4, 6, 8])
        (0, 1, 2, 3, 8)
    """
    return tuple(sorted(epoch for epoch in recorded if is_fibonacci(epoch)))
