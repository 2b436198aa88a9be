"""Models and data that do not fit, as somebody at the command line meets them.

The message says what was got, what was expected and what to do; nothing is written.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

NETS = """
import torch
from torch import nn


def encoder(shape, latent_dim):
    return nn.Sequential(nn.Flatten(), nn.LazyLinear(8))


def decoder(shape, latent_dim):
    return nn.LazyLinear(4)


def wide(shape, latent_dim):
    return nn.LazyLinear(5)


class NaN(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.LazyLinear(8)

    def forward(self, x):
        return self.layer(x) * torch.nan


def nan(shape, latent_dim):
    return NaN()
"""
NPZ = "data.dataset=npz"
FOLDER = "data.dataset=image-folder"
CUSTOM = ("model.net={kind: custom, encoder: 'nets_5:encoder', decoder: 'nets_5:decoder'}", NPZ)
CASES: dict[str, tuple[tuple[str, ...], list[str]]] = {
    "an unknown likelihood": (
        ("objective.likelihood=poisson",),
        ["objective.likelihood", '"poisson"', "gaussian, bernoulli"],
    ),
    "no latents": (("model.latent_dim=0",), ["model.latent_dim", "got 0", "at least 1"]),
    "targets out of range": (
        (NPZ, "data.path=wide.npz", "objective.likelihood=bernoulli"),
        ["bernoulli likelihood", "values from 0 to 5", "0 to 1", "Rescale the data"],
    ),
    "single examples for a model of pairs": (
        ("model.kind=adagvae",),
        ["trained on pairs", "data.pairs=off", "fixed or uniform"],
    ),
    "pairs for a model of single examples": (
        ("data.dataset=factors", "data.pairs=fixed"),
        ["single examples", "data.pairs=fixed", "expected off"],
    ),
    "pairs of data without factors": (
        ("model.kind=adagvae", "data.pairs=fixed"),
        ["the data set digits", "factors, dsprites or shapes3d", "set data.pairs=off"],
    ),
    "no items": ((NPZ, "data.path=empty.npz"), ["no examples", "shape [0, 4]", "none of them 0"]),
    "a hole": ((NPZ, "data.path=holed.npz"), ["not finite, in example 7", "Remove or repair"]),
    "no images": ((FOLDER, "data.path=nothing"), ["the folder has no images", ".png"]),
    "images of two sizes": (
        (FOLDER, "data.path=mixed"),
        ["differ in size: a/3.png", "9×8 pixels", "8×8", "Set data.image_size"],
    ),
    "a network that returns the wrong width": (
        (*CUSTOM, "data.path=good.npz", "model.net.decoder=nets_5:wide", "--allow-code"),
        ["decoder's output x_hat", "got [2, 5]", "expected [2, 4]", "Let the decoder end"],
    ),
    "a network that returns NaN": (
        (*CUSTOM, "data.path=good.npz", "model.net.encoder=nets_5:nan", "--allow-code"),
        ["the encoder returns numbers that are not finite", "NaN", "16 of 16", "Look at its"],
    ),
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with data sets that cannot be used, and networks."""
    good = np.random.default_rng(0).random((40, 4), dtype=np.float32)
    holed, wide = good.copy(), good * 5
    holed[7, 1] = np.nan
    wide[0, 0], wide[0, 1] = 0, 5
    for name, x in {"good": good, "holed": holed, "wide": wide, "empty": good[:0]}.items():
        np.savez(tmp_path / f"{name}.npz", x=x)
    (tmp_path / "nothing").mkdir()
    (tmp_path / "mixed" / "a").mkdir(parents=True)
    for i in range(5):
        Image.new("L", (9 if i == 3 else 8, 8)).save(tmp_path / "mixed" / "a" / f"{i}.png")
    (tmp_path / "nets_5.py").write_text(NETS, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("name", CASES)
def test_what_does_not_fit_is_refused(cli, place: Path, name: str) -> None:
    settings, parts = CASES[name]
    small = ("training.batch_size=8", "analysis.points=4", "analysis.neighbors=2")
    few = ("analysis.reconstructions=2", "model.net={kind: mlp, hidden: [4]}")
    result = cli("train", "library/digits-vae", *small, *few, *settings)
    said = " ".join(result.stderr.split())
    assert result.exit_code != 0
    for part in parts:
        assert part in said
    assert not (place / "runs").exists()
