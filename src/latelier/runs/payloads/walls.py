"""Payloads of a sweep's wall: small maps of all variants side by side."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from latelier.runs.payloads.base import Hex, Index, Label, Milliseconds, Part, Points, Real

WALL_VERSION = 1
LEVELS = 2000
"""Whole numbers that a tile's coordinates are written in: 0 to this along its longer side."""

Level = Annotated[int, Field(ge=0, le=LEVELS)]
Levels = Annotated[list[Level], Field(description="[N]; coordinate = origin + unit · level.")]
Span = tuple[float, float]
Map = Annotated[
    Literal["pca"] | tuple[Index, Index],
    Field(description="What is shown: pca, or two dimensions of the latents."),
]


class WallBox(Part):
    """A box on the wall's maps, in their units."""

    x: Span
    y: Span


class WallTile(Part):
    """The map of one variant."""

    index: Index = Field(description="Of the variant.")
    run_id: str
    step: Index = Field(description="Of the map: updates when it was measured.")
    epoch: Index
    points: Index = Field(description="Which set of points of the wall's index it shows.")
    x: Levels
    y: Levels
    origin: tuple[float, float]
    unit: Annotated[float, Field(gt=0)]
    ring: Real = Field(description="Mean of |‖(x, y)‖ − 1|; null for a map by PCA.")
    residual: Real = Field(
        description="Root mean square distance to the reference's map of the same step, after "
        "turning; null for latents as they are, and where there is nothing to turn to."
    )


class WallGap(Part):
    """A variant without a map of that step."""

    index: Index
    run_id: str
    missing: Literal[True]
    why: str | None = Field(description="What is wrong with it; null: it is not there yet.")


class WallFrame(Part):
    """The wall at one step, or at each variant's newest step (wall_latest)."""

    schema_version: int
    kind: Literal["wall"]
    step: Index = Field(description="Of wall_latest: the highest one of its tiles.")
    epoch: Index = Field(description="Of the reference at that step, else of the first tile.")
    map: Map
    reference: Index | None = Field(description="Variant that maps by PCA are turned to.")
    bounds: WallBox | None = Field(
        description="Holds all tiles but those more than five times as large as the median one; "
        "of latents as they are, the unit circle too. Null without a tile."
    )
    version: Index = Field(description="Grows when a variant joins.")
    compute_ms: Milliseconds
    variants: list[WallTile | WallGap] = Field(description="In the order of the sweep.")


class WallPoints(Part):
    """Points that tiles show."""

    dataset_idx: Points
    label: list[Label] | None = Field(description="[N]; null without labels.")
    color: list[Hex] | None = Field(description="[N] their own, where examples are colors.")


class WallStep(Part):
    """A frame of the wall."""

    step: Index
    epoch: Index
    variants: Index = Field(description="Tiles in it.")
    version: Index
    bounds: WallBox | None


class WallIndex(Part):
    """The frames of a wall, and the points that they show."""

    schema_version: int
    kind: Literal["wall_index"]
    sweep_id: str
    map: Map
    reference: Index | None
    bounds: WallBox | None = Field(description="Holds the bounds of all frames.")
    steps: list[WallStep] = Field(description="Ascending.")
    points: list[WallPoints] = Field(description="Tiles name them by number; none is ever removed.")


SWEEP_PAYLOADS: dict[str, type[BaseModel]] = {
    "wall_index": WallIndex,
    "wall_step": WallFrame,
    "wall_latest": WallFrame,
}
"""Kind of a sweep's file → its fields."""


def sweep_payload_schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of a file of a sweep.

    Raises:
        KeyError: If it has none.
    """
    from latelier.runs.payloads import open_schema

    model = SWEEP_PAYLOADS[kind]
    schema = open_schema(model.model_json_schema(mode="serialization"))
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"sweeps/{kind}.json",
        "title": kind,
        "description": model.__doc__,
    }
    return head | {name: value for name, value in schema.items() if name not in head}
