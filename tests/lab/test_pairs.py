from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from latelier.config import ConfigError, ShapeError, load_config
from latelier.config.pictures import PairsConfig
from latelier.data import load_dataset
from latelier.lab.analyst import Analyst
from latelier.lab.backfill import backfill
from latelier.lab.launch import fit, resume
from latelier.lab.pairs import (
    chosen_frames,
    pairs_picture,
    point_colors,
    recorded_frames,
    variant_name,
)
from latelier.lab.pictures import theme
from latelier.lab.pictures.pairs import draw_pairs
from latelier.lab.thumbnails import hex_colors
from latelier.runs import RunRecord
from latelier.runs.verify import verify

from .conftest import contents, copied

COLORS: dict[str, Any] = {
    "data": {"dataset": "colors", "sampling": "weighted"},
    "model": {"kind": "ae", "latent_dim": 4, "net": {"kind": "mlp", "hidden": [8]}},
    "regularizers": [{"name": "norm", "kind": "unitarity", "weight": 0.1}],
    "schedule": {"steps": 22, "lr": 0.01},
    "training": {"batch_size": 64, "steps_per_epoch": 10},
    "analysis": {
        "part": "held-out",
        "points": 30,
        "neighbors": 5,
        "every_steps": 4,
        "full_set": "off",
        "reconstructions": 4,
        "pairs": {"dimensions": [[1, 0], [1, 2], [1, 3]]},
    },
}


@pytest.fixture(scope="module")
def colored(tmp_path_factory) -> RunRecord:
    return fit(COLORS, runs_dir=tmp_path_factory.mktemp("colors")).record


def test_latents_are_recorded_every_few_steps(colored):
    steps = [step for step, _ in recorded_frames(colored, 10, 22)]
    assert steps == [0, 4, 8, 10, 12, 16, 20, 22]
    told = [e.data for e in colored.events() if e.type == "artifact.created"]
    assert sum(data["kind"] == "latents" for data in told) == 8
    assert verify(colored) == []


def test_what_the_points_look_like_is_written_and_filled_in(colored, tmp_path):
    config = colored.config()
    body = colored.read_json("point_colors")
    assert body["dataset_idx"] == config["analysis"]["indices"]
    dataset = load_dataset(load_config(config).data, seed=0)
    exact = point_colors(dataset, tuple(body["dataset_idx"]))
    read = [[int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)] for color in body["color"]]
    np.testing.assert_allclose(read, exact, atol=0.5 / 255)
    assert not colored.has("sprites")
    older = copied(colored, tmp_path)
    older.path_of("point_colors").unlink()
    assert ("point_colors", 0) in backfill(older, kinds=["point_colors"]).made
    assert older.read_json("point_colors")["color"] == body["color"]


def test_colors_in_hexadecimal_keep_within_bounds():
    assert hex_colors([[0, 0.5, 1], [-1, 2, 10 / 255]]) == ["#0080ff", "#00ff0a"]


def test_the_points_are_held_out(colored):
    indices = colored.config()["analysis"]["indices"]
    assert len(indices) == 30
    assert min(indices) >= 3600
    nothing = {**COLORS, "data": {"dataset": "digits", "held_out": 0.0}}
    with pytest.raises(ConfigError, match="nothing is held out"):
        fit(nothing)


def test_a_resumed_film_is_the_same(colored, tmp_path):
    half: list[int] = []
    run = fit(COLORS, runs_dir=tmp_path, stop=lambda: len(half) > 14 or half.append(0))
    assert run.record.summary().state == "cancelled"
    resume(run.id, runs_dir=tmp_path)
    assert contents(run.record).keys() == contents(colored).keys()
    for name, content in contents(run.record).items():
        if name.startswith(("projections", "latents", "pictures/pairs")):
            assert content == contents(colored)[name], name


def test_the_picture_is_written_when_the_run_is_done(colored):
    picture = Image.open(io.BytesIO(colored.read_bytes("pairs_picture", epoch=3)))
    assert picture.width > 1500
    assert colored.read_bytes("pairs_picture", epoch="latest")
    pixels = np.asarray(picture.convert("RGB")).reshape(-1, 3)
    assert len(np.unique(pixels[::7], axis=0)) > 100


def test_without_pairs_there_is_no_picture(finished):
    assert not finished.record.has("pairs_picture", epoch=3)


