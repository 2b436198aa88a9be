"""Gather the facts of a run from its files, and diagnose it. Nothing here needs torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from safetensors.numpy import load as load_tensors

from latelier.analysis import diagnoses
from latelier.analysis.diagnoses import EpochFacts, RunFacts, epoch_facts
from latelier.config import RunError
from latelier.runs import RunRecord


def diagnose(record: RunRecord) -> dict[str, Any]:
    """Look for what went wrong in a run.

    A pure function of the run's files: latents of every recorded epoch, metrics, densities where
    they were made, and the configuration.

    Args:
        record: The run; it may have ended in any way, or still be under way.

    Returns:
        The payload of the artifact `diagnoses`: `findings` in the order of their onset, and
        `checked`, which says of each rule whether it could be applied.

    Raises:
        RunError: If a file of the run is damaged.
    """
    return diagnoses.diagnose(run_facts(record)).payload()


def run_facts(record: RunRecord) -> RunFacts:
    """Read the facts that diagnoses rest on.

    Args:
        record: The run.

    Returns:
        The facts; without latents where the run recorded none.

    Raises:
        RunError: If a file of the run is damaged.
    """
    metrics = record.metrics()
    started: Mapping[str, Any] = {}
    non_finite = None
    for event in record.events():
        if event.type in {"run.started", "run.resumed"}:
            started, non_finite = started or event.data, None
        elif event.type == "run.failed" and event.data.get("reason") == "non_finite":
            non_finite = event.step
    steps_per_epoch = int(started.get("steps_per_epoch") or 1)
    return RunFacts(
        config=record.config(),
        steps_per_epoch=steps_per_epoch,
        latents=_latents(record, steps_per_epoch),
        epochs=metrics.epochs,
        steps=metrics.steps,
        non_finite_step=non_finite,
    )


def _latents(record: RunRecord, steps_per_epoch: int) -> tuple[EpochFacts, ...]:
    epochs = record.epochs("latents")
    compared = set(record.epochs("prior_minus_posterior_2d_pca"))
    return tuple(
        epoch_facts(
            epoch,
            epoch * steps_per_epoch,
            _tensors(record, epoch),
            hole_mass=_hole_mass(record, epoch) if epoch in compared else None,
            mean_kl=_mean_kl(record, epoch) if epoch == epochs[-1] else None,
        )
        for epoch in epochs
    )


def _tensors(record: RunRecord, epoch: int) -> dict[str, Any]:
    try:
        return dict(load_tensors(record.read_bytes("latents", epoch=epoch)))
    except Exception as error:  # safetensors' own error has no public base
        raise RunError(
            f"the latents of epoch {epoch} of run {record.id} cannot be read",
            got=str(error),
            remedy=f"See `latelier verify {record.id}`.",
        ) from error


def _hole_mass(record: RunRecord, epoch: int) -> float:
    payload = record.read_json("prior_minus_posterior_2d_pca", epoch=epoch)
    return float(sum(hole["mass"] for hole in payload["holes"]))


def _mean_kl(record: RunRecord, epoch: int) -> list[float] | None:
    if not record.has("anatomy", epoch=epoch):
        return None
    found: list[float] | None = record.read_json("anatomy", epoch=epoch)["mean_kl"]
    return found
