"""Forks: with nothing changed exactly their parent, with something changed only that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from latelier.config.errors import ConfigError, RunError
from latelier.lab.fork import create_fork, fork, fork_config, origin_of
from latelier.lab.launch import create, fit, resume, start
from latelier.lab.prepare import resolve_config
from latelier.lab.run import Run
from latelier.runs import RunStore
from latelier.runs.verify import verify

CONFIG: dict[str, Any] = {
    "name": "parent",
    "data": {"dataset": "digits", "limit": 200},
    "model": {"kind": "vae", "latent_dim": 3, "net": {"kind": "mlp", "hidden": [8]}},
    "schedule": {"epochs": 3},
    "training": {"batch_size": 50, "device": "cpu", "threads": 1},
    "analysis": {"points": 40, "neighbors": 5, "reconstructions": 4, "pictures": False},
}


@pytest.fixture(scope="module")
def parent(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return fit(CONFIG, runs_dir=tmp_path_factory.mktemp("runs"))


def digests(run: Run) -> dict[int, str]:
    return {
        keys["epoch"]: run.record.read_json("checkpoint", **keys)["digest"]
        for keys in run.record.checkpoints()
    }


def test_a_fork_that_changes_nothing_repeats_its_parent(parent: Run) -> None:
    made = fork(parent, epoch=1)
    expected = {epoch: digest for epoch, digest in digests(parent).items() if epoch >= 1}
    assert digests(made) == expected
    assert made.summary().parent == {
        "run_id": parent.id,
        "epoch": 1,
        "checkpoint_hash": digests(parent)[1],
    }
    assert made.metrics().epochs["epoch"] == [1, 2, 3]
    before = parent.metrics().epochs["val/loss"]
    assert made.metrics().epochs["val/loss"] == before[1:]
    assert made.metrics().steps["step"][0] == 4, "the clock goes on"
    assert verify(made.record) == []


def test_its_film_goes_on_where_the_parent_stood(parent: Run) -> None:
    made = fork(parent, epoch=2)
    for epoch in (2, 3):
        fork_map, parent_map = (
            run.record.read_json("latent_2d_pca", epoch=epoch) for run in (made, parent)
        )
        assert np.allclose(fork_map["coords"], parent_map["coords"], atol=1e-5)


def test_only_what_was_changed_differs(parent: Run) -> None:
    made = fork(parent, epoch=1, overrides=["objective.beta=4", "schedule.epochs=2"], name="more β")
    assert made.config["objective"]["beta"] == 4
    assert made.config["analysis"]["indices"] == parent.config["analysis"]["indices"]
    assert made.summary().name == "more β"
    assert digests(made)[1] == digests(parent)[1]
    assert digests(made)[2] != digests(parent)[2]
    assert made.summary().total_epochs == 2


def test_a_completed_run_is_gone_on_with(parent: Run) -> None:
    made = fork(parent, epoch=3, overrides=["schedule.epochs=4"])
    longer = fit({**CONFIG, "schedule": {"epochs": 4}}, runs_dir=parent.path.parent)
    assert digests(made)[4] == digests(longer)[4]


def test_another_optimizer_begins_anew(parent: Run) -> None:
    made = fork(parent, epoch=2, overrides=["training.optimizer=sgd"])
    assert made.state == "completed"
    decayed = fork(parent, epoch=2, overrides=["training.weight_decay=0.5"])
    plain = fork(parent, epoch=2)
    assert digests(decayed)[3] != digests(plain)[3], "its own settings hold"


def test_another_batch_size_keeps_the_epoch(parent: Run) -> None:
    made = fork(parent, epoch=2, overrides=["training.batch_size=20"])
    assert made.metrics().epochs["step"] == [20, 30]
    assert made.metrics().epochs["epoch"] == [2, 3]


def test_a_fork_is_resumed_alone(parent: Run) -> None:
    steps = iter(range(100))
    made = fork(parent, epoch=1, stop=lambda: next(steps) >= 2)
    assert made.state == "cancelled"
    done = resume(made.id, runs_dir=parent.path.parent)
    assert done.state == "completed"
    assert digests(done)[3] == digests(parent)[3]


def test_a_fork_that_never_began_begins_with_its_parent(parent: Run) -> None:
    """Cancelled in the queue, there is no checkpoint of its own to go on from."""
    made = create_fork(parent.record, fork_config(parent.record, epoch=2), epoch=2)
    with made.own() as writer:
        writer.transition("cancelled")
    assert start(made) == "completed"
    assert digests(Run(made))[3] == digests(parent)[3]


@pytest.mark.parametrize(
    ("overrides", "match"),
    [
        (["model={kind: ae}", "objective={kind: ae}"], "keeps the kind"),
        (["schedule.epochs=1"], "nothing left"),
        (["schedule.epochz=1"], "not a setting"),
    ],
)
def test_settings_that_do_not_fit(parent: Run, overrides: list[str], match: str) -> None:
    before = RunStore(parent.path.parent).ids()
    with pytest.raises(ConfigError, match=match):
        fork(parent, epoch=1, overrides=overrides)
    assert RunStore(parent.path.parent).ids() == before


def test_what_is_found_out_when_it_begins(parent: Run) -> None:
    with pytest.raises(RunError, match="does not fit"):
        fork(parent, epoch=1, overrides=["model.latent_dim=5"])
    with pytest.raises(ConfigError, match="nothing left"):
        fork(parent, epoch=1, overrides=["schedule.epochs=null", "schedule.steps=3"])
    with pytest.raises(RunError, match="one of 0, 1, 2, 3"):
        fork(parent, epoch=7, overrides=["schedule.epochs=9"])


def test_a_parent_that_is_gone_or_changed(tmp_path: Path) -> None:
    run = fit({**CONFIG, "schedule": {"epochs": 1}}, runs_dir=tmp_path)
    made = create_fork(run.record, fork_config(run.record, epoch=0), epoch=0)
    header = run.record.path_of("checkpoint", epoch=0)
    header.write_text(header.read_text().replace('"digest": "', '"digest": "0'))
    with pytest.raises(RunError, match="has changed"):
        origin_of(made)
    RunStore(tmp_path).trash(run.id)
    with pytest.raises(RunError, match="is gone"):
        start(made)
    assert made.summary().state == "failed"
    assert "trash" in str(made.summary().message)


def test_a_run_that_a_server_made_begins_like_any_other(parent: Run) -> None:
    record = create(resolve_config(CONFIG), parent.path.parent)
    assert record.config()["analysis"]["indices"] is None
    assert start(record) == "completed"
    assert record.config() == parent.config
    assert digests(Run(record)) == digests(parent)
