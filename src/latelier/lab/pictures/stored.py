"""Pictures of what a run has stored: each takes an artifact's payload as it was written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from latelier.config.errors import DataError
from latelier.lab.pictures.curves import Panel, draw_curves
from latelier.lab.pictures.latent_map import draw_map
from latelier.lab.pictures.schedule import ScheduleColumn, draw_schedule

MOST_PANELS = 12

_METRICS: dict[str, tuple[str, str]] = {
    "loss": ("Objective", ""),
    "elbo": ("ELBO", "nats"),
    "recon": ("Reconstruction", "squared error"),
    "log_likelihood": ("Log-likelihood", "nats"),
    "kl_divergence": ("KL divergence", "nats"),
    "kld_z": ("KL of z", "nats"),
    "kld_c": ("KL of c", "nats"),
    "class": ("Cross-entropy", "nats"),
    "accuracy": ("Accuracy", ""),
    "clustering_accuracy": ("Clustering accuracy", ""),
    "probe_accuracy": ("Probe accuracy", ""),
    "qc_neff": ("Components", "effective"),
    "qc_entropy_mean": ("Entropy of q(c|x)", "nats"),
    "qc_pmax": ("Largest q(c|x)", "mean"),
}
"""Title and unit of metrics, in the order of the picture; others follow under their own name."""

_IN_THE_SCHEDULE = ("lr", "cat_kl_weight", "entropy_bonus_weight")
_LINES = {"val": "validation", "train": "training"}


def map_picture(
    payload: Mapping[str, Any], label_names: Sequence[str] | None = None, *, title: str = ""
) -> bytes:
    """Draw a stored two-dimensional projection.

    Args:
        payload: The artifact: `method`, `coords` [N][2], `explained_variance_ratio`; and, where
            known, `label` [N] and `epoch`.
        label_names: Name of each label; the number where not given.
        title: What the picture shows; "Latent map" where empty.

    Returns:
        PNG bytes.

    Raises:
        ShapeError: If the coordinates are not two-dimensional.
    """
    method = str(payload["method"])
    shares = payload.get("explained_variance_ratio")
    axis = "z" if method == "identity" else "PC" if method == "pca" else method.upper()
    names = [f"{axis} {number}" for number in (1, 2)]
    if shares is not None:
        names = [
            f"{name}, {share:.0%} of variance" for name, share in zip(names, shares, strict=True)
        ]
    how = "latents as they are" if method == "identity" else f"{method.upper()} of the latents"
    epoch = payload.get("epoch")
    notes = [f"{len(payload['coords']):,} points", how]
    return draw_map(
        payload["coords"],
        payload.get("label"),
        label_names,
        title or "Latent map",
        subtitle=" · ".join(([] if epoch is None else [f"Epoch {epoch}"]) + notes),
        axis_names=(names[0], names[1]),
    )


def curves_picture(
    columns: Mapping[str, Sequence[Any]],
    *,
    title: str = "Curves",
    subtitle: str = "",
    phases: Sequence[tuple[float, str]] = (),
) -> bytes:
    """Draw the metrics of all epochs: one panel per metric, validation over training.

    Args:
        columns: Values per epoch by stored name (`train/recon`, `val/recon`, `qc_neff`, ...),
            and `epoch` itself. Columns that are not numbers, and what the schedule's picture
            shows, are left out; beyond `MOST_PANELS` metrics the subtitle says how many are.
        title: What the picture shows.
        subtitle: A second line.
        phases: Epoch at which each phase starts, and its name.

    Returns:
        PNG bytes.

    Raises:
        DataError: If there is no epoch or no metric.
    """
    epochs = columns.get("epoch")
    if not epochs:
        raise DataError("there are no epochs to draw", got=sorted(columns), expected="epoch")
    panels = _panels(columns)
    if len(panels) > MOST_PANELS:
        left_out = f"{len(panels) - MOST_PANELS} more metrics are in the events"
        subtitle = f"{subtitle} · {left_out}" if subtitle else left_out
    return draw_curves(epochs, panels[:MOST_PANELS], title=title, subtitle=subtitle, phases=phases)


def schedule_picture(
    realized: Mapping[str, Any],
    *,
    steps_per_epoch: int | None = None,
    title: str = "Schedule",
    subtitle: str = "",
) -> bytes:
    """Draw the realized timeline.

    Args:
        realized: What `Timeline.realize` returned.
        steps_per_epoch: Given, the axis counts epochs; otherwise steps.
        title: What the picture shows.
        subtitle: A second line; the number of steps where empty.

    Returns:
        PNG bytes.

    Raises:
        DataError: If the timeline has no columns.
    """
    columns = [
        ScheduleColumn(
            name,
            column["values"],
            keyframes=[(step, value) for step, value in column["keyframes"]],
            log=column["space"] == "log",
        )
        for name, column in sorted(realized["columns"].items(), key=_rates_last)
    ]
    return draw_schedule(
        realized["steps"],
        columns,
        length=realized["length"],
        phases=[(phase["start"], phase["name"]) for phase in realized["phases"]],
        actions=[(action["step"], action["name"]) for action in realized["actions"]],
        steps_per_epoch=steps_per_epoch,
        title=title,
        subtitle=subtitle or f"{realized['length']:,} steps",
    )


def _rates_last(column: tuple[str, Any]) -> bool:
    """Tell whether a column is a learning rate: those stand below everything else."""
    name = column[0]
    return name == "lr" or name.endswith("_lr")


def _panels(columns: Mapping[str, Sequence[Any]]) -> list[Panel]:
    metrics: dict[str, dict[str, Sequence[float | None]]] = {}
    for stored, values in columns.items():
        prefix, _, name = stored.rpartition("/")
        if stored in ("epoch", "step") or name in _IN_THE_SCHEDULE or not _is_numeric(values):
            continue
        metrics.setdefault(name, {})[_LINES.get(prefix, prefix or "training")] = values
    known = [name for name in _METRICS if name in metrics]
    return [
        _panel(name, metrics[name]) for name in [*known, *(n for n in metrics if n not in _METRICS)]
    ]


def _panel(name: str, lines: Mapping[str, Sequence[float | None]]) -> Panel:
    title, unit = _METRICS.get(name, (name, ""))
    ordered = sorted(lines, key=lambda line: line != _LINES["val"])
    return Panel(title, {line: lines[line] for line in ordered}, unit)


def _is_numeric(values: Sequence[Any]) -> bool:
    """Whether a column holds a finite number, and nothing but numbers and gaps."""
    plain = all(value is None or isinstance(value, int | float) for value in values)
    return plain and any(value is not None and np.isfinite(value) for value in values)
