"""THE name table: every file that a run directory may hold, and the only place that names them.

The names of the lab's specification, irregular ones included, stand as they are: a two-dimensional
PCA has no ``_pca`` while a three-dimensional one has, and what the network inspector makes has no
mirror.
"""

from __future__ import annotations

from collections.abc import Iterator

from latelier.config.errors import RunError
from latelier.runs.naming import ArtifactSpec, Key
from latelier.runs.network_files import forward_files, inspector_files, kernel_files
from latelier.runs.rows import CSV, JSON, NDJSON, PNG, SAFETENSORS, asked, epochs, once, record

_METHODS = ("pca", "umap")
_EVALUATION = "evaluation/epoch_{epoch}_step{step}/"


def _record_files() -> Iterator[ArtifactSpec]:
    yield record("config", "config.json", JSON, "The resolved configuration of the run.")
    yield record("events", "events.jsonl", NDJSON, "Everything that happened, one event a line.")
    yield record("summary", "summary.json", JSON, "State and key numbers: all that a list needs.")
    yield record("labels", "labels.json", JSON, "Display name, tags and note, set by people.")
    yield record("owner", "owner.json", JSON, "The process that writes the run, while it does.")
    yield record("owner_lock", "owner.lock", "text/plain", "Empty; locked by the owner.")
    yield record("compute_lock", "compute.lock", "text/plain", "Empty; locked by a quick maker.")
    yield record(
        "compute_slow_lock", "compute_slow.lock", "text/plain", "Empty; locked by a slow maker."
    )
    yield record("cancel", "cancel_requested", "text/plain", "Empty; its presence asks to stop.")
    yield record("start", "start_requested", JSON, "Asks a server's queue to start the run.")
    yield record(
        "local_origin",
        "local_origin",
        "text/plain",
        "Empty; the run names code and was made here. It is in no archive, and never imported.",
    )
    yield record("console", "console.log", "text/plain", "What its process printed.")


def _projections() -> Iterator[ArtifactSpec]:
    yield epochs(
        "latents",
        "latents/latents_epoch_{epoch}.safetensors",
        SAFETENSORS,
        "Latent vectors of the visualization set, with dataset_idx and labels.",
    )
    for method in _METHODS:
        tail = "" if method == "pca" else "_umap"  # the specification's irregular name
        name = "PCA" if method == "pca" else "UMAP"
        yield epochs(
            f"latent_2d_{method}",
            "projections/latent_2d_epoch_{epoch}" + tail + ".json",
            JSON,
            f"Map of the latents on two {name} axes.",
        )
        yield epochs(
            f"latent_3d_{method}",
            f"projections/latent_3d_epoch_{{epoch}}_{method}.json",
            JSON,
            f"Map of the latents on three {name} axes.",
        )
        for dims in (2, 3):
            yield epochs(
                f"align_{dims}d_{method}",
                f"projections/align_{dims}d_epoch_{{epoch}}_{method}.json",
                JSON,
                f"How the {dims}-D {name} map was turned to fit the previous epoch's: "
                "matrix and residual.",
            )
    yield epochs(
        "projection_quality",
        "projections/quality_epoch_{epoch}.json",
        JSON,
        "Trustworthiness and continuity of every map.",
    )


def _maps_of_the_plane() -> Iterator[ArtifactSpec]:
    grids = {
        "posterior": ("density", "Density of the encoded data"),
        "prior": ("density", "Density of the prior, components weighted equally,"),
        "prior_empirical": ("density", "Density of the prior, components weighted by use,"),
        "prior_minus_posterior": ("density", "Signed log ratio of prior and posterior: holes"),
        "metric_ratio": ("distortion", "Stretch of the map: projected over latent distance"),
        "trust": ("trust", "How far the map's neighborhoods can be trusted"),
    }
    for method in _METHODS:
        for name, (folder, description) in grids.items():
            yield epochs(
                f"{name}_2d_{method}",
                f"{folder}/{name}_2d_epoch_{{epoch}}_{method}.json",
                JSON,
                f"{description} on a grid over the 2-D {method.upper()} map.",
            )
        for suffix, media_type, what in (("json", JSON, "Lattice"), ("png", PNG, "Tiles")):
            yield epochs(
                f"atlas_{method}" + ("_image" if suffix == "png" else ""),
                f"decode/atlas_epoch_{{epoch}}_{method}.{suffix}",
                media_type,
                f"{what} of decoded images over the 2-D {method.upper()} map.",
            )