def frames(count=3, rows=5):
    rng = np.random.default_rng(0)
    return [(10 * i, rng.normal(size=(rows, 4))) for i in range(count)]


def test_points_carry_their_own_color():
    red, far = np.tile([1.0, 0.0, 0.0], (5, 1)), [(0, np.full((5, 2), 0.5))]
    picture = Image.open(io.BytesIO(draw_pairs(far, red, [(0, 1)])))
    pixels = np.asarray(picture.convert("RGB")).astype(int)
    reddish = (pixels[..., 0] > 200) & (pixels[..., 1] < 120) & (pixels[..., 2] < 120)
    rows, columns = np.nonzero(reddish)
    assert len(rows) > 20
    panel = (24 * 2, (24 + 320) * 2)  # design pixels are two of the picture's
    assert panel[0] < columns.mean() < panel[1]
    assert columns.mean() > sum(panel) / 2  # right of the middle, as 0.5 is


def test_the_unit_circle_is_drawn_around_the_origin():
    far = [(0, np.array([[1.5, 1.5], [-1.5, -1.5]]))]
    picture = Image.open(io.BytesIO(draw_pairs(far, np.zeros((2, 3)), [(0, 1)])))
    pixels = np.asarray(picture.convert("RGB")).astype(int)[2 * 106 : 2 * 426, 2 * 24 : 2 * 344]
    disc = [int(theme.RAISED[i : i + 2], 16) for i in (1, 3, 5)]
    rows, columns = np.nonzero((np.abs(pixels - disc) < 3).all(-1))
    scale = 640 / (2 * 1.5 * 1.08)  # pixels per unit of latent space
    across = (columns - 319.5) / scale
    up = (319.5 - rows) / scale
    assert np.abs([across.mean(), up.mean()]).max() < 0.02
    assert np.quantile(np.hypot(across, up), 0.99) == pytest.approx(1, abs=0.02)
    assert len(rows) / scale**2 == pytest.approx(np.pi, rel=0.05)


def test_the_step_is_in_the_title_and_the_variant_below_it(colored, monkeypatch):
    said = []
    monkeypatch.setattr(theme.Canvas, "heading", lambda self, x, y, *words: said.append(words))
    moment = Analyst.open(colored).at(3)
    pairs_picture(colored, moment.session)
    ((title, subtitle),) = said
    assert title.startswith("Latents")
    assert subtitle == "Step 22 · norm"


def test_the_picture_is_the_same_each_time_and_shows_what_it_is_given():
    colors = np.random.default_rng(1).random((5, 3))
    once = draw_pairs(frames(), colors, [(1, 0)], thumbnails=[0, 1])
    assert once == draw_pairs(frames(), colors, [(1, 0)], thumbnails=[0, 1])
    assert once != draw_pairs(frames(), colors, [(1, 0)], thumbnails=[0, 2])
    assert once != draw_pairs(frames(), colors, [(1, 2)], thumbnails=[0, 1])


def test_before_anything_is_recorded_there_is_a_picture_that_says_so():
    assert draw_pairs([], np.zeros((0, 3)), [(1, 0)]).startswith(b"\x89PNG")


def test_what_does_not_fit_is_refused():
    with pytest.raises(ShapeError, match=r"analysis.pairs.dimensions"):
        draw_pairs(frames(), np.zeros((5, 3)), [(1, 4)])
    with pytest.raises(ShapeError, match="do not fit"):
        draw_pairs(frames(), np.zeros((4, 3)), [(1, 0)])


def test_progressions_are_chosen_by_the_settings():
    assert chosen_frames(PairsConfig(frames=4), 100)[-1] < 60
    even = PairsConfig(frames=4, progression="bezier", control1=(0.0, 0.0))
    assert chosen_frames(even, 100) == (0, 33, 66, 99)


def test_other_data_is_colored_by_label():
    config = load_config({"data": {"dataset": "digits"}})
    dataset = load_dataset(config.data, seed=0)
    colors = point_colors(dataset, (0, 1, 10))
    assert colors.shape == (3, 3)
    same = dataset.labels[0] == dataset.labels[10]
    assert (colors[0] == colors[2]).all() == bool(same)


def test_a_variant_is_named_by_its_parts():
    config = load_config("color/regularizers", ["regularizers.1.enabled=false"])
    assert variant_name(config) == "polar + planar + norm-v + norm"
    assert variant_name(load_config("library/digits-vae")) == load_config("library/digits-vae").name
