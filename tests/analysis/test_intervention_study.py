from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latelier.analysis.intervention_study import (
    MAX_DIMENSIONS,
    Dimensions,
    Subject,
    mean_direction,
    single_dimensions,
    study,
)
from latelier.analysis.interventions import ablate, prune, repel, suppress
from latelier.config import ConfigError, ShapeError

RNG = np.random.default_rng(0)
Z = RNG.normal(size=(60, 3))
MIX = RNG.normal(size=(3, 5))
X = Z @ MIX + RNG.normal(size=(60, 5)) * 0.1
NEAR = RNG.random(60)


def decode(z):
    return np.tanh(z @ MIX)


def subject(name="red", similarity=NEAR, direction=(1.0, 2.0, 0.0), labels=None):
    v = None if direction is None else np.array(direction)
    source = None if direction is None else "anchor"
    return Subject(name, "concept", None, labels or {name: 1.0}, similarity, v, source)


def error(z):
    """The mean square, example by example and value by value."""
    out = decode(np.asarray(z))
    return [sum((out[i, j] - X[i, j]) ** 2 for j in range(5)) / 5 for i in range(len(X))]


@pytest.mark.parametrize("on_sphere", [False, True])
def test_every_intervention_is_what_its_name_says(on_sphere):
    """A second, slow account of everything: changed by hand, decoded, and fitted by numpy."""
    found = study(
        Z,
        X,
        [subject(), subject("blue", 1 - NEAR, None)],
        [Dimensions("1", (1,)), Dimensions("plane", (0, 2), "planar")],
        decode=decode,
        strength=0.7,
        threshold=0.2,
        on_sphere=on_sphere,
    )
    v, mean = [1.0, 2.0, 0.0], Z.mean(0)
    expected = {
        "suppress red": suppress(Z, v, strength=0.7, threshold=0.2),
        "repel red": repel(Z, v, strength=0.7, threshold=0.2),
        "ablate 1": ablate(Z, [1], fill=mean[1]),
        "prune 1": prune(Z, [1], on_sphere=on_sphere),
        "ablate plane": ablate(Z, [0, 2], fill=mean[[0, 2]]),
        "prune plane": prune(Z, [0, 2], on_sphere=on_sphere),
    }
    assert [one["name"] for one in found["interventions"]] == list(expected)
    before = np.array(error(Z))
    assert found["error"] == pytest.approx(before, rel=1e-6)
    for one, row in zip(found["interventions"], found["effects"], strict=True):
        added = np.array(error(expected[one["name"]])) - before
        assert one["added"] == pytest.approx(added, rel=1e-5, abs=1e-6)
        assert one["mean"] == pytest.approx(added.mean())
        for effect, near in zip(row, (NEAR, 1 - NEAR), strict=True):
            slope, intercept = np.polyfit(near, added, 1)
            r2 = np.corrcoef(near, added)[0, 1] ** 2
            assert (effect["r2"], effect["slope"]) == pytest.approx((r2, slope))
            assert effect["intercept"] == pytest.approx(intercept)
            tenth = [added[(near * 10).astype(int) == b] for b in range(10)]
            assert effect["bins"] == [
                None if len(part) == 0 else pytest.approx(part.mean()) for part in tenth
            ]


def test_what_was_changed_is_told():
    found = study(Z, X, [subject()], [Dimensions("plane", (0, 2), "planar")], decode=decode)
    direction, plane = found["interventions"][0], found["interventions"][-1]
    assert (direction["kind"], direction["subject"], direction["dimensions"]) == ("suppress", 0, [])
    assert (plane["kind"], plane["subject"], plane["dimensions"]) == ("prune", None, [0, 2])
    assert (direction["regularizer"], plane["regularizer"]) == (None, "planar")
    (told,) = found["subjects"]
    assert told["direction"] == {"from": "anchor", "vector": pytest.approx([1.0, 2.0, 0.0])}
    cosine = Z @ [1, 2, 0] / np.sqrt(5) / np.linalg.norm(Z, axis=1)
    assert told["alignment"] == pytest.approx(cosine, abs=1e-6)
    assert told["similarity"] == pytest.approx(NEAR, abs=1e-6)


def test_without_a_direction_only_dimensions_are_taken_out():
    found = study(Z, X, [subject(direction=None)], [Dimensions("0", (0,))], decode=decode)
    assert [one["kind"] for one in found["interventions"]] == ["ablate", "prune"]
    assert found["subjects"][0]["direction"] is None
    assert found["subjects"][0]["alignment"] is None


def test_on_a_line_nothing_can_be_turned():
    z = Z[:, :1]
    found = study(z, z, [subject(direction=(1.0,))], [], decode=lambda codes: codes)
    assert [one["kind"] for one in found["interventions"]] == ["suppress"]


def test_a_code_that_holds_a_concept_in_one_dimension_is_found_out():
    """A perfect structure scores 1 where it is, and a code without any scores about 0."""
    near = RNG.random(400)
    z = np.stack([near, *RNG.normal(size=(2, 400))], 1)
    x = np.sqrt(near)[:, None]
    line = [Dimensions("0", (0,)), Dimensions("1", (1,))]
    told = [subject("it", near, (1.0, 0, 0))]
    found = study(z, x, told, line, decode=lambda c: np.sqrt(np.abs(c[:, :1])))
    r2 = {
        one["name"]: e[0]["r2"]
        for one, e in zip(found["interventions"], found["effects"], strict=True)
    }
    assert r2["prune 0"] == pytest.approx(1)
    assert r2["prune 1"] is None  # it adds nothing to anyone
    blind = study(
        RNG.normal(size=(400, 3)), x, told, line, decode=lambda c: c.sum(1, keepdims=True)
    )
    scores = [effect[0]["r2"] for effect in blind["effects"]]
    assert max(scores) < 0.1


def test_the_mean_of_a_concept_is_seen_from_the_mean_of_all():
    weights = RNG.random(60)
    expected = sum(w * z for w, z in zip(weights, Z, strict=True)) / sum(weights) - Z.mean(0)
    assert mean_direction(Z, weights) == pytest.approx(expected)
    assert mean_direction(Z + 100, weights) == pytest.approx(expected)
    assert mean_direction(Z, np.zeros(60)) is None
    assert mean_direction(Z, np.ones(60)) is None


@given(st.integers(1, 2 * MAX_DIMENSIONS), st.integers(0, 5))
@settings(deadline=None, max_examples=20)
def test_of_many_dimensions_those_that_vary_are_taken(width, seed):
    z = np.random.default_rng(seed).normal(size=(9, width))
    kept, left = single_dimensions(z)
    numbers = [one.dimensions[0] for one in kept]
    assert sorted([*numbers, *left]) == list(range(width))
    assert numbers == sorted(numbers)
    assert len(left) == max(0, width - MAX_DIMENSIONS)
    if left:
        assert z.var(0)[left].max() <= z.var(0)[numbers].min()


def test_what_does_not_fit_is_refused():
    with pytest.raises(ShapeError, match="latents and examples"):
        study(Z, X[:-1], [], [], decode=decode)
    with pytest.raises(ShapeError, match="similarity to red"):
        study(Z, X, [subject(similarity=NEAR[:-1])], [], decode=decode)
    for strength in (0.0, 1.1):
        with pytest.raises(ConfigError, match="strength"):
            study(Z, X, [subject()], [], decode=decode, strength=strength)
    with pytest.raises(ConfigError, match="threshold"):
        study(Z, X, [subject()], [], decode=decode, threshold=1.0)
