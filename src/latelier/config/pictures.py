"""Configuration of the picture that shows latents through pairs of their dimensions."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from latelier.config.base import FROM_LIST, Frozen, setting
from latelier.config.errors import ConfigError

Axis = Annotated[int, Field(ge=0, le=65535)]
Pair = Annotated[tuple[Axis, Axis], FROM_LIST]
Fraction = Annotated[float, Field(ge=0, le=1)]
Control = Annotated[tuple[Fraction, float], FROM_LIST]


class PairsConfig(Frozen):
    """Latents through pairs of dimensions: the last step large, earlier ones small."""

    dimensions: Annotated[tuple[Pair, ...], FROM_LIST, Field(max_length=8)] = setting(
        (), "Pairs of dimensions, across and up, such as [[1, 0], [1, 2]]; no picture when empty."
    )
    frames: int = setting(
        10, "Small pictures of earlier steps, through the first pair.", unit="frames", ge=1, le=32
    )
    progression: Literal["geometric", "bezier"] = setting(
        "geometric",
        "Which steps they show: 'geometric' has more of the beginning; 'bezier' follows the curve "
        "of the two control points.",
    )
    offset: int = setting(
        10, "Flattens the geometric progression; more is more even.", unit="frames", ge=1
    )
    control1: Control = setting((0.42, 0.0), "First control point: share of frames, of the run.")
    control2: Control = setting((1.0, 1.0), "Second control point; its share not before the first.")

    @model_validator(mode="after")
    def _dimensions_differ(self) -> Self:
        same = [pair for pair in self.dimensions if pair[0] == pair[1]]
        if same:
            raise ConfigError(
                "analysis.pairs.dimensions pairs a dimension with itself",
                got=str(list(same[0])),
                expected="two different dimensions",
            )
        return self
