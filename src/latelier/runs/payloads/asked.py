"""Payloads that are made when somebody asks for them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from latelier.runs.payloads.base import Index, Matrix, Part, Real, Reals, Receipt, Share, Tile
from latelier.runs.payloads.planes import Method

Seed = Annotated[int, Field(ge=0, description="Of the draw; the option, or one from run and keys.")]


class SheetLayout(Part):
    """Image i stands in column i mod columns."""

    columns: Annotated[int, Field(ge=1)]
    rows: Annotated[int, Field(ge=1)]
    tile: Tile
    gap: Index


class Sheet(Receipt):
    """Latents and their images; the sheet is a picture of its own."""

    m: Annotated[int, Field(ge=1)]
    z: Matrix = Field(description="[m, D] in the order of the images.")
    layout: SheetLayout | None = Field(description="Null where the data are no images.")
    clipped: Share | None = Field(None, description="Share of values outside the data's range.")
    decoded: list[Any] | None = Field(None, description="[m, …] where the data are no images.")


class PosteriorLocal(Sheet):
    """Samples of q(z|x) of one example."""

    sample_seed: Seed
    idx: Index
    mu: Reals = Field(description="[D]")
    log_var: Reals = Field(description="[D]")


class PriorComponent(Sheet):
    """Samples of one component of the prior."""

    sample_seed: Seed
    component: Index
    mu: Reals = Field(description="[D]")
    log_var: Reals = Field(description="[D]")


class PriorSamples(Sheet):
    """Samples of the whole prior."""

    sample_seed: Seed
    components: list[Index] = Field(description="[m] where each was drawn from.")


class Interpolation(Sheet):
    """The way between two examples, both included."""

    idx: Index
    to: Index
    mode: Literal["linear", "spherical"]
    values: Reals = Field(description="[m] from 0 to 1.")


class Deviation(Part):
    """How far a traversal goes: span · value to each side."""

    of: Literal["prior", "codes"]
    value: Real
    span: float


class Traversal(Sheet):
    """One example's latent, moved along one dimension."""

    idx: Index
    dimension: Index
    deviation: Deviation
    values: Reals = Field(description="[m] of the moved coordinate.")


class Nearest(Part):
    """The nearest point in latent space."""

    dataset_idx: Index
    distance: float


class DecodePoint(Receipt):
    """One place of a map: its latent, and how far to trust it."""

    method: Method
    x: float
    y: float
    z: Reals = Field(description="[D]")
    nearest: Nearest
    cycle_error: Real = Field(description="Of decoding and encoding, over the latents' radius.")
    density: Real = None
    distortion: Real = None
    trust: Real = None
    clipped: Share | None = None
    decoded: list[Any] | None = Field(None, description="Where the data are no images.")
