"""What the journeys look at: where the page stands, and the API as the page calls it."""

from __future__ import annotations

import re
import time

RUN_URL = re.compile(r"/runs/\d{8}-")
TINY = {
    "name": "tiny",
    "data": {"dataset": "digits", "limit": 300},
    "model": {
        "kind": "gmvae",
        "latent_dim": 4,
        "components": 5,
        "warmup_epochs": 3,
        "net": {"kind": "mlp", "hidden": [16]},
    },
    "schedule": {"epochs": 6},
    "training": {"batch_size": 64},
    "analysis": {
        "points": 120,
        "neighbors": 6,
        "reconstructions": 8,
        "pictures": False,
        "full_set": "all",
        "density_grid": 32,
        "trust_grid": 12,
        "atlas_tiles": 6,
    },
}
COLORS = {
    "name": "colors",
    "data": {"dataset": "colors", "sampling": "weighted"},
    "model": {"kind": "ae", "latent_dim": 4, "net": {"kind": "mlp", "hidden": [8]}},
    "regularizers": [{"name": "norm", "kind": "unitarity", "weight": 0.1}],
    "schedule": {"steps": 22, "lr": 0.01},
    "training": {"batch_size": 64, "steps_per_epoch": 10},
    "analysis": {
        "part": "held-out",
        "points": 60,
        "neighbors": 5,
        "every_steps": 4,
        "full_set": "last",
        "density_grid": 8,
        "trust_grid": 4,
        "pictures": False,
        "pairs": {"dimensions": [[1, 0], [1, 2], [1, 3]]},
    },
}


def map_epoch(page) -> int | None:
    """Epoch of the points that the map shows now."""
    text = page.evaluate("document.querySelector('[data-map]')?.dataset.epoch ?? null")
    return None if text is None else int(text)


def wait_for_epoch(page, least: int, seconds: float = 60) -> None:
    """Wait until the page stands at an epoch or a later one."""
    read = "Number(document.querySelector('[data-epoch]')?.dataset.epoch ?? -1)"
    until = time.monotonic() + seconds
    while page.evaluate(read) < least:
        assert time.monotonic() < until, f"the page did not reach epoch {least}"
        page.wait_for_timeout(30)


def wait_for_map(page, epoch: int, seconds: float = 40) -> None:
    until = time.monotonic() + seconds
    while map_epoch(page) != epoch:
        assert time.monotonic() < until, f"the map shows {map_epoch(page)}, not {epoch}"
        page.wait_for_timeout(50)


def api(page, method: str, path: str, body: object = None) -> object:
    """Call the API as the page does."""
    return page.evaluate(
        """async ([method, path, body]) => {
          const options = {method, headers: {"content-type": "application/json"}};
          if (body !== null) options.body = JSON.stringify(body);
          const answer = await fetch(path, options);
          return [answer.status, await answer.json().catch(() => null)];
        }""",
        [method, path, body],
    )
