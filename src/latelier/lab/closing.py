"""What a run writes once: thumbnails and the schedule when it begins, pictures when it is done."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from latelier.lab.fast_set import score_everything
from latelier.lab.pairs import pairs_picture
from latelier.lab.pictures import curves_picture, map_picture, schedule_picture
from latelier.lab.sink import Sink
from latelier.lab.thumbnails import write_thumbnails
from latelier.runs import RunRecord, RunWriter
from latelier.training import Session

if TYPE_CHECKING:
    from latelier.lab.execute import KeyMetrics


def write_opening(writer: RunWriter, session: Session) -> None:
    """Write the realized schedule, and what the fixed points look like."""
    schedule = session.timeline.realize()
    writer.put_json("timeline", schedule, epoch=0, step=0)
    if session.config.analysis.enabled:
        write_thumbnails(writer, session)


def write_diagnoses(record: RunRecord, sink: Sink, *, non_finite_step: int | None = None) -> None:
    """Write what went wrong, since when, and the knob: of what is recorded by now.

    Args:
        record: The run.
        sink: Where the artifact goes.
        non_finite_step: Where the objective stopped being finite, if the run is failing just now
            and its events do not say it yet.
    """
    from latelier.analysis.diagnoses import diagnose
    from latelier.lab.diagnose import run_facts

    since = time.perf_counter()
    facts, summary = run_facts(record), record.summary()
    if non_finite_step is not None:
        facts = replace(facts, non_finite_step=non_finite_step)
    payload = diagnose(facts).payload()
    compute_ms = round((time.perf_counter() - since) * 1e3, 3)
    sink.put_json(
        "diagnoses", payload, epoch=summary.epoch, step=summary.step, compute_ms=compute_ms
    )


def write_closing(
    record: RunRecord,
    writer: RunWriter,
    session: Session,
    metrics: KeyMetrics,
) -> None:
    """Score all examples, and draw the schedule, the curves and the last map."""
    clock = session.clock
    epoch, step = clock.epoch, clock.step
    metrics.update(score_everything(session))
    writer.update_summary(last_metrics=metrics.last, best_metrics=metrics.best)
    if not session.config.analysis.pictures:
        return
    schedule = session.timeline.realize()
    picture = schedule_picture(schedule, steps_per_epoch=clock.steps_per_epoch)
    writer.put_bytes("timeline_image", picture, epoch=epoch, step=step)
    phases = [(p["start"] / clock.steps_per_epoch, p["name"]) for p in schedule["phases"]]
    write_last_pictures(record, writer, session, phases)


def write_last_pictures(
    record: RunRecord,
    writer: RunWriter,
    session: Session,
    phases: Sequence[tuple[float, str]] = (),
) -> None:
    """Draw the curves and the last map, where there is anything to draw.

    Args:
        record: The run.
        writer: Its writer.
        session: The run in memory.
        phases: Epoch at which each phase begins, and its name.
    """
    if not session.config.analysis.pictures:
        return
    clock = session.clock
    epoch, step = clock.epoch, clock.step
    if clock.total_epochs:
        picture = curves_picture(record.metrics().epochs, phases=phases)
        writer.put_bytes("curves_picture", picture, epoch=epoch, step=step)
    if record.has("latent_2d_pca", epoch=epoch):
        payload = record.read_json("latent_2d_pca", epoch=epoch)
        picture = map_picture(payload, session.dataset.label_names)
        writer.put_bytes("map_picture", picture, epoch=epoch, step=step)
    if session.config.analysis.pairs.dimensions and record.has("latents", epoch=epoch):
        picture = pairs_picture(record, session)
        writer.put_bytes("pairs_picture", picture, epoch=epoch, step=step)
