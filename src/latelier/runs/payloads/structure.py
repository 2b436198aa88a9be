"""Payloads that test whether a structure of the latents is real."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from latelier.runs.payloads.base import Hex, Index, Part, Points, Real, Reals, Receipt, Share


class Direction(Part):
    """Where in the code a subject is thought to be."""

    source: Literal["anchor", "mean"] = Field(
        alias="from",
        description="A regularizer's anchor, or the mean of the subject's examples less that of "
        "all points.",
    )
    vector: list[float] = Field(description="[D]")


class Subject(Part):
    """What examples are similar to."""

    name: str
    of: Literal["regularizer", "concept", "label"]
    kind: str | None = Field(description="Of the regularizer; null for others.")
    labels: dict[str, float] = Field(
        description="Label → strength: the similarity is their clamped sum; empty where it is the "
        "alignment."
    )
    similarity: list[Share] = Field(description="[N]")
    direction: Direction | None = Field(description="Null where it has none.")
    alignment: Reals | None = Field(description="[N] cosine of latent and direction, −1 to 1.")


class Intervention(Part):
    """One way to change all latents, and what it adds to the error."""

    name: str
    kind: Literal["suppress", "repel", "ablate", "prune"]
    subject: Index | None = Field(description="Place in `subjects`; null for dimensions.")
    dimensions: list[Index] = Field(description="What is taken out; empty for a direction.")
    regularizer: str | None = Field(
        description="The regularizer that names these dimensions, or the others."
    )
    added: Reals = Field(description="[N] error with it, less `error`.")
    mean: Real = Field(description="Of `added`.")


class Effect(Part):
    """The line `added` = intercept + slope · similarity; null where either does not vary."""

    r2: Share | None = Field(description="Share of the variance of `added` that it explains.")
    slope: Real
    intercept: Real
    bins: Annotated[Reals, Field(min_length=10, max_length=10)] = Field(
        description="Mean of `added` per tenth of the similarity; null without examples."
    )


class LeftOut(Part):
    """What there was too much of."""

    dimensions: list[Index]
    subjects: list[str]


class Decoded(Part):
    """What examples that are colors look like."""

    input: list[Hex] = Field(description="[N] the examples.")
    before: list[Hex] = Field(description="[N] their reconstructions.")
    after: list[list[Hex]] = Field(description="[I][N] those after each intervention.")


class Interventions(Receipt):
    """What taking directions and dimensions away does to reconstruction, by similarity."""

    points: Annotated[int, Field(ge=1)]
    dataset_idx: Points
    latent_dim: Annotated[int, Field(ge=1)]
    threshold: Annotated[float, Field(ge=0, lt=1)]
    strength: Annotated[float, Field(gt=0, le=1)]
    on_sphere: bool = Field(description="Whether pruned codes are put back on the sphere.")
    left_out: LeftOut
    colors: Decoded | None = Field(description="Null where examples are no colors.")
    error: Reals = Field(description="[N] squared error without any, mean over the values.")
    subjects: list[Subject] = Field(description="[S]")
    interventions: list[Intervention] = Field(description="[I]")
    effects: list[list[Effect]] = Field(description="[I][S]")
