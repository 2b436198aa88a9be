"""From what a person says to a session that can train: all that can be wrong fails here, early."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from torch import nn

from latelier.config import ConfigError, RunConfig, load_config
from latelier.data import Dataset, given_dataset, load_dataset, visualization_indices
from latelier.models import kind_of
from latelier.training import Session, open_session

_FREE = {"name", "tags", "notes", "analysis"}
_FREE_WITHIN = {
    "data": {"path", "root", "in_memory", "workers"},
    "training": {"device", "threads", "checkpoints"},
}

Source = RunConfig | str | Path | Mapping[str, Any]


def resolve_config(
    source: Source | nn.Module | None,
    overrides: Sequence[str] = (),
    sections: Mapping[str, Any] | None = None,
) -> RunConfig:
    """Return the run's configuration.

    Args:
        source: A configuration, a preset's name, a path, a mapping; a model of ours around the
            user's networks, whose kind and sizes are then written down; or None for the defaults.
        overrides: ``key=value`` texts, applied last.
        sections: Sections by keyword, such as ``schedule={"epochs": 3}``.

    Raises:
        ConfigError: Naming each field that is wrong.
    """
    base: dict[str, Any]
    if not isinstance(source, nn.Module | RunConfig | str | Path | Mapping | None):
        raise ConfigError(
            "neither a configuration nor a model",
            got=type(source).__name__,
            expected="a preset's name, a path, a mapping, a RunConfig, or a model of "
            "latelier.models",
            remedy="Data comes second: fit(model_or_config, data); None stands for the defaults.",
        )
    if isinstance(source, nn.Module):
        base = {"model": describe_model(source)}
    elif source is None:
        base = {}
    else:
        base = load_config(
            source if not isinstance(source, RunConfig) else _dump(source)
        ).model_dump()
    return load_config(_merged(base, sections or {}), overrides)


def _dump(config: RunConfig) -> dict[str, Any]:
    return config.model_dump()


def _merged(base: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """Merge nested mappings; the values of ``extra`` win."""
    merged = dict(base)
    for key, value in extra.items():
        old = merged.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            merged[key] = _merged(old, value)
        else:
            merged[key] = value
    return merged


def describe_model(model: nn.Module) -> dict[str, Any]:
    """Write down a user's model as a `model` section: kind, sizes, and the names of its networks.

    The networks themselves are code: resuming such a run needs the model again.

    Raises:
        ConfigError: If the model is not one of ours.
    """
    kind = kind_of(model)
    names = {
        part: f"{type(net).__module__}:{type(net).__qualname__}"
        for part in ("encoder", "decoder")
        if (net := getattr(model, part, None)) is not None
    }
    section: dict[str, Any] = {"kind": kind, "net": {"kind": "custom", **names}}
    for field, attribute in (("latent_dim", "latent_dim"), ("components", "components")):
        if isinstance(value := getattr(model, attribute, None), int):
            section[field] = value
    return section


def load_data(config: RunConfig, data: object = None) -> Dataset:
    """Return the run's data: what was given from Python, or what the config names.

    Raises:
        DataError: If it is missing, damaged or does not fit.
    """
    if data is not None:
        return given_dataset(data, config=config.data, seed=config.seed)
    if config.data.dataset == "given":
        raise ConfigError(
            "the data of this run was given from Python and is not stored with it",
            remedy="Pass it again: latelier.resume(run, data=…).",
        )
    return load_dataset(config.data, seed=config.seed)


def prepare(
    config: RunConfig,
    *,
    data: object = None,
    model: nn.Module | None = None,
    threads: int | None = None,
) -> Session:
    """Build the session of a run; the points to analyze are chosen and written into its config.

    Args:
        config: The run.
        data: Data from Python, instead of the config's.
        model: A model of the user's own, instead of the config's.
        threads: CPU threads of the run that is resumed.

    Raises:
        ConfigError: If configuration, model and data do not fit.
        DataError: If the data is missing or damaged.
    """
    if data is not None and config.data.dataset != "given":
        config = config.model_copy(
            update={"data": config.data.model_copy(update={"dataset": "given"})}
        )
    dataset = load_data(config, data)
    return open_session(_with_points(config, dataset), dataset, model=model, threads=threads)


def fingerprint(dataset: Dataset) -> str:
    """Return a hash by which data is known again: its sizes, split, and up to 512 examples.

    Returns:
        SHA-256 in hexadecimal.
    """
    spread = dataset.train[:: max(1, len(dataset.train) // 512)][:512]
    batch = dataset.examples(spread)
    digest = hashlib.sha256(f"{len(dataset)} {dataset.shape}".encode())
    for part in (dataset.train, dataset.held_out, batch.inputs, batch.labels):
        if part is not None:
            digest.update(part.contiguous().numpy().tobytes())
    return digest.hexdigest()


def config_fingerprint(config: Mapping[str, Any]) -> str:
    """Return a hash of what in a run's ``config.json`` decides its training.

    Names, the analysis, and where and how the run is carried out (paths, device, loaders, the
    cadence of checkpoints) may change between two stretches of a run.

    Returns:
        SHA-256 in hexadecimal.
    """
    rest = {name: value for name, value in config.items() if name not in _FREE}
    for section, free in _FREE_WITHIN.items():
        values = config.get(section)
        if isinstance(values, Mapping):
            rest[section] = {name: value for name, value in values.items() if name not in free}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def _with_points(config: RunConfig, dataset: Dataset) -> RunConfig:
    analysis = config.analysis
    if analysis.indices is not None:
        _check_points(analysis.indices, len(dataset))
        return config
    count = min(analysis.points, len(dataset.train))
    indices = visualization_indices(dataset, count, config.seed)
    return config.model_copy(update={"analysis": analysis.model_copy(update={"indices": indices})})


def _check_points(indices: tuple[int, ...], size: int) -> None:
    outside = [index for index in indices if index >= size]
    if outside or len(set(indices)) != len(indices):
        raise ConfigError(
            "analysis.indices",
            got=f"{outside[:5]} outside the data" if outside else "an index twice",
            expected=f"different numbers from 0 to {size - 1}",
        )
