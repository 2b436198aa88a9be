"""Payloads that say something about every point, component or score."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from latelier.runs.payloads.base import (
    Index,
    Label,
    Matrix,
    Part,
    Points,
    Real,
    Reals,
    Receipt,
    Share,
    Tile,
)


class Units(Part):
    """Units of the terms."""

    reconstruction: str
    kl: str


class ActiveUnits(Part):
    """Which latent dimensions carry information."""

    variance: Reals = Field(description="[D] of the codes over the points.")
    active: list[bool] = Field(description="[D]")
    count: Index
    threshold: float


class Anatomy(Receipt):
    """The objective of every point, term by term and without weights; null: not of this model."""

    units: Units
    dataset_idx: Points
    reconstruction: Reals = Field(description="[N]")
    kl: Matrix | None = Field(description="[N, D] per latent dimension.")
    kl_categorical: Reals | None = Field(description="[N] of q(c|x) to uniform.")
    total: Reals = Field(description="[N] sum of the terms.")
    responsibilities: Matrix | None = Field(description="[N, K] q(c|x).")
    entropy: Reals | None = Field(description="[N] of q(c|x), nats.")
    posterior_deviation: Reals | None = Field(
        None, description="[N] mean over D of the posterior's standard deviation."
    )
    component: list[Index] | None = Field(description="[N] the most probable one.")
    predicted: list[Index] | None = Field(description="[N] of a classifier.")
    label: list[Label] | None = Field(description="[N]; null without labels.")
    mean_kl: Reals | None = Field(description="[D]")
    kl_order: list[Index] | None = Field(
        None, description="[D] dimensions by falling mean KL: what traversals are sorted by."
    )
    active_units: ActiveUnits


class ComponentWeight(Part):
    """A component and its weight."""

    component: Index
    p: Share


class MixtureHealth(Receipt):
    """How the components of a mixture are used."""

    components: Annotated[int, Field(ge=1)]
    p: list[Share] = Field(description="[K] mean of q(c|x) over the points.")
    psum: float
    entropy: float = Field(description="Of p, nats.")
    neff: float = Field(description="Its exponential.")
    pmax: Share
    top: list[ComponentWeight] = Field(description="By falling weight.")
    argmax_counts: list[Index] = Field(description="[K] points whose most probable one it is.")
    argmax_neff: float
    dead: list[Index] = Field(description="Components that are most probable for no point.")
    mean_entropy: float = Field(description="Mean entropy of q(c|x), nats.")
    sample_key: str = Field(description="Where the points are written down: the key …")
    sample_indices_ref: str = Field(description="… of that file.")


class Scores(Receipt):
    """Latents against labels; a score that the model has no value for is missing."""

    points: Index = Field(description="How many were scored.")
    clustering_accuracy: Real = None
    nmi: Real = None
    ari: Real = None
    accuracy: Real = Field(None, description="Of the model's own classifier.")
    probe_accuracy: Real = Field(None, description="Of a linear classifier on the latents.")
    knn_accuracy: Real = Field(None, description="Of a vote of the nearest neighbors.")
    mig: Real = Field(None, description="Mutual information gap, of data with known factors.")


class ReconstructionLayout(Part):
    """Where which image is."""

    rows: list[str] = Field(description="Of a band, from the top.")
    columns: Annotated[int, Field(ge=1)]
    bands: Annotated[int, Field(ge=1)]
    tile: Tile
    gap: Index


class Reconstructions(Receipt):
    """Which examples the grid of reconstructions shows, with their errors."""

    squared_error: Reals = Field(description="[M] sum over the example.")
    absolute_error: Reals = Field(description="[M] mean over the example.")
    clipped: Share = Field(description="Share of values outside 0 to 1.")
    layout: ReconstructionLayout
    dataset_idx: Points
