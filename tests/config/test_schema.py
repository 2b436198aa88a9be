from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from latelier.config import (
    DEFAULT_EPOCHS,
    AnalysisConfig,
    ConfigError,
    ConvNet,
    DataConfig,
    GMVAEModel,
    GMVAEObjective,
    MLPNet,
    RunConfig,
    ScheduleConfig,
    SupervisedAEObjective,
    VAEModel,
    config_json_schema,
    load_config,
)
from latelier.config.models import MODEL_KINDS

positive = st.floats(1e-12, 1e12)
words = st.text(min_size=1, max_size=20)
cells = st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
rows = st.lists(st.dictionaries(words, cells, max_size=3), max_size=3)
widths = st.lists(st.integers(1, 9), min_size=1, max_size=3)
nets = st.one_of(
    st.fixed_dictionaries({"kind": st.just("mlp"), "hidden": widths}),
    st.fixed_dictionaries({"kind": st.just("conv"), "channels": widths}),
)
models = st.one_of(
    st.fixed_dictionaries({"kind": st.just("ae"), "latent_dim": st.integers(1, 64), "net": nets}),
    st.fixed_dictionaries(
        {"kind": st.just("vae"), "samples": st.integers(1, 9)}, optional={"net": nets}
    ),
    st.fixed_dictionaries({"kind": st.just("supervised-ae"), "net": nets}),
    st.fixed_dictionaries(
        {"kind": st.just("gmvae"), "components": st.integers(2, 30), "warmup_epochs": st.just(1)}
    ),
)
configs = st.fixed_dictionaries(
    {},
    optional={
        "name": st.text(max_size=20),
        "seed": st.integers(0, 2**31 - 1),
        "tags": st.lists(words, max_size=3, unique=True),
        "notes": st.text(max_size=20),
        "data": st.one_of(
            st.fixed_dictionaries({"held_out": st.floats(0, 0.99), "label_noise": st.floats(0, 1)}),
            st.fixed_dictionaries({"dataset": st.just("npz"), "path": st.just("a/b.npz")}),
        ),
        "model": models,
        "schedule": st.fixed_dictionaries(
            {"epochs": st.none() | st.integers(2, 10**6), "lr": positive},
            optional={"dopesheet": st.none() | rows},
        ),
        "training": st.fixed_dictionaries(
            {"batch_size": st.integers(1, 10**6), "clip_norm": st.none() | positive}
        ),
        "analysis": st.fixed_dictionaries(
            {"indices": st.none() | st.lists(st.integers(0), min_size=16, max_size=20, unique=True)}
        ),
    },
)


@given(values=configs)
@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
def test_config_survives_json_exactly(values: dict[str, Any]) -> None:
    config = RunConfig.model_validate(values)
    text = config.model_dump_json()
    assert RunConfig.model_validate_json(text) == config
    again = load_config(json.loads(text))
    assert again.model_copy(update={"data": config.data}) == config
    assert RunConfig.model_validate_json(text).model_dump_json() == text


@given(values=configs)
@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])
def test_given_values_are_kept(values: dict[str, Any]) -> None:
    dumped = RunConfig.model_validate(values).model_dump(mode="json")
    for section, given_values in values.items():
        if isinstance(given_values, dict):
            kept = {key: dumped[section][key] for key in given_values if key != "net"}
            assert kept == {key: value for key, value in given_values.items() if key != "net"}
        else:
            assert dumped[section] == given_values


def test_config_is_frozen() -> None:
    config = RunConfig()
    with pytest.raises(ValidationError, match="frozen"):
        config.seed = 1
    with pytest.raises(ValidationError, match="frozen"):
        config.training.batch_size = 1


