"""Rules about the size of the latents."""

from __future__ import annotations

from latelier.analysis.diagnoses.facts import EpochFacts, RunFacts, onset
from latelier.analysis.diagnoses.finding import Finding, Knob
from latelier.analysis.diagnoses.settings import learning_rate, weight_of_prior

BEYOND_PRIOR = 3.0
"""Exploding: latents are longer than this many lengths of a draw from the prior."""

GROWTH = 10.0
"""Exploding: latents are longer than this many times their length at the first epoch, and than
this many times sqrt(D), the length of a draw from N(0, I) …"""

STILL_GROWING = 2.0
"""… and than this many times their length in mid-run. A start is small and grows, then settles."""

SHRUNK = 0.1
"""Vanishing: codes lie within this share of the largest radius that they had."""

INDISTINCT = 0.05
"""Vanishing: codes lie within this share of their length around their mean."""


def no_latents(facts: RunFacts) -> str | None:
    """Say why lengths cannot be judged."""
    return None if facts.trained else "no epoch of latents was recorded after the first update"


def exploding_norms(facts: RunFacts) -> Finding | None:
    """Find latents that run away: far beyond the prior, or many times their early length."""
    first, last = facts.trained[0], facts.trained[-1]
    growing = last.norm > STILL_GROWING * facts.trained[len(facts.trained) // 2].norm
    small = max(first.norm, last.dimensions**0.5)

    def exploded(one: EpochFacts) -> bool:
        """Tell whether an epoch's norm is far above the first one's, or the prior's."""
        grown = growing and one.norm > GROWTH * small
        beyond = one.prior_norm is not None and one.norm > BEYOND_PRIOR * one.prior_norm
        return grown or beyond

    begun = onset(facts.trained, exploded)
    if begun is None:
        return None
    evidence: dict[str, float | tuple[float, ...]] = {
        "median_norm": last.norm,
        "at_first_epoch": first.norm,
        "norm_by_epoch": tuple(one.norm for one in facts.trained),
    }
    than = f"{last.norm:.3g} long, and were {first.norm:.3g} after the first epoch"
    if last.prior_norm is not None and last.norm > BEYOND_PRIOR * last.prior_norm:
        evidence["prior_norm"] = last.prior_norm
        than = f"{last.norm / last.prior_norm:.3g} times as long as a draw from the prior"
    decay = Knob("training.weight_decay", "Raise it, or set training.clip_norm.")
    advice = "Raise it: the pull to the prior is too weak to hold the latents."
    return Finding(
        severity="warning",
        epoch=begun.epoch,
        step=begun.step,
        title="Exploding norms",
        text=f"Latents are {than}. Distances lose their meaning, and small errors of the encoder "
        "become large ones of the decoder.",
        evidence=evidence,
        knob=decay
        if last.prior_norm is None
        else weight_of_prior(facts, advice=advice, otherwise=decay),
    )


def no_free_codes(facts: RunFacts) -> str | None:
    """Say why shrinking cannot be judged."""
    why = no_latents(facts)
    if why is None and facts.trained[-1].active is not None:
        return "a posterior that shrinks to the prior is posterior collapse"
    return why


def vanishing_norms(facts: RunFacts) -> Finding | None:
    """Find codes that shrink to one point, so that the decoder can tell no input from another."""
    widest = max(one.radius for one in facts.latents)
    last = facts.trained[-1]

    def vanished(one: EpochFacts) -> bool:
        """Tell whether an epoch's codes have shrunk together, against before or their length."""
        return one.radius < SHRUNK * widest or one.radius <= INDISTINCT * one.norm

    begun = onset(facts.trained, vanished)
    if begun is None:
        return None
    if facts.setting("training.weight_decay"):
        knob = Knob("training.weight_decay", "Lower it: the weights shrink faster than they learn.")
    elif facts.setting("objective.sparsity_weight"):
        knob = Knob("objective.sparsity_weight", "Lower it: it outweighs the reconstruction.")
    else:
        knob = learning_rate(facts, "Lower it: large updates can silence the encoder for good.")
    return Finding(
        severity="problem",
        epoch=begun.epoch,
        step=begun.step,
        title="Vanishing norms",
        text=f"Codes differ by {last.radius:.3g} around their mean, which is {last.norm:.3g} long; "
        f"their largest radius was {widest:.3g}. The decoder can hardly tell them apart.",
        evidence={
            "radius": last.radius,
            "median_norm": last.norm,
            "largest_radius": widest,
            "radius_by_epoch": tuple(one.radius for one in facts.trained),
        },
        knob=knob,
    )
