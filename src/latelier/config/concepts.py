"""Configuration of graded labels: how much an example is of each concept that its data knows."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from latelier.config.base import Frozen, setting

Scale = Annotated[float, Field(ge=0, le=1)]


class ConceptsConfig(Frozen):
    """How the concepts of an example are told to training, for data that has any."""

    draw: Literal["stochastic", "soft"] = setting(
        "stochastic",
        "'stochastic' draws 0 or 1 anew for every batch, with the example's probability; 'soft' "
        "gives the probability itself.",
    )
    scale: dict[str, Scale] = setting(
        {}, "Concept → factor of its probabilities, applied before drawing; 1 where not named."
    )
