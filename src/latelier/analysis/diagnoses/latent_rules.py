"""Rules about what the latents carry: collapse, dead components, holes in the prior."""

from __future__ import annotations

from latelier.analysis.diagnoses.facts import EpochFacts, RunFacts, onset
from latelier.analysis.diagnoses.finding import Finding, Knob
from latelier.analysis.diagnoses.settings import weight_of_prior

FEW_ACTIVE = 0.5
"""Collapse: a smaller share of the dimensions is active."""

DEAD_SHARE = 0.1
"""A component is dead if it has less than this share of an equal part of the points."""

HOLE_MASS = 0.15
"""Holes: the prior has more than this mass where data is three times rarer than it expects."""

MUCH_HOLE_MASS = 0.5


def no_posterior(facts: RunFacts) -> str | None:
    """Say why collapse cannot be judged."""
    if not facts.trained:
        return "no epoch of latents was recorded after the first update"
    if facts.trained[-1].active is None:
        return "the model has no posterior variances"
    return None


def posterior_collapse(facts: RunFacts) -> Finding | None:
    """Find latent dimensions that the encoder gave up: their posterior is the prior."""
    last = facts.trained[-1]
    begun = onset(facts.trained, _collapsed)
    if begun is None or last.active is None:
        return None
    count, width = sum(last.active), len(last.active)
    by_pixels = facts.setting("objective.recon_reduction") == "mean"
    lower = "Lower it, or let it rise from 0 in a dopesheet: it outweighs the reconstruction."
    reduction = Knob(
        "objective.recon_reduction",
        "Set it to sum: beside a mean over the features the KL weighs as many times more as "
        "there are features.",
    )
    fewer = Knob("model.latent_dim", "Lower it: the model uses fewer dimensions than it has.")
    evidence: dict[str, int | tuple[float, ...] | tuple[int, ...]] = {
        "active_units": count,
        "dimensions": width,
        "active_by_epoch": tuple(sum(one.active or ()) for one in facts.trained),
    }
    if last.mean_kl is not None:
        evidence["mean_kl"] = last.mean_kl
    return Finding(
        severity="problem" if count == 0 else "warning",
        epoch=begun.epoch,
        step=begun.step,
        title="Posterior collapse" if count == 0 else "Partial posterior collapse",
        text=f"{count} of {width} latent dimensions depend on the input; for the others the "
        "encoder returns the prior, and the decoder cannot use them.",
        evidence=evidence,
        knob=reduction if by_pixels else weight_of_prior(facts, advice=lower, otherwise=fewer),
    )


def no_mixture(facts: RunFacts) -> str | None:
    """Say why components cannot be judged."""
    if not facts.trained:
        return "no epoch of latents was recorded after the first update"
    if facts.trained[-1].counts is None:
        return "the prior is no mixture whose components are told apart"
    return None


def dead_components(facts: RunFacts) -> Finding | None:
    """Find components of the mixture that hardly any point belongs to."""
    last = facts.trained[-1]
    begun = onset(facts.trained, lambda one: bool(_dead(one)))
    if begun is None or last.counts is None:
        return None
    dead, components = _dead(last), len(last.counts)
    bonus = facts.setting("objective.entropy_bonus_enable")
    if bonus is False:
        knob = Knob(
            "objective.entropy_bonus_enable",
            "Turn it on: it rewards the use of all components while it lasts.",
        )
    elif bonus:
        knob = Knob("objective.entropy_bonus_weight", "Raise it, or let the bonus last longer.")
    else:
        knob = Knob("model.components", "Lower it to the number that is in use.")
    return Finding(
        severity="problem" if 2 * len(dead) >= components else "warning",
        epoch=begun.epoch,
        step=begun.step,
        title="Dead components",
        text=f"{len(dead)} of {components} components of the prior hold less than a tenth of an "
        "equal part of the points. What the prior draws from them was never learned.",
        evidence={
            "dead": dead,
            "components": components,
            "points_by_component": last.counts,
            "dead_by_epoch": tuple(len(_dead(one)) for one in facts.trained),
        },
        knob=knob,
    )


def no_densities(facts: RunFacts) -> str | None:
    """Say why holes cannot be judged."""
    if not _measured(facts):
        if facts.trained and facts.trained[-1].prior_norm is None:
            return "the model has no prior"
        return "no densities of prior and posterior were recorded"
    return None


def prior_holes(facts: RunFacts) -> Finding | None:
    """Find prior mass where there is no data: what is drawn there was never trained."""
    measured = _measured(facts)
    begun = onset(measured, lambda one: (one.hole_mass or 0.0) > HOLE_MASS)
    if begun is None:
        return None
    mass = measured[-1].hole_mass or 0.0
    advice = "Raise it: the pull to the prior is too weak to spread the data over it."
    longer = Knob("schedule.epochs", "Train longer, so that the data can spread over the prior.")
    return Finding(
        severity="problem" if mass > MUCH_HOLE_MASS else "warning",
        epoch=begun.epoch,
        step=begun.step,
        title="Holes in the prior",
        text=f"{mass:.0%} of the prior's mass lies where data is at least three times rarer than "
        "the prior expects. Samples from there are decoded from codes that were never trained.",
        evidence={
            "hole_mass": mass,
            "threshold": HOLE_MASS,
            "epochs": tuple(one.epoch for one in measured),
            "hole_mass_by_epoch": tuple(one.hole_mass or 0.0 for one in measured),
        },
        knob=weight_of_prior(facts, advice=advice, otherwise=longer),
    )


def _collapsed(one: EpochFacts) -> bool:
    return one.active is not None and sum(one.active) < FEW_ACTIVE * len(one.active)


def _dead(one: EpochFacts) -> tuple[int, ...]:
    """Return the dead components of one epoch; none before the mixture has begun."""
    if one.counts is None:
        return ()
    least = DEAD_SHARE * sum(one.counts) / len(one.counts)
    return tuple(c for c, count in enumerate(one.counts) if count < least)


def _measured(facts: RunFacts) -> tuple[EpochFacts, ...]:
    return tuple(one for one in facts.trained if one.hole_mass is not None)
