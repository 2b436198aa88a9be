from __future__ import annotations

import numpy as np
import pytest
import torch

from latelier.analysis import Projection
from latelier.config import DataError, RunError
from latelier.lab.analyst import Analyst
from latelier.runs import RunStore
from latelier.training import load_checkpoint

from .conftest import copied


@pytest.fixture(scope="module")
def analyst(analyzed):
    return Analyst.open(analyzed)


def test_a_moment_is_the_run_as_it_was_then(analyst, analyzed):
    moment = analyst.at(2)
    assert (moment.epoch, moment.step, moment.keys) == (2, 8, {"epoch": 2})
    assert moment.digest == analyzed.read_json("checkpoint", epoch=2)["digest"]
    recorded = moment.latents
    assert set(recorded) >= {"z", "log_var", "responsibilities", "prior_mu", "dataset_idx"}
    with analyst.executing():
        encoded = moment.encode(moment.points.inputs)
    assert np.array_equal(encoded.z.numpy(), recorded["z"])
    assert np.array_equal(encoded.responsibilities.numpy(), recorded["responsibilities"])
    assert moment.prior().mu.shape == (3, 4)
    assert moment.decode(encoded.z[:2]).shape == (2, 1, 8, 8)
    assert not encoded.z.requires_grad


def test_each_moment_has_the_weights_of_its_epoch_whatever_was_looked_at_between(analyst):
    early, late = analyst.at(1), analyst.at(3)
    x = early.example(7)
    first = early.encode(x).z
    other = late.encode(x).z
    assert not torch.equal(first, other)
    assert torch.equal(early.encode(x).z, first)
    assert early.session.clock.step == 4
    assert torch.equal(late.encode(x).z, other)
    assert analyst.at("latest").epoch == 3


def test_the_prior_is_the_one_in_force_then(analyst):
    assert analyst.at(0).prior().mu.shape == (1, 4)  # a warm-up: N(0, I)
    assert analyst.at(3).prior().mu.shape == (3, 4)


def test_maps_and_artifacts_are_read_and_made_first_where_they_are_missing(bare):
    moment = Analyst.open(bare).at(1)
    projection = moment.map("pca")
    assert isinstance(projection, Projection)
    assert projection.coords.shape == (40, 2)
    assert bare.epochs("latent_2d_pca") == [0, 1]  # the chain
    assert moment.read("metric_ratio_2d_pca")["k"] == 5
    assert not bare.has("posterior_2d_pca", epoch=1)
    with pytest.raises(RunError, match="has no prior_empirical_2d_pca of epoch 1"):
        moment.read("prior_empirical_2d_pca")  # the mixture begins after it


def test_reading_changes_no_random_number(analyst):
    moment = analyst.at(1)
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    moment.encode(moment.example(3))
    moment.prior()
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("epoch", [4, -1])
def test_an_epoch_without_checkpoint_names_those_that_have_one(analyst, epoch):
    with pytest.raises(RunError, match=r"no checkpoint of that epoch(.|\n)*one of 0, 1, 2, 3"):
        analyst.at(epoch)


def test_an_example_outside_the_data_is_refused(analyst):
    size = len(analyst.at(0).session.dataset)
    with pytest.raises(DataError, match=f"0 to {size - 1}"):
        analyst.at(0).example(size)


def test_a_run_without_any_checkpoint_says_so(tmp_path):
    config = {"analysis": {}, "seed": 0}
    record = RunStore(tmp_path).create(config, label="", model_kind="vae", dataset="digits")
    with pytest.raises(RunError, match="a run with checkpoints"):
        Analyst.open(record)


def test_a_damaged_checkpoint_is_not_looked_at(analyzed, tmp_path):
    record = copied(analyzed, tmp_path)
    path = record.path_of("checkpoint_model", epoch=1)
    path.write_bytes(path.read_bytes()[:-1] + b"\x01")
    moment = Analyst.open(record).at(1)
    with pytest.raises(RunError, match="damaged"):
        moment.encode(moment.example(0))


def test_opening_takes_up_the_threads_of_the_run(analyst, analyzed):
    session = analyst.at(0).session
    assert session.threads == analyzed.read_json("checkpoint", epoch=0)["threads"]
    load_checkpoint(session, analyzed.path_of("checkpoint", epoch=0).parent)  # it fits
