"""What all payloads share: the receipt, and the words for shapes."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Real = float | None
"""A number; null where it is not finite or not defined."""

Reals = list[Real]
Matrix = list[list[Real]]
Index = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Milliseconds = Annotated[float, Field(ge=0)]
Label = int | None
Hex = Annotated[str, Field(pattern="^#[0-9a-f]{6}$")]
"""A color, sRGB."""

Points = Annotated[list[Index], Field(description="[N] dataset_idx of the points, ascending.")]


class Part(BaseModel):
    """A mapping inside a payload. A later version may add fields, so readers pass over others."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Receipt(Part):
    """The beginning of every JSON artifact: what it is, and where it comes from."""

    schema_version: int = Field(description="Version of the fields; grows when one changes.")
    kind: str
    epoch: Index | None = Field(description="Complete passes when it was measured.")
    step: Index | None = Field(description="Updates when it was measured.")
    model_kind: str
    seed: int | None = Field(description="The run's.")
    compute_ms: Milliseconds | None = Field(description="Null where it was not measured.")
    checkpoint_hash: str | None = Field(
        description="Digest of the checkpoint of the same step; null where there is none."
    )


class Box(Part):
    """A box on a map: its corners, in map units."""

    min: list[float]
    max: list[float]


class Tile(Part):
    """Size of one image, in pixels."""

    width: Annotated[int, Field(ge=1)]
    height: Annotated[int, Field(ge=1)]
