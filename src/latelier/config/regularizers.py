"""Configuration of regularizers: terms that any task with latents can be given."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from latelier.config.base import FROM_LIST, Frozen, setting
from latelier.config.errors import ConfigError

Dimension = Annotated[int, Field(ge=0, le=65535)]
Dimensions = Annotated[tuple[Dimension, ...], FROM_LIST]
Point = Annotated[tuple[float, ...], FROM_LIST, Field(min_length=1)]
Anchor = Point | Literal["data"]

NAME = r"^[a-z][a-z0-9-]{0,31}$"


class RegularizerSection(Frozen):
    """What every regularizer has: a name, a weight, the examples it is meant for, and a target."""

    name: str = setting(..., "Name of the term: lower case, digits and hyphens.", pattern=NAME)
    enabled: bool = setting(
        True, "Whether it is in force; one that is not still knows its dopesheet column."
    )
    column: str = setting(
        "", "Timeline column of its weight; reg-<name> when empty.", pattern=r"^[^\s:,]*$"
    )
    weight: float | None = setting(
        None, "Its weight where the dopesheet has no such column; required then.", ge=0
    )
    labels: dict[str, float] = setting(
        {},
        "Label → strength: an example counts with Σ label · strength, clamped to 0…1; all "
        "examples count alike when empty.",
    )
    target: str = setting(
        "latents",
        "What it looks at: 'latents' (the code, or the posterior's mean), or a named layer's "
        "activations, flattened to a vector per example.",
        min_length=1,
    )

    @property
    def weight_column(self) -> str:
        """Timeline column of its weight."""
        return self.column or f"reg-{self.name}"


class Anchored(RegularizerSection):
    """A regularizer with a point or direction of reference."""

    anchor: Anchor = setting(
        ...,
        "Coordinates, one per dimension of the target; or 'data': it is taken from the data at the "
        "action anchor-from-data, and the term is absent before.",
    )


class Unitarity(RegularizerSection):
    """(‖z‖ − 1)²: to the unit sphere."""

    kind: Literal["unitarity"] = "unitarity"


class Planarity(RegularizerSection):
    """Σ z_d² outside a coordinate plane: into the plane, by shrinking the rest."""

    kind: Literal["planarity"] = "planarity"
    plane: Dimensions = setting((0, 1), "Dimensions that are free.", min_length=1)


class Subspace(RegularizerSection):
    """Share of ‖z‖² outside an axis-aligned subspace: into it, at any length."""

    kind: Literal["subspace"] = "subspace"
    dimensions: Dimensions = setting(..., "Dimensions of the subspace.", min_length=1)


class Pin(Anchored):
    """‖z − anchor‖²: to a point."""

    kind: Literal["pin"] = "pin"


class AngularAnchor(Anchored):
    """1 − cos(z, anchor): into a direction."""

    kind: Literal["angular-anchor"] = "angular-anchor"


class AntiAnchor(Anchored):
    """((1 + cos(z, anchor)) / 2)^power: away from a direction."""

    kind: Literal["anti-anchor"] = "anti-anchor"
    power: float = setting(1.0, "Sharpness: large values push only what is near.", ge=1, le=1000)


class Orthogonality(Anchored):
    """cos²(z, anchor): to right angles with a direction."""

    kind: Literal["orthogonality"] = "orthogonality"


class Sparsity(RegularizerSection):
    """Σ|z_d|, or its scale-free form: to few dimensions."""

    kind: Literal["sparsity"] = "sparsity"
    scale_free: bool = setting(
        False, "(‖z‖₁/‖z‖₂ − 1) / (√D − 1) instead of Σ|z_d|, which also shrinks."
    )


class Separate(RegularizerSection):
    """Cosines to the other latents of the batch, to a power: away from each other, by angle."""

    kind: Literal["separate"] = "separate"
    channels: Annotated[Dimensions, Field(min_length=1)] | None = setting(
        None, "Dimensions that count; all when empty."
    )
    power: float = setting(1.0, "Sharpness; whole where shift is off.", ge=1, le=1000)
    shift: bool = setting(True, "Map cosines to 0…1 first, so that opposite latents are at rest.")
    over: Literal["mean", "sum"] = setting(
        "mean", "'mean' over the other latents; 'sum' grows with the batch size."
    )

    @model_validator(mode="after")
    def _power_is_defined(self) -> Self:
        if not self.shift and not self.power.is_integer():
            raise ConfigError(
                f"regularizer {self.name}: the power of a negative cosine is no number",
                got=self.power,
                expected="a whole number where shift is off",
                remedy="Round power, or set shift: true.",
            )
        return self


RegularizerConfig = Annotated[
    Unitarity
    | Planarity
    | Subspace
    | Pin
    | AngularAnchor
    | AntiAnchor
    | Orthogonality
    | Sparsity
    | Separate,
    Field(discriminator="kind"),
]
"""One regularizer, by its kind."""

Regularizers = Annotated[tuple[RegularizerConfig, ...], FROM_LIST]


def check_names(regularizers: tuple[RegularizerConfig, ...]) -> None:
    """Raise ConfigError if two regularizers share a name: their measurements would, too."""
    names = [regularizer.name for regularizer in regularizers]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError("regularizers share a name", got=", ".join(twice), expected="each once")
