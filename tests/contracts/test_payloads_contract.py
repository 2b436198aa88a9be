"""Every JSON artifact that is written today: it has a model, a schema in docs, and fits both."""

from __future__ import annotations

import json
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from pydantic import BaseModel, ValidationError

from latelier.lab.kinds import OFFERED
from latelier.lab.launch import fit
from latelier.lab.on_demand import make
from latelier.runs import ARTIFACTS, RECEIPT, RunRecord, RunStore
from latelier.runs.payloads import PAYLOADS, payload_schema
from latelier.runs.payloads.base import Receipt
from latelier.runs.payloads.walls import SWEEP_PAYLOADS

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "docs" / "schemas"
GOLDEN = ROOT / "tests" / "golden" / "runs-v1"
TINY: dict[str, Any] = {
    "data": {"dataset": "digits", "limit": 120},
    "schedule": {"epochs": 2},
    "training": {"batch_size": 40, "device": "cpu", "threads": 1},
    "analysis": {
        "points": 30,
        "neighbors": 5,
        "reconstructions": 4,
        "snapshots": 1,
        "pictures": False,
        "full_set": "all",
        "density_grid": 8,
        "trust_grid": 6,
        "atlas_tiles": 3,
    },
}
NET = {"net": {"kind": "mlp", "hidden": [8]}}
MODELS: dict[str, dict[str, Any]] = {
    "gmvae": {"kind": "gmvae", "latent_dim": 4, "components": 3, "warmup_epochs": 1, **NET},
    "ae": {"kind": "ae", "latent_dim": 2, **NET},
    "sae": {"kind": "supervised-ae", "latent_dim": 3, **NET},
    "colors": {"kind": "ae", "latent_dim": 3, **NET},
    "pairs": {"kind": "adagvae", "latent_dim": 3, **NET},
}
CHANGES: dict[str, dict[str, Any]] = {
    "colors": {
        "data": {"dataset": "colors", "sampling": "weighted"},
        "training": {**TINY["training"], "steps_per_epoch": 2},
        "analysis": {**TINY["analysis"], "part": "held-out", "full_set": "off"},
    },
    "pairs": {
        "data": {"dataset": "factors", "pairs": "fixed"},
        "training": {**TINY["training"], "steps_per_epoch": 2},
        "analysis": {**TINY["analysis"], "full_set": "off"},
    },
}
ASKED: dict[str, dict[str, int | str]] = {
    "posterior_local": {"idx": 3, "m": 4, "seed": 5},
    "prior_component": {"c": 0, "m": 3},
    "prior_samples": {"m": 4},
    "interpolation": {"idx": 1, "to": 2, "m": 4, "mode": "spherical"},
    "traversal": {"idx": 1, "d": 0, "m": 3},
    "decode_point": {"method": "pca", "u": 10, "v": -20},
    "interventions": {"threshold": 100},
}
OF_ANY_MODEL = ("interpolation", "traversal", "decode_point", "interventions")
SLOW = {kind for kind in PAYLOADS if kind.endswith("_umap")}
"""Kinds that take UMAP."""
FACTORED = {"factor_scores", "shared_dimensions", "pair_sprites_layout"}
"""Kinds of data with known factors, which take seconds to draw."""


def train(root: Path, model: str) -> RunRecord:
    config = {**TINY, "model": MODELS[model], **CHANGES.get(model, {})}
    record = RunStore(root).open(fit(config, runs_dir=root).id)
    for kind, keys in ASKED.items():
        if model == "gmvae" or kind in OF_ANY_MODEL:
            make(record, kind, {"epoch": 2, **keys})
    return record


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, RunRecord]:
    root = tmp_path_factory.mktemp("payloads")
    return {model: train(root, model) for model in MODELS if model != "pairs"}


def artifacts(record: RunRecord) -> Iterator[tuple[str, str, bytes]]:
    """Every JSON artifact of a run: file name, kind, content."""
    for name, parsed in record.files():
        assert parsed is not None, name
        spec = ARTIFACTS[parsed[0]]
        if spec.media_type == "application/json" and not spec.record:
            yield name, spec.kind, (record.path / name).read_bytes()


def check(record: RunRecord) -> set[str]:
    """Hold every JSON artifact against its model and its schema; return the kinds."""
    seen = set()
    for name, kind, content in artifacts(record):
        try:
            PAYLOADS[kind].model_validate_json(content)  # knows no field that is not declared
        except ValidationError as error:
            pytest.fail(f"{name}: {error}")
        validator(kind).validate(json.loads(content))
        seen.add(kind)
    return seen


