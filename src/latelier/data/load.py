"""From a configuration, or from data in hand, to a `Dataset`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset

from latelier.config.data import DataConfig
from latelier.config.errors import DataError
from latelier.data.arrays import checked_inputs, checked_labels
from latelier.data.colors import CONCEPTS, make_colors
from latelier.data.concepts import ConceptTable
from latelier.data.dataset import Dataset
from latelier.data.embedded import load_embedded
from latelier.data.factor_files import read_dsprites, read_shapes3d
from latelier.data.factors import FactorTable
from latelier.data.fetch import damage_remedy, fetch_dataset
from latelier.data.folder import load_folder
from latelier.data.items import gather_items, to_numpy
from latelier.data.npz import read_npz
from latelier.data.prepared import Progress, default_root, read_prepared
from latelier.data.procedural import draw_factors, factor_grid
from latelier.data.registry import DATASETS, DatasetSpec, find_spec
from latelier.data.splits import check_classes, split_rows, with_label_noise
from latelier.data.streaming import ArraySource, NpyFile, Streamed, nbytes

IN_MEMORY_LIMIT = 4 * 2**30  # bytes of examples that data.in_memory = "auto" holds in memory
_FACTOR_FILES = {"dsprites": read_dsprites, "shapes3d": read_shapes3d}
_KEYS = (("x", "y"), ("inputs", "labels"))


@dataclass(frozen=True)
class _Read:
    """Examples as they were read, before they are split."""

    name: str
    inputs: NDArray[Any] | Tensor | Streamed
    labels: NDArray[np.int64] | None
    source: str
    license: str = "unknown"
    label_names: tuple[str, ...] | None = None
    train_part: int | None = None
    factors: FactorTable | None = None
    value_range: tuple[float, float] = (0.0, 1.0)
    concepts: ConceptTable | None = None
    weights: Tensor | None = None
    typicality: Tensor | None = None


def load_dataset(config: DataConfig, *, seed: int, progress: Progress | None = None) -> Dataset:
    """Load the data set that a configuration names; one that is missing is fetched.

    Args:
        config: The data part of a run's configuration.
        seed: Seed of the run; decides split, limit and label noise.
        progress: Told about long work: what is done, how much of it, of how much.

    Raises:
        DataError: If the data is missing, damaged, or does not fit the configuration.
    """
    if config.dataset == "given":
        raise DataError(
            "data.dataset is 'given', but no data was passed",
            expected="data from Python, as in latelier.fit(config, data)",
            remedy="Pass the data, or name a data set (`latelier data list`).",
        )
    spec = find_spec(config.dataset)
    root = default_root() if config.root is None else config.root
    if spec.kind == "procedural":
        read = _draw(spec)
    elif spec.embedded:
        inputs, labels = load_embedded(spec.name)
        read = _Read(
            spec.name, inputs, labels, "embedded in Latelier", spec.license, spec.label_names
        )
    elif spec.kind == "path":
        assert config.path is not None  # DataConfig checks it
        read = _read_path(spec.name, config.path, config.image_size, root, progress)
    else:
        read = _read_downloaded(spec, root, progress)
    return _assemble(read, config, seed)


def given_dataset(
    data: Any, *, config: DataConfig, seed: int, progress: Progress | None = None
) -> Dataset:
    """Make a data set of data in hand.

    Args:
        data: Examples as a tensor or array; a pair of examples and labels; a mapping with x and y
            (or inputs and labels); a map-style torch dataset of x or (x, label); or a Dataset,
            which is taken as it is: how it is split was decided when it was made. Pixels are uint8
            0..255 or floats; a tensor of four axes has its channels first or last.
        config: Reads `held_out`, `limit`, `label_noise` and `in_memory`.
        seed: Seed of the run.
        progress: Told how many items of a torch dataset were read.

    Raises:
        DataError: If the data cannot be used; the message names the example.
    """
    if isinstance(data, Dataset):
        return data
    if isinstance(data, DataLoader | IterableDataset):
        raise DataError(
            "data has no order of its own to index",
            got=type(data).__name__,
            expected="a map-style dataset (with len() and [i]), arrays or tensors",
            remedy="Pass the loader's `.dataset`." if isinstance(data, DataLoader) else None,
        )
    inputs, labels = _pair(data)
    if isinstance(inputs, Tensor | np.ndarray):
        return _assemble(_read_arrays("given", inputs, labels, "given from Python"), config, seed)
    if not (hasattr(inputs, "__len__") and hasattr(inputs, "__getitem__")):
        raise DataError(
            "data is of a kind that cannot be read",
            got=type(inputs).__name__,
            expected="tensors, arrays, (x, y), a mapping of x and y, or a map-style torch dataset",
        )
    found = gather_items(inputs, most_bytes=_most_bytes(config), progress=progress)
    read = _Read(
        "given",
        found.inputs,
        None if found.labels is None else checked_labels(found.labels, len(inputs), "the labels"),
        f"given from Python ({type(inputs).__name__})",
        value_range=found.value_range,
    )
    return _assemble(read, config, seed)


def _pair(data: Any) -> tuple[Any, Any]:
    """Take (examples, labels) out of what was passed."""
    if isinstance(data, Mapping):
        for inputs, labels in _KEYS:
            if inputs in data and set(data) <= {inputs, labels}:
                return _array(data[inputs]), data.get(labels)
        raise DataError(
            "data does not say what is what",
            got=f"the keys {', '.join(map(str, data))}",
            expected="x and y, or inputs and labels",
        )
    is_pair = isinstance(data, tuple) and len(data) == 2
    if is_pair and isinstance(data[0], Tensor | np.ndarray):
        return data[0], data[1]
    if isinstance(data, tuple | list):
        raise DataError(
            "data is a list, not a set of examples",
            got=f"{type(data).__name__} of {len(data)}",
            expected="one array or tensor, or the pair (x, y)",
            remedy="Stack it with numpy.stack or torch.stack.",
        )
    return data, None


def _array(value: Any) -> Any:
    if isinstance(value, Tensor | np.ndarray):
        return value
    raise DataError("x is no array", got=type(value).__name__, expected="an array or a tensor")


def _read_arrays(name: str, inputs: Any, labels: Any, source: str) -> _Read:
    array = to_numpy(inputs) if isinstance(inputs, Tensor) else inputs
    stored, value_range = checked_inputs(array, "x")
    if labels is not None:
        labels = to_numpy(labels) if isinstance(labels, Tensor) else np.asarray(labels)
        labels = checked_labels(labels, len(stored), "y")
    return _Read(name, stored, labels, source, value_range=value_range)


def _draw(spec: DatasetSpec) -> _Read:
    return _draw_colors(spec) if spec.name == "colors" else _draw_factors(spec)


def _draw_colors(spec: DatasetSpec) -> _Read:
    colors = make_colors()
    likeness, probability = (
        torch.from_numpy(values).float() for values in (colors.similarity, colors.probability)
    )
    return _Read(
        spec.name,
        colors.rgb,
        None,
        "computed by Latelier",
        spec.license,
        train_part=spec.train,
        concepts=ConceptTable(CONCEPTS, likeness, probability),
        weights=torch.from_numpy(colors.weight),
        typicality=torch.from_numpy(colors.vibrancy),
    )


def _draw_factors(spec: DatasetSpec) -> _Read:
    table = factor_grid()
    return _Read(
        spec.name,
        draw_factors(),
        table.values[:, 0].copy(),
        "drawn by Latelier",
        spec.license,
        spec.label_names,
        factors=table,
    )


def _read_path(
    name: str, path: Path, image_size: int | None, root: Path, progress: Progress | None
) -> _Read:
    path = path.expanduser()
    if name == "npz":
        return _read_arrays(name, *read_npz(path), source=str(path))
    if name in _FACTOR_FILES:
        inputs, factors, labels, names = _FACTOR_FILES[name](path)
        terms = DATASETS[name].license
        return _Read(name, inputs, labels, str(path), terms, names, factors=factors)
    prepared, label_names = load_folder(path, image_size, root, progress)
    return _Read(name, prepared.inputs, prepared.labels, str(path), label_names=label_names)


def _read_downloaded(spec: DatasetSpec, root: Path, progress: Progress | None) -> _Read:
    if not spec.present(root):
        fetch_dataset(spec.name, root, progress=progress)
    prepared = read_prepared(root / spec.name, remedy=damage_remedy(spec.name, root))
    return _Read(
        spec.name,
        prepared.inputs,
        prepared.labels,
        str(prepared.meta["source"]),
        spec.license,
        spec.label_names,
        int(prepared.meta["train_part"]),
    )


def _most_bytes(config: DataConfig) -> float:
    return {"auto": IN_MEMORY_LIMIT, "always": math.inf, "never": 0}[config.in_memory]


def _placed(inputs: NDArray[Any] | Tensor | Streamed, config: DataConfig) -> Tensor | Streamed:
    """Hold examples in memory, or stream them, as `data.in_memory` says."""
    if isinstance(inputs, Tensor):
        return inputs
    source = ArraySource(inputs) if isinstance(inputs, np.ndarray) else inputs
    if nbytes(source) >= _most_bytes(config):
        return source
    if isinstance(inputs, np.ndarray):
        # A copy where numpy forbids writing, which torch has no notion of.
        return torch.from_numpy(np.require(inputs, requirements=["C", "W"]))
    if isinstance(inputs, NpyFile):
        return inputs.tensor(read_now=config.in_memory == "always")
    return inputs


def _assemble(read: _Read, config: DataConfig, seed: int) -> Dataset:
    count, labels = read.inputs.shape[0], read.labels
    train, held_out = split_rows(count, labels, config, seed=seed, train_part=read.train_part)
    if labels is not None:
        classes = int(labels.max()) + 1 if read.label_names is None else len(read.label_names)
        check_classes(labels, train, classes, read.label_names)
        if config.label_noise:
            labels = with_label_noise(labels, train, classes, config.label_noise, seed=seed)
    elif config.label_noise:
        raise DataError(
            "data.label_noise is set, but the data has no labels",
            got=config.label_noise,
            remedy="Set data.label_noise=0.",
        )
    if config.concepts.scale and read.concepts is None:
        raise DataError(
            f"data.concepts.scale is set, but the data set {read.name} has no concepts",
            got=", ".join(config.concepts.scale),
            remedy="Remove it, or choose a data set that has some (colors).",
        )
    return Dataset(
        name=read.name,
        inputs=_placed(read.inputs, config),
        labels=None if labels is None else torch.from_numpy(labels),
        label_names=read.label_names,
        train=torch.from_numpy(train),
        held_out=torch.from_numpy(held_out),
        value_range=read.value_range,
        source=read.source,
        license=read.license,
        factors=read.factors,
        concepts=None if read.concepts is None else read.concepts.scaled(config.concepts.scale),
        weights=read.weights,
        typicality=read.typicality,
    )
