"""Makers of the artifacts that need the model: one function each, and one row in `MAKERS`.

A new kind is a function of a moment and keys, a row here, its capabilities in `kinds`, and
its names in the name table.
"""

from __future__ import annotations

from functools import partial

from latelier.lab.makers.atlas import atlas
from latelier.lab.makers.base import MAX_SAMPLES, MakerRow
from latelier.lab.makers.factors import factor_scores
from latelier.lab.makers.interventions import interventions
from latelier.lab.makers.needs import makable, need_capabilities, need_images
from latelier.lab.makers.point import decode_point
from latelier.lab.makers.samples import posterior_local, prior_component, prior_samples
from latelier.lab.makers.traversals import interpolation, traversal
from latelier.lab.makers.trust import trust_grid

MAKERS: dict[str, MakerRow] = {
    row.kind: row
    for row in (
        MakerRow("posterior_local", posterior_local, keys=("idx", "m"), options=("seed",)),
        MakerRow("prior_component", prior_component, keys=("c", "m"), options=("seed",)),
        MakerRow("prior_samples", prior_samples, keys=("m",), options=("seed",)),
        MakerRow("interpolation", interpolation, keys=("idx", "to", "m"), options=("mode",)),
        MakerRow("traversal", traversal, keys=("idx", "d", "m")),
        MakerRow("atlas_pca", partial(atlas, method="pca")),
        MakerRow("atlas_umap", partial(atlas, method="umap")),
        MakerRow("trust_2d_pca", partial(trust_grid, method="pca"), image=False),
        MakerRow("trust_2d_umap", partial(trust_grid, method="umap"), image=False),
        MakerRow("factor_scores", factor_scores, image=False),
        MakerRow("interventions", interventions, options=("threshold", "strength"), image=False),
        MakerRow("decode_point", decode_point, keys=("method", "u", "v")),
    )
}
"""Kind → how it is made; a row serves the kind and its `_image`."""

__all__ = [
    "MAKERS",
    "MAX_SAMPLES",
    "MakerRow",
    "makable",
    "need_capabilities",
    "need_images",
]
