from __future__ import annotations

import json
import os

import numpy as np
import pytest
from safetensors.numpy import save

ARRAYS = {
    "dataset_idx": np.arange(5, dtype=np.int64),
    "z": np.linspace(0, 1, 15, dtype=np.float32).reshape(5, 3),
    "log_var": np.zeros((5, 3), np.float32),
    "labels": np.array([0, 1, 0, 1, 2]),
}


@pytest.fixture
def recorded(make_run):
    record = make_run()
    with record.own() as writer:
        for epoch in (0, 2):
            arrays = {**ARRAYS, "z": ARRAYS["z"] + epoch}
            writer.put_bytes("latents", save(arrays), epoch=epoch, step=epoch)
    return record


def test_every_array_is_in_the_file(cli, recorded, tmp_path):
    result = cli("latents", recorded.id, "--epoch", "2", "-o", "z.npz")

    assert result.exit_code == 0, result.output
    assert "z.npz has the latents of epoch 2" in result.stdout
    with np.load(tmp_path / "z.npz", allow_pickle=False) as file:
        assert set(file.files) == set(ARRAYS)
        np.testing.assert_array_equal(file["z"], ARRAYS["z"] + 2)
        np.testing.assert_array_equal(file["labels"], ARRAYS["labels"])
        assert file["dataset_idx"].dtype == np.int64
    assert [path.name for path in tmp_path.glob("*.tmp")] == []


def test_the_newest_epoch_is_the_default_and_json_describes(cli_json, recorded, tmp_path):
    document = cli_json("latents", recorded.id, "-o", "newest.npz")

    assert (document["run_id"], document["epoch"]) == (recorded.id, 2)
    assert document["path"] == str(tmp_path / "newest.npz")
    assert document["arrays"]["z"] == {"shape": [5, 3], "dtype": "float32"}


def test_nothing_is_written_over(cli, recorded, tmp_path):
    (tmp_path / "mine.npz").write_text("mine")

    refused = cli("latents", recorded.id, "-o", "mine.npz")

    assert refused.exit_code == 2
    assert "--force" in refused.stderr
    assert (tmp_path / "mine.npz").read_text() == "mine"
    assert cli("latents", recorded.id, "-o", "mine.npz", "--force").exit_code == 0
    assert np.load(tmp_path / "mine.npz")["z"].shape == (5, 3)
    assert cli("latents", recorded.id, "-o", str(tmp_path)).exit_code == 2
    assert cli("latents", recorded.id, "-o", "nowhere/z.npz").exit_code == 2


def test_an_epoch_that_is_not_there(cli, recorded, make_run, tmp_path):
    missing = cli("latents", recorded.id, "--epoch", "1", "-o", "z.npz")

    assert missing.exit_code == 3
    assert "one of 0, 2" in missing.stderr
    assert not (tmp_path / "z.npz").exists()
    without = cli("latents", make_run(label="bare").id, "-o", "z.npz")
    assert without.exit_code == 3
    assert "has no latents" in without.stderr
    assert json.dumps(without.stdout) == '""'


@pytest.mark.parametrize("name", ["z.txt", "z", "npz"])
def test_only_an_npz_file_is_written(cli, recorded, tmp_path, name):
    refused = cli("latents", recorded.id, "-o", name, "--force")

    assert refused.exit_code == 2
    assert "no .npz file" in refused.stderr
    assert not (tmp_path / name).is_file()


def test_a_pipe_is_not_replaced(cli, recorded, tmp_path):
    os.mkfifo(tmp_path / "pipe.npz")

    refused = cli("latents", recorded.id, "-o", "pipe.npz", "--force")

    assert refused.exit_code == 2
    assert (tmp_path / "pipe.npz").is_fifo()
