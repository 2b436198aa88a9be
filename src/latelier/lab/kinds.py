"""Which kinds of artifact are made together, and what each asks of a model and its data. No torch.

A unit is what is computed at once: the fast set, the grids over a map, the UMAP maps. Every other
kind is a unit of its own, made by a row of `lab.makers.MAKERS`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from latelier.lab.cadence import fast_epochs
from latelier.runs import RunRecord

CHAIN = ("latents", "latent_2d_pca", "align_2d_pca", "latent_3d_pca", "align_3d_pca")
"""What the next epoch's fast set looks back to."""

FAST = (
    *CHAIN,
    "knn_pca",
    "neighbor_churn",
    "mixture_health",
    "anatomy",
    "scores",
    "shared_dimensions",
    "reconstructions",
    "reconstructions_image",
)
UMAP = ("latent_2d_umap", "align_2d_umap", "latent_3d_umap", "align_3d_umap", "knn_umap")
_GRIDS = ("posterior_2d", "prior_2d", "prior_empirical_2d", "prior_minus_posterior_2d")
PLANE = {
    method: (*(f"{grid}_{method}" for grid in _GRIDS), f"metric_ratio_2d_{method}")
    for method in ("pca", "umap")
}
QUALITY = "projection_quality"
MODEL_PARTS = {method: (f"atlas_{method}", f"trust_2d_{method}") for method in ("pca", "umap")}
"""What of the full set needs the model."""

CLOSING = ("factor_scores", "interventions")
"""What is made once, at the end of a run."""

THUMBNAILS = (
    "sprites",
    "sprites_layout",
    "pair_sprites",
    "pair_sprites_layout",
    "point_colors",
)
"""What the points look like, made once, when a run begins."""

UNITS: dict[str, str] = {
    **dict.fromkeys(FAST, "fast"),
    **dict.fromkeys((*PLANE["pca"], QUALITY), "plane_pca"),
    **dict.fromkeys(UMAP, "umap"),
    **dict.fromkeys(PLANE["umap"], "plane_umap"),
}
"""Kind → the unit that makes it; kinds that makers make are not in it."""

ON_UMAP = frozenset({*UMAP, *PLANE["umap"], *MODEL_PARTS["umap"]})
"""Kinds that need UMAP maps."""

MIN_UMAP_NEIGHBORS = 2
"""Neighbors without which there is no UMAP; with as many points maps have no quality either."""

_SAMPLED = ("posterior_local", "prior_component", "prior_samples", "interpolation", "traversal")
OFFERED = (
    *FAST,
    *PLANE["pca"],
    QUALITY,
    *MODEL_PARTS["pca"],
    *UMAP,
    *PLANE["umap"],
    *MODEL_PARTS["umap"],
    *_SAMPLED,
    "decode_point",
    *CLOSING,
)
"""Every kind that can be asked for, in the order in which the full set makes them."""

_CYCLE = frozenset({"encode", "decode"})
NEEDS: dict[str, frozenset[str]] = {
    "mixture_health": frozenset({"responsibilities"}),
    "shared_dimensions": frozenset({"encode", "pairs"}),
    "factor_scores": frozenset({"encode"}),
    "interventions": _CYCLE,
    **{f"{name}_{m}": frozenset({"sample"}) for name in _GRIDS[1:] for m in PLANE},
    **{f"prior_empirical_2d_{m}": frozenset({"sample", "responsibilities"}) for m in PLANE},
    **dict.fromkeys(("anatomy", "reconstructions", "reconstructions_image"), _CYCLE),
    **dict.fromkeys((*MODEL_PARTS["pca"], *MODEL_PARTS["umap"]), _CYCLE),
    **dict.fromkeys(("interpolation", "traversal", "decode_point"), _CYCLE),
    "posterior_local": _CYCLE | {"posterior"},
    "prior_component": frozenset({"decode", "sample"}),
    "prior_samples": frozenset({"decode", "sample"}),
}
"""Kind → capabilities of the task without which it does not exist; none where not in it."""

FROM_ARRAYS = frozenset({*PLANE["pca"], QUALITY, *UMAP, *PLANE["umap"]})
"""Kinds that follow from recorded latents and maps: they need no checkpoint."""

_PICTURED = ("atlas_pca", "atlas_umap", "reconstructions", "reconstructions_image")


DEFAULT_OPTIONS: dict[str, int | str] = {"mode": "linear", "threshold": 0, "strength": 1000}
"""What a missing option means, where that is a fixed value; names leave such a value out."""


@dataclass(frozen=True)
class Facts:
    """What decides which artifacts a run can have; None where the run does not tell.

    Attributes:
        capabilities: Of its task.
        latent_dim: D.
        points: How many points are analyzed.
        image: Whether its examples are images.
        unit_range: Whether their values go from 0 to 1.
        colors: Whether they are colors, three numbers from 0 to 1.
        labels: Whether they have labels.
        factors: Whether it is known what they were made from.
        concepts: Whether they have graded labels.
        regularized: Whether a regularizer is in force.
        anchored: Whether one is that has an anchor among the latents.
        given: What of it was given from Python and is not stored with it.
        epochs: Epochs with a checkpoint, ascending.
        recorded: Whether latents of any epoch are recorded.
    """

    capabilities: frozenset[str]
    latent_dim: int | None
    points: int
    image: bool | None
    unit_range: bool | None
    colors: bool
    labels: bool | None
    factors: bool
    concepts: bool
    regularized: bool
    anchored: bool
    given: tuple[str, ...]
    epochs: tuple[int, ...]
    recorded: bool

    @property
    def structured(self) -> bool:
        """Whether the latents are meant to have a structure that can be tested."""
        return self.concepts or self.regularized


