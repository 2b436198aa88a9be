"""The receipt of an artifact: when, by what and from which checkpoint it was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from latelier.config.errors import RunError
from latelier.runs.encoding import dumps
from latelier.runs.naming import ArtifactSpec
from latelier.runs.summary import RunSummary

RECEIPT = (
    "schema_version",
    "kind",
    "epoch",
    "step",
    "model_kind",
    "seed",
    "compute_ms",
    "checkpoint_hash",
)


@dataclass(frozen=True, slots=True)
class Made:
    """When an artifact was measured, how long that took, and from which checkpoint."""

    epoch: int | None
    step: int | None
    snapshot: bool
    compute_ms: float | None
    checkpoint_hash: str | None = None

    def names(self, spec: ArtifactSpec, keys: Mapping[str, object]) -> dict[str, object]:
        """Return all keys of the artifact's name.

        Raises:
            RunError: If files of that kind are not written as artifacts.
        """
        if spec.record or spec.pattern.startswith("checkpoints/"):
            raise RunError(
                f"{spec.kind} is not written as an artifact", remedy="Use the method for it."
            )
        names = {**keys, **({"epoch": self.epoch} if spec.per_epoch else {})}
        if self.snapshot or "step" in spec.keys:
            names["step"] = self.step
        return names


def with_receipt(
    spec: ArtifactSpec, payload: Mapping[str, Any], made: Made, summary: RunSummary
) -> bytes:
    """Return the content of a JSON artifact: the receipt, then the payload.

    Raises:
        RunError: If the payload uses a name of the receipt, or has no JSON form.
    """
    taken = [name for name in RECEIPT if name in payload]
    if taken:
        raise RunError(
            f"the payload of {spec.kind} uses names of the receipt",
            got=", ".join(taken),
            remedy="Rename those fields (a sample's seed is sample_seed).",
        )
    values = (
        *(spec.schema_version, spec.kind, made.epoch, made.step, summary.model_kind, summary.seed),
        *(made.compute_ms, made.checkpoint_hash),
    )
    return dumps({**dict(zip(RECEIPT, values, strict=True)), **payload})
