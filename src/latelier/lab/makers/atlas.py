"""The decode atlas: what the decoder makes of every place of a 2-D map."""

from __future__ import annotations

import time
from collections.abc import Iterable

from latelier.analysis.atlas import MARGIN, atlas_grid, decode_atlas
from latelier.lab.makers.base import decoded, milliseconds, name_keys
from latelier.lab.makers.needs import need_capabilities, need_images
from latelier.lab.makers.places import places
from latelier.lab.moment import Keys, Moment, Product
from latelier.lab.pictures import png_bytes


def atlas(moment: Moment, keys: Keys, *, method: str) -> Iterable[Product]:
    """Decode a grid over the 2-D map, one tile for the center of each cell.

    Args:
        moment: The run at its checkpoint.
        keys: None beside the moment's own.
        method: `pca` or `umap`.

    Raises:
        ConfigError: If the data are no images, or the model cannot decode.
    """
    kind, since = f"atlas_{method}", time.perf_counter()
    need_capabilities(moment, kind)
    need_images(moment, kind)
    map_ = places(moment, method)
    grid = atlas_grid(map_.drawn.bounds, moment.session.config.analysis.atlas_tiles)
    made = decode_atlas(
        grid,
        map_.codes,
        lambda z: decoded(moment, z),
        moment.latents["z"],
        value_range=moment.session.dataset.value_range,
    )
    body = {
        "method": map_.method,
        **made.payload(),
        "out_of_plane": map_.left_out,
        "meta": {"subset_n": len(moment.latents["z"]), "box": "full", "margin": MARGIN},
    }
    names = name_keys(keys)
    picture = png_bytes(made.sheet.pixels)
    yield kind, names, body, milliseconds(since)
    yield f"{kind}_image", dict(names), picture, milliseconds(since)
