from __future__ import annotations

import shutil

import numpy as np
import pytest
from torch import nn

from latelier.config import RunError
from latelier.lab.backfill import FILLED, backfill
from latelier.lab.launch import fit
from latelier.models import VAE
from latelier.runs.verify import verify

from .conftest import GMVAE, TINY, contents, copied

UMAP_RUN = {
    **TINY,
    "model": {**GMVAE, "latent_dim": 4},
    "schedule": {"epochs": 4},
    "analysis": {**TINY["analysis"], "umap": True, "umap_neighbors": 5},
}


def stamps(record):
    """When each file was written, the record's own files left out."""
    return {
        name: (record.path / name).stat().st_mtime_ns
        for name, known in record.files()
        if known and known[0] not in ("events", "summary", "owner_lock", "compute_lock")
    }


def test_a_run_without_analysis_is_given_what_training_would_have_made(analyzed, bare):
    report = backfill(bare)
    made, wanted = contents(bare), contents(analyzed)
    assert set(made) == set(wanted)
    assert [name for name in wanted if made[name] != wanted[name]] == []
    assert any(name.startswith("density/prior_empirical") for name in made)
    assert report.epochs == (0, 1, 2, 3)
    assert not report.stopped
    assert {epoch for kind, epoch in report.made if kind == "posterior_2d_pca"} == {0, 1, 2, 3}
    assert verify(bare) == []
    told = {event.data["path"] for event in bare.events() if event.type == "artifact.created"}
    assert {name for name in made if "latest" not in name} <= told


def test_checkpoints_stay_as_they_are_and_nothing_is_trained(bare, bare_run):
    backfill(bare, kinds=["latents", "trust_2d_pca"], epochs=[2])
    for keys in bare_run.checkpoints():
        for kind in ("checkpoint", "checkpoint_model", "checkpoint_state"):
            names = {"epoch": keys["epoch"]}
            assert bare.read_bytes(kind, **names) == bare_run.read_bytes(kind, **names)
    assert bare.checkpoints() == bare_run.checkpoints()
    types = [event.type for event in bare.events()]
    assert types.count("train.metrics") == len(
        [event for event in bare_run.events() if event.type == "train.metrics"]
    )


def test_doing_it_again_touches_nothing(analyzed, tmp_path):
    record = copied(analyzed, tmp_path)
    before = stamps(record)
    report = backfill(record)
    assert report.made == ()
    assert report.present > 70
    assert stamps(record) == before


def test_only_what_is_missing_is_made(analyzed, tmp_path):
    record = copied(analyzed, tmp_path)
    gone = [("latent_3d_pca", 1), ("scores", 3), ("trust_2d_pca", 2), ("neighbor_churn", 2)]
    for kind, epoch in gone:
        record.path_of(kind, epoch=epoch).unlink()
    before = stamps(record)
    report = backfill(record)
    assert sorted({*report.made} - {("diagnoses", 3)}) == sorted(gone)
    assert contents(record) == contents(analyzed)
    after = stamps(record)
    changed = {name for name in before if before[name] != after[name]}
    assert {name.rpartition("/")[0] for name in changed} <= {"", "scores"}  # a mirror, diagnoses


def test_an_epoch_is_laid_on_those_before_it_whatever_was_asked_for(analyzed, bare):
    report = backfill(bare, kinds=["latent_2d_pca"], epochs=[2])
    assert bare.epochs("latent_2d_pca") == [0, 1, 2]
    assert not bare.epochs("anatomy")
    assert {kind for kind, _ in report.made} == {
        "latents", "latent_2d_pca", "latent_3d_pca", "align_2d_pca", "align_3d_pca"
    }  # fmt: skip
    made, wanted = contents(bare), contents(analyzed)
    name = "projections/latent_2d_epoch_2.json"
    assert made[name] == wanted[name]


def test_it_stops_between_artifacts_and_goes_on_where_it_was(analyzed, bare):
    asked = 0

    def stop():
        nonlocal asked
        asked += 1
        return asked > 25

    told = []
    first = backfill(bare, stop=stop, progress=lambda *step: told.append(step[:2]))
    assert first.stopped
    assert 0 < len(first.made) < 60
    assert verify(bare) == []
    second = backfill(bare)
    assert not second.stopped
    assert not {*first.made} & {*second.made} - {("diagnoses", 3)}
    assert contents(bare) == contents(analyzed)
    assert told == sorted(told)
    assert len({total for _, total in told}) == 1


def test_a_live_run_is_filled_beside_its_owner(bare):
    with bare.own():
        events = len(list(bare.events()))
        report = backfill(bare, kinds=["anatomy"], epochs=[1])
        assert ("anatomy", 1) in report.made
        assert len(list(bare.events())) == events
    assert verify(bare) == []


def test_progress_tells_every_step(bare):
    told = []
    backfill(bare, kinds=["scores"], progress=lambda *step: told.append(step))
    assert told[0] == (0, 4, "fast set of epoch 0")
    assert told[-1] == (4, 4, "done")


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"epochs": [1, 7]}, r"no checkpoint(.|\n)*7(.|\n)*one of 0, 1, 2, 3"),
        ({"kinds": ["pca_2d"]}, "no such kind"),
        ({"kinds": ["posterior_local"]}, r"cannot be given posterior_local(.|\n)*latents"),
    ],
)
def test_what_cannot_be_filled_is_said(bare_run, wish, message):
    with pytest.raises(RunError, match=message):
        backfill(bare_run, **wish)
    assert not bare_run.has("latents", epoch=1)


