"""Which setting to turn: keys that the run's configuration really has."""

from __future__ import annotations

from latelier.analysis.diagnoses.facts import RunFacts
from latelier.analysis.diagnoses.finding import Knob

PRIOR_WEIGHTS = ("kld_weight", "beta", "mmd_weight")
"""What the weight of the term that pulls latents to the prior is called, by objective."""


def weight_of_prior(facts: RunFacts, *, advice: str, otherwise: Knob) -> Knob:
    """Name the weight of the pull to the prior; the dopesheet where that has it.

    Args:
        facts: The run.
        advice: What to do with the weight.
        otherwise: The knob of a model without such a weight.

    Returns:
        The knob.
    """
    for name in PRIOR_WEIGHTS:
        if facts.setting(f"objective.{name}") is not None:
            return _column(facts, name, f"objective.{name}", advice)
    return otherwise


def learning_rate(facts: RunFacts, advice: str) -> Knob:
    """Name the learning rate; the dopesheet where that has it."""
    return _column(facts, "lr", "schedule.lr", advice)


def _column(facts: RunFacts, column: str, key: str, advice: str) -> Knob:
    if facts.scheduled(column):
        return Knob("schedule.dopesheet", f"In its column {column}: {advice}")
    return Knob(key, advice)
