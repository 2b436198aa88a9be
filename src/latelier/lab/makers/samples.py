"""Samples on demand: around one example's posterior, of one component, of the whole prior."""

from __future__ import annotations

import time
from collections.abc import Iterable

import torch

from latelier.analysis.samples import gaussian_samples, mixture_samples
from latelier.lab.makers.base import (
    Array,
    draw_seed,
    drawn,
    encoded,
    example_index,
    generator,
    prior_of,
    row_of,
    sample_count,
    whole,
)
from latelier.lab.makers.needs import need_capabilities
from latelier.lab.moment import Keys, Moment, Product


def posterior_local(moment: Moment, keys: Keys) -> Iterable[Product]:
    """Draw m latents from q(z|x) of one example, and decode them.

    Keys:
        idx: dataset_idx of any example. m: 1 to 256. seed: optional.

    Raises:
        ConfigError: If a key is out of bounds, or the model has no posterior variances.
    """
    since = time.perf_counter()
    need_capabilities(moment, "posterior_local")
    idx, m = example_index(moment, keys), sample_count(keys)
    about = encoded(moment, idx)
    assert about.log_var is not None, "the capability says so"
    seed = draw_seed(moment, "posterior_local", keys)
    mu, log_var = row_of(about.z), row_of(about.log_var)
    z = gaussian_samples(mu, log_var, _noise(m, len(mu), generator(seed)))
    said = {"sample_seed": seed, "idx": idx, "mu": mu, "log_var": log_var}
    yield from drawn(moment, "posterior_local", keys, said, z, columns=None, since=since)


def prior_component(moment: Moment, keys: Keys) -> Iterable[Product]:
    """Draw m latents from one component of the prior, and decode them.

    Keys:
        c: The component; 0 alone where the prior is a single Gaussian. m: 1 to 256. seed:
            optional.

    Raises:
        ConfigError: If a key is out of bounds, or the model has no prior.
    """
    since = time.perf_counter()
    need_capabilities(moment, "prior_component")
    prior = prior_of(moment)
    c = whole(keys, "c", 0, len(prior.mu) - 1, "component of the prior")
    m, seed = sample_count(keys), draw_seed(moment, "prior_component", keys)
    mu, log_var = _row(prior.mu, c), _row(prior.log_var, c)
    z = gaussian_samples(mu, log_var, _noise(m, len(mu), generator(seed)))
    said = {"sample_seed": seed, "component": c, "mu": mu, "log_var": log_var}
    yield from drawn(moment, "prior_component", keys, said, z, columns=None, since=since)


def prior_samples(moment: Moment, keys: Keys) -> Iterable[Product]:
    """Draw m latents from the prior, every component as often on average, and decode them.

    Keys:
        m: 1 to 256. seed: optional.

    Raises:
        ConfigError: If a key is out of bounds, or the model has no prior.
    """
    since = time.perf_counter()
    need_capabilities(moment, "prior_samples")
    prior = prior_of(moment)
    m, seed = sample_count(keys), draw_seed(moment, "prior_samples", keys)
    source = generator(seed)
    chosen = torch.randint(len(prior.mu), (m,), generator=source).numpy()
    mu, log_var = prior.mu.float().cpu().numpy(), prior.log_var.float().cpu().numpy()
    z = mixture_samples(mu, log_var, chosen, _noise(m, mu.shape[1], source))
    said = {"sample_seed": seed, "components": chosen}
    yield from drawn(moment, "prior_samples", keys, said, z, columns=None, since=since)


def _noise(m: int, width: int, source: torch.Generator) -> Array:
    noise: Array = torch.randn(m, width, generator=source).numpy()
    return noise


def _row(values: torch.Tensor, row: int) -> Array:
    return row_of(values[row : row + 1])
