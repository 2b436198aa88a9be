"""Checkpoints hold everything that decides the next update, and refuse what they cannot trust."""

from __future__ import annotations

import json

import pytest
import torch
from safetensors.torch import load_file

from latelier.config import NonFiniteWeightsError, RunError
from latelier.training import execution, load_checkpoint, read_header, save_checkpoint, train
from latelier.training.checkpoint import combined_digest, load_model

from .conftest import MODELS


def digest_after(open_tiny, tmp_path, model: str, stops: list[int], **sections) -> str:
    """Train, stopping and starting afresh from a checkpoint at each of ``stops``."""
    folder = None
    for number, stop in enumerate([*stops, 10_000]):
        session = open_tiny(model, **sections)
        session.stop = lambda stop=stop, session=session: session.clock.step >= stop
        with execution(session.config.training, session.threads, session.config.seed):
            if folder is not None:
                load_checkpoint(session, folder)
            train(session)
            folder = tmp_path / f"{number}"
            folder.mkdir()
            digest = save_checkpoint(session, folder)
    return digest


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("stops", [[4], [6], [2, 5, 9]])
def test_resuming_is_bit_identical_to_never_having_stopped(open_tiny, tmp_path, model, stops):
    (tmp_path / "whole").mkdir(), (tmp_path / "parts").mkdir()
    whole = digest_after(open_tiny, tmp_path / "whole", model, [])
    parts = digest_after(open_tiny, tmp_path / "parts", model, stops)
    assert whole == parts


@pytest.mark.parametrize(
    "sections",
    [
        {"training": {"batch_size": 32, "optimizer": "adamw", "weight_decay": 0.1}},
        {"training": {"batch_size": 32, "optimizer": "sgd"}},
        {"training": {"batch_size": 32, "precision": "bf16"}},
        {"data": {"dataset": "digits", "limit": 100, "augment": {"shift": 1, "target": "clean"}}},
        {"schedule": {"epochs": 3, "warmup_steps": 5, "final_lr_fraction": 0.1}},
        {"training": {"batch_size": 32, "steps_per_epoch": 5}},
    ],
)
def test_resuming_is_bit_identical_under_options(open_tiny, tmp_path, sections):
    (tmp_path / "whole").mkdir(), (tmp_path / "parts").mkdir()
    whole = digest_after(open_tiny, tmp_path / "whole", "vae", [], **sections)
    assert digest_after(open_tiny, tmp_path / "parts", "vae", [7], **sections) == whole


def test_the_digest_tells_runs_apart(open_tiny, tmp_path):
    digests = []
    for number, seed in enumerate((0, 0, 1)):
        (tmp_path / str(number)).mkdir()
        digests.append(digest_after(open_tiny, tmp_path / str(number), "vae", [], seed=seed))
    assert digests[0] == digests[1] != digests[2]


@pytest.fixture
def checkpoint(open_tiny, tmp_path):
    session = open_tiny()
    digest = save_checkpoint(session, tmp_path)
    return session, tmp_path, digest


def test_the_header_says_what_is_inside(checkpoint):
    session, folder, digest = checkpoint
    header = read_header(folder)
    assert header["digest"] == digest == combined_digest(header["files"])
    assert (header["step"], header["epoch"], header["model_kind"]) == (0, 0, "vae")
    assert set(header["files"]) == {f"{p}.safetensors" for p in ("model", "optimizer", "state")}
    assert set(load_file(folder / "model.safetensors")) == set(session.model.state_dict())


@pytest.mark.parametrize("part", ["model", "optimizer", "state"])
def test_a_flipped_bit_is_found(checkpoint, part):
    session, folder, _ = checkpoint
    path = folder / f"{part}.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(RunError, match=f"{part}.safetensors is damaged.*sha256"):
        load_checkpoint(session, folder)


def test_a_missing_part_or_header_is_named(checkpoint):
    session, folder, _ = checkpoint
    (folder / "optimizer.safetensors").unlink()
    with pytest.raises(RunError, match=r"optimizer.safetensors cannot be read"):
        load_checkpoint(session, folder)
    (folder / "checkpoint.json").write_text("{")
    with pytest.raises(RunError, match="cannot be read"):
        read_header(folder)


@pytest.mark.parametrize("text", ["[]", "{}", '{"version": 1}'])
def test_a_header_that_is_none_says_what_to_do(checkpoint, text):
    _, folder, _ = checkpoint
    (folder / "checkpoint.json").write_text(text)
    with pytest.raises(RunError, match=r"cannot be read; got .*earlier checkpoint"):
        read_header(folder)


def test_weights_that_are_not_finite_are_not_stored(open_tiny, tmp_path):
    session = open_tiny()
    with torch.no_grad():
        next(session.model.parameters()).view(-1)[0] = torch.inf
    with pytest.raises(NonFiniteWeightsError, match="after 0 steps"):
        save_checkpoint(session, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_later_version_is_refused(checkpoint):
    _, folder, _ = checkpoint
    header = json.loads((folder / "checkpoint.json").read_text())
    (folder / "checkpoint.json").write_text(json.dumps({**header, "version": 99}))
    with pytest.raises(RunError, match=r"later Latelier.*99"):
        read_header(folder)


def test_another_model_is_refused(checkpoint, open_tiny):
    _, folder, _ = checkpoint
    with pytest.raises(RunError, match="does not fit the model"):
        load_model(open_tiny("ae").model, folder)


def test_tied_weights_can_be_saved(open_tiny, tmp_path):
    session = open_tiny("ae")
    name, weight = next(iter(session.model.named_parameters()))
    session.model.register_buffer("tied", weight.detach())
    save_checkpoint(session, tmp_path)
    tensors = load_file(tmp_path / "model.safetensors")
    assert torch.equal(tensors["tied"], tensors[name])
