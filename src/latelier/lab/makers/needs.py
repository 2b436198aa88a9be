"""Refusals: a kind that the model has no answer for, and a picture of what cannot be drawn."""

from __future__ import annotations

from collections.abc import Collection

from latelier.config import ConfigError
from latelier.lab.kinds import NEEDS, OFFERED, UNITS
from latelier.lab.moment import Moment


def makable(capabilities: Collection[str]) -> tuple[str, ...]:
    """Return the kinds of makers that a task with these capabilities can make."""
    made = (kind for kind in OFFERED if kind not in UNITS)
    return tuple(kind for kind in made if NEEDS[kind] <= set(capabilities))


def need_capabilities(moment: Moment, kind: str) -> None:
    """Refuse a kind that the run's model has no answer for.

    Raises:
        ConfigError: The message says what is missing, and which kinds the model offers.
    """
    has = moment.session.task.capabilities
    missing = sorted(NEEDS[kind] - has)
    if missing:
        raise ConfigError(
            f"{kind} needs a model that can {', '.join(missing)}",
            got=f"model.kind={moment.session.config.model.kind}, which can "
            + ", ".join(sorted(has)),
            expected="one of " + ", ".join(makable(has)) if makable(has) else "another model",
        )


def need_images(moment: Moment, kind: str) -> None:
    """Refuse a picture of what cannot be drawn.

    Raises:
        ConfigError: If the examples of the run's data set are no images.
    """
    dataset = moment.session.dataset
    if dataset.is_image:
        return
    json_kind = kind.removesuffix("_image")
    raise ConfigError(
        f"{kind} needs images",
        got=f"examples of shape {list(dataset.shape)} in {dataset.name}",
        expected="1×H×W or 3×H×W",
        remedy=None
        if json_kind == kind or json_kind.startswith("atlas_")
        else f"Ask for {json_kind}: its JSON holds the decoded values.",
    )
