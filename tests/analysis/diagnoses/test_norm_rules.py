from __future__ import annotations

from typing import Any

import pytest

from latelier.analysis.diagnoses.facts import EpochFacts, RunFacts
from latelier.analysis.diagnoses.norm_rules import (
    exploding_norms,
    no_free_codes,
    no_latents,
    vanishing_norms,
)


def run(norms: list[float], *, config: dict[str, Any] | None = None, **facts: Any) -> RunFacts:
    radii = facts.pop("radii", norms)
    latents = tuple(
        EpochFacts(epoch=e, step=10 * e, norm=norm, radius=radius, **facts)
        for e, (norm, radius) in enumerate(zip(norms, radii, strict=True))
    )
    return RunFacts(config or {}, 10, latents)


def test_latents_that_double_and_double_again_explode():
    found = exploding_norms(run([0.1, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0]))
    assert found is not None
    assert (found.epoch, found.step) == (5, 50)
    assert found.evidence["norm_by_epoch"] == (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
    assert found.knob.key == "training.weight_decay"
    assert "32 long, and were 1 after the first epoch" in found.text
    assert exploding_norms(run([0.1, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0], dimensions=16)) is None


@pytest.mark.parametrize(
    "norms",
    [
        [0.1, 1.0, 5.0, 12.0, 14.0, 15.0, 15.5],  # a small start that settles
        [0.1, 1.0, 2.0, 3.0, 4.0, 5.0, 9.0],  # grows, but not tenfold
        [0.1, 1.0, 50.0, 60.0, 5.0, 2.0, 1.0],  # came back
    ],
)
def test_growth_that_settles_or_comes_back_is_none(norms):
    assert exploding_norms(run(norms)) is None


def test_latents_far_beyond_the_prior_explode_whatever_they_did_before():
    found = exploding_norms(
        run([1.0, 7.0, 7.0, 7.0], prior_norm=2.0, config={"objective": {"beta": 0.0}})
    )
    assert found is not None
    assert (found.epoch, found.knob.key) == (1, "objective.beta")
    assert found.evidence["prior_norm"] == 2.0
    assert "3.5 times as long as a draw from the prior" in found.text
    assert exploding_norms(run([1.0, 7.0, 7.0, 5.9], prior_norm=2.0)) is None


def test_codes_that_shrink_to_a_point_vanish():
    found = vanishing_norms(run([1.0, 2.0, 1.0, 0.1, 0.05]))
    assert found is not None
    assert (found.epoch, found.severity, found.knob.key) == (3, "problem", "schedule.lr")
    assert found.evidence["largest_radius"] == 2.0
    far = vanishing_norms(run([1.0, 5.0, 6.0], radii=[0.2, 0.3, 0.2]))
    assert far is not None  # they differ as much as ever, but hardly from their mean
    assert far.epoch == 2
    assert vanishing_norms(run([1.0, 5.0, 6.0], radii=[0.2, 0.3, 0.4])) is None
    assert vanishing_norms(run([0.0, 0.0, 0.0])) is not None


def test_the_knob_of_vanishing_is_what_pulls():
    def key(**config: Any) -> str:
        return vanishing_norms(run([1.0, 0.0], config=config)).knob.key

    assert key(training={"weight_decay": 1.0}) == "training.weight_decay"
    assert key(objective={"sparsity_weight": 1.0}) == "objective.sparsity_weight"
    sheet = {"dopesheet": [{"STEP": 0, "lr": 1}]}
    assert key(training={"weight_decay": 0.0}, schedule=sheet) == "schedule.dopesheet"


def test_rules_say_where_they_do_not_apply():
    assert no_latents(run([1.0])) is not None
    assert no_latents(run([1.0, 1.0])) is None
    assert no_free_codes(run([1.0, 1.0])) is None
    assert "posterior collapse" in no_free_codes(run([1.0, 1.0], active=(True,)))
