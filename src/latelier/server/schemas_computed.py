"""What is asked to be computed, and what comes of it; see `schemas`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, create_model

from latelier.runs.naming import FIELDS, Whole
from latelier.server.schemas import Body, Epoch, ErrorInfo, Model

Keys = dict[str, int | str]


def _wish_model() -> Any:
    """The epoch, and one optional field per other key of the name table."""
    fields: dict[str, Any] = {}
    for name, form in FIELDS.items():
        if isinstance(form, Whole):
            fields[name] = (Annotated[int, Field(ge=form.low, le=form.high)] | None, None)
        else:
            fields[name] = (Annotated[str, Field(max_length=64)] | None, None)
    fields["epoch"] = (
        Epoch | Literal["latest"],
        Field(description="A number, or ``latest`` for the newest with a checkpoint."),
    )
    text = "What to make: the epoch, the keys of the kind's name, and its options."
    return create_model("ArtifactWish", __base__=Body, __doc__=text, **fields)


ArtifactWish: Any = _wish_model()


class ArtifactMade(Model):
    """An artifact that was asked for."""

    kind: str
    keys: Keys = Field(description="What to read it with: ``GET`` with these keys.")
    state: Literal["done", "running"] = Field(description="``running`` comes with status 202.")
    cached: bool | None = Field(None, description="Whether it was there already.")
    compute_ms: float | None = Field(None, description="What making it took, now or back then.")
    computation: str | None = Field(None, description="Where to follow it, while it runs.")


class BackfillWish(Body):
    """What to complete."""

    kinds: list[Annotated[str, Field(max_length=64)]] | None = Field(
        None, max_length=64, description="Kinds to make; by default all that the run can have."
    )
    epochs: list[Epoch] | None = Field(
        None, max_length=10_000, description="Epochs; by default all that have a checkpoint."
    )


class BackfillBegun(Model):
    """A backfill that was begun, or joined."""

    computation: str


class ComputationInfo(Model):
    """Something that is computed on demand."""

    id: str
    run_id: str
    what: str = Field(description="A kind of artifact, or ``backfill``.")
    keys: dict[str, Any] = Field(
        description="Keys of the artifact; kinds and epochs of a backfill."
    )
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    done: float = Field(description="Share that is done, from 0 to 1.")
    message: str = Field(description="What is being done; may be empty.")
    error: ErrorInfo | None = None


class ComputationsPage(Model):
    """What is under way, and what ended lately."""

    computations: list[ComputationInfo]
