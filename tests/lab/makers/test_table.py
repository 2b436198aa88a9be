"""The table of makers against the name table, the tasks, and its own refusals."""

from __future__ import annotations

import pytest

from latelier.config import ConfigError
from latelier.lab.kinds import DEFAULT_OPTIONS, OFFERED, UNITS, named
from latelier.lab.makers import MAKERS, makable, need_images
from latelier.runs import ARTIFACTS
from latelier.training import TASKS


@pytest.mark.parametrize("kind", MAKERS)
def test_a_row_has_the_keys_of_its_names(kind):
    row = MAKERS[kind]
    assert row.kind == kind
    for name in (kind, f"{kind}_image") if row.image else (kind,):
        assert [key for key in ARTIFACTS[name].keys if key != "epoch"] == list(row.keys)
        assert ARTIFACTS[name].options == row.options
    assert row.image == (f"{kind}_image" in ARTIFACTS)


def test_a_row_needs_what_some_task_can():
    assert set(MAKERS) == set(OFFERED) - set(UNITS)
    known = frozenset().union(*(task.capabilities for task in TASKS.values()))
    assert all(row.needs <= known for row in MAKERS.values())


def test_makable_is_what_the_capabilities_allow():
    assert makable(TASKS["gmvae"].capabilities) == tuple(kind for kind in OFFERED if kind in MAKERS)
    assert "posterior_local" not in makable(TASKS["ae"].capabilities)
    assert "traversal" in makable(TASKS["ae"].capabilities)
    assert makable({"encode"}) == ("factor_scores",)
    assert "interventions" in makable({"encode", "decode"})
    assert makable({"decode"}) == ()


def test_only_default_options_are_left_out_of_a_name():
    assert named({"idx": 1, "mode": "linear"}) == {"idx": 1}
    assert named({"idx": 1, "mode": "spherical"}) == {"idx": 1, "mode": "spherical"}
    assert named({"m": 1, "seed": 0}) == {"m": 1, "seed": 0}
    assert set(DEFAULT_OPTIONS) <= {option for row in MAKERS.values() for option in row.options}


def test_a_picture_of_vectors_is_refused_with_the_way_to_the_numbers(moments):
    need_images(moments("vae"), "traversal_image")
    with pytest.raises(ConfigError, match="Ask for traversal:"):
        need_images(moments("vae", vectors=True), "traversal_image")
