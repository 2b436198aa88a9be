"""From what a person says to a session that can train: all that can be wrong fails here, early."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from torch import nn

from latelier.config import ConfigError, ModuleModel, RunConfig, load_config
from latelier.data import Dataset, given_dataset, load_dataset, visualization_indices
from latelier.models import OwnModule, Part, kind_of
from latelier.training import Session, check_actions, open_session, open_watched

_FREE = {"name", "tags", "notes", "analysis"}
_FREE_WITHIN = {
    "data": {"path", "root", "in_memory", "workers"},
    "training": {"device", "threads", "checkpoints"},
}

Source = RunConfig | str | Path | Mapping[str, Any]
Model = nn.Module | OwnModule


def resolve_config(
    source: Source | Model | None,
    overrides: Sequence[str] = (),
    sections: Mapping[str, Any] | None = None,
) -> RunConfig:
    """Return the run's configuration.

    Args:
        source: A configuration, a preset's name, a path, a mapping; a model of ours around the
            user's networks, or a module of the user's own, whose kind, sizes and names are then
            written down; or None for the defaults.
        overrides: ``key=value`` texts, applied last.
        sections: Sections by keyword, such as ``schedule={"epochs": 3}``.

    Raises:
        ConfigError: Naming each field that is wrong.
    """
    base: dict[str, Any]
    if not isinstance(source, nn.Module | OwnModule | RunConfig | str | Path | Mapping | None):
        raise ConfigError(
            "neither a configuration nor a model",
            got=type(source).__name__,
            expected="a preset's name, a path, a mapping, a RunConfig, or a model of "
            "latelier.models",
            remedy="Data comes second: fit(model_or_config, data); None stands for the defaults.",
        )
    if isinstance(source, OwnModule):
        base = describe_own(source)
    elif isinstance(source, nn.Module):
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


def describe_own(own: OwnModule) -> dict[str, Any]:
    """Write down a module of the user's own as `model` and `objective` sections: names only."""
    decode = "" if own.decode is None else own.decode.name
    net = {"kind": "custom", "encoder": own.encode.name, "decoder": decode}
    return {
        "model": {"kind": "module", "module": own.name, "net": net},
        "objective": {"kind": "module", "loss": own.loss_name},
    }


def given_model(
    model: Model,
    loss: Callable[..., Any] | None = None,
    encode: Part | None = None,
    decode: Part | None = None,
    *,
    config: RunConfig | None = None,
) -> Model:
    """Return a model as it is trained: one of ours as it is, any other with its functions.

    Args:
        model: The model.
        loss: Its loss function; with it the model becomes an `OwnModule`.
        encode: As in `OwnModule`.
        decode: As in `OwnModule`.
        config: The configuration of the run that goes on: attributes that it names are the
            defaults of ``encode`` and ``decode``.

    Raises:
        ConfigError: If the functions cannot be used with it, or one of the run's is missing.
    """
    own_run = config is not None and isinstance(config.model, ModuleModel)
    if loss is None and encode is None and decode is None and not own_run:
        return model
    if isinstance(model, OwnModule):
        if loss is None and encode is None and decode is None:
            return model
        raise ConfigError(
            "an OwnModule has its functions already",
            got="loss, encode or decode beside it",
            remedy="Pass the functions to OwnModule.",
        )
    if own_run:
        assert config is not None
        encode = _named_part("encode", encode, config.model.net.encoder)  # type: ignore[union-attr]
        decode = _named_part("decode", decode, config.model.net.decoder)  # type: ignore[union-attr]
    return OwnModule(model, loss, encode=encode, decode=decode)


def _named_part(what: str, given: Part | None, name: str) -> Part | None:
    if given is not None or not name:
        return given
    if ":" not in name:
        return name
    raise ConfigError(
        f"the run's {what} is a function of your own, which is not stored with it",
        got=f"{name} by name only",
        remedy=f"Pass it again: {what}=….",
    )


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
    model: Model | None = None,
    dataset: Dataset | None = None,
    threads: int | None = None,
    allow_code: bool = False,
) -> Session:
    """Build the session of a run; the points to analyze are chosen and written into its config.

    Args:
        config: The run.
        data: Data from Python, instead of the config's.
        model: A model of the user's own, instead of the config's.
        dataset: What `load_data` made of this config's section before; loaded when None.
        threads: CPU threads of the run that is resumed.
        allow_code: Import and call the networks that the config names, if it names any.

    Raises:
        ConfigError: If configuration, model and data do not fit.
        DataError: If the data is missing or damaged.
    """
    model = _completed(model, config)
    if data is not None and config.data.dataset != "given":
        config = config.model_copy(
            update={"data": config.data.model_copy(update={"dataset": "given"})}
        )
    if dataset is None:
        dataset = load_data(config, data)
    session = open_session(
        _with_points(config, dataset),
        dataset,
        model=model,
        threads=threads,
        allow_code=allow_code,
    )
    check_actions(session)
    return session


def prepare_watched(
    config: RunConfig, data: object, model: Model | None, *, epochs: int | None = None
) -> Session:
    """Build the session of a run whose loop is somebody else's.

    Args:
        config: The run.
        data: What the model is looked at with.
        model: The model, ready to train.
        epochs: Epochs that the loop will have, if that is known.

    Raises:
        ConfigError: If model or data are missing, or configuration, model and data do not fit.
        DataError: If the data cannot be used.
    """
    if model is None or data is None:
        missing = " and ".join(n for n, x in (("model", model), ("data", data)) if x is None)
        raise ConfigError(
            f"the {missing} of this run came from Python and cannot be made again",
            remedy=f"Pass the {missing} from Python.",
        )
    model = _completed(model, config)
    assert model is not None
    dataset = load_data(config, data)
    return open_watched(_with_points(config, dataset), dataset, model, epochs=epochs)


def _completed(model: Model | None, config: RunConfig) -> Model | None:
    """Give a module of the user's own the functions that its run's config names."""
    if isinstance(model, OwnModule) and not isinstance(config.model, ModuleModel):
        raise ConfigError(
            "a loss function was given, but the configuration names another objective",
            got=f"model.kind {config.model.kind}",
            expected="module",
            remedy="Leave out loss, encode and decode; or leave out the setting model.kind.",
        )
    if model is None or isinstance(model, OwnModule):
        return model
    return given_model(model, config=config)


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
    pool = dataset
    if analysis.part == "held-out":
        _check_held_out(dataset)
        pool = dataclasses.replace(dataset, train=dataset.held_out)
    indices = visualization_indices(pool, min(analysis.points, len(pool.train)), config.seed)
    return config.model_copy(update={"analysis": analysis.model_copy(update={"indices": indices})})


def _check_held_out(dataset: Dataset) -> None:
    if not len(dataset.held_out):
        raise ConfigError(
            "analysis.part is held-out, but nothing is held out",
            got=f"{len(dataset)} examples, all of them for training",
            remedy="Set data.held_out, or analysis.part=train.",
        )


def _check_points(indices: tuple[int, ...], size: int) -> None:
    outside = [index for index in indices if index >= size]
    if outside or len(set(indices)) != len(indices):
        raise ConfigError(
            "analysis.indices",
            got=f"{outside[:5]} outside the data" if outside else "an index twice",
            expected=f"different numbers from 0 to {size - 1}",
        )
