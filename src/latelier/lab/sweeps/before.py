"""Before a sweep is begun: can its variants be trained at all?"""

from __future__ import annotations

import time
from collections.abc import Sequence

from latelier.config import ConfigError, LatelierError
from latelier.config.sweep_schema import SweepConfig
from latelier.config.sweeps import Variant
from latelier.lab.prepare import prepare
from latelier.lab.sweeps.after import check_evaluation

PATIENCE_SECONDS = 5.0
"""So long variants are checked with their data; the rest say themselves what is wrong."""

_SHOWN = 10


def check_sweep(
    definition: SweepConfig,
    variants: Sequence[Variant],
    *,
    allow_code: bool = False,
    seconds: float = PATIENCE_SECONDS,
) -> int:
    """Build models and timelines of variants, with their data; nothing is trained or written.

    Args:
        definition: The sweep.
        variants: Its variants. The first is checked in any case.
        allow_code: Import and call the networks that the configurations name, if they name any.
        seconds: How long it may take.

    Returns:
        How many were checked.

    Raises:
        ConfigError: Listing the variants that cannot be trained, and why.
    """
    check_evaluation(definition.evaluate)
    until = time.monotonic() + seconds
    found: dict[str, list[str]] = {}
    checked = 0
    for variant in variants:
        try:
            prepare(variant.config, allow_code=allow_code).task.check_trainable()
        except LatelierError as error:
            found.setdefault(str(error), []).append(variant.name)
        checked += 1
        if time.monotonic() > until:
            break
    if found:
        raise _cannot_train(found, len(variants))
    return checked


def _cannot_train(found: dict[str, list[str]], total: int) -> ConfigError:
    lines = [
        f"{', '.join(names[:5])}{f' and {len(names) - 5} more' if len(names) > 5 else ''}: {what}"
        for what, names in list(found.items())[:_SHOWN]
    ]
    count = sum(map(len, found.values()))
    head = f"{count} of {total} variants cannot be trained; nothing was begun:"
    error = ConfigError(head)
    error.args = ("\n  ".join([head, *lines]),)
    return error
