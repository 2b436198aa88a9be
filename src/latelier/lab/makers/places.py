"""Places on a run's 2-D map: the latents that belong to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from latelier.analysis import Projection
from latelier.analysis.atlas import Codes, off_plane, plane_codes
from latelier.analysis.placing import unplace
from latelier.analysis.umap_map import UmapMap
from latelier.lab.moment import Moment


@dataclass(frozen=True, eq=False)
class Places:
    """A 2-D map that can be read backwards.

    Attributes:
        method: The payload's method: `pca`, `identity` or `umap`.
        drawn: The map as it is stored.
        codes: Coordinates [M, 2] → latents [M, D].
        left_out: What the map does not show; see `off_plane`. Null where it is not linear.
    """

    method: str
    drawn: Projection | UmapMap
    codes: Codes
    left_out: dict[str, float | None]


def places(moment: Moment, method: str) -> Places:
    """Return the 2-D map of a moment, `pca` or `umap`, as one that can be read backwards.

    A linear map is read within its plane; a UMAP by the weighted latent neighbors of a place.
    """
    found: Projection | UmapMap = moment.map(method)
    latents, coords = moment.latents["z"], np.asarray(found.coords, dtype=np.float64)
    if isinstance(found, Projection):
        left_out: dict[str, float | None] = {**off_plane(latents, found)}
        return Places(found.method, found, plane_codes(found), left_out)
    return Places(
        "umap",
        found,
        lambda points: np.asarray(unplace(points, coords, latents)),
        {"variance_share": None, "median_distance": None},
    )
