"""What the points look like, for whoever draws them: thumbnails of images, colors of colors."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import numpy.typing as npt

from latelier.data import Dataset, default_tile, sprite_layout, sprite_sheet
from latelier.lab.factors import example_pairs
from latelier.lab.pairs import are_colors, point_colors
from latelier.lab.sink import Sink
from latelier.training import Session


def write_thumbnails(sink: Sink, session: Session) -> None:
    """Write what the fixed points look like, and their partners in the pairs given as examples.

    Images get thumbnails, points that are colors a list of them; other data gets nothing.
    """
    dataset, indices = session.dataset, session.config.analysis.indices
    if indices is None:
        return
    if are_colors(dataset):
        color = hex_colors(point_colors(dataset, indices))
        body = {"dataset_idx": list(indices), "color": color}
        sink.put_json("point_colors", body, epoch=0, step=0)
    if not dataset.is_image:
        return
    _put_sprites(sink, dataset, indices, "sprites")
    if pairs := example_pairs(session, np.asarray(indices)):
        _put_sprites(sink, dataset, sorted({*pairs.first, *pairs.second}), "pair_sprites")


def _put_sprites(sink: Sink, dataset: Dataset, indices: Sequence[int], kind: str) -> None:
    tile = default_tile(dataset.shape, len(indices))
    buffer = io.BytesIO()
    sprite_sheet(dataset, indices, tile).save(buffer, format="PNG")
    sink.put_bytes(kind, buffer.getvalue(), epoch=0, step=0)
    layout = asdict(sprite_layout(len(indices), tile))
    sink.put_json(f"{kind}_layout", {**layout, "dataset_idx": list(indices)}, epoch=0, step=0)


def hex_colors(colors: npt.ArrayLike) -> list[str]:
    """Write colors [N, 3] as ``#rrggbb``; what lies outside 0…1 is brought to its edge."""
    levels = (np.asarray(colors, dtype=np.float64).clip(0, 1) * 255).round().astype(np.uint8)
    return [f"#{row.tobytes().hex()}" for row in levels]