def _per_point() -> Iterator[ArtifactSpec]:
    for method in _METHODS:
        yield epochs(
            f"knn_{method}",
            f"neighbors/knn_{method}_epoch_{{epoch}}.json",
            JSON,
            f"Nearest neighbors in latent space, for the {method.upper()} map.",
        )
    rows = {
        "neighbor_churn": ("neighbors/churn", "Share of each point's neighbors that changed."),
        "anatomy": ("anatomy/points", "Objective of every point, term by term."),
        "mixture_health": ("mixture/mixture_health", "Use of the mixture's components."),
        "scores": ("scores/scores", "Clustering accuracy, NMI, ARI, probe accuracy, and MIG."),
        "factor_scores": ("scores/factors", "Disentanglement scores: codes against factors."),
        "shared_dimensions": ("pairs/shared", "Which latent dimensions pairs share."),
        "reconstructions": ("reconstructions/recon", "Which examples the grid shows, with errors."),
        "category_reconstruction": ("reconstructions/category", "Error per learned category."),
        "assignment": ("assignments/assignment", "Soft assignment of features to categories."),
        "codebook_usage": ("codebook/usage", "Use of every code over the whole set."),
        "drift_field": ("drift/field", "Arrows of the drift field."),
    }
    for kind, (stem, description) in rows.items():
        yield epochs(kind, stem + "_epoch_{epoch}.json", JSON, description)
    yield epochs(
        "interventions",
        "interventions/interventions_epoch_{epoch}.json",
        JSON,
        "What taking directions and dimensions of the code away costs, by similarity to concepts.",
        "threshold",
        "strength",
    )
    yield epochs(
        "reconstructions_image",
        "reconstructions/recon_epoch_{epoch}.png",
        PNG,
        "Grid of examples above their reconstructions.",
    )
    yield epochs(
        "tokens",
        "codebook/tokens_epoch_{epoch}.safetensors",
        SAFETENSORS,
        "Codes of every example, per category.",
    )
    yield epochs(
        "drift_samples", "drift/samples_epoch_{epoch}.png", PNG, "Grid of generated samples."
    )


def _of_the_run() -> Iterator[ArtifactSpec]:
    yield once("sprites", "sprites.png", PNG, "Thumbnails of the visualization set.")
    yield once("sprites_layout", "sprites.json", JSON, "Tile size and order of sprites.png.")
    yield once("point_colors", "colors.json", JSON, "The points' own colors, of data of colors.")
    yield once("pair_sprites", "pairs/sprites.png", PNG, "Thumbnails of the example pairs.")
    yield once(
        "pair_sprites_layout",
        "pairs/sprites.json",
        JSON,
        "Tile size and order of those thumbnails.",
    )
    yield once("timeline", "schedule/timeline.json", JSON, "The realized schedule.")
    yield once("timeline_image", "schedule/timeline.png", PNG, "Picture of the schedule.")
    yield once("diagnoses", "diagnoses.json", JSON, "What went wrong, since when, and the knob.")
    yield once("curves_picture", "pictures/curves.png", PNG, "Picture of the metric curves.")
    yield epochs("map_picture", "pictures/map_epoch_{epoch}.png", PNG, "Picture of the map.")
    yield epochs(
        "pairs_picture",
        "pictures/pairs_epoch_{epoch}.png",
        PNG,
        "Latents through pairs of their dimensions, the last step and earlier ones.",
    )
    yield ArtifactSpec(
        "checkpoint",
        "checkpoints/epoch_{epoch}/checkpoint.json",
        "checkpoints/latest.json",
        JSON,
        "What the checkpoint holds, with the hash of each of its files.",
    )
    for part in ("model", "optimizer", "state"):
        yield once(
            f"checkpoint_{part}",
            f"checkpoints/epoch_{{epoch}}/{part}.safetensors",
            SAFETENSORS,
            f"Tensors of the {part} at that step.",
        )


def _evaluation() -> Iterator[ArtifactSpec]:
    yield asked("evaluation", _EVALUATION + "eval_metadata.json", JSON, "How it was evaluated.")
    yield asked("evaluation_preview", _EVALUATION + "preview.png", PNG, "Some generated samples.")
    yield asked(
        "evaluation_sample",
        _EVALUATION + "generated/sample_{number}.png",
        PNG,
        "One generated sample, kept when asked for.",
    )
    yield asked("fid_metrics", "evaluation/fid_metrics.csv", CSV, "One row per checkpoint.")
    yield asked("fid_curve", "evaluation/fid_vs_step.png", PNG, "FID against step.")
    yield asked("upload", "uploads/upload_{sha256}.png", PNG, "What a user drew or uploaded.")


