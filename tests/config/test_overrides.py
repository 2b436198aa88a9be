from __future__ import annotations

from typing import Any

import pytest

from latelier.config import ConfigError, apply_overrides, load_config
from latelier.config.overrides import replace_values

BASE: dict[str, Any] = {
    "seed": 1,
    "model": {
        "kind": "gmvae",
        "latent_dim": 4,
        "components": 6,
        "net": {"kind": "conv", "channels": [8, 16]},
    },
    "objective": {"kld_weight": 0.5, "recon_reduction": "sum"},
    "schedule": {"epochs": 30, "dopesheet": [{"STEP": 0, "lr": 1}, {"STEP": 9, "lr": 2}]},
}


def changed(*overrides: str) -> dict[str, Any]:
    return apply_overrides(BASE, overrides)


def test_values_are_yaml() -> None:
    assert changed("seed=2")["seed"] == 2
    assert changed("schedule.lr=1e-4")["schedule"]["lr"] == 1e-4
    assert changed("tags=[a, b]")["tags"] == ["a", "b"]
    assert changed("training.compile=true")["training"]["compile"] is True
    assert changed("schedule.epochs=null")["schedule"]["epochs"] is None
    assert changed("schedule.epochs=")["schedule"]["epochs"] is None
    assert changed("name=a=b")["name"] == "a=b"
    assert changed("model.net={kind: mlp, hidden: [3]}")["model"]["net"]["hidden"] == [3]


def test_siblings_stay() -> None:
    assert changed("model.net.channels=[4]")["model"]["components"] == 6


def test_lists_are_entered_by_position() -> None:
    assert changed("model.net.channels.1=32")["model"]["net"]["channels"] == [8, 32]
    assert changed("schedule.dopesheet.1.lr=5")["schedule"]["dopesheet"][1] == {"STEP": 9, "lr": 5}


def test_later_overrides_win() -> None:
    assert changed("seed=2", "seed=3")["seed"] == 3


def test_missing_sections_are_made() -> None:
    assert changed("training.checkpoints.every_epochs=2")["training"] == {
        "checkpoints": {"every_epochs": 2}
    }


