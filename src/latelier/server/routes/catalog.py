"""What a form needs to know before there is a run: presets, the schema, data sets."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import APIRouter

from latelier.config import config_json_schema, load_config, presets
from latelier.config.loading import SWEEP, read_raw
from latelier.config.sweep_schema import SweepConfig
from latelier.server.schemas import DatasetInfo, Datasets, PresetInfo, Presets

router = APIRouter(tags=["catalog"])
DEFAULT_PRESET = "lab/mnist5k-gmvae"


@router.get("/presets")
def list_presets() -> Presets:
    """List the ready configurations, complete with every default."""
    return _presets()


@router.get("/schema")
def read_schema() -> dict[str, Any]:
    """Give the JSON Schema of a run's configuration: meaning, unit and default of each field."""
    return _schema()


@router.get("/schema/sweep")
def read_sweep_schema() -> dict[str, Any]:
    """Give the JSON Schema of a configuration's section `sweep`."""
    return _sweep_schema()


@router.get("/datasets")
def list_datasets() -> Datasets:
    """List the data sets, and whether each is ready to load."""
    from latelier.data.prepared import default_root
    from latelier.data.registry import DATASETS

    root = default_root()
    rows = [
        DatasetInfo(
            name=spec.name,
            description=spec.description,
            kind=spec.kind,
            train=spec.train,
            test=spec.test,
            shape=list(spec.shape),
            label_names=list(spec.label_names),
            license=spec.license,
            download_bytes=spec.download_bytes,
            ready=spec.present(root),
        )
        for spec in DATASETS.values()
    ]
    return Datasets(datasets=rows)


@cache
def _presets() -> Presets:
    rows = [
        PresetInfo(
            name=preset.name,
            description=preset.description,
            config=load_config(preset.path).model_dump(mode="json"),
            sweep=read_raw(preset.path).values.get(SWEEP),
        )
        for preset in presets()
    ]
    return Presets(presets=rows, default=DEFAULT_PRESET)


@cache
def _schema() -> dict[str, Any]:
    return config_json_schema()


@cache
def _sweep_schema() -> dict[str, Any]:
    return SweepConfig.model_json_schema(mode="validation")
