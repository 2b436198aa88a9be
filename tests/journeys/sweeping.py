"""A small sweep of colors, and what the journeys read off its wall."""

from __future__ import annotations

import time

from watching import api

from latelier.runs.sweep_store import SweepStore

TWO_TERMS = {
    "name": "colors",
    "data": {"dataset": "colors", "sampling": "weighted"},
    "model": {"kind": "ae", "latent_dim": 3, "net": {"kind": "mlp", "hidden": [8]}},
    "regularizers": [
        {"name": "norm", "kind": "unitarity", "weight": 0.2},
        {"name": "planar", "kind": "planarity", "weight": 0.1},
    ],
    "schedule": {"epochs": 3, "lr": 0.01},
    "training": {"batch_size": 64, "steps_per_epoch": 20},
    "analysis": {
        "part": "held-out",
        "points": 60,
        "every_steps": 10,
        "pictures": False,
        "full_set": "off",
        "neighbors": 5,
        "reconstructions": 4,
    },
    "sweep": {
        "name": "two terms",
        "axes": [
            {
                "kind": "subsets",
                "parts": {
                    "norm": "regularizers.norm.enabled",
                    "planar": "regularizers.planar.enabled",
                },
            }
        ],
        "map": [0, 1],
        "metrics": {"val/loss": "min", "wall/ring": "min"},
    },
}
BORDER = 4
"""Pixels of a tile's border, its rounded corners included."""

_INK = """([layer, index]) => {
  const host = document.querySelector("[data-wall]");
  const square = document.querySelector(`[data-tile="${index}"] > span`).getBoundingClientRect();
  const room = host.getBoundingClientRect();
  const from = host.querySelector(`canvas[data-layer=${layer}]`);
  const ratio = from.width / room.width;
  const copy = document.createElement("canvas");
  [copy.width, copy.height] = [square.width * ratio, square.height * ratio];
  const pen = copy.getContext("2d");
  pen.drawImage(from, (room.left - square.left) * ratio, (room.top - square.top) * ratio);
  const pixels = pen.getImageData(0, 0, copy.width, copy.height).data;
  let ink = 0;
  for (let at = 3; at < pixels.length; at += 4) ink += pixels[at] > 8 ? 1 : 0;
  return ink;
}"""


def begin_sweep(page, config: dict[str, object], **how: object) -> str:
    """Let the server begin a sweep; its id."""
    status, answer = api(page, "POST", "/api/sweeps", {"config": config, **how})
    assert status == 201, answer
    return answer["sweep_id"]


def wait_for_sweep(runs_dir, sweep_id: str, state: str = "completed", seconds: float = 90) -> None:
    """Wait until a sweep is in a state."""
    record = SweepStore(runs_dir).open(sweep_id)
    until = time.monotonic() + seconds
    while (now := record.read()).state != state:
        assert time.monotonic() < until, f"the sweep is {now.state}: {now.message}"
        time.sleep(0.1)


def wait_for_step(page, step: int, seconds: float = 30) -> None:
    """Wait until the wall shows a step, with all points at rest."""
    page.wait_for_selector(
        f'[data-wall][data-step="{step}"][data-moving="false"]',
        timeout=1000 * seconds,
        state="attached",
    )


def wait_for_more(page, step: int, seconds: float = 60) -> int:
    """Wait until the wall shows a later step; which one."""
    newest = "Number(document.querySelector('[data-wall]')?.dataset.step || 0)"
    until = time.monotonic() + seconds
    while (now := int(page.evaluate(newest))) <= step:
        assert time.monotonic() < until, f"the wall stays at step {now}"
        page.wait_for_timeout(50)
    return now


def ink(page, layer: str, tile: int) -> int:
    """How many pixels of a tile a layer of the wall has drawn on; only of 2-D layers."""
    return int(page.evaluate(_INK, [layer, tile]))


def picture(page, tile: int) -> bytes:
    """What a tile looks like on the screen, without its border.

    How the browser smooths a rounded corner differs by one part in 255 from one load to the next.
    """
    box = page.locator(f'[data-tile="{tile}"] > span').first.bounding_box()
    side = {"width": box["width"] - 2 * BORDER, "height": box["height"] - 2 * BORDER}
    return bytes(page.screenshot(clip={"x": box["x"] + BORDER, "y": box["y"] + BORDER, **side}))


def point_at(page, tile: int) -> None:
    """Move the pointer over a tile until it is over a point."""
    box = page.locator(f'[data-tile="{tile}"] > span').first.bounding_box()
    for at in range(400):
        x, y = (at % 20 + 0.5) / 20, (at // 20 + 0.5) / 20
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        if page.locator("[data-card]").count():
            return
    raise AssertionError(f"no point of tile {tile} can be found")
