"""The fields of every JSON artifact that is written today: one model each, told apart by kind.

They are the source of ``docs/schemas``. What writes artifacts does without them; tests hold every
artifact of a real run against them.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from latelier.runs.artifacts import artifact_spec
from latelier.runs.payloads import asked, factors, maps, planes, points, structure, whole
from latelier.runs.payloads.base import Receipt

_DENSITIES = ("posterior", "prior", "prior_empirical")


def _by_method(method: str) -> dict[str, type[BaseModel]]:
    drawn = maps.LinearMap if method == "pca" else maps.UmapMap
    return {
        **{f"latent_{dims}d_{method}": drawn for dims in (2, 3)},
        **{f"align_{dims}d_{method}": maps.Alignment for dims in (2, 3)},
        f"knn_{method}": maps.Neighbors,
        **{f"{name}_2d_{method}": planes.Density for name in _DENSITIES},
        f"prior_minus_posterior_2d_{method}": planes.LogRatio,
        f"metric_ratio_2d_{method}": planes.MetricRatio,
        f"trust_2d_{method}": planes.Trust,
        f"atlas_{method}": planes.Atlas,
    }


PAYLOADS: dict[str, type[BaseModel]] = {
    **_by_method("pca"),
    **_by_method("umap"),
    "projection_quality": maps.ProjectionQuality,
    "neighbor_churn": maps.NeighborChurn,
    "anatomy": points.Anatomy,
    "mixture_health": points.MixtureHealth,
    "scores": points.Scores,
    "factor_scores": factors.FactorScores,
    "shared_dimensions": factors.SharedDimensions,
    "interventions": structure.Interventions,
    "reconstructions": points.Reconstructions,
    "sprites_layout": whole.SpritesLayout,
    "point_colors": whole.PointColors,
    "pair_sprites_layout": whole.SpritesLayout,
    "timeline": whole.Timeline,
    "diagnoses": whole.Diagnoses,
    "checkpoint": whole.Checkpoint,
    "posterior_local": asked.PosteriorLocal,
    "prior_component": asked.PriorComponent,
    "prior_samples": asked.PriorSamples,
    "interpolation": asked.Interpolation,
    "traversal": asked.Traversal,
    "decode_point": asked.DecodePoint,
}
"""Kind → its fields."""


def payload_schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of a kind of artifact.

    Fields that it does not name are allowed: a later version may add some.

    Raises:
        KeyError: If it is no JSON artifact that is written today.
    """
    model, spec = PAYLOADS[kind], artifact_spec(kind)
    schema = open_schema(model.model_json_schema(mode="serialization"))
    if issubclass(model, Receipt):
        schema["properties"]["kind"] = {"const": kind}
        schema["properties"]["schema_version"] |= {"const": spec.schema_version}
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{kind}.json",
        "title": kind,
        "description": f"{spec.description} {model.__doc__}",
    }
    return head | {name: value for name, value in schema.items() if name not in head}


def open_schema(value: Any) -> Any:
    """Drop what closes the objects of a schema, and the titles that only repeat names."""
    if isinstance(value, list):
        return [open_schema(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {name: item for name, item in value.items() if not _is_noise(name, item)}
    return {name: open_schema(item) for name, item in kept.items()}


def _is_noise(name: str, item: Any) -> bool:
    return (name == "title" and isinstance(item, str)) or (
        name == "additionalProperties" and isinstance(item, bool)
    )