def test_every_kind_that_can_be_filled_is_in_one_list():
    assert {"sprites", "diagnoses", "latents", "trust_2d_umap", "knn_umap"} <= set(FILLED)
    assert len(FILLED) == len(set(FILLED))


def network_run(tmp_path, **analysis):
    data = np.random.default_rng(0).random((60, 6), dtype=np.float32)
    sections = {
        "schedule": {"epochs": 2},
        "training": {"batch_size": 16},
        "analysis": {"points": 30, "neighbors": 5, "pictures": False, **analysis},
    }
    return data, fit(networks(), data, runs_dir=tmp_path, **sections).record


def networks():
    return VAE(nn.Sequential(nn.Linear(6, 8), nn.Tanh()), nn.Linear(3, 6), latent_dim=3)


def test_what_came_from_python_must_come_again(tmp_path):
    data, record = network_run(tmp_path, enabled=False)
    with pytest.raises(RunError, match=r"came from Python(.|\n)*model=(.|\n)*data="):
        backfill(record, kinds=["latents"])
    model = networks()
    before = [weight.clone() for weight in model.encoder.parameters()]
    backfill(record, data=data, model=model)
    assert record.epochs("latents") == [0, 1, 2]
    assert all(
        (old == new).all() for old, new in zip(before, model.encoder.parameters(), strict=True)
    )


def test_an_off_cadence_epoch_is_nothing_that_later_ones_are_laid_on(tmp_path):
    analysis = {**TINY["analysis"], "every_epochs": 2}
    config = {**TINY, "schedule": {"epochs": 4}}
    on = fit({**config, "analysis": analysis}, runs_dir=tmp_path).record
    off = fit({**config, "analysis": {**analysis, "enabled": False}}, runs_dir=tmp_path).record
    backfill(off, kinds=["latents", "latent_2d_pca"], epochs=[3])
    assert off.epochs("latents") == [0, 2, 3]
    backfill(off)
    made, wanted = contents(off), contents(on)
    assert set(made) - set(wanted) == {
        "latents/latents_epoch_3.safetensors",
        "projections/latent_2d_epoch_3.json",
    }
    different = [name for name in wanted if made[name] != wanted[name]]
    assert different in ([], ["diagnoses.json"])  # of one more epoch


@pytest.mark.slow
def test_umap_is_the_same_in_a_companion_and_in_a_backfill(tmp_path):
    on = fit(UMAP_RUN, runs_dir=tmp_path).record
    analysis = {**UMAP_RUN["analysis"], "enabled": False}
    off = fit({**UMAP_RUN, "analysis": analysis}, runs_dir=tmp_path).record
    backfill(off)
    made, wanted = contents(off), contents(on)
    grown = {name for name in made if name not in wanted}
    assert {name.rpartition("/")[0] for name in grown} == {"decode", "trust"}  # with the model
    assert all("umap" in name for name in grown)
    assert [name for name in wanted if made[name] != wanted[name]] == []
    assert off.epochs("latent_3d_umap") == [0, 1, 2, 3, 4]
    assert verify(on) == []
    assert verify(off) == []


def test_epochs_without_a_checkpoint_get_what_follows_from_their_latents(tmp_path):
    training = {**TINY["training"], "checkpoints": {"every_epochs": 3}}
    config = {**TINY, "model": {**GMVAE, "latent_dim": 4}, "training": training}
    record = fit(config, runs_dir=tmp_path).record
    assert [keys["epoch"] for keys in record.checkpoints()] == [0, 3]
    again = backfill(record)  # the mixture is missing at its warm-up, and always will be
    assert (again.made, again.left_out) == ((), ())

    gone = [("anatomy", 1), ("posterior_2d_pca", 1), ("trust_2d_pca", 2), ("scores", 3)]
    for kind, epoch in gone:
        record.path_of(kind, epoch=epoch).unlink()
    report = backfill(record)
    assert {finding.path for finding in verify(record)} == {
        "anatomy/points_epoch_1.json", "trust/trust_2d_epoch_2_pca.json"
    }  # fmt: skip
    assert set(report.left_out) == {("anatomy", 1), ("trust_2d_pca", 2)}
    assert {*report.made} - {("diagnoses", 3)} == {("posterior_2d_pca", 1), ("scores", 3)}

    with pytest.raises(RunError, match=r"which anatomy would need(.|\n)*1(.|\n)*one of 0, 3"):
        backfill(record, kinds=["anatomy", "metric_ratio_2d_pca"], epochs=[1, 3])
    assert backfill(record, kinds=["anatomy"], epochs=[3]).left_out == ()


def test_a_checkpoint_that_a_live_run_lets_go_of_is_left_out(bare):
    def let_go(done, total, what):
        if what == "fast set of epoch 2":
            shutil.rmtree(bare.path_of("checkpoint", epoch=2).parent)

    report = backfill(bare, kinds=["scores"], progress=let_go)
    assert report.left_out == (("scores", 2),)
    assert bare.epochs("scores") == [0, 1, 3]
