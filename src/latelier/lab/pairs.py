"""The picture of a run's latents through pairs of their dimensions, out of what it has recorded."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from safetensors.numpy import load as load_tensors

from latelier.config import RunConfig
from latelier.config.pictures import PairsConfig
from latelier.data import Dataset
from latelier.lab.pictures import theme
from latelier.lab.pictures.pairs import draw_pairs
from latelier.lab.progressions import bezier_frames, geometric_frames
from latelier.runs import RunRecord
from latelier.training import Session

_OTHERS = "#525b66"


def pairs_picture(record: RunRecord, session: Session) -> bytes:
    """Draw the newest recorded latents, and earlier ones small, as `analysis.pairs` says.

    Args:
        record: The run.
        session: The run in memory: its configuration and data.

    Returns:
        PNG bytes.
    """
    config = session.config
    settings = config.analysis.pairs
    frames = recorded_frames(record, session.clock.steps_per_epoch, session.clock.total_steps)
    history = [(step, _latents(record, keys)) for step, keys in frames]
    return draw_pairs(
        history,
        point_colors(session.dataset, config.analysis.indices or ()),
        settings.dimensions,
        thumbnails=chosen_frames(settings, len(history)),
        subtitle=variant_name(config),
    )


def recorded_frames(
    record: RunRecord, steps_per_epoch: int, total_steps: int
) -> list[tuple[int, dict[str, int]]]:
    """Return the step and the keys of every recorded set of latents, in the order of steps."""
    frames: dict[int, dict[str, int]] = {}
    for _, parsed in record.files():
        if parsed is None or parsed[0] != "latents" or not isinstance(parsed[1]["epoch"], int):
            continue
        keys = {name: int(value) for name, value in parsed[1].items()}
        at_end = min(keys["epoch"] * steps_per_epoch, total_steps)
        frames[keys.get("step", at_end)] = keys
    return sorted(frames.items())


def _latents(record: RunRecord, keys: dict[str, int]) -> npt.NDArray[np.float32]:
    latents: npt.NDArray[np.float32] = load_tensors(record.read_bytes("latents", **keys))["z"]
    return latents


def chosen_frames(settings: PairsConfig, total: int) -> tuple[int, ...]:
    """Return which recorded frames are shown small, as the settings' progression chooses them."""
    if settings.progression == "bezier":
        return bezier_frames(settings.frames, total, settings.control1, settings.control2)
    return geometric_frames(settings.frames, total, offset=settings.offset)


def are_colors(dataset: Dataset) -> bool:
    """Tell whether each example is a color: three numbers in 0…1, red, green and blue."""
    return dataset.shape == (3,) and dataset.value_range == (0.0, 1.0)


def point_colors(dataset: Dataset, indices: tuple[int, ...]) -> npt.NDArray[np.float64]:
    """Return the color of each point, [N, 3] in 0…1: its own where examples are colors.

    Elsewhere it is that of the point's label, and one gray where there are no labels.
    """
    batch = dataset.examples(torch.tensor(indices, dtype=torch.int64))
    if are_colors(dataset):
        return batch.inputs.double().numpy()
    if batch.labels is None:
        return np.tile(_rgb(_OTHERS), (len(indices), 1))
    palette = np.stack([_rgb(color) for color in theme.class_colors(dataset.classes or 1)])
    return np.asarray(palette[batch.labels.numpy()])


def _rgb(color: str) -> npt.NDArray[np.float64]:
    return np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])


def variant_name(config: RunConfig) -> str:
    """Return the regularizers in force, joined by plus signs; the run's name where it has none."""
    names = [part.name for part in config.regularizers if part.enabled]
    return " + ".join(names) or config.name
