"""Diagnoses of runs that were really trained: one sick and one healthy for each rule."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from safetensors.numpy import load, save

from latelier.analysis.diagnoses import RULES
from latelier.config import NonFiniteObjectiveError, RunError, load_config
from latelier.config.models import MODEL_KINDS
from latelier.lab.diagnose import diagnose, run_facts
from latelier.lab.launch import fit
from latelier.runs import RunStore

from .conftest import TINY

MLP = {"kind": "mlp", "hidden": [64]}
SHORT: dict[str, Any] = {
    "data": {"dataset": "digits"},
    "schedule": {"epochs": 12, "lr": 0.002},
    "training": {"batch_size": 64},
    "analysis": {
        "points": 400, "every_epochs": 3, "neighbors": 5, "reconstructions": 4, "pictures": False,
        "density_grid": 64, "full_set": "last",
    },
}  # fmt: skip
FEW = {"limit": 100}


def vae(latent_dim: int = 2, **objective: Any) -> dict[str, Any]:
    likelihood = {"recon_reduction": "sum", "likelihood": "bernoulli"}
    return {
        "model": {"kind": "vae", "latent_dim": latent_dim, "net": MLP},
        "objective": likelihood | objective,
    }


def ae(latent_dim: int = 8) -> dict[str, Any]:
    return {
        "model": {"kind": "ae", "latent_dim": latent_dim, "net": MLP},
        "objective": {"recon_reduction": "sum"},
    }


def gmvae(start: str) -> dict[str, Any]:
    model = {"kind": "gmvae", "latent_dim": 8, "components": 10, "component_init": start}
    net = {"kind": "mlp", "hidden": [128, 64]}
    return {
        "model": {**model, "warmup_epochs": 5, "net": net},
        "objective": {"recon_reduction": "sum", "kld_weight": 0.2},
    }


RUNS: dict[str, tuple[set[str], dict[str, Any], dict[str, Any]]] = {
    # name: what it has, model and objective, other sections
    "healthy VAE": (set(), vae(), {"schedule": {"epochs": 15}}),
    "healthy AE": (set(), ae(), {}),
    "healthy GM-VAE": (set(), gmvae("fitted"), {}),
    "healthy supervised AE": (
        set(), {"model": {"kind": "supervised-ae", "latent_dim": 8, "net": MLP}}, {},
    ),
    "KL outweighs a mean over pixels": (
        {"posterior_collapse"}, vae(8, recon_reduction="mean"), {},
    ),
    "random components": ({"dead_components"}, gmvae("random"), {}),
    "100 examples, 100 epochs": (
        {"overfitting"}, ae(16),
        {"data": FEW, "schedule": {"epochs": 100, "lr": 0.01}, "training": {"batch_size": 20},
         "analysis": {"every_epochs": 50}},
    ),
    "hardly any pull to the prior": (
        {"prior_holes", "exploding_norms"}, vae(beta=0.001), {"schedule": {"epochs": 20}},
    ),
    "weights that decay faster than they learn": (
        {"vanishing_norms"}, ae(), {"training": {"optimizer": "adamw", "weight_decay": 50.0}},
    ),
    "learning rate a hundred times too high": (
        {"learning_rate_too_high", "vanishing_norms"}, ae(), {"schedule": {"lr": 0.1}},
    ),
}  # fmt: skip


def trained(name: str, runs_dir: Any) -> dict[str, Any]:
    _, model, sections = RUNS[name]
    config = {**SHORT, **model}
    for section, settings in sections.items():
        config[section] = {**SHORT.get(section, {}), **settings}
    return diagnose(fit(config, runs_dir=runs_dir).record)


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("sick-and-healthy")
    return {name: trained(name, folder) for name in RUNS}


@pytest.mark.slow
def test_each_rule_finds_its_sick_run_and_leaves_healthy_ones_alone(told):
    names = [rule.name for rule in RULES]
    table = {run: {one["rule"] for one in payload["findings"]} for run, payload in told.items()}
    assert table == {run: expected for run, (expected, _, _) in RUNS.items()}
    for name in names:
        applied = [
            run
            for run, payload in told.items()
            if {"rule": name, "applies": True} in payload["checked"]
        ]
        assert any(name in table[run] for run in applied), f"no sick run for {name}"
        assert any(name not in table[run] and not RUNS[run][0] for run in applied), name


@pytest.mark.slow
def test_findings_name_settings_that_their_run_has(told):
    for run, payload in told.items():
        config = load_config({**SHORT, **RUNS[run][1]}).model_dump(mode="json")
        for finding in payload["findings"]:
            value: Any = config
            for part in finding["knob"]["key"].split("."):
                assert part in value, (run, finding["knob"])
                value = value[part]
            assert finding["epoch"] >= 1


@pytest.mark.parametrize("kind", MODEL_KINDS)
def test_every_kind_of_model_has_the_settings_that_rules_name(kind):
    """A rule that fires on any model names a setting of that model."""
    from latelier.analysis.diagnoses import EpochFacts, RunFacts
    from latelier.analysis.diagnoses import diagnose as judge

    config = load_config({"model": {"kind": kind}}).model_dump(mode="json")
    sick: dict[str, Any] = {"active": (False, False), "hole_mass": 0.9, "prior_norm": 1.0}
    if "components" in config["model"]:
        sick["counts"] = (9, 0)
    codes = EpochFacts(1, 10, 0.0, 0.0), EpochFacts(2, 20, 0.0, 0.0)
    wild = [EpochFacts(e, 10 * e, 9.0, 9.0, **sick) for e in (1, 2)]
    curves = {
        "epoch": list(range(1, 13)),
        "train/loss": [20.0 - e for e in range(12)],
        "val/loss": [10.0 - e for e in range(5)] + [20.0 + e for e in range(7)],
    }
    keys = set()
    for latents in (wild, codes):
        facts = RunFacts(config, 10, latents, curves, {}, non_finite_step=3)
        keys |= {one.knob.key for one in judge(facts).findings.values()}
    assert len(keys) >= 3
    for key in keys:
        value: Any = config
        for part in key.split("."):
            assert part in value, key
            value = value[part]


def test_facts_are_read_from_the_files_of_a_run(finished):
    facts = run_facts(finished.record)
    assert [one.epoch for one in facts.latents] == [0, 1, 2, 3]
    assert [one.step for one in facts.latents] == [0, 4, 8, 12]
    assert facts.steps_per_epoch == 4
    assert facts.latents[1].counts is None  # the warm-up
    last = facts.latents[-1]
    assert sum(last.counts) == 40
    assert len(last.counts) == len(last.active) == len(last.mean_kl) == 3
    assert facts.latents[0].mean_kl is None
    assert len(facts.steps["step"]) == 12
    payload = diagnose(finished.record)
    assert json.loads(json.dumps(payload)) == json.loads(json.dumps(diagnose(finished.record)))
    if finished.record.has("prior_minus_posterior_2d_pca", epoch=3):
        grid = finished.record.read_json("prior_minus_posterior_2d_pca", epoch=3)
        assert last.hole_mass == pytest.approx(sum(hole["mass"] for hole in grid["holes"]))


def test_a_run_that_ended_in_no_number_is_told(tmp_path):
    config = {**TINY, "schedule": {"epochs": 3, "lr": 1e6}}
    with pytest.raises(NonFiniteObjectiveError):
        fit(config, runs_dir=tmp_path)
    record = RunStore(tmp_path).open(RunStore(tmp_path).list()[0].run_id)
    findings = {one["rule"]: one for one in diagnose(record)["findings"]}
    found = findings["learning_rate_too_high"]
    assert found["severity"] == "problem"
    assert found["evidence"]["non_finite_step"] >= 1
    assert found["knob"]["key"] == "schedule.lr"


def test_a_run_without_latents_is_judged_by_its_curves(tmp_path):
    run = fit({**TINY, "analysis": {"enabled": False, "pictures": False}}, runs_dir=tmp_path)
    checked = {one["rule"]: one for one in diagnose(run.record)["checked"]}
    assert "no epoch of latents" in checked["posterior_collapse"]["why"]
    assert checked["learning_rate_too_high"]["applies"] is False  # 12 steps
    path = run.record.path_of("latents", epoch=1)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"no tensors")
    with pytest.raises(RunError, match=r"the latents of epoch 1 .* cannot be read"):
        diagnose(run.record)


def test_old_latents_without_a_prior_are_read(finished, tmp_path):
    import shutil

    copy = tmp_path / finished.record.id
    shutil.copytree(finished.record.path, copy)
    record = RunStore(tmp_path).open(finished.record.id)
    for epoch in record.epochs("latents"):
        path = record.path_of("latents", epoch=epoch)
        tensors = {k: v for k, v in load(path.read_bytes()).items() if not k.startswith("prior")}
        path.write_bytes(save(tensors))
    assert run_facts(record).latents[-1].prior_norm is None
    assert "checked" in diagnose(record)


def test_gathering_needs_no_torch(finished):
    program = f"""
import sys
from pathlib import Path
from latelier.lab.diagnose import diagnose
from latelier.runs import RunRecord
diagnose(RunRecord(Path({str(finished.record.path)!r})))
assert "torch" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)
