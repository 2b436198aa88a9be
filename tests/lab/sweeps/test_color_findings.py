"""What the five regularizers of the color autoencoder are for: all 31 subsets, as one sweep.

Eight subsets on a fifth of the sheet's steps show most of it; the slow tests train the whole sheet.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from latelier.config import load_config
from latelier.config.preset import find_preset
from latelier.config.reading import read_mapping
from latelier.config.sweeps import load_sweep
from latelier.data.colors import hsv_to_rgb
from latelier.lab.launch import read_config
from latelier.lab.prepare import prepare
from latelier.lab.sweeps.run import carry_out_sweep
from latelier.lab.sweeps.variants import create_sweep
from latelier.runs import RunRecord
from latelier.runs.sweeps import SweepRecord
from latelier.runs.verify import verify
from latelier.training import load_model

PRESET = "color/regularizers"
NAMES = ("polar", "separate", "planar", "norm-v", "norm")
SHORT = 2000
LEFT_OUT = [(), *((name,) for name in NAMES), ("norm-v", "norm"), ("polar", "planar")]


@dataclass(frozen=True)
class Structure:
    """Where the colors lie.

    Attributes:
        error: Mean squared error on the RGB cube.
        radius: Mean length of its latents.
        one_sided: Length of the mean of their directions: 1 where all point one way.
        hues_outside: Share of the hues' squared length outside the first two dimensions.
        red: Distance of pure red from (1, 0, 0, 0).
        turns: How often the circle of hues goes round the origin in the first two dimensions.
        hue_radius: Mean length of the pure hues.
        bend: How far the middle of an edge of the RGB cube lies from the middle between its ends,
            over their distance; mean of the twelve edges, 0 where they are straight.
    """

    error: float
    radius: float
    one_sided: float
    hues_outside: float
    red: float
    turns: float
    hue_radius: float
    bend: float


def variant(*left_out: str) -> str:
    """Return the name of the variant that lacks some terms."""
    return " + ".join(name for name in NAMES if name not in left_out)


def sweep(runs_dir: Path, steps: int | None = None, **section: Any) -> SweepRecord:
    """Train the preset's sweep as an ensemble, the sheet squeezed into some steps."""
    values = load_config(PRESET).model_dump(mode="json")
    values["sweep"] = read_mapping(find_preset(PRESET).path)["sweep"] | section
    if steps is not None:
        places = {"5000": steps // 2, "10000": steps}
        for row in values["schedule"]["dopesheet"]:
            row["STEP"] = places.get(str(row["STEP"]), row["STEP"])
        values["analysis"] |= {"enabled": False}
        values["analysis"].pop("indices")
    record = create_sweep(load_sweep(values), runs_dir)
    carry_out_sweep(record, executor="ensemble")
    return record


def structures(record: SweepRecord) -> dict[str, Structure]:
    """Measure every variant of a sweep, by its name."""
    runs = zip(record.read().variants, record.runs(), strict=True)
    return {found.name: structure(run) for found, run in runs}


@torch.no_grad()
def structure(run: RunRecord) -> Structure:
    session = prepare(read_config(run))
    load_model(session.model, run.path_of("checkpoint", **run.checkpoints()[-1]).parent)
    model = session.model.eval()
    x = session.dataset.examples(session.dataset.held_out).inputs
    output, length = model(x), model(x).z.norm(dim=1)
    hues = model.encode(torch.from_numpy(hsv_to_rgb(_circle())).float()).z
    turn = torch.atan2(hues[:, 1], hues[:, 0]).diff()
    turn = (turn + math.pi) % (2 * math.pi) - math.pi
    return Structure(
        error=float((output.x_hat - x).square().mean()),
        radius=float(length.mean()),
        one_sided=float((output.z / length[:, None]).mean(0).norm()),
        hues_outside=float(hues[:, 2:].square().sum() / hues.square().sum()),
        red=float((hues[0] - torch.tensor([1.0, 0, 0, 0])).norm()),
        turns=float(turn.sum()) / (2 * math.pi),
        hue_radius=float(hues.norm(dim=1).mean()),
        bend=_bend(lambda colors: model.encode(colors).z),
    )


def _bend(encode: Callable[[torch.Tensor], torch.Tensor]) -> float:
    corners = list(itertools.product((0.0, 1.0), repeat=3))
    edges = [(a, b) for a, b in itertools.combinations(corners, 2) if sum(map(abs_gap, a, b)) == 1]
    first, last = (encode(torch.tensor(ends)) for ends in zip(*edges, strict=True))
    middle = encode(torch.tensor(edges).mean(1))
    away = (middle - (first + last) / 2).norm(dim=1)
    return float((away / (first - last).norm(dim=1)).mean())


def abs_gap(a: float, b: float) -> float:
    return abs(a - b)


def _circle() -> np.ndarray:
    """Pure hues, once round, the first one again at the end."""
    return np.stack([np.arange(37) / 36 % 1, np.ones(37), np.ones(37)], -1)


@pytest.fixture(scope="module")
def short(tmp_path_factory) -> dict[str, Structure]:
    only = [variant(*left_out) for left_out in LEFT_OUT]
    return structures(sweep(tmp_path_factory.mktemp("short"), SHORT, only=only))


def test_eight_subsets_in_two_thousand_steps_show_what_each_term_is_for(short):
    assert len(short) == 8
    whole = short[variant()]
    assert short[variant("separate")].one_sided > 0.9 > 1.5 * whole.one_sided
    assert short[variant("norm-v", "norm")].radius < 0.5 * whole.radius
    assert short[variant("planar")].hues_outside > 5 * whole.hues_outside
    assert short[variant("polar")].red > 1.5 * whole.red


@pytest.fixture(scope="module")
def recorded(tmp_path_factory) -> SweepRecord:
    return sweep(tmp_path_factory.mktemp("all"))


@pytest.fixture(scope="module")
def found(recorded) -> dict[str, Structure]:
    return structures(recorded)


@pytest.fixture(scope="module")
def whole(found) -> Structure:
    return found[variant()]


@pytest.mark.slow
def test_all_31_are_complete_runs_of_the_whole_sheet(recorded):
    runs = recorded.runs()
    assert len(runs) == 31
    for run in runs:
        summary = run.summary()
        assert (summary.state, summary.step) == ("completed", 10_001)
        assert verify(run) == []
    assert recorded.read().summary is not None
    assert len(recorded.wall_steps()) > 50


@pytest.mark.slow
def test_together_they_make_a_circle_of_hues_on_a_sphere_with_red_in_its_place(whole):
    assert whole.error < 0.002
    assert whole.radius == pytest.approx(1, abs=0.05)
    assert whole.one_sided < 0.6
    assert whole.hues_outside < 0.05
    assert whole.red < 0.8
    assert abs(whole.turns) == pytest.approx(1, abs=1e-3)


@pytest.mark.slow
def test_without_separate_the_points_gather_on_one_side(found, whole):
    gathered = found[variant("separate")]
    assert gathered.one_sided > 0.9 > 1.5 * whole.one_sided
    assert abs(gathered.turns) < 1e-3


@pytest.mark.slow
def test_without_norm_they_gather_in_the_middle(found, whole):
    assert found[variant("norm", "norm-v")].radius < 0.5 * whole.radius


@pytest.mark.slow
def test_without_planar_hues_leave_the_first_two_dimensions(found, whole):
    assert found[variant("planar")].hues_outside > max(0.2, 5 * whole.hues_outside)


@pytest.mark.slow
def test_without_polar_red_is_not_at_its_anchor(found, whole):
    assert found[variant("polar")].red > max(1.2, 2 * whole.red)


@pytest.mark.slow
def test_one_norm_for_all_keeps_the_radius_and_the_shape(found, whole):
    one = found[variant("norm-v")]
    assert one.radius == pytest.approx(1, abs=0.05)
    assert one.bend > 0.7 * whole.bend


@pytest.mark.slow
def test_one_norm_for_the_vibrant_makes_a_cube_with_its_hues_at_radius_one(found, whole):
    """The source says radius 1 and like a cube of either norm alone: each half is true of one."""
    one = found[variant("norm")]
    assert one.hue_radius == pytest.approx(1, abs=0.05)
    assert one.radius < 0.8
    assert one.bend < 0.7 * whole.bend
