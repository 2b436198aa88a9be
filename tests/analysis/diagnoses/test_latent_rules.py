from __future__ import annotations

from typing import Any

from latelier.analysis.diagnoses.facts import EpochFacts, RunFacts
from latelier.analysis.diagnoses.latent_rules import (
    dead_components,
    no_densities,
    no_mixture,
    no_posterior,
    posterior_collapse,
    prior_holes,
)


def run(*epochs: dict[str, Any], config: dict[str, Any] | None = None) -> RunFacts:
    """A run whose epochs 0, 1, … have these facts."""
    latents = tuple(
        EpochFacts(epoch=e, step=10 * e, norm=1.0, radius=1.0, **facts)
        for e, facts in enumerate(epochs)
    )
    return RunFacts(config or {"objective": {"beta": 1.0}}, 10, latents)


def active(*counts: int, width: int = 4) -> list[dict[str, Any]]:
    return [{"active": tuple(d < count for d in range(width))} for count in counts]


def test_collapse_is_told_from_the_epoch_on_in_which_it_began():
    found = posterior_collapse(run(*active(0, 4, 1, 3, 0, 0)))
    assert found is not None
    assert (found.epoch, found.step, found.severity) == (4, 40, "problem")
    assert found.evidence["active_by_epoch"] == (4, 1, 3, 0, 0)
    assert found.knob.key == "objective.beta"
    partial = posterior_collapse(run(*active(0, 4, 1)))
    assert partial is not None
    assert partial.severity == "warning"


def test_a_few_idle_dimensions_and_an_untrained_model_are_no_collapse():
    assert posterior_collapse(run(*active(0, 4, 2))) is None
    assert posterior_collapse(run(*active(0, 0, 4))) is None
    assert no_posterior(run(*active(0))) is not None
    assert no_posterior(run({}, {})) == "the model has no posterior variances"
    assert no_posterior(run(*active(4, 4))) is None


def test_the_knob_of_collapse_is_what_outweighs_the_reconstruction():
    sick = active(0, 0)
    mean = run(*sick, config={"objective": {"beta": 1.0, "recon_reduction": "mean"}})
    assert posterior_collapse(mean).knob.key == "objective.recon_reduction"
    mixture = run(*sick, config={"objective": {"kld_weight": 1.0, "recon_reduction": "sum"}})
    assert posterior_collapse(mixture).knob.key == "objective.kld_weight"
    sheet = {"objective": {"beta": 1.0}, "schedule": {"dopesheet": [{"STEP": "0", "beta": "9"}]}}
    assert posterior_collapse(run(*sick, config=sheet)).knob.key == "schedule.dopesheet"
    assert posterior_collapse(run(*sick, config={"objective": {}})).knob.key == "model.latent_dim"


def test_mean_kl_is_shown_where_it_was_measured():
    epochs = [*active(0), {"active": (False,) * 4, "mean_kl": (0.1, 0.0, 0.0, 0.0)}]
    assert posterior_collapse(run(*epochs)).evidence["mean_kl"] == (0.1, 0.0, 0.0, 0.0)


def test_components_that_hold_next_to_nothing_are_dead():
    found = dead_components(
        run({}, {"counts": (50, 30, 20)}, {"counts": (60, 38, 2)}, {"counts": (70, 30, 0)})
    )
    assert found is not None
    assert (found.epoch, found.severity) == (2, "warning")
    assert found.evidence["dead"] == (2,)
    assert found.evidence["dead_by_epoch"] == (0, 1, 1)
    many = dead_components(run({}, {"counts": (100, 0, 0)}))
    assert many is not None
    assert many.severity == "problem"
    assert dead_components(run({}, {"counts": (60, 36, 4)})) is None  # 3.33 is the limit
    assert no_mixture(run({}, {})) is not None
    assert no_mixture(run({}, {"counts": (1, 1)})) is None


def test_the_knob_of_dead_components_depends_on_the_bonus():
    def key(**objective: Any) -> str:
        config = {"objective": objective, "model": {"components": 2}}
        return dead_components(run({}, {"counts": (9, 0)}, config=config)).knob.key

    assert key(entropy_bonus_enable=False) == "objective.entropy_bonus_enable"
    assert key(entropy_bonus_enable=True) == "objective.entropy_bonus_weight"
    assert key() == "model.components"


def test_holes_are_told_by_the_mass_of_the_prior_in_them():
    epochs = [{"hole_mass": 0.9}, {"hole_mass": 0.1}, {}, {"hole_mass": 0.3}, {"hole_mass": 0.6}]
    found = prior_holes(run(*epochs))
    assert found is not None
    assert (found.epoch, found.severity) == (3, "problem")
    assert found.evidence["epochs"] == (1, 3, 4)
    assert found.evidence["hole_mass_by_epoch"] == (0.1, 0.3, 0.6)
    assert prior_holes(run({}, {"hole_mass": 0.15})) is None
    assert prior_holes(run({}, {"hole_mass": 0.2})).severity == "warning"
    assert (
        prior_holes(run({}, {"hole_mass": 0.2}, config={"objective": {}})).knob.key
        == "schedule.epochs"
    )


def test_holes_cannot_be_told_without_densities():
    assert no_densities(run({}, {"hole_mass": 0.0})) is None
    assert no_densities(run({}, {})) == "the model has no prior"
    assert "no densities" in no_densities(run({}, {"prior_norm": 1.0}))
    assert "no densities" in no_densities(run({"hole_mass": 0.3}))
