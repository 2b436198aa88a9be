"""The demo: the default preset on embedded images, beside a recorded run to look at meanwhile."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from latelier.config import ConfigError, load_config
from latelier.runs import RunRecord, RunStore, request_start

if TYPE_CHECKING:
    from latelier.lab.execute import Observer
    from latelier.lab.run import Run

DEFAULT_PRESET = "lab/mnist5k-gmvae"
_SAMPLE = "ten-digits.zip"


def run_demo(
    runs_dir: str | Path = "demo",
    *,
    observers: Sequence[Observer] = (),
    overrides: Sequence[str] = (),
    stop: Callable[[], bool] | None = None,
) -> Run:
    """Train the default preset into ``runs_dir``, in this process; see `fit`."""
    from latelier.lab.launch import fit

    return fit(
        DEFAULT_PRESET, runs_dir=runs_dir, observers=observers, overrides=overrides, stop=stop
    )


def prepare_demo(runs_dir: Path, overrides: Sequence[str] = ()) -> RunRecord:
    """Fill a fresh folder for a server: the recorded run, and the default run, asked to start.

    Needs no torch.

    Args:
        runs_dir: A folder that is missing or empty.
        overrides: ``key=value`` texts for the run.

    Returns:
        The run that a server's queue will begin.

    Raises:
        ConfigError: If the folder holds something, or an override is wrong; nothing is written.
    """
    config = load_config(DEFAULT_PRESET, overrides)
    if runs_dir.is_dir() and any(runs_dir.iterdir()):
        raise ConfigError(
            f"{runs_dir} is not empty", expected="a new folder", remedy="Name another --runs-dir."
        )
    unpack_sample(runs_dir)
    record = RunStore(runs_dir).create(
        config.model_dump(mode="json"),
        label=config.name,
        model_kind=config.model.kind,
        dataset=config.data.dataset,
    )
    request_start(record)
    return record


def unpack_sample(runs_dir: Path) -> None:
    """Put the recorded run that comes with the package into a folder of runs."""
    packed = resources.files("latelier.lab") / "samples" / _SAMPLE
    runs_dir.mkdir(parents=True, exist_ok=True)
    with packed.open("rb") as file, zipfile.ZipFile(file) as archive:
        archive.extractall(runs_dir)