def validator(kind: str) -> Any:
    return jsonschema_rs.validator_for(json.loads((SCHEMAS / f"{kind}.json").read_bytes()))


def test_the_schemas_in_docs_are_current() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "dump_schemas.py"))
    assert script["stale"]() == [], "run scripts/dump_schemas.py"
    assert {path.stem for path in SCHEMAS.glob("*.json")} == set(PAYLOADS)
    assert {path.stem for path in SCHEMAS.glob("sweeps/*")} == set(SWEEP_PAYLOADS)


def test_what_is_offered_has_a_schema() -> None:
    json_kinds = {kind for kind in OFFERED if ARTIFACTS[kind].media_type == "application/json"}
    assert json_kinds <= set(PAYLOADS)
    assert {*PAYLOADS} <= {*ARTIFACTS}
    assert all(ARTIFACTS[kind].media_type == "application/json" for kind in PAYLOADS)


@pytest.mark.parametrize("kind", PAYLOADS)
def test_a_schema_says_what_it_is_and_lets_later_fields_pass(kind: str) -> None:
    schema = payload_schema(kind)
    jsonschema_rs.meta.validate(schema)
    assert schema["title"] == kind
    assert schema["description"].startswith(ARTIFACTS[kind].description)
    assert 'additionalProperties": false' not in json.dumps(schema)
    if issubclass(PAYLOADS[kind], Receipt):
        assert list(schema["properties"])[: len(RECEIPT)] == list(RECEIPT)
        assert schema["properties"]["kind"] == {"const": kind}


def test_the_receipt_is_the_receipt() -> None:
    assert tuple(Receipt.model_fields) == RECEIPT


def test_every_artifact_of_real_runs_fits(runs: dict[str, RunRecord]) -> None:
    seen = {model: check(record) for model, record in runs.items()}
    assert set(PAYLOADS) - set.union(*seen.values()) == SLOW | FACTORED
    assert "prior_2d_pca" not in seen["ae"]
    findings = [record.read_json("diagnoses")["findings"] for record in runs.values()]
    assert any(findings), "or the fields of a finding are not looked at"


def test_the_golden_run_fits_where_it_holds_real_payloads() -> None:
    record = RunStore(GOLDEN).open("20261121")
    kinds = set()
    for name, kind, content in artifacts(record):
        payload = json.loads(content)
        if kind == "checkpoint":
            validator(kind).validate(payload)
        else:  # its fields are placeholders of the record's first version: the receipt is real
            Receipt.model_validate({field: payload[field] for field in RECEIPT})
            assert list(payload)[: len(RECEIPT)] == list(RECEIPT), name
        kinds.add(kind)
    assert {"checkpoint", "latent_2d_pca", "scores"} <= kinds


def test_what_does_not_fit_is_found(runs: dict[str, RunRecord]) -> None:
    payload = runs["gmvae"].read_json("posterior_2d_pca", epoch=2)
    model: type[BaseModel] = PAYLOADS["posterior_2d_pca"]
    for field, value in {
        "values": "none",
        "prior_kind": "guessed",
        "source": None,
        "meta": {**payload["meta"], "mass_inside": 1.5},
        "kind": "posterior",
    }.items():
        wrong = {**payload, field: value}
        with pytest.raises(jsonschema_rs.ValidationError):
            validator("posterior_2d_pca").validate(wrong)
    with pytest.raises(ValidationError, match="Extra inputs"):
        model.model_validate({**payload, "novel": 1})
    validator("posterior_2d_pca").validate({**payload, "novel": 1})
    without = {name: value for name, value in payload.items() if name != "stats"}
    with pytest.raises(jsonschema_rs.ValidationError, match="stats"):
        validator("posterior_2d_pca").validate(without)


@pytest.mark.slow
def test_factors_fit_too(tmp_path: Path) -> None:
    assert check(train(tmp_path, "pairs")) >= FACTORED


@pytest.mark.slow
def test_umap_fits_too(runs: dict[str, RunRecord]) -> None:
    record = runs["gmvae"]
    for kind in sorted(SLOW):
        make(record, kind, {"epoch": 2})
    make(record, "decode_point", {"epoch": 2, "method": "umap", "u": 0, "v": 0})
    assert check(record) >= SLOW
