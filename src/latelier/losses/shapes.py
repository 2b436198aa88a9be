"""Checks of tensor shapes: one comparison of integers, and an error that says what to do.

Formulas here never broadcast: a [B, 1] beside a [B, D] is nearly always a mistake, and the sum of
the broadcast result is a plausible number.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from latelier.config.errors import ShapeError


def expect_shape(
    name: str, tensor: Tensor, expected: Sequence[int], *, because: str | None = None
) -> None:
    """Raise unless ``tensor`` has exactly the expected shape.

    Args:
        name: The tensor's name in the message.
        tensor: The tensor to look at; its values are not read.
        expected: The one shape that is accepted.
        because: Where the expected shape comes from, as a sentence.

    Raises:
        ShapeError: If the shapes differ; the message names the tensor and both shapes.

    Example:
        >>> import torch
        >>> expect_shape("mu", torch.zeros(2, 3), (2, 4), because="log_var is [2, 4].")
        Traceback (most recent call last):
        ...
        latelier.config.errors.ShapeError: mu has the wrong shape; got [2, 3]; expected [2, 4]. \
log_var is [2, 4].
    """
    if tensor.shape != tuple(expected):
        raise ShapeError(
            f"{name} has the wrong shape",
            got=list(tensor.shape),
            expected=str(list(expected)),
            remedy=because,
        )


def expect_rank(name: str, tensor: Tensor, axes: str) -> None:
    """Raise unless ``tensor`` has one axis for every name in ``axes``, such as ``"B D"``.

    Raises:
        ShapeError: If the number of axes differs; the message names the tensor and the axes.
    """
    names = axes.split()
    if tensor.ndim != len(names):
        raise ShapeError(
            f"{name} has {tensor.ndim} axes",
            got=list(tensor.shape),
            expected=f"[{', '.join(names)}]",
        )
