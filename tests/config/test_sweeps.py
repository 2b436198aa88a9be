from __future__ import annotations

import json
import math
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latelier.config import ConfigError, load_config
from latelier.config.sweeps import MAX_VARIANTS, expand, load_sweep, unique_slugs

DIGITS = "library/digits-vae"
PARTS = ("polar", "separate", "planar", "norm-v", "norm")


def sweep(*axes, source=DIGITS, **options):
    return load_sweep(source, axes=axes, **options)


def grid(**keys):
    return {"kind": "grid", "keys": {key.replace("__", "."): v for key, v in keys.items()}}


def refused(*axes, match: str, **options) -> str:
    with pytest.raises(ConfigError, match=match) as caught:
        sweep(*axes, **options)
    return str(caught.value)


class TestSubsets:
    def test_all_31_of_the_five_regularizers(self):
        loaded = load_sweep("color/regularizers")
        wanted = [" + ".join(s) for n in range(1, 6) for s in combinations(PARTS, n)]
        assert [variant.name for variant in loaded.variants] == wanted
        assert len(wanted) == 31
        for variant in loaded.variants:
            on = [part.name for part in variant.config.regularizers if part.enabled]
            assert on == variant.name.split(" + ")

    def test_nothing_else_differs(self):
        base = load_config("color/regularizers")
        for variant in load_sweep("color/regularizers").variants:
            changed = {
                name: value
                for name, value in variant.config
                if value != getattr(base, name) and name not in {"regularizers", "name", "tags"}
            }
            assert changed == {}
            assert variant.config.seed == 0
            assert variant.config.tags == ("color-regularizers",)
            assert variant.config.name == variant.name

    def test_grouped_by_size(self):
        layout = load_sweep("color/quick").layout
        assert layout["kind"] == "groups"
        assert [group["label"] for group in layout["groups"]] == [
            "1 term",
            "2 terms",
            "3 terms",
            "4 terms",
            "5 terms",
        ]
        assert [len(group["indices"]) for group in layout["groups"]] == [5, 10, 10, 5, 1]

    def test_a_selection(self):
        loaded = load_sweep("color/quick", only=["polar + norm", "separate"])
        assert [variant.name for variant in loaded.variants] == ["separate", "polar + norm"]
        section = ["sweep.axes.0.only=[norm + polar, separate]"]  # in any order
        assert [v.name for v in load_sweep("color/quick", section).variants] == [
            "separate",
            "polar + norm",
        ]

    def test_the_empty_one_and_parts_that_are_more_than_a_switch(self):
        axis = {
            "kind": "subsets",
            "parts": {
                "strong": {"on": {"objective.beta": 4.0}, "off": {"objective.beta": 1.0}},
                "wide": {"on": {"model.net.hidden": [128]}},
            },
            "include_empty": True,
        }
        variants = sweep(axis).variants
        assert [v.name for v in variants] == ["none", "strong", "wide", "strong + wide"]
        assert [v.config.objective.beta for v in variants] == [1.0, 4.0, 1.0, 4.0]
        assert [v.config.model.net.hidden for v in variants] == [(64,), (64,), (128,), (128,)]

    def test_unknown_names(self):
        with pytest.raises(ConfigError, match="Did you mean polar"):
            load_sweep("color/quick", only=["polar + plana"])
        with pytest.raises(ConfigError, match="no such subset: polar \\+ red"):
            load_sweep("color/quick", ["sweep.axes.0.only=[polar + red]"])
        with pytest.raises(ConfigError, match=r"regularizers.pole does not exist \(every variant"):
            load_sweep("color/quick", ["sweep.axes.0.parts.polar=regularizers.pole.enabled"])


