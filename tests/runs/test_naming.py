from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from latelier.config.errors import RunError
from latelier.runs.artifacts import artifact_name, artifact_spec, parse_name
from latelier.runs.naming import LATEST, delta_key

HOSTILE = [
    "..",
    "../x",
    "a/b",
    "a\\b",
    "%2e%2e",
    "",
    ".",
    "a..b",
    "a\0",
    "C:",
    "a\n",
    "A",
    "é",
    " ",
]


@pytest.mark.parametrize("layer_id", [*HOSTILE, "-a", "a-", ".a", "a" * 65, 3, None])
def test_a_layer_that_is_no_id_is_refused(layer_id: Any) -> None:
    with pytest.raises(RunError, match="layer_id cannot be part of a file name"):
        artifact_name("layer_grid", epoch=1, idx=2, layer_id=layer_id)


@pytest.mark.parametrize("layer_id", ["conv1", "encoder.0.conv", "a-b_c", "_", "a" * 64])
def test_a_layer_id_is_a_folder(layer_id: str) -> None:
    name = artifact_name("layer_grid", epoch=1, idx=2, layer_id=layer_id)
    assert name == f"network/forward/epoch_1/idx_2/layer_{layer_id}/grid.png"
    assert parse_name(name) == ("layer_grid", {"epoch": 1, "idx": 2, "layer_id": layer_id})


@pytest.mark.parametrize("epoch", [-1, 1_000_000_000, True, 1.0, "1", None, "..", "latest "])
def test_an_epoch_out_of_bounds_or_type_is_refused(epoch: Any) -> None:
    with pytest.raises(RunError, match="epoch cannot be part of a file name"):
        artifact_name("latent_2d_pca", epoch=epoch)


def test_numpy_integers_are_whole_numbers() -> None:
    assert artifact_name("scores", epoch=np.int64(3)) == "scores/scores_epoch_3.json"


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("topk", {"metric": "median"}),
        ("topk", {"k": 0}),
        ("topk", {"n": 0}),
        ("perturb_recon", {"key": "z/../.."}),
        ("perturb_recon", {"delta": 1.5}),
        ("posterior_local", {"m": 0}),
        ("posterior_local", {"m": 10_001}),
        ("upload", {"sha256": "a" * 63}),
        ("upload", {"sha256": "A" * 64}),
    ],
)
def test_other_keys_are_bounded_too(kind: str, keys: dict[str, Any]) -> None:
    sound = {
        "topk": {"epoch": 1, "layer_id": "conv1", "c": 0, "metric": "max", "n": 10, "k": 3},
        "perturb_recon": {"epoch": 1, "idx": 0, "key": "z", "d": 0, "delta": -500},
        "posterior_local": {"epoch": 1, "idx": 0, "m": 16},
        "upload": {"sha256": "a" * 64},
    }[kind]
    artifact_name(kind, **sound)
    with pytest.raises(RunError, match="cannot be part of a file name"):
        artifact_name(kind, **{**sound, **keys})


def test_missing_and_unknown_keys_are_named() -> None:
    with pytest.raises(RunError, match=r"got epoch; expected epoch, idx, m, seed .optional."):
        artifact_name("posterior_local", epoch=1)
    with pytest.raises(RunError, match="got epoch, idx; expected epoch"):
        artifact_name("latent_2d_pca", epoch=1, idx=3)
    with pytest.raises(RunError, match="both coordinates"):
        artifact_name("channel_image", epoch=1, idx=2, layer_id="conv1", c=0, x=4)


def test_an_unknown_kind_names_close_ones() -> None:
    with pytest.raises(RunError, match="latent_2d_pca"):
        artifact_spec("latent_2d_pac")


def test_what_changes_the_answer_is_in_the_name_in_one_order() -> None:
    assert artifact_name("posterior_local_image", seed=5, m=16, idx=7, epoch=3) == (
        "samples/posterior_local_epoch_3_idx_7_m_16_seed_5.png"
    )
    assert artifact_name("channel_inspect", y=2, x=1, epoch=3, idx=7, layer_id="conv1", c=0) == (
        "network/inspect/epoch_3/idx_7/layer_conv1/ch_0/inspect_x_1_y_2.json"
    )


def test_a_frame_inside_an_epoch_has_the_step_beside_the_epoch() -> None:
    keys = {"epoch": 3, "step": 40}
    assert artifact_name("latent_2d_pca", **keys) == "projections/latent_2d_epoch_3_step_40.json"
    assert (
        artifact_name("latent_3d_pca", **keys) == "projections/latent_3d_epoch_3_step_40_pca.json"
    )
    assert artifact_name("checkpoint", **keys) == "checkpoints/epoch_3_step_40/checkpoint.json"
    with pytest.raises(RunError, match="has no step"):
        artifact_name("latent_2d_pca", epoch=LATEST, step=40)
    with pytest.raises(RunError, match="other keys"):
        artifact_name("posterior_local", idx=1, m=2, **keys)


def test_a_kind_without_a_mirror_says_so() -> None:
    with pytest.raises(RunError, match="no mirror"):
        artifact_name("posterior_local", epoch=LATEST, idx=1, m=2)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "notes.txt",
        "../config.json",
        "/config.json",
        "./config.json",
        "config.json\n",
        "projections/latent_2d_epoch_03.json",
        "projections/latent_2d_epoch_-1.json",
        "projections/latent_2d_epoch_1.JSON",
        "projections/latent_2d_epoch_١.json",
        "projections/latent_2d_epoch_.json",
        "projections/latent_2d_latest_step_3.json",
        "projections//latent_2d_epoch_1.json",
        "network/inspect/epoch_3/idx_7/layer_conv1/ch_0/inspect_y_2_x_1.json",
        "network/forward/epoch_1/idx_2/layer_" + "a" * 65 + "/grid.png",
        "network/perturb/epoch_1/idx_2/vector_z/dim_0/delta_-0/recon.png",
        "network/perturb/epoch_1/idx_2/vector_z/dim_0/delta_+5/recon.png",
        "uploads/upload_abc.png",
    ],
)
def test_strangers_are_not_parsed(path: str) -> None:
    assert parse_name(path) is None


def test_a_delta_is_named_in_signed_thousandths() -> None:
    assert [delta_key(delta) for delta in (1.5, -0.25, 0.001, 0.0, -3.0, 0.1 + 0.2)] == [
        1500, -250, 1, 0, -3000, 300,
    ]  # fmt: skip
    for delta in (0.0005, float("nan"), float("inf"), 1e9):
        with pytest.raises(RunError, match=r"multiple of 0\.001"):
            delta_key(delta)