@pytest.mark.parametrize(
    "values",
    [
        {"sed": 1},
        {"data": {"datset": "digits"}},
        {"model": {"kind": "vae", "net": {"kind": "mlp", "chanels": [1]}}},
        {"training": {"checkpoints": {"evry": 1}}},
    ],
)
def test_unknown_names_fail(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        RunConfig.model_validate(values)


@pytest.mark.parametrize("value", ["3", 3.0, True, None, float("nan")])
def test_integers_are_strict(value: object) -> None:
    with pytest.raises(ValidationError):
        RunConfig.model_validate({"seed": value})


@pytest.mark.parametrize("value", ["0.1", True, None, float("nan"), float("inf"), 0, -1])
def test_rates_are_finite_positive_numbers(value: object) -> None:
    with pytest.raises(ValidationError):
        ScheduleConfig.model_validate({"lr": value})


def test_lists_become_tuples() -> None:
    assert MLPNet.model_validate({"hidden": [4, 2]}).hidden == (4, 2)
    assert ConvNet.model_validate({"channels": [4]}).channels == (4,)


@pytest.mark.parametrize("kind", ["ae", "vae", "supervised-ae", "gmvae"])
def test_objective_follows_the_model(kind: str) -> None:
    config = RunConfig.model_validate({"model": {"kind": kind}})
    assert config.objective.kind == kind
    partly = {"model": {"kind": kind}, "objective": {"recon_reduction": "mean"}}
    assert RunConfig.model_validate(partly).objective.recon_reduction == "mean"


def test_objective_follows_a_model_given_from_python() -> None:
    assert isinstance(RunConfig(model=GMVAEModel()).objective, GMVAEObjective)


def test_defaults_are_those_of_the_formulas() -> None:
    mixture = GMVAEObjective()
    assert (mixture.recon_reduction, mixture.kld_weight) == ("mean", 1.0)
    assert not mixture.categorical_kl_anneal
    assert not mixture.entropy_bonus_enable
    assert SupervisedAEObjective().class_weight == 1.0
    assert SupervisedAEObjective().recon_reduction == "mean"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"schedule": {"epochs": 1, "steps": 1}}, "both epochs and steps"),
        ({"schedule": {"steps": 10, "warmup_steps": 10}}, "longer than the run"),
        ({"schedule": {"warmup_steps": 5, "dopesheet": [{"STEP": 0, "lr:log": 1}]}}, "column lr"),
        ({"schedule": {"final_lr_fraction": 0.5, "dopesheet": [{"lr": 1}]}}, "column lr"),
        ({"data": {"dataset": "npz"}}, "data.path is missing"),
        ({"data": {"dataset": "mnist", "path": "a"}}, "data.path is read only"),
        ({"data": {"dataset": "npz", "path": "a", "image_size": 8}}, "image_size"),
        ({"analysis": {"points": 15}}, "analysis.neighbors"),
        ({"analysis": {"points": 10, "neighbors": 3}}, "analysis.reconstructions"),
        ({"analysis": {"indices": [1, 1]}}, "indices repeat"),
        ({"tags": ["a", "a"]}, "tags repeat"),
        ({"objective": {"kind": "ae"}}, "objective.kind differs"),
        ({"model": {"kind": "gmvae"}, "schedule": {"epochs": 10}}, "warmup_epochs"),
        ({"model": {"kind": "gmvae", "warmup_epochs": DEFAULT_EPOCHS}}, "warmup_epochs"),
    ],
)
def test_settings_that_contradict_each_other_fail(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_config(values)


@pytest.mark.parametrize(
    "values",
    [
        {"model": {"kind": "gmvae"}, "schedule": {"epochs": 11}},
        {"model": {"kind": "gmvae"}, "schedule": {"epochs": 0}},
        {"model": {"kind": "gmvae"}, "schedule": {"steps": 1}},
        {"model": {"kind": "gmvae", "component_init": "random"}, "schedule": {"epochs": 1}},
        {"schedule": {"steps": 10, "warmup_steps": 9}},
        {"schedule": {"warmup_steps": 5, "dopesheet": [{"STEP": 0, "lr2": 1}]}},
        {"analysis": {"points": 16}},
        {"data": {"dataset": "image-folder", "path": "a", "image_size": 8}},
    ],
)
def test_settings_at_the_edge_pass(values: dict[str, Any]) -> None:
    assert load_config(values)


def test_length_in_epochs_is_known_only_when_nothing_else_sets_it() -> None:
    assert ScheduleConfig().known_epochs == DEFAULT_EPOCHS
    assert ScheduleConfig(epochs=3).known_epochs == 3
    assert ScheduleConfig(steps=3).known_epochs is None
    assert ScheduleConfig(dopesheet=({"STEP": 0},)).known_epochs is None


def test_fitted_mixture_is_a_property_of_mixtures() -> None:
    assert RunConfig(model=GMVAEModel()).uses_fitted_mixture
    assert not RunConfig(model=GMVAEModel(component_init="random")).uses_fitted_mixture
    assert not RunConfig(model=VAEModel()).uses_fitted_mixture


@pytest.mark.parametrize("device", ["auto", "cpu", "mps", "cuda", "cuda:1"])
def test_known_devices_pass(device: str) -> None:
    assert load_config({"training": {"device": device}}).training.device == device


@pytest.mark.parametrize("device", ["gpu", "cuda:", "cuda:x", "cuda:0 ", "cpu\n"])
def test_unknown_devices_fail(device: str) -> None:
    with pytest.raises(ConfigError, match=r"training\.device"):
        load_config({"training": {"device": device}})


def test_paths_may_be_text_or_paths() -> None:
    assert DataConfig(root=Path("a")) == DataConfig.model_validate({"root": "a"})


def test_every_field_is_documented() -> None:
    schema = config_json_schema()
    for definition in (schema, *schema["$defs"].values()):
        assert definition["description"]
        for name, field in definition["properties"].items():
            assert name == "kind" or field["description"].endswith("."), name


def test_json_schema_tells_kinds_units_and_defaults() -> None:
    schema = config_json_schema()
    mapping = schema["properties"]["model"]["discriminator"]["mapping"]
    assert set(mapping) == set(MODEL_KINDS)
    assert mapping.keys() == schema["properties"]["objective"]["discriminator"]["mapping"].keys()
    lr = schema["$defs"]["ScheduleConfig"]["properties"]["lr"]
    assert (lr["default"], lr["anyOf"][0]["exclusiveMinimum"]) == (1e-3, 0)
    assert schema["$defs"]["ScheduleConfig"]["properties"]["steps"]["unit"] == "steps"
    assert "default" not in schema["properties"]["objective"]
    json.dumps(schema)


def test_analysis_default_fits_itself() -> None:
    assert AnalysisConfig().neighbors < AnalysisConfig().points


def test_import_is_light() -> None:
    code = (
        "import sys, latelier.config, latelier.timeline\n"
        "print([m for m in ('torch', 'numpy', 'yaml', 'pandas') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
