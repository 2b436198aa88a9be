"""What a run writes once: thumbnails and the schedule when it begins, pictures when it is done."""

from __future__ import annotations

import io
from dataclasses import asdict
from typing import TYPE_CHECKING

from latelier.data import default_tile, sprite_layout, sprite_sheet
from latelier.lab.fast_set import FastSet, score_everything
from latelier.lab.pictures import curves_picture, map_picture, schedule_picture
from latelier.runs import RunRecord, RunWriter
from latelier.training import Session

if TYPE_CHECKING:
    from latelier.lab.execute import KeyMetrics


def write_opening(writer: RunWriter, session: Session) -> None:
    """Write the realized schedule and the thumbnails of the fixed points."""
    schedule = session.timeline.realize()
    writer.put_json("timeline", schedule, epoch=0, step=0)
    indices = session.config.analysis.indices
    if not session.config.analysis.enabled or not session.dataset.is_image or indices is None:
        return
    tile = default_tile(session.dataset.shape, len(indices))
    buffer = io.BytesIO()
    sprite_sheet(session.dataset, indices, tile).save(buffer, format="PNG")
    writer.put_bytes("sprites", buffer.getvalue(), epoch=0, step=0)
    layout = asdict(sprite_layout(len(indices), tile))
    writer.put_json("sprites_layout", {**layout, "dataset_idx": list(indices)}, epoch=0, step=0)


def write_closing(
    record: RunRecord,
    writer: RunWriter,
    session: Session,
    metrics: KeyMetrics,
    fast_set: FastSet | None,
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
    columns = record.metrics().epochs
    if clock.total_epochs:
        phases = [(p["start"] / clock.steps_per_epoch, p["name"]) for p in schedule["phases"]]
        writer.put_bytes(
            "curves_picture", curves_picture(columns, phases=phases), epoch=epoch, step=step
        )
    if fast_set is not None and record.has("latent_2d_pca", epoch=epoch):
        payload = record.read_json("latent_2d_pca", epoch=epoch)
        picture = map_picture(payload, session.dataset.label_names)
        writer.put_bytes("map_picture", picture, epoch=epoch, step=step)
