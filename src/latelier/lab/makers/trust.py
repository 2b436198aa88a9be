"""How far the places of a 2-D map can be trusted: density, cycle error and stretch together."""

from __future__ import annotations

import time
from collections.abc import Iterable

import numpy as np

from latelier.analysis import plane
from latelier.analysis.atlas import cycle_error, latent_radius
from latelier.lab.makers.base import decoded, encoded_again, milliseconds, name_keys
from latelier.lab.makers.needs import need_capabilities
from latelier.lab.makers.places import places
from latelier.lab.moment import Array, Keys, Moment, Product


def trust_grid(moment: Moment, keys: Keys, *, method: str) -> Iterable[Product]:
    """Measure the trust of every cell of a grid over the 2-D map; each is decoded once.

    Args:
        moment: The run at its checkpoint; its density and distortion are made first.
        keys: None beside the moment's own.
        method: `pca` or `umap`.

    Raises:
        ConfigError: If the model cannot encode and decode.
    """
    kind, since = f"trust_2d_{method}", time.perf_counter()
    need_capabilities(moment, kind)
    posterior, map_ = moment.read(f"posterior_2d_{method}"), places(moment, method)
    several = len(moment.latents["z"]) > 1  # a point alone has no neighbor to be distorted from
    grid = plane.trust_grid(posterior, moment.session.config.analysis.trust_grid)
    body = plane.trust_payload(
        grid,
        relative_cycle_error(moment, map_.codes(grid.centers())),
        posterior=posterior,
        metric_ratio=moment.read(f"metric_ratio_2d_{method}") if several else None,
        drawn=map_.drawn,
    )
    yield kind, name_keys(keys), body, milliseconds(since)


def relative_cycle_error(moment: Moment, codes: Array) -> Array:
    """Measure how far codes [M, D] come back when they are decoded and encoded again.

    Returns:
        The distances over the radius of the points' latents, [M]; NaN where they have none.
    """
    error = cycle_error(
        codes.astype(np.float32),
        lambda inputs: encoded_again(moment, inputs),
        lambda z: decoded(moment, z),
    )
    radius = latent_radius(moment.latents["z"])
    return error / radius if radius > 0 else np.full(len(error), np.nan)