def _samples() -> Iterator[ArtifactSpec]:
    for kind, field, what in (
        ("posterior_local", "idx_{idx}", "Samples around one example's posterior"),
        ("prior_component", "c_{c}", "Samples of one component of the prior"),
    ):
        tail = f"_{field}_m_{{m}}"
        yield asked(
            kind,
            f"samples/{kind}_epoch_{{epoch}}{tail}.json",
            JSON,
            f"{what}: selection and seed.",
            "seed",
        )
        yield asked(
            f"{kind}_image",
            f"samples/{kind}_epoch_{{epoch}}{tail}.png",
            PNG,
            f"{what}, as a grid.",
            "seed",
            latest=f"samples/{kind}_latest{tail}.png",
        )
    yield from _drawn("prior_samples", "prior", "_m_{m}", "Samples of the whole prior", "seed")
    yield from _drawn(
        "interpolation",
        "interpolation",
        "_idx_{idx}_to_{to}_m_{m}",
        "The way between two examples' latents",
        "mode",
    )
    yield from _drawn(
        "traversal", "traversal", "_idx_{idx}_d_{d}_m_{m}", "One example's latent, moved along d"
    )


def _drawn(kind: str, name: str, tail: str, what: str, *options: str) -> Iterator[ArtifactSpec]:
    """Name what we add to the specification's samples; here the JSON has a mirror too."""
    stems = (f"samples/{name}_epoch_{{epoch}}{tail}", f"samples/{name}_latest{tail}")
    for suffix, end, media_type, form in (
        (".json", "", JSON, "latents"),
        (".png", "_image", PNG, "a grid of images"),
    ):
        pattern, latest = (stem + suffix for stem in stems)
        text = f"{what}, as {form}."
        yield asked(kind + end, pattern, media_type, text, *options, latest=latest)


def _points_of_the_plane() -> Iterator[ArtifactSpec]:
    tail = "_{method}_u_{u}_v_{v}"
    for suffix, end, media_type, what in (
        (".json", "", JSON, "One place of a map: its latent, and how far to trust it."),
        (".png", "_image", PNG, "One place of a map, decoded."),
    ):
        yield asked(
            "decode_point" + end,
            "decode/point_epoch_{epoch}" + tail + suffix,
            media_type,
            what,
            latest="decode/point_latest" + tail + suffix,
        )


_GROUPS = (
    _record_files,
    _projections,
    _maps_of_the_plane,
    _per_point,
    _of_the_run,
    _samples,
    _points_of_the_plane,
    forward_files,
    inspector_files,
    kernel_files,
    _evaluation,
)
ARTIFACTS: dict[str, ArtifactSpec] = {spec.kind: spec for group in _GROUPS for spec in group()}


def artifact_spec(kind: str) -> ArtifactSpec:
    """Look up one row of the table.

    Raises:
        RunError: If there is no such kind; the message names close ones.
    """
    if kind in ARTIFACTS:
        return ARTIFACTS[kind]
    from difflib import get_close_matches

    close = ", ".join(get_close_matches(str(kind), ARTIFACTS, n=3)) or "a kind of docs/spec.md"
    raise RunError("no such kind of artifact", got=repr(kind), expected=close)


def artifact_name(kind: str, **keys: object) -> str:
    """Build the path of an artifact inside its run folder; see `ArtifactSpec.path`."""
    return artifact_spec(kind).path(**keys)


def parse_name(path: str) -> tuple[str, dict[str, Key]] | None:
    """Find out what a file of a run folder is: the inverse of `artifact_name`.

    Args:
        path: Path relative to the run folder, with ``/`` between its parts.

    Returns:
        The kind and the keys (``epoch="latest"`` for a mirror), or None for a stranger.
    """
    for spec in _BY_FOLDER.get(path.partition("/")[0], ()):
        keys = spec.parse(path)
        if keys is not None:
            return spec.kind, keys
    return None


def _by_folder() -> dict[str, list[ArtifactSpec]]:
    folders: dict[str, list[ArtifactSpec]] = {}
    for spec in ARTIFACTS.values():
        folders.setdefault(spec.pattern.partition("/")[0], []).append(spec)
    return folders


_BY_FOLDER = _by_folder()
