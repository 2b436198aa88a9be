"""One place of a 2-D map, decoded exactly, with what is known about how far to trust it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from latelier.analysis.atlas import nearest_point
from latelier.analysis.grid import Grid
from latelier.analysis.samples import image_sheet, to_unit
from latelier.config import ConfigError
from latelier.lab.makers.base import decoded, milliseconds, name_keys, whole
from latelier.lab.makers.needs import need_capabilities
from latelier.lab.makers.places import places
from latelier.lab.makers.trust import relative_cycle_error
from latelier.lab.moment import Keys, Moment, Product
from latelier.lab.pictures import png_bytes

METHODS = ("pca", "umap")
THOUSANDTHS = 1000
"""Keys u and v count these of a unit of the map."""

_LIMIT = 999_999_999


def decode_point(moment: Moment, keys: Keys) -> Iterable[Product]:
    """Decode one place of the 2-D map.

    Keys:
        method: `pca` or `umap`. u, v: The place, in thousandths of the map's units.

    Raises:
        ConfigError: If a key is out of bounds, or the model cannot decode.
    """
    since = time.perf_counter()
    need_capabilities(moment, "decode_point")
    method = keys.get("method")
    if method not in METHODS:
        raise ConfigError("method is no map", got=method, expected=" or ".join(METHODS))
    x, y = (
        whole(keys, name, -_LIMIT, _LIMIT, "place in thousandths") / THOUSANDTHS
        for name in ("u", "v")
    )
    map_ = places(moment, str(method))
    z = map_.codes(np.array([[x, y]])).astype(np.float32)
    outputs = decoded(moment, z)
    body: dict[str, Any] = {"method": map_.method, "x": x, "y": y, "z": z[0]}
    body |= _nearest(moment, z) | {"cycle_error": float(relative_cycle_error(moment, z)[0])}
    body |= _from_grids(moment, str(method), x, y)
    dataset, names = moment.session.dataset, name_keys(keys)
    if not dataset.is_image:
        yield "decode_point", names, body | {"decoded": outputs[0]}, milliseconds(since)
        return
    sheet = image_sheet(to_unit(outputs, dataset.value_range))
    picture = png_bytes(sheet.pixels)
    yield "decode_point", names, body | {"clipped": sheet.clipped}, milliseconds(since)
    yield "decode_point_image", dict(names), picture, milliseconds(since)


def _nearest(moment: Moment, z: Any) -> dict[str, Any]:
    rows, distances = nearest_point(z, moment.latents["z"])
    dataset_idx = int(moment.latents["dataset_idx"][rows[0]])
    return {"nearest": {"dataset_idx": dataset_idx, "distance": float(distances[0])}}


def _from_grids(moment: Moment, method: str, x: float, y: float) -> dict[str, float | None]:
    kinds = {"density": "posterior", "distortion": "metric_ratio", "trust": "trust"}
    if len(moment.latents["z"]) < 2:  # without neighbors there is no distortion
        del kinds["distortion"]
    return {
        name: value_at(moment.read(f"{kind}_2d_{method}"), x, y) for name, kind in kinds.items()
    }


def value_at(payload: Mapping[str, Any], x: float, y: float) -> float | None:
    """Read the cell of a stored grid that a place lies in; None outside, and where undefined."""
    cell = int(Grid.from_payload(payload).index_of(np.array([[x, y]]))[0])
    value = payload["values"][cell] if cell >= 0 else None
    return None if value is None else float(value)
