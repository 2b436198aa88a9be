from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from torch import nn

from latelier.config import ConfigError, RunError
from latelier.lab import on_demand
from latelier.lab.analyst import Analyst
from latelier.lab.backfill import backfill
from latelier.lab.chain import Stopped
from latelier.lab.computing import computing
from latelier.lab.launch import fit
from latelier.lab.on_demand import is_slow, make
from latelier.models import VAE
from latelier.runs import LATEST
from latelier.runs.atomic import is_temporary
from latelier.runs.verify import verify

from .conftest import contents, copied


@pytest.fixture(scope="module")
def filled(analyzed, tmp_path_factory):
    """A run to ask, and its analyst."""
    record = copied(analyzed, tmp_path_factory.mktemp("filled"))
    return record, Analyst.open(record)


def test_the_second_request_finds_what_the_first_one_made(filled):
    record, analyst = filled
    keys = {"epoch": 2, "idx": 5, "m": 4}
    first = make(record, "posterior_local", keys, analyst=analyst)
    assert (first.cached, first.keys) == (False, keys)
    assert first.compute_ms > 0
    assert [path.suffix for path in first.paths] == [".json", ".png"]
    assert all(path.is_file() for path in first.paths)
    again = make(record, "posterior_local_image", keys)
    assert again.cached
    assert again.paths == first.paths
    stored = record.read_json("posterior_local", **keys)
    assert stored["checkpoint_hash"] == record.read_json("checkpoint", epoch=2)["digest"]
    assert (stored["epoch"], stored["step"]) == (2, 8)
    assert verify(record) == []


def test_a_damaged_file_is_made_again(filled, tmp_path):
    record = copied(filled[0], tmp_path)
    analyst = Analyst.open(record)
    sample = {"epoch": 1, "idx": 5, "m": 4}
    make(record, "posterior_local", sample, analyst=analyst)
    for kind, keys in (
        ("posterior_local", sample),
        ("metric_ratio_2d_pca", {"epoch": 2}),
        ("latent_3d_pca", {"epoch": 3}),
    ):
        path = record.path_of(kind, **keys)
        before = record.read_json(kind, **keys)
        path.write_bytes(path.read_bytes()[:100])
        assert not make(record, kind, keys, analyst=analyst).cached
        after = record.read_json(kind, **keys)
        assert {name: after[name] for name in after if name not in ("compute_ms", "meta")} == {
            name: before[name] for name in before if name not in ("compute_ms", "meta")
        }
        assert make(record, kind, keys).cached


def test_latest_is_the_newest_epoch_with_a_checkpoint(filled):
    record, analyst = filled
    made = make(record, "prior_samples", {"epoch": LATEST, "m": 2}, analyst=analyst)
    assert made.keys["epoch"] == 3
    assert record.has("prior_samples", epoch=LATEST, m=2)


def test_an_option_that_is_the_default_is_no_other_artifact(filled):
    record, analyst = filled
    keys = {"epoch": 1, "idx": 1, "to": 2, "m": 3}
    first = make(record, "interpolation", keys | {"mode": "linear"}, analyst=analyst)
    assert make(record, "interpolation", keys).cached
    assert first.keys == keys


def test_what_an_artifact_needs_is_made_before_it(analyzed, bare):
    made = make(bare, "metric_ratio_2d_pca", {"epoch": 2})
    assert not made.cached
    assert bare.epochs("latents") == [0, 1, 2]
    there, wanted = contents(bare), contents(analyzed)
    assert set(there) < set(wanted)
    names = [name for name in there if "latest" not in name]
    assert [name for name in names if there[name] != wanted[name]] == []
    assert verify(bare) == []


def test_equal_requests_compute_once(bare, monkeypatch):
    analyst, computed = Analyst.open(bare), []
    compute = on_demand._compute

    def slowly(*given):
        computed.append(given[1])
        time.sleep(0.2)
        compute(*given)

    monkeypatch.setattr(on_demand, "_compute", slowly)
    results = []

    def ask():
        results.append(make(bare, "anatomy", {"epoch": 1}, analyst=analyst))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert computed == ["anatomy"]
    assert sorted(made.cached for made in results) == [False, True, True]


def test_quick_requests_do_not_wait_for_slow_ones(filled):
    record, analyst = filled
    with computing(record, slow=True, stop=lambda: False):
        make(record, "traversal", {"epoch": 1, "idx": 0, "d": 0, "m": 3}, analyst=analyst)
    asked = []

    def stop():
        asked.append(1)
        return len(asked) > 1

    with computing(record, slow=False, stop=lambda: False), pytest.raises(Stopped):
        make(record, "traversal", {"epoch": 1, "idx": 0, "d": 1, "m": 3}, stop=stop)
    assert not record.has("traversal", epoch=1, idx=0, d=1, m=3)