class TestGrid:
    def test_axes_are_multiplied_and_the_last_varies_fastest(self):
        loaded = sweep(
            grid(objective__beta=[1, 4]),
            grid(model__latent_dim=[2, 3]),
            {"kind": "seeds", "seeds": 2},
        )
        assert [v.name for v in loaded.variants][:4] == [
            "beta=1, latent_dim=2, seed=0",
            "beta=1, latent_dim=2, seed=1",
            "beta=1, latent_dim=3, seed=0",
            "beta=1, latent_dim=3, seed=1",
        ]
        assert len(loaded.variants) == 8
        last = loaded.variants[-1]
        assert (last.config.objective.beta, last.config.model.latent_dim, last.config.seed) == (
            4,
            3,
            1,
        )
        assert last.places == {"beta": "4", "latent_dim": "3", "seed": "1"}
        assert loaded.layout["kind"] == "groups"
        assert [g["label"] for g in loaded.layout["groups"]] == ["beta=1", "beta=4"]

    def test_two_keys_are_rows_and_columns(self):
        loaded = load_sweep("library/digits-beta-sweep")
        assert loaded.layout == {
            "kind": "grid",
            "rows": {"key": "latent_dim", "labels": ["2", "4", "8"]},
            "columns": {"key": "beta", "labels": ["0.5", "2", "8"]},
        }
        assert loaded.layout["rows"]["key"] in loaded.variants[0].places

    def test_one_key_is_flat(self):
        assert sweep(grid(objective__beta=[1, 2, 3])).layout == {"kind": "flat"}

    def test_keys_are_as_short_as_they_can_be(self):
        axis = grid(schedule__epochs=[1, 2], model__net__hidden=[[8], [16, 8]])
        assert sweep(axis).variants[-1].name == "epochs=2, hidden=[16,8]"
        both = {"training.checkpoints.every_epochs": [1, 2], "analysis.every_epochs": [1, 2]}
        names = sweep({"kind": "grid", "keys": both}).variants[0].name
        assert names == "checkpoints.every_epochs=1, analysis.every_epochs=1"

    def test_paths_are_relative_to_the_file(self, tmp_path):
        (tmp_path / "a.csv").write_text("STEP,beta\n0,1\n3,2\n")
        values = {"kind": "list", "variants": [{"values": {"schedule.dopesheet": "a.csv"}}]}
        (tmp_path / "s.yaml").write_text(json.dumps({"sweep": {"axes": [values]}}))
        sheet = load_sweep(tmp_path / "s.yaml").variants[0].config.schedule.dopesheet
        assert [row["STEP"] for row in sheet] == ["0", "3"]


class TestSeeds:
    def test_counted_from_the_configurations(self):
        loaded = load_sweep(DIGITS, ["seed=7"], axes=[{"kind": "seeds", "seeds": 3}])
        assert [v.config.seed for v in loaded.variants] == [7, 8, 9]

    def test_listed(self):
        loaded = sweep({"kind": "seeds", "seeds": [5, 3]})
        assert [v.name for v in loaded.variants] == ["seed=5", "seed=3"]

    @pytest.mark.parametrize("seeds", [-1, 0, [0, -1], [], 2.0, True])
    def test_bad_ones(self, seeds):
        refused({"kind": "seeds", "seeds": seeds}, match=r"sweep\.axes\.0\.seeds")


KEYS = {
    "schedule.lr": {"low": 1e-4, "high": 1e-2, "scale": "log"},
    "model.latent_dim": {"low": 2, "high": 9, "whole": True},
    "model.net.activation": ["relu", "gelu"],
}


class TestRandom:
    def axis(self, **changes):
        return {"kind": "random", "samples": 40, "keys": KEYS, **changes}

    def test_the_same_for_the_same_seed(self):
        draws = [[v.values for v in sweep(self.axis(seed=s)).variants] for s in (1, 1, 2)]
        assert draws[0] == draws[1] != draws[2]

    def test_within_bounds_and_even_over_magnitudes(self):
        variants = sweep(self.axis(samples=300)).variants
        rates = [v.values["schedule.lr"] for v in variants]
        assert all(1e-4 <= rate <= 1e-2 for rate in rates)
        below = sum(rate < 1e-3 for rate in rates)
        assert 110 < below < 190  # half of them, on a logarithmic scale
        dims = {v.values["model.latent_dim"] for v in variants}
        assert dims == set(range(2, 10))
        assert {v.config.model.net.activation for v in variants} == {"relu", "gelu"}

    def test_all_are_different(self):
        axis = self.axis(samples=2, keys={"model.latent_dim": [2, 3]})
        assert {v.config.model.latent_dim for v in sweep(axis).variants} == {2, 3}
        refused({**axis, "samples": 3}, match="too few different settings")

    @pytest.mark.parametrize(
        ("bounds", "match"),
        [
            ({"low": 2, "high": 1}, "low is not below high"),
            ({"low": 0, "high": 1, "scale": "log"}, "begins above 0"),
            ({"low": 0.5, "high": 2, "whole": True}, "whole bounds"),
            ({"low": 1, "high": 2, "scale": "cubic"}, "linear or log"),
            ({"low": 1, "heigh": 2}, "is not a setting"),
            ([], "at least 1"),
        ],
    )
    def test_bad_ranges(self, bounds, match):
        refused(self.axis(keys={"schedule.lr": bounds}), match=match)


class TestList:
    def test_names_and_values(self):
        axis = {
            "kind": "list",
            "variants": [
                {"name": "plain", "values": {"objective.beta": 1.0}},
                {"values": {"objective.beta": 2.0, "seed": 4}},
            ],
        }
        assert [v.name for v in sweep(axis).variants] == ["plain", "beta=2, seed=4"]

    def test_another_model_follows_the_rules_of_a_whole_section(self):
        net = {"kind": "mlp", "hidden": [8]}
        axis = {
            "kind": "list",
            "variants": [
                {"name": kind, "values": {"model": {"kind": kind, "net": net}, "objective": {}}}
                for kind in ("vae", "ae")
            ],
        }
        assert [v.config.objective.kind for v in sweep(axis).variants] == ["vae", "ae"]


