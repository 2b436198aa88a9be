"""The demo: the default preset, trained on embedded images."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from latelier.lab.execute import Observer
from latelier.lab.launch import fit
from latelier.lab.run import Run

DEFAULT_PRESET = "lab/mnist5k-gmvae"


def run_demo(
    runs_dir: str | Path = "demo",
    *,
    observers: Sequence[Observer] = (),
    overrides: Sequence[str] = (),
    stop: Callable[[], bool] | None = None,
) -> Run:
    """Train the default preset into ``runs_dir``; see `fit`."""
    return fit(
        DEFAULT_PRESET, runs_dir=runs_dir, observers=observers, overrides=overrides, stop=stop
    )
