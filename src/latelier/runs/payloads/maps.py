"""Payloads of the maps of the points, and of who is near whom."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from latelier.runs.payloads.base import (
    Box,
    Index,
    Label,
    Matrix,
    Part,
    Points,
    Real,
    Reals,
    Receipt,
    Share,
)

Dims = Literal[2, 3]
Coords = Annotated[Matrix, Field(description="[N, dims] aligned to the map before.")]
Labels = Annotated[list[Label] | None, Field(description="[N]; null without labels.")]


class RobustBox(Box):
    """A box that leaves out the outermost points."""

    quantile: Share = Field(description="Share of the points left out at each end of an axis.")


class Bounds(Part):
    """The boxes in which to draw a map."""

    method: str
    dims: Dims
    full: Box
    robust: RobustBox


class LinearMap(Receipt):
    """A map on principal axes: coords = (z − mean) · componentsᵀ."""

    method: Literal["pca", "identity"] = Field(description="identity: latents as they are.")
    dims: Dims
    dataset_idx: Points
    coords: Coords
    mean: list[float] = Field(description="[D]")
    components: list[list[float]] = Field(description="[dims, D]; zeros where padded.")
    explained_variance_ratio: Reals = Field(description="[dims] shares of the variance.")
    padded: Index = Field(description="Axes at the end that are zero because D < dims.")
    bounds: Bounds
    label: Labels


class UmapParameters(Part):
    """What UMAP was told."""

    n_neighbors: int
    min_dist: float
    seed: int
    init: str


class Faithfulness(Part):
    """How well a map keeps neighborhoods of k points; 1 is best."""

    k: Annotated[int, Field(ge=1)]
    trustworthiness: Real
    continuity: Real


class UmapMap(Receipt):
    """A map by UMAP."""

    method: Literal["umap"]
    dims: Dims
    dataset_idx: Points
    coords: Coords
    parameters: UmapParameters
    quality: Faithfulness
    bounds: Bounds
    label: Labels


class Alignment(Receipt):
    """How a map was turned to fit the one before: coords = raw · matrix + shift."""

    matrix: list[list[float]] = Field(description="[dims, dims], orthogonal.")
    shift: list[float] = Field(description="[dims]")
    scale: float = Field(description="Always 1.")
    residual: Real = Field(description="Root mean square distance left between common points.")
    relative_residual: Real = Field(description="That over the radius of the map before.")
    changed: bool = Field(description="Whether the map was moved at all.")
    common_points: Index = Field(description="Points that both maps hold; 0 for the first map.")


class PointFaithfulness(Faithfulness):
    """The same, point by point too."""

    point_trustworthiness: Reals = Field(description="[N]")
    point_continuity: Reals = Field(description="[N]")


class ProjectionQuality(Receipt):
    """Trustworthiness and continuity of every map of an epoch. Written again for another map."""

    maps: dict[str, PointFaithfulness] = Field(description="By 2d_pca, 3d_pca, 2d_umap, 3d_umap.")


class Gate(Part):
    """How strongly a neighborhood counts at a distance on the map."""

    kind: Literal["exponential"]
    width: Real


class Drawn(Part):
    """The neighbors as they lie on one map, in its units."""

    drawn: Matrix = Field(description="[N, k] distances on the map.")
    extent: Reals = Field(description="[N] radii, proportional to d_k.")
    gate: Gate


class Neighbors(Receipt):
    """The nearest neighbors in latent space, and how the maps show them."""

    k: Annotated[int, Field(ge=1)]
    dataset_idx: Points
    neighbors: list[list[Index]] = Field(description="[N, k] dataset_idx, nearest first.")
    distances: Matrix = Field(description="[N, k] latent distances.")
    d_k: Reals = Field(description="[N] latent distance to the k-th.")
    maps: dict[str, Drawn] = Field(description="By 2d and 3d.")


class NeighborChurn(Receipt):
    """How much the neighborhoods changed since the epoch measured before."""

    k: Annotated[int, Field(ge=1)]
    dataset_idx: Points
    churn: list[Share | None] = Field(description="[N] share of new neighbors; null: new point.")
    mean: Real
