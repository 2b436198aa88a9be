"""What the five regularizers of the color autoencoder are for, each by leaving it out.

The sheet of color/regularizers on two fifths of its steps; the whole one gives the same picture
(docs/journal.md).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
import torch

from latelier.config import load_config
from latelier.data import load_dataset
from latelier.data.colors import hsv_to_rgb
from latelier.training import execution, open_session, train

pytestmark = pytest.mark.slow

STEPS = 4000
PLACES = {name: i for i, name in enumerate(("polar", "separate", "planar", "norm-v", "norm"))}


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
    """

    error: float
    radius: float
    one_sided: float
    hues_outside: float
    red: float
    turns: float


@torch.no_grad()
def structure(*left_out: str) -> Structure:
    switches = [f"regularizers.{PLACES[name]}.enabled=false" for name in left_out]
    config = load_config("color/regularizers", switches)
    rows = [
        {**row, "STEP": {"5000": STEPS // 2, "10000": STEPS}.get(str(row["STEP"]), row["STEP"])}
        for row in config.schedule.dopesheet
    ]
    schedule = config.schedule.model_copy(update={"dopesheet": tuple(rows)})
    config = config.model_copy(update={"schedule": schedule})
    session = open_session(config, load_dataset(config.data, seed=config.seed))
    with torch.enable_grad(), execution(config.training, session.threads, config.seed):
        train(session)
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
    )


def _circle() -> np.ndarray:
    """Pure hues, once round, the first one again at the end."""
    return np.stack([np.arange(37) / 36 % 1, np.ones(37), np.ones(37)], -1)


@pytest.fixture(scope="module")
def whole() -> Structure:
    return structure()


def test_together_they_make_a_circle_of_hues_on_a_sphere_with_red_in_its_place(whole):
    assert whole.error < 0.002
    assert whole.radius == pytest.approx(1, abs=0.05)
    assert whole.one_sided < 0.6
    assert whole.hues_outside < 0.05
    assert whole.red < 0.8
    assert abs(whole.turns) == pytest.approx(1, abs=1e-3)


def test_without_separate_the_points_gather_on_one_side(whole):
    found = structure("separate")
    assert found.one_sided > 0.9 > 1.5 * whole.one_sided
    assert abs(found.turns) < 1e-3


def test_without_norm_they_gather_in_the_middle(whole):
    assert structure("norm", "norm-v").radius < 0.5 * whole.radius


def test_without_planar_hues_leave_the_first_two_dimensions(whole):
    assert structure("planar").hues_outside > max(0.2, 5 * whole.hues_outside)


def test_without_polar_red_is_not_at_its_anchor(whole):
    assert structure("polar").red > max(1.2, 2 * whole.red)