class TestRefusals:
    def test_nothing_to_vary(self):
        refused(match="has no section sweep")
        with pytest.raises(ConfigError, match=r"sweep\.axes cannot be used"):
            load_sweep("color/quick", ["sweep.axes=[]"])
        refused(grid(objective__beta=[]), match="at least 1")

    def test_unknown_keys_are_listed_once_with_what_was_meant(self):
        told = refused(grid(objective__betta=[1, 2], seeed=[1, 2]), match="2 settings")
        assert told.count("objective.betta is not a setting (every variant)") == 1
        assert "Did you mean objective.beta?" in told
        assert "Did you mean seed?" in told

    def test_a_value_out_of_range_names_its_variant(self):
        told = refused(grid(objective__beta=[1.0, -2.0], seed=[1, 2]), match="at least 0")
        assert "objective.beta cannot be used ('beta=-2, seed=1', 'beta=-2, seed=2')" in told
        assert "got -2.0" in told

    def test_duplicates(self):
        refused(grid(objective__beta=[1.0, 1.0]), match="share a name; got beta=1")
        names = [{"name": n, "values": {"name": n}} for n in ("a", "b")]
        refused({"kind": "list", "variants": names}, match="'a' and 'b'")

    def test_two_axes_with_one_key(self):
        refused(
            grid(seed=[1, 2]), {"kind": "seeds", "seeds": 2}, match="set the same key; got seed"
        )

    def test_too_many(self):
        refused({"kind": "seeds", "seeds": MAX_VARIANTS + 1}, match="too many variants; got 10001")
        many = list(range(100))
        refused(grid(seed=many, model__latent_dim=many, data__limit=many), match="1000000")

    @pytest.mark.parametrize(
        ("override", "match"),
        [
            ("sweep.mapp=3", r"Did you mean sweep\.map"),
            ("sweep.map=[1, 9]", "dimension 9"),
            ("sweep.map=[1, 1]", "one dimension twice"),
            ("sweep.reference=nobody", "is not a variant"),
            ("sweep.reference=31", "0 to 30"),
            ("sweep.metrics.loss=lower", "min or max"),
            ("sweep.evaluate.scores.x=loss", "kind:field"),
            ("sweep.clean_up.checkpoints=some", "all, last or none"),
            ("sweep.axes.0.kind=subset", "Did you mean subsets"),
        ],
    )
    def test_bad_sections(self, override, match):
        with pytest.raises(ConfigError, match=match):
            load_sweep("color/quick", [override])


def test_the_reference_is_the_last_one_or_a_name_or_an_index():
    assert load_sweep("color/quick").reference == 30
    assert load_sweep("color/quick", ["sweep.reference=norm"]).reference == 4
    assert load_sweep("color/quick", ["sweep.reference=2"]).reference == 2


def test_a_single_run_passes_over_the_section_of_a_file(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text("seed: 3\nsweep: {axes: nonsense}\n")
    assert load_config(path).seed == 3
    with pytest.raises(ConfigError, match="sweep is not a setting"):
        load_config({"sweep": {}})


def test_overrides_change_what_all_variants_share():
    loaded = load_sweep(DIGITS, ["schedule.epochs=3"], axes=[grid(objective__beta=[1, 2])])
    assert {v.config.schedule.epochs for v in loaded.variants} == {3}
    assert loaded.base.schedule.epochs == 3


def test_expansion_is_a_pure_function_of_the_configuration():
    loaded = load_sweep("library/digits-beta-sweep")
    again = expand(loaded.base, loaded.sweep)
    assert [v.config for v in again] == [v.config for v in loaded.variants]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.text(max_size=90), max_size=12))
def test_slugs_are_safe_and_unique(names):
    slugs = unique_slugs(names)
    assert len(set(slugs)) == len(names)
    for slug in slugs:
        assert slug == Path(slug).name
        assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-")
        assert slug[0] not in ".-"
        assert len(slug) <= 70


def test_slugs_of_the_regularizers():
    slugs = [variant.slug for variant in load_sweep("color/quick").variants]
    assert slugs[0] == "polar"
    assert slugs[-1] == "polar-separate-planar-norm-v-norm"
    assert unique_slugs(["β = ∞", "a/../b", "a b", "A B"]) == ["variant", "a-..-b", "a-b", "a-b-2"]


@settings(deadline=None, max_examples=30)
@given(st.lists(st.floats(1e-9, 1e9), min_size=2, max_size=5, unique=True))
def test_different_numbers_have_different_names(values):
    variants = sweep(grid(objective__beta=values)).variants
    assert len({variant.name for variant in variants}) == len(values)
    assert all(math.isfinite(float(variant.places["beta"])) for variant in variants)
