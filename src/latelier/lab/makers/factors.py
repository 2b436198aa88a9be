"""The scores of a code against the factors of the data, at any checkpoint."""

from __future__ import annotations

import time
from collections.abc import Iterable

from latelier.lab.factors import factor_scores_body
from latelier.lab.makers.base import milliseconds, name_keys
from latelier.lab.makers.needs import need_capabilities
from latelier.lab.moment import Keys, Moment, Product
from latelier.training import shielded


def factor_scores(moment: Moment, keys: Keys) -> Iterable[Product]:
    """Score the codes of up to 5,000 examples against their factors.

    Args:
        moment: The run at its checkpoint.
        keys: None beside the moment's own.

    Raises:
        ConfigError: If the factors of the data are unknown, or too few examples have them.
    """
    since = time.perf_counter()
    need_capabilities(moment, "factor_scores")
    with shielded():
        body = factor_scores_body(moment.session)
    yield "factor_scores", name_keys(keys), body, milliseconds(since)
