from __future__ import annotations

import pytest

from latelier.config import ConfigError, config_json_schema, load_config
from latelier.config.regularizers import Separate, Unitarity

UNIT = {"name": "norm", "kind": "unitarity", "weight": 0.1}


def loaded(*regularizers):
    return load_config({"model": {"kind": "ae"}, "regularizers": list(regularizers)}).regularizers


def test_defaults():
    (found,) = loaded(UNIT)
    assert isinstance(found, Unitarity)
    assert found.weight_column == "reg-norm"
    assert (found.enabled, found.target, found.labels) == (True, "latents", {})
    (separate,) = loaded({"name": "s", "kind": "separate"})
    assert isinstance(separate, Separate)
    assert (separate.power, separate.shift, separate.over) == (1.0, True, "mean")


def test_the_column_can_be_named():
    assert loaded({**UNIT, "column": "push"})[0].weight_column == "push"


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"name": "x", "kind": "unitarty"}, "unitarity"),
        ({"name": "x", "kind": "pin"}, "anchor is missing"),
        ({"name": "x", "kind": "pin", "anchor": "origin"}, "anchor"),
        ({"kind": "unitarity"}, "name is missing"),
        ({"name": "Big Name", "kind": "unitarity"}, "name"),
        ({**UNIT, "weight": -1.0}, "at least 0"),
        ({**UNIT, "label": {"red": 1.0}}, "0.label is not a setting"),
        ({"name": "x", "kind": "separate", "shift": False, "power": 2.5}, "whole number"),
        ({"name": "x", "kind": "separate", "power": 0.5}, "at least 1"),
        ({"name": "x", "kind": "subspace"}, "dimensions is missing"),
    ],
)
def test_what_cannot_be_used_is_named(section, message):
    with pytest.raises(ConfigError, match=message):
        loaded(section)


def test_names_are_unique():
    with pytest.raises(ConfigError, match='share a name; got "norm"'):
        loaded(UNIT, UNIT)


def test_one_is_switched_off_by_its_place():
    config = load_config("color/regularizers", ["regularizers.1.enabled=false"])
    off = [part.name for part in config.regularizers if not part.enabled]
    assert off == ["separate"]


def test_the_schema_tells_the_kinds():
    items = config_json_schema()["properties"]["regularizers"]["items"]
    assert set(items["discriminator"]["mapping"]) == {
        "unitarity", "planarity", "subspace", "pin", "angular-anchor", "anti-anchor",
        "orthogonality", "sparsity", "separate",
    }  # fmt: skip


def test_a_sheet_without_a_rate_needs_one_elsewhere():
    rows = [{"STEP": 0, "kld_weight": 1}]
    with pytest.raises(ConfigError, match=r"schedule.lr is empty.*no column lr"):
        load_config({"schedule": {"lr": None, "dopesheet": rows}})
    with pytest.raises(ConfigError, match=r"schedule.lr is empty"):
        load_config({"schedule": {"lr": None}})
    load_config({"schedule": {"lr": None, "dopesheet": [{"STEP": 0, "lr:log": 1e-3}]}})
    load_config({"schedule": {"dopesheet": rows}})


def test_a_sigmoid_fits_no_logits():
    net = {"kind": "mlp", "output": "sigmoid"}
    for likelihood in ("bernoulli", "continuous-bernoulli"):
        objective = {"likelihood": likelihood}
        with pytest.raises(ConfigError, match="takes logits"):
            load_config({"model": {"kind": "ae", "net": net}, "objective": objective})
    load_config({"model": {"kind": "ae", "net": net}})


def test_data_settings_that_nobody_reads_are_refused():
    with pytest.raises(ConfigError, match=r"read only when data.sampling is curriculum"):
        load_config({"data": {"fraction": 0.5}})
    with pytest.raises(ConfigError, match=r"data.pairs are drawn from shuffled"):
        load_config({"data": {"dataset": "factors", "pairs": "fixed", "sampling": "weighted"}})
    with pytest.raises(ConfigError, match="with itself"):
        load_config({"analysis": {"pairs": {"dimensions": [[1, 1]]}}})
