"""Payloads that lie as grids over a 2-D map."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from latelier.runs.payloads.base import Box, Index, Part, Points, Real, Reals, Receipt, Share, Tile

Size = Annotated[int, Field(ge=1)]
Method = Literal["pca", "umap", "identity"]
Shares = list[Share | None]


class GridSize(Part):
    """Cells of a grid."""

    width: Size
    height: Size


class Stats(Part):
    """Range of the values that are defined."""

    min: Real
    max: Real


class MedianStats(Stats):
    """Range and middle of the values that are defined."""

    median: Real


class Grid(Receipt):
    """Values over the cells of a 2-D map."""

    method: Method
    dims: Literal[2]
    grid: GridSize
    bounds: Box = Field(description="Outer edges of the cells, map units.")
    values: Reals = Field(
        description="[height · width], row by row from the smallest y; null where undefined."
    )


class Weights(Part):
    """Weights of the components of a prior."""

    components: Size
    min: Share
    max: Share
    entropy: float = Field(description="Nats.")
    neff: float = Field(description="Its exponential.")


class DensityMeta(Part):
    """How a density was estimated."""

    subset_n: Index = Field(description="Points.")
    mass_inside: Share = Field(description="Share of the probability that the cells hold.")
    bandwidth: Reals | None = Field(description="[2] of the kernels; null where exact.")
    samples: Index | None = Field(description="Samples that were placed; null where none.")
    weights: Weights | None = Field(description="Of the prior's components; null for data.")
    compute_ms: float


class Density(Grid):
    """Probability per unit of area; the cells of one epoch's densities are the same."""

    source: Literal["posterior", "prior"]
    prior_kind: Literal["uniform", "empirical"] | None = Field(
        description="Components weighted equally, or by their use; null for the posterior."
    )
    estimator: Literal["projected_gaussians", "placed_samples", "codes"]
    stats: Stats
    meta: DensityMeta


class Region(Part):
    """A region where prior and posterior disagree, at its worst cell."""

    x: float
    y: float
    log_ratio: float
    prior: float = Field(description="Density there.")
    posterior: float = Field(description="Density there.")
    mass: float = Field(description="Probability of the region that the other density lacks.")


class LogRatioMeta(Part):
    """What counts as a region."""

    subset_n: Index
    threshold: float = Field(description="Least absolute log ratio of a region.")
    covered_share: Share = Field(description="Share of both densities' mass above the floor.")
    compute_ms: float


Regions = Annotated[list[Region], Field(max_length=12)]


class LogRatio(Grid):
    """ln(prior / posterior): positive in holes, where the prior has mass and the data has not."""

    stats: Stats
    floor: float = Field(description="Density below which neither is known.")
    holes: Regions = Field(description="Worst first.")
    spills: Regions = Field(description="The other way around, worst first.")
    meta: LogRatioMeta


class PointRatios(Part):
    """The same, point by point."""

    dataset_idx: Points
    ratio: Reals = Field(description="[N]")
    stats: MedianStats


class MetricRatioMeta(Part):
    """How points became cells."""

    subset_n: Index
    bandwidth: Reals | None
    compute_ms: float


class MetricRatio(Grid):
    """Mean distance to the k nearest on the map over that in latent space: the map's stretch."""

    metric: Literal["knn_mean_ratio"]
    k: Size
    stats: MedianStats
    points: PointRatios
    meta: MetricRatioMeta


class TrustParts(Part):
    """What trust is made of; 1 is best."""

    density: Shares
    cycle: Shares
    distortion: Shares


class TrustMeta(Part):
    """Where trust begins to fall."""

    subset_n: Index
    density_edge: float = Field(description="Density below which a cell counts as thin.")
    half_cycle: float = Field(description="Cycle error at which that part is a half.")
    half_stretch: float = Field(description="Stretch at which that part is a half.")


class Trust(Grid):
    """How far a place of the map can be trusted, from 0 to 1."""

    stats: Stats
    parts: TrustParts
    meta: TrustMeta


class OutOfPlane(Part):
    """What of the latents a linear map does not show; nulls for a UMAP."""

    variance_share: Real
    median_distance: Real


class AtlasMeta(Part):
    """Where the atlas lies."""

    subset_n: Index
    box: str
    margin: float


class Atlas(Receipt):
    """A lattice of decoded images over a 2-D map; the sheet is a picture of its own."""

    method: Method
    columns: Size
    rows: Size
    tile: Tile
    gap: Index
    bounds: Box = Field(description="Outer edges of the cells, map units.")
    order: str = Field(description="Which row comes first.")
    distance: Reals = Field(description="[rows · columns] latent distance to the nearest point.")
    clipped: Share = Field(description="Share of values outside the data's range.")
    out_of_plane: OutOfPlane
    meta: AtlasMeta