def facts_of(record: RunRecord) -> Facts:
    """Read the facts of a run out of its files."""
    config, told = record.config(), _told(record)
    analysis, model = config.get("analysis", {}), config.get("model", {})
    data = told.get("data") or {}
    given = ["data"] if config.get("data", {}).get("dataset") == "given" else []
    given += ["networks"] if (model.get("net") or {}).get("kind") == "custom" else []
    latent_dim = model.get("latent_dim")
    terms = [part for part in config.get("regularizers", ()) if part.get("enabled", True)]
    return Facts(
        capabilities=frozenset(told.get("capabilities") or ()),
        latent_dim=latent_dim if isinstance(latent_dim, int) else None,
        points=len(analysis.get("indices") or ()),
        image=data.get("image", True if record.has("sprites") else None),
        unit_range=None if "value_range" not in data else data["value_range"] == [0, 1],
        colors=data.get("shape") == [3] and data.get("value_range") == [0, 1],
        labels=None if "classes" not in data else data["classes"] is not None,
        factors=data.get("factors") is not None,
        concepts=data.get("concepts") is not None,
        regularized=bool(terms),
        anchored=any("anchor" in part and part.get("target") == "latents" for part in terms),
        given=tuple(given),
        epochs=checkpointed(record),
        recorded=bool(record.epochs("latents")),
    )


def checkpointed(record: RunRecord) -> tuple[int, ...]:
    """Return the epochs at whose end a checkpoint was written, ascending."""
    return tuple(keys["epoch"] for keys in record.checkpoints() if "step" not in keys)


def computable(facts: Facts) -> tuple[str, ...]:
    """Return the kinds that can be made of a run on demand; their `_image` comes with them.

    What needs the model needs a checkpoint, and data and networks that are stored with the run; the
    rest needs recorded latents.
    """
    loadable = bool(facts.epochs) and not facts.given
    return tuple(
        kind
        for kind in OFFERED
        if possible(kind, facts) and (loadable or (facts.recorded and kind in FROM_ARRAYS))
    )


def possible(kind: str, facts: Facts) -> bool:
    """Tell whether a run's model and data have such an artifact at all."""
    kind = kind if kind in OFFERED else kind.removesuffix("_image")
    if kind in ON_UMAP and facts.latent_dim is not None:
        least = 3 if kind in ("latent_3d_umap", "align_3d_umap") else 2
        if facts.latent_dim <= least:
            return False
    if kind in THUMBNAILS:
        return _looks(kind, facts)
    if kind in _PICTURED and facts.image is False:
        return False
    if kind.startswith("reconstructions") and facts.unit_range is False:
        return False
    unlabelled = kind == "scores" and facts.labels is False
    if (unlabelled or kind in ("factor_scores", "shared_dimensions")) and not facts.factors:
        return False
    if kind in ("knn_pca", "neighbor_churn") and facts.points < 2:
        return False
    if kind in (QUALITY, *ON_UMAP) and facts.points <= MIN_UMAP_NEIGHBORS:
        return False
    compared = facts.labels or facts.concepts or facts.anchored
    capable = NEEDS.get(kind, frozenset()) <= facts.capabilities
    return capable and bool(compared or kind != "interventions")


def _looks(kind: str, facts: Facts) -> bool:
    if kind == "point_colors":
        return facts.colors
    paired = kind.startswith("pair_")
    return facts.image is not False and (not paired or "pairs" in facts.capabilities)


def closes(kind: str, facts: Facts, full_set: str) -> bool:
    """Tell whether a run has a kind of `CLOSING` without having been asked for it.

    Args:
        kind: The kind.
        facts: Of the run.
        full_set: Its `analysis.full_set`.
    """
    if kind == "interventions" and (full_set == "off" or not facts.structured):
        return False
    return possible(kind, facts)


def named(keys: Mapping[str, int | str]) -> dict[str, int | str]:
    """Return the keys of a name: without options that have their default value."""
    return {name: value for name, value in keys.items() if DEFAULT_OPTIONS.get(name) != value}


def chain_epochs(record: RunRecord) -> list[int]:
    """Return the recorded epochs that later ones are compared with, ascending.

    Those of the run's cadence: an epoch that somebody asked for besides would make the maps of the
    next ones depend on whether it was asked for.
    """
    analysis = record.config().get("analysis", {})
    total = record.summary().total_epochs
    measured = record.epochs("latents")
    if total is None:
        return measured
    due = set(fast_epochs(int(analysis.get("every_epochs", 1)), total))
    return [epoch for epoch in measured if epoch in due]


def missing(record: RunRecord, kinds: Iterable[str], epoch: int) -> list[str]:
    """Return those of some kinds that an epoch does not have yet."""
    return [kind for kind in kinds if not record.has(kind, epoch=epoch)]


def _told(record: RunRecord) -> dict[str, Any]:
    """Return what the run said when it began: its first event but one, as a rule."""
    events = islice(record.events(), 16)
    started = next((event for event in events if event.type == "run.started"), None)
    return {} if started is None else dict(started.data)