def test_what_needs_umap_is_slow_until_the_map_is_there(filled, tmp_path):
    record = copied(filled[0], tmp_path)
    assert not is_slow(record, "atlas_pca", {"epoch": 3})
    assert not is_slow(record, "decode_point", {"epoch": 3, "method": "pca", "u": 0, "v": 0})
    asked = ("atlas_umap_image", {"epoch": 3}), ("decode_point", {"epoch": 3, "method": "umap"})
    for kind, keys in asked:
        assert is_slow(record, kind, keys)
        assert is_slow(record, kind, keys | {"epoch": LATEST})
    with record.own() as writer:
        writer.put_json("latent_2d_umap", {}, epoch=3, step=12)
    for kind, keys in asked:
        assert not is_slow(record, kind, keys)
        assert not is_slow(record, kind, keys | {"epoch": LATEST})
    assert is_slow(record, "latent_3d_umap", {"epoch": 3})


@pytest.mark.parametrize(
    ("kind", "keys", "message"),
    [
        ("posterior_locl", {"epoch": 1}, r"no such kind(.|\n)*posterior_local"),
        ("events", {}, r"no events on demand(.|\n)*offers latents"),
        ("forward_layers", {"epoch": 1, "idx": 0}, "no forward_layers on demand"),
        ("anatomy", {"epoch": 9}, r"no checkpoint of that epoch(.|\n)*one of 0, 1, 2, 3"),
        ("anatomy", {}, "named by other keys"),
        ("anatomy", {"epoch": 1, "idx": 2}, "named by other keys"),
        ("anatomy", {"epoch": "first"}, "whole number"),
        ("anatomy", {"epoch": True}, "whole number"),
        ("posterior_local", {"epoch": 1, "idx": 0, "m": 0}, "m cannot be part"),
        ("prior_empirical_2d_pca", {"epoch": 1}, r"epoch 1 of run (.|\n)* has no"),
        ("neighbor_churn", {"epoch": 0}, r"epoch 0 of run (.|\n)* has no"),
    ],
)
def test_what_cannot_be_made_is_said(filled, kind, keys, message):
    with pytest.raises(RunError, match=message):
        make(filled[0], kind, keys, analyst=filled[1])


def test_an_index_outside_says_the_range(filled):
    record, analyst = filled
    with pytest.raises(ConfigError, match="0 to 2"):
        make(record, "prior_component", {"epoch": 3, "c": 3, "m": 2}, analyst=analyst)
    assert not record.epochs("prior_component", c=3, m=2)


def test_a_model_without_the_capability_says_what_it_offers(tmp_path):
    config = {
        "data": {"dataset": "digits", "limit": 120},
        "model": {"kind": "ae", "latent_dim": 2, "net": {"kind": "mlp", "hidden": [4]}},
        "schedule": {"epochs": 1},
        "training": {"batch_size": 32},
        "analysis": {"points": 40, "neighbors": 3, "reconstructions": 2, "enabled": False},
    }
    record = fit(config, runs_dir=tmp_path).record
    for kind in ("prior_samples", "prior_2d_pca", "mixture_health", "latent_2d_umap"):
        with pytest.raises(RunError, match=r"offers latents(.|\n)*traversal"):
            make(record, kind, {"epoch": 1, "m": 2})
    backfill(record)
    assert record.read_json("posterior_2d_pca", epoch=1)["method"] == "identity"
    assert not record.has("prior_2d_pca", epoch=1)
    assert verify(record) == []


def test_networks_from_python_come_with_the_analyst(tmp_path):
    def networks():
        return VAE(nn.Sequential(nn.Linear(6, 8), nn.Tanh()), nn.Linear(3, 6), latent_dim=3)

    data = np.random.default_rng(0).random((60, 6), dtype=np.float32)
    analysis = {"points": 30, "neighbors": 5, "pictures": False, "full_set": "off"}
    training = {"batch_size": 16}
    sections = {"schedule": {"epochs": 1}, "training": training, "analysis": analysis}
    record = fit(networks(), data, runs_dir=tmp_path, **sections).record
    keys = {"epoch": 1, "idx": 0, "d": 0, "m": 3}
    with pytest.raises(RunError, match=r"came from Python(.|\n)*Analyst.open"):
        make(record, "traversal", keys)
    assert make(record, "prior_2d_pca", {"epoch": 1}).paths  # follows from what is recorded
    analyst = Analyst.open(record, data=data, model=networks())
    made = make(record, "traversal", keys, analyst=analyst)
    assert [path.suffix for path in made.paths] == [".json"]  # no images


KILLED = """
import os, sys
from pathlib import Path
from latelier.lab import on_demand
from latelier.runs import RunRecord, atomic
write = atomic._write_new
def half(path, data, *, durable):
    if path.name.startswith(".posterior_local"):
        write(path, data[: len(data) // 2], durable=durable)
        print("half", flush=True)
        import time; time.sleep(60)
    write(path, data, durable=durable)
atomic._write_new = half
record = RunRecord(Path(sys.argv[1]))
on_demand.make(record, "posterior_local", {"epoch": 2, "idx": 5, "m": 4})
"""


@pytest.mark.slow
def test_a_killed_maker_leaves_no_partial_file_and_the_request_succeeds_again(analyzed, tmp_path):
    record = copied(analyzed, tmp_path)
    command = [sys.executable, "-c", KILLED, str(record.path)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "half\n"
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    keys = {"epoch": 2, "idx": 5, "m": 4}
    assert not record.has("posterior_local", **keys)
    made = make(record, "posterior_local", keys)
    assert not made.cached
    assert verify(record) == []
    assert not any(is_temporary(path.name) for path in record.path.rglob("*"))
