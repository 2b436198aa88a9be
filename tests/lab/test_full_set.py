from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load

from latelier.analysis import projection_quality
from latelier.lab.cadence import anchors, before, fast_epochs, full_epochs, is_fibonacci
from latelier.lab.full_set import Recorded, array_kinds, array_part, plane, quality
from latelier.lab.kinds import OFFERED, PLANE, computable, facts_of, possible

from .conftest import copied

FIBONACCI = [0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144]


def test_fibonacci_numbers_are_those_of_the_list():
    assert [n for n in range(145) if is_fibonacci(n)] == FIBONACCI


@given(total=st.integers(0, 150), every=st.integers(1, 20))
@settings(deadline=None, max_examples=50)
def test_the_full_set_is_made_at_recorded_epochs_and_always_at_the_last(total, every):
    recorded = fast_epochs(every, total)
    assert recorded[0] == 0
    assert recorded[-1] == total
    assert all(epoch % every == 0 for epoch in recorded[:-1])
    due = full_epochs("fibonacci", total, recorded)
    assert list(due) == [e for e in recorded if e in FIBONACCI or e == total]
    assert full_epochs("all", total, recorded) == recorded
    assert full_epochs("last", total, recorded) == (total,)
    assert full_epochs("off", total, recorded) == ()
    assert set(anchors(recorded)) == set(recorded) & set(FIBONACCI)
    assert [before(recorded, e) for e in recorded] == [None, *recorded[:-1]]


def test_a_run_that_stopped_early_has_no_last_epoch():
    assert full_epochs("last", 20, range(5)) == ()
    assert full_epochs("fibonacci", 20, range(7)) == (0, 1, 2, 3, 5)


def test_the_array_part_makes_what_the_latents_allow(analyzed):
    for epoch in (0, 3):
        tensors = load(analyzed.read_bytes("latents", epoch=epoch))
        made = [kind for kind, *_ in plane(analyzed, epoch, "pca")]
        assert sorted(made) == sorted(array_kinds(tensors, "plane_pca"))
        assert all(analyzed.has(kind, epoch=epoch) for kind in made)
    assert "prior_empirical_2d_pca" in made  # the warm-up is over


def test_quality_is_that_of_the_recorded_maps_and_keeps_what_joined(analyzed, tmp_path):
    record = copied(analyzed, tmp_path)
    payload = {"maps": {"2d_umap": {"k": 5}, "2d_pca": {"k": -1}}}
    record.path_of("projection_quality", epoch=3).unlink()
    with record.own() as writer:
        writer.put_json("projection_quality", payload, epoch=3, step=12)
    found = {kind: made for kind, _, made, _ in plane(record, 3, "pca")}["projection_quality"]
    assert set(found["maps"]) == {"2d_umap", "2d_pca", "3d_pca"}
    assert found["maps"]["2d_umap"] == {"k": 5}
    z = load(record.read_bytes("latents", epoch=3))["z"]
    coords = np.array(record.read_json("latent_3d_pca", epoch=3)["coords"])
    expected = projection_quality(z, coords, 5)
    assert found["maps"]["3d_pca"]["trustworthiness"] == pytest.approx(expected.trustworthiness)


def test_maps_that_come_first_do_not_leave_those_of_pca_without_scores(analyzed, tmp_path):
    record = copied(analyzed, tmp_path)
    wanted = record.read_json("projection_quality", epoch=2)["maps"]
    record.path_of("projection_quality", epoch=2).unlink()
    at = Recorded(record, 2)
    ((_, _, made, _),) = quality(at, {"2d_umap": at.pca(2).coords})
    assert list(made["maps"]) == ["2d_pca", "3d_pca", "2d_umap"]
    for name in ("2d_pca", "3d_pca"):
        assert made["maps"][name]["trustworthiness"] == wanted[name]["trustworthiness"]
    assert made["maps"]["2d_umap"]["continuity"] == wanted["2d_pca"]["continuity"]


