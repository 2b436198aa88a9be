"""What recorders leave of a run: checkpoints at their cadence, a file per epoch, all terms."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load

from latelier.lab.backfill import backfill
from latelier.lab.launch import fit
from latelier.lab.on_demand import make
from latelier.runs.artifacts import artifact_spec

from .conftest import GMVAE, TINY, copied

EPOCHS = [0, 1, 2, 3]
SPEC = Path(__file__).parents[2] / "docs" / "spec.md"
RECEIPT = {
    "schema_version", "kind", "epoch", "step", "model_kind", "seed", "compute_ms",
    "checkpoint_hash",
}  # fmt: skip


def documented_fields() -> dict[str, set[str]]:
    """The first cells of the tables of docs/spec.md, by kind of artifact.

    A heading may name kinds by `posterior_2d_*`; such kinds share the fields of all grids.
    """
    section = SPEC.read_text("utf-8").partition("### What is inside")[2].partition("\n## ")[0]
    blocks = re.split(r"^\*\*(.*?)\*\*", section, flags=re.MULTILINE | re.DOTALL)[1:]
    fields: dict[str, set[str]] = {}
    for heading, text in zip(blocks[::2], blocks[1::2], strict=True):
        cells = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
        found = {name for cell in cells for name in re.findall(r"`(\w+)(?:\.\w+)*`", cell)}
        if heading.startswith("Grids"):
            grids = found
        for kind in re.findall(r"`(\w+)`", heading):
            fields[kind] = found
        for stem in re.findall(r"`(\w+_)\*`", heading):
            fields |= {f"{stem}{method}": found | grids for method in ("pca", "umap")}
    return fields


FIELDS = documented_fields()


def fit_tiny(folder, **checkpoints):
    training = {**TINY["training"], "checkpoints": checkpoints}
    return fit({**TINY, "training": training, "analysis": {"enabled": False}}, runs_dir=folder)


def test_a_checkpoint_per_epoch_unless_told_otherwise(finished):
    assert finished.record.checkpoints() == [{"epoch": epoch} for epoch in EPOCHS]


@pytest.mark.parametrize(
    ("checkpoints", "kept"),
    [
        ({"every_epochs": 2}, [{"epoch": 0}, {"epoch": 2}, {"epoch": 3}]),
        ({"keep_last": 2}, [{"epoch": 2}, {"epoch": 3}]),
        (
            {"every_epochs": 3, "every_steps": 3},
            [
                {"epoch": 0},
                {"epoch": 0, "step": 3},
                {"epoch": 1, "step": 6},
                {"epoch": 2, "step": 9},
                {"epoch": 3},
            ],
        ),
    ],
)
def test_checkpoints_follow_their_cadence(tmp_path, checkpoints, kept):
    assert fit_tiny(tmp_path, **checkpoints).record.checkpoints() == kept


@pytest.mark.parametrize(
    "kind", ["latents", "latent_2d_pca", "latent_3d_pca", "knn_pca", "mixture_health", "anatomy"]
)
def test_what_changes_has_one_file_per_epoch_and_a_mirror_of_the_last(finished, kind):
    record = finished.record
    assert record.epochs(kind) == EPOCHS
    assert record.read_bytes(kind, epoch="latest") == record.read_bytes(kind, epoch=3)
    assert record.read_bytes(kind, epoch=0) != record.read_bytes(kind, epoch=3)


@pytest.mark.parametrize("epoch", EPOCHS)
def test_maps_neighbors_and_grids_show_the_points_of_the_config(finished, epoch):
    indices = finished.config["analysis"]["indices"]
    for dims in (2, 3):
        projection = finished.record.read_json(f"latent_{dims}d_pca", epoch=epoch)
        assert projection["dataset_idx"] == indices
        assert np.shape(projection["coords"]) == (40, dims)
        assert (projection["bounds"]["dims"], projection["epoch"]) == (dims, epoch)
    neighbors = finished.record.read_json("knn_pca", epoch=epoch)
    assert neighbors["dataset_idx"] == indices
    assert np.shape(neighbors["neighbors"]) == (40, 5)
    grid = finished.record.read_json("reconstructions", epoch=epoch)
    assert len(grid["dataset_idx"]) == 4
    assert set(grid["dataset_idx"]) <= set(indices)


def test_mixture_health_says_which_examples_it_is_of(finished):
    health = finished.record.read_json("mixture_health", epoch=3)
    section, _, field = health["sample_key"].partition(".")
    assert health["sample_indices_ref"] == "config.json"
    assert len(finished.config[section][field]) == sum(health["argmax_counts"]) == 40


def test_every_step_has_its_total_and_every_term(finished):
    steps = finished.metrics().steps
    for term in ("loss", "recon", "kld_c", "kld_z"):
        assert len(steps[f"train/{term}"]) == 12
        assert np.isfinite(steps[f"train/{term}"]).all()


def test_progress_tells_where_the_run_is(finished):
    progress = [event for event in finished.record.events() if event.type == "train.progress"]
    assert (progress[-1].step, progress[-1].epoch) == (12, 3)
    assert (progress[-1].data["total_steps"], progress[-1].data["phase"]) == (12, "mixture")


def test_a_cancelled_run_says_so_last(tmp_path):
    run = fit({**TINY, "analysis": {"enabled": False}}, runs_dir=tmp_path, stop=lambda: True)
    last = list(run.record.events())[-1]
    assert (last.type, last.step, run.state) == ("run.cancelled", 0, "cancelled")


OPTIONAL = {"scores": {"accuracy", "mig"}, "decode_point": {"decoded"}}
"""Of a classifier, of data with factors; of data that are no images."""
OTHER_DATA = {"factor_scores", "shared_dimensions", "pair_sprites_layout", "point_colors"}
"""What data with factors, pairs or colors has."""
ASKED = {"decode_point": {"method": "pca", "u": 0, "v": 0}, "interventions": {}}


@pytest.fixture(scope="module")
def looked_at(finished, tmp_path_factory):
    """A finished run, of which somebody has asked for more."""
    record = copied(finished.record, tmp_path_factory.mktemp("looked_at"))
    for kind, keys in ASKED.items():
        make(record, kind, {"epoch": 3, **keys})
    return record


EVERYWHERE = [kind for kind in FIELDS if not kind.endswith("_umap") and kind not in OTHER_DATA]


@pytest.mark.parametrize("kind", EVERYWHERE)
def test_the_documented_fields_are_those_that_are_written(looked_at, kind):
    if kind == "latents":
        tensors = load(looked_at.read_bytes(kind, epoch=3))
        assert set(tensors) | {"predicted"} == FIELDS[kind]
        return
    check_fields(looked_at, kind)


@pytest.mark.slow
def test_the_documented_fields_are_those_of_umap_too(tmp_path):
    analysis = {**TINY["analysis"], "umap": True, "umap_neighbors": 5, "full_set": "last"}
    model = {**GMVAE, "latent_dim": 4}
    record = fit({**TINY, "model": model, "analysis": analysis}, runs_dir=tmp_path).record
    backfill(record, epochs=[3])
    kinds = {kind for kind in FIELDS if kind.endswith("_umap")}
    assert kinds >= {"latent_2d_umap", "align_3d_umap", "knn_umap", "trust_2d_umap"}
    for kind in kinds:
        check_fields(record, kind)


def check_fields(record, kind):
    keys = {"epoch": 3, **ASKED.get(kind, {})} if artifact_spec(kind).per_epoch else {}
    payload = record.read_json(kind, **keys)
    written = set(payload) - RECEIPT
    if kind == "diagnoses":
        written |= {checked["rule"] for checked in payload["checked"]}  # a table of their own
    assert written | OPTIONAL.get(kind, set()) == FIELDS[kind]


def test_every_kind_that_is_written_has_its_fields_documented(finished):
    kinds = {parsed[0] for name, parsed in finished.record.files() if parsed and "/" in name}
    pictures = {kind for kind in kinds if kind.endswith(("_image", "_picture"))}
    checkpoint = {kind for kind in kinds if kind.startswith("checkpoint")}
    by_name = {*EVERYWHERE} - set(ASKED)
    assert kinds - pictures - checkpoint == by_name - {"sprites_layout", "diagnoses"}