def test_the_source_is_left_alone() -> None:
    before = repr(BASE)
    changed("model.net.channels.0=1", "schedule.dopesheet.0.lr=7")
    assert repr(BASE) == before


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("seed", "got 'seed'; expected name=value"),
        ("=1", "expected name=value"),
        ("a..b=1", "expected name=value"),
        ("", "expected name=value"),
        ("seed.x=1", "seed holds no other settings; got 1. Set seed itself"),
        ("model.net.channels.2=1", "expected a position from 0 to 1 in model.net.channels"),
        ("model.net.channels.-1=1", "expected a position"),
        ("model.net.channels.x=1", "expected a position"),
        ("schedule.dopesheet.7.lr=1", "schedule.dopesheet.7 does not exist"),
        ("tags=[1", "line 1, column 3 of the override"),
    ],
)
def test_overrides_that_cannot_be_applied(override: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        changed(override)


def test_position_in_an_empty_list() -> None:
    with pytest.raises(ConfigError, match="tags is empty"):
        apply_overrides({"tags": []}, ["tags.0=a"])


@pytest.mark.parametrize(
    ("override", "suggestion"),
    [
        ("schedule.epoch=3", "schedule.epoch is not a setting. Did you mean schedule.epochs"),
        ("sead=3", "sead is not a setting. Did you mean seed"),
        ("lr=3", "lr is not a setting. Did you mean schedule.lr"),
        ("model.net.chanels=[3]", "Did you mean model.net.channels"),
        ("zzz.yyy=3", "zzz is not a setting."),
    ],
)
def test_unknown_names_suggest_close_ones(override: str, suggestion: str) -> None:
    with pytest.raises(ConfigError, match=suggestion):
        load_config(BASE, [override])


def test_switching_the_model_lists_what_no_longer_fits() -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(BASE, ["model.kind=vae"])
    assert [p.path for p in caught.value.problems] == ["model.components", "objective.kld_weight"]
    assert "2 settings" in str(caught.value)
    assert "set for gmvae and does not fit vae" in str(caught.value)


def test_switching_the_net_lists_what_no_longer_fits() -> None:
    with pytest.raises(ConfigError, match=r"model.net.channels .* does not fit mlp"):
        load_config(BASE, ["model.net.kind=mlp"])


def test_an_explicit_objective_kind_does_not_follow_a_switch() -> None:
    values = {"model": {"kind": "ae"}, "objective": {"kind": "ae"}}
    with pytest.raises(ConfigError) as caught:
        load_config(values, ["model.kind=vae"])
    assert [p.path for p in caught.value.problems] == ["objective.kind"]


def test_switching_whole_sections_works() -> None:
    config = load_config(BASE, ["model={kind: vae, latent_dim: 3}", "objective={beta: 2.0}"])
    assert (config.model.kind, config.model.latent_dim) == ("vae", 3)
    assert config.objective.model_dump()["beta"] == 2.0


def test_switching_works_where_everything_still_fits() -> None:
    values = {"model": {"kind": "ae", "latent_dim": 3}, "objective": {"likelihood": "bernoulli"}}
    config = load_config(values, ["model.kind=vae", "objective.beta=4.0"])
    assert config.objective.model_dump()["likelihood"] == "bernoulli"
    assert config.model.latent_dim == 3


def test_an_override_that_does_not_fit_the_new_kind_is_no_leftover() -> None:
    values = {"model": {"kind": "ae"}}
    with pytest.raises(ConfigError, match=r"model\.components is not a setting"):
        load_config(values, ["model.kind=vae", "model.components=3"])


@pytest.mark.parametrize(
    "overrides", [["model.kind=vae", "model.components=3"], ["model={kind: vae, components: 3}"]]
)
def test_what_the_overrides_set_themselves_is_no_leftover(overrides: list[str]) -> None:
    values = {"model": BASE["model"]}
    with pytest.raises(ConfigError, match=r"model\.components is not a setting"):
        load_config(values, overrides)


def test_switching_to_an_unknown_kind_names_the_kinds() -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(BASE, ["model.kind=gmave"])
    assert [p.path for p in caught.value.problems] == ["model.kind"]
    assert "Did you mean gmvae?" in str(caught.value)


def test_one_text_instead_of_a_list_is_named() -> None:
    with pytest.raises(ConfigError, match=r"a list of texts; got 'seed=1'. Write \['seed=1'\]"):
        load_config(BASE, "seed=1")


def test_items_of_a_list_are_named_by_their_name() -> None:
    terms = [{"name": "norm", "kind": "unitarity", "weight": 1.0}, {"name": "7", "x": 1}]
    values = {"regularizers": terms}
    changed = apply_overrides(values, ["regularizers.norm.weight=2"])
    assert changed["regularizers"][0]["weight"] == 2
    assert values["regularizers"][0]["weight"] == 1.0
    assert replace_values(values, {"regularizers.norm.enabled": False}) == {
        "regularizers": [{**terms[0], "enabled": False}, terms[1]]
    }
    with pytest.raises(ConfigError, match=r"position from 0 to 1 .*, or a name: norm, 7"):
        apply_overrides(values, ["regularizers.nrm.weight=2"])
    with pytest.raises(ConfigError, match="does not exist"):
        apply_overrides({"regularizers": [terms[0], terms[0]]}, ["regularizers.norm.weight=2"])


def test_values_are_replaced_as_overrides_would() -> None:
    assert replace_values({"a": {"b": 1}}, {"a.c": [1, 2], "d": None}) == {
        "a": {"b": 1, "c": [1, 2]},
        "d": None,
    }
    with pytest.raises(ConfigError, match="this is not a key"):
        replace_values({}, {"a..b": 1})
    with pytest.raises(ConfigError, match=r"model\.components is set for gmvae"):
        replace_values({"model": {"kind": "gmvae", "components": 3}}, {"model.kind": "vae"})