def test_kinds_follow_from_the_latents():
    z = np.zeros((40, 4))
    codes = {"z": z}
    assert array_kinds(codes, "plane_pca") == (
        "posterior_2d_pca", "metric_ratio_2d_pca", "projection_quality"
    )  # fmt: skip
    vae = {"z": z, "prior_mu": np.zeros((1, 4)), "responsibilities": np.ones((40, 1))}
    assert "prior_minus_posterior_2d_umap" in array_kinds(vae, "plane_umap")
    assert "prior_empirical_2d_umap" not in array_kinds(vae, "plane_umap")
    assert array_kinds({"z": z[:1]}, "plane_pca") == ("posterior_2d_pca",)
    assert array_kinds({"z": z[:, :2]}, "umap") == ()
    assert "latent_3d_umap" not in array_kinds({"z": z[:, :3]}, "umap")
    assert "latent_3d_umap" in array_kinds(codes, "umap")
    assert array_kinds({"z": z[:2]}, "umap") == ()


def test_a_run_offers_what_its_model_and_data_have(analyzed, finished):
    facts = facts_of(analyzed)
    assert facts.capabilities >= {"encode", "decode", "responsibilities"}
    assert (facts.latent_dim, facts.points, facts.image, facts.labels) == (4, 40, True, True)
    assert facts.epochs == (0, 1, 2, 3)
    offered = computable(facts)
    assert set(offered) >= {"mixture_health", "latent_3d_umap", "prior_samples", *PLANE["pca"]}
    assert offered == tuple(kind for kind in OFFERED if kind in offered)
    small = computable(facts_of(finished.record))
    assert "latent_2d_umap" in small
    assert "latent_3d_umap" not in small  # three dimensions are shown as they are
    plain = frozenset({"encode", "decode"})
    without = replace(facts, capabilities=plain, image=False, labels=False, factors=False)
    assert not possible("atlas_pca", without)
    assert not possible("scores", without)
    assert not possible("prior_2d_pca", without)
    assert possible("trust_2d_pca", without)


def test_two_points_have_neighbors_and_neither_umap_nor_quality(analyzed):
    facts = replace(facts_of(analyzed), points=2)
    offered = set(computable(facts))
    assert {"knn_pca", "neighbor_churn", "metric_ratio_2d_pca"} <= offered
    assert not offered & {"projection_quality", "knn_umap", "latent_2d_umap", "atlas_umap"}
    assert {"projection_quality", "knn_umap"} <= set(computable(replace(facts, points=3)))


def test_the_array_part_needs_no_torch(analyzed):
    code = (
        "import sys; from pathlib import Path\n"
        "import latelier.lab.backfill, latelier.lab.companion, latelier.lab.on_demand\n"
        "from latelier.lab import companion_process\n"
        "from latelier.lab.full_set import array_part\n"
        "from latelier.lab.kinds import computable, facts_of\n"
        "from latelier.runs import RunRecord\n"
        "record = RunRecord(Path(sys.argv[1]))\n"
        "assert len(list(array_part(record, 1, 'plane_pca'))) == 5, computable(facts_of(record))\n"
        "assert 'torch' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(analyzed.path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_umap_maps_are_laid_on_the_anchor_before(analyzed, tmp_path):
    record = copied(analyzed, tmp_path)
    for epoch in (0, 1):
        with record.own() as writer:
            shares = []
            for kind, keys, payload, _ in array_part(record, epoch, "umap", shares.append):
                writer.put_json(kind, payload, step=epoch, **keys)
            assert shares == sorted(shares)
            assert shares[-1] == 1.0
    first = record.read_json("align_2d_umap", epoch=0)
    assert not first["changed"]
    second = record.read_json("align_2d_umap", epoch=1)
    assert second["common_points"] == 40
    one, two = (record.read_json("latent_2d_umap", epoch=epoch) for epoch in (0, 1))
    assert two["dataset_idx"] == one["dataset_idx"]
    residual = np.sqrt(
        ((np.array(two["coords"]) - np.array(one["coords"])) ** 2).sum(axis=1).mean()
    )
    assert residual == pytest.approx(second["residual"], rel=1e-4)
    quality = record.read_json("projection_quality", epoch=1)["maps"]
    assert set(quality) == {"2d_pca", "3d_pca", "2d_umap", "3d_umap"}
    assert set(record.read_json("knn_umap", epoch=1)["maps"]) == {"2d", "3d"}
