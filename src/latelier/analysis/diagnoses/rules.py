"""The table of rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from latelier.analysis.diagnoses.curve_rules import (
    learning_rate_too_high,
    no_held_out_loss,
    no_steps,
    overfitting,
)
from latelier.analysis.diagnoses.facts import RunFacts
from latelier.analysis.diagnoses.finding import Diagnosis, Finding
from latelier.analysis.diagnoses.latent_rules import (
    dead_components,
    no_densities,
    no_mixture,
    no_posterior,
    posterior_collapse,
    prior_holes,
)
from latelier.analysis.diagnoses.norm_rules import (
    exploding_norms,
    no_free_codes,
    no_latents,
    vanishing_norms,
)


@dataclass(frozen=True)
class Rule:
    """One thing that can go wrong.

    Attributes:
        name: What it is called on the wire.
        why_not: Why it cannot be applied to a run, in words; None where it can.
        find: What it says of a run that it can be applied to; None where all is well.
    """

    name: str
    why_not: Callable[[RunFacts], str | None]
    find: Callable[[RunFacts], Finding | None]


RULES = (
    Rule("posterior_collapse", no_posterior, posterior_collapse),
    Rule("dead_components", no_mixture, dead_components),
    Rule("overfitting", no_held_out_loss, overfitting),
    Rule("prior_holes", no_densities, prior_holes),
    Rule("exploding_norms", no_latents, exploding_norms),
    Rule("vanishing_norms", no_free_codes, vanishing_norms),
    Rule("learning_rate_too_high", no_steps, learning_rate_too_high),
)


def diagnose(facts: RunFacts) -> Diagnosis:
    """Apply every rule to a run.

    Args:
        facts: The run.

    Returns:
        What was found, and which rules could not be applied.
    """
    checked = {rule.name: rule.why_not(facts) for rule in RULES}
    found = {rule.name: rule.find(facts) for rule in RULES if checked[rule.name] is None}
    return Diagnosis({name: one for name, one in found.items() if one is not None}, checked)
