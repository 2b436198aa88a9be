"""Ways through latent space on demand: between two examples, and along one dimension."""

from __future__ import annotations

import time
from collections.abc import Iterable

from latelier.analysis.traversals import (
    SPAN,
    along_dimension,
    linear_path,
    mixture_deviation,
    spherical_path,
)
from latelier.config import ConfigError
from latelier.lab.kinds import DEFAULT_OPTIONS, named
from latelier.lab.makers.base import drawn, encoded, example_index, row_of, sample_count, whole
from latelier.lab.makers.needs import need_capabilities
from latelier.lab.moment import Keys, Moment, Product

COLUMNS = 16
"""Images in a row of the sheet: a way of up to this many is one row."""

PATHS = {"linear": linear_path, "spherical": spherical_path}


def interpolation(moment: Moment, keys: Keys) -> Iterable[Product]:
    """Decode m latents on the way from one example to another, both included.

    Keys:
        idx, to: dataset_idx of any two examples. m: 2 to 256. mode: `linear` (the default) or
            `spherical`.

    Raises:
        ConfigError: If a key is out of bounds.
        DataError: If there is no spherical way between the two.
    """
    since = time.perf_counter()
    need_capabilities(moment, "interpolation")
    idx, to = example_index(moment, keys), example_index(moment, keys, "to")
    m, mode = sample_count(keys, least=2), keys.get("mode", DEFAULT_OPTIONS["mode"])
    if mode not in PATHS:
        raise ConfigError("mode is no way to interpolate", got=mode, expected=", ".join(PATHS))
    start, end = (row_of(encoded(moment, example).z) for example in (idx, to))
    z, values = PATHS[str(mode)](start, end, m)
    said = {"idx": idx, "to": to, "mode": mode, "values": values}
    yield from drawn(
        moment, "interpolation", named(keys), said, z, columns=min(m, COLUMNS), since=since
    )


def traversal(moment: Moment, keys: Keys) -> Iterable[Product]:
    """Decode m latents that differ from one example's in one dimension only.

    The coordinate goes `SPAN` standard deviations to each side of the example's own. They are
    those of the prior (of a mixture: of all its components together), so that one step is as
    long for every example; a model without a prior gives those of the points' codes.

    Keys:
        idx: dataset_idx of any example. d: The dimension. m: 2 to 256; where it is odd, the
            image in the middle is the example's reconstruction.

    Raises:
        ConfigError: If a key is out of bounds.
    """
    since = time.perf_counter()
    need_capabilities(moment, "traversal")
    idx, m = example_index(moment, keys), sample_count(keys, least=2)
    center = row_of(encoded(moment, idx).z)
    d = whole(keys, "d", 0, len(center) - 1, "latent dimension")
    deviation, source = _deviation(moment, d)
    z, values = along_dimension(center, d, deviation, m)
    said = {
        "idx": idx,
        "dimension": d,
        "deviation": {"of": source, "value": deviation, "span": SPAN},
        "values": values,
    }
    yield from drawn(moment, "traversal", keys, said, z, columns=min(m, COLUMNS), since=since)


def _deviation(moment: Moment, d: int) -> tuple[float, str]:
    prior = moment.prior()
    if prior is None:
        return float(moment.latents["z"][:, d].std()), "codes"
    mu, log_var = prior.mu[:, d : d + 1].float().cpu(), prior.log_var[:, d : d + 1].float().cpu()
    return float(mixture_deviation(mu.numpy(), log_var.numpy())[0]), "prior"
