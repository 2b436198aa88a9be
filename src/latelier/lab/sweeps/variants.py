"""From a checked sweep to folders: the sweep's own, and one run per variant. No torch."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from latelier.config import ConfigError, RunConfig
from latelier.config.loading import Raw
from latelier.config.sweep_schema import SweepConfig
from latelier.config.sweeps import LoadedSweep, Variant, expand
from latelier.lab.origin import mark_origin
from latelier.runs import RunStore, new_run_id
from latelier.runs.sweep_model import Sweep
from latelier.runs.sweep_store import SweepStore
from latelier.runs.sweeps import SweepRecord

DEFAULT_GRACE = 300.0
"""Seconds that running variants get to finish once a sweep is stopped."""


def create_sweep(
    loaded: LoadedSweep,
    runs_dir: str | Path,
    *,
    executor: str = "local",
    max_workers: int | None = None,
    grace: float = DEFAULT_GRACE,
    address: str | None = None,
) -> SweepRecord:
    """Make the folders of a sweep and of all its runs, in state ``created``; nothing is trained.

    Args:
        loaded: The sweep.
        runs_dir: Folder of all runs; made when missing.
        executor: Who shall carry it out.
        max_workers: At most so many runs at a time; the executor's own choice when None.
        grace: Seconds that running variants get to finish when the sweep is stopped.
        address: Of a cluster, for executors that use one.

    Raises:
        ConfigError: If the variants need something from Python, which no other process has.
        RunError: If it cannot be written.
    """
    check_storable(loaded)
    ids = _run_ids(loaded.variants)
    content = {
        "executor": executor,
        "options": {"max_workers": max_workers, "grace": grace, "address": address},
        "definition": loaded.sweep.model_dump(mode="json"),
        "base": loaded.base.model_dump(mode="json"),
        "written": _plain(loaded.written),
        "layout": loaded.layout,
        "reference": loaded.reference,
        "variants": tuple(
            _row(variant, run_id) for variant, run_id in zip(loaded.variants, ids, strict=True)
        ),
    }
    record = SweepStore(runs_dir).create(loaded.name, content)
    make_runs(record, loaded.variants)
    return record


def make_runs(record: SweepRecord, variants: tuple[Variant, ...] | None = None) -> None:
    """Make the runs of a sweep that are not there yet: its maker may have been killed meanwhile.

    Args:
        record: The sweep, in state ``created``.
        variants: Its variants; made again from its file when None.
    """
    sweep = record.read()
    store = RunStore(record.runs_dir)
    missing = [row for row in sweep.variants if not (store.root / row.run_id).exists()]
    if not missing:
        return
    variants = variants or variants_of(sweep)
    for row in missing:
        config = variants[row.index].config
        run = store.create(
            config.model_dump(mode="json"),
            label=config.name,
            model_kind=config.model.kind,
            dataset=config.data.dataset,
            run_id=row.run_id,
        )
        if config.model.net.kind == "custom":
            mark_origin(run)


def variants_of(sweep: Sweep) -> tuple[Variant, ...]:
    """Make the variants of a stored sweep again.

    Raises:
        ConfigError: If this version of Latelier does not accept its configuration.
    """
    base = RunConfig.model_validate(sweep.base)
    raw = Raw(dict(sweep.written), f"sweep {sweep.sweep_id}", Path.cwd())
    return expand(base, definition_of(sweep), raw)


def definition_of(sweep: Sweep) -> SweepConfig:
    """Return the checked section of a stored sweep."""
    return SweepConfig.model_validate(sweep.definition)


def check_storable(loaded: LoadedSweep) -> None:
    """Refuse a sweep whose runs other processes cannot begin.

    Raises:
        ConfigError: If data, model or loss come from Python.
    """
    if loaded.base.data.dataset == "given":
        raise ConfigError(
            "the data of a sweep cannot come from Python",
            got="data.dataset given",
            expected="a data set, a folder or a file",
            remedy="Store it as .npz and set data.path.",
        )
    if any(variant.config.model.kind == "module" for variant in loaded.variants):
        raise ConfigError("the module of a sweep cannot come from Python", got="model.kind module")


def _row(variant: Variant, run_id: str) -> Any:
    from latelier.runs.sweep_model import SweepVariant

    return SweepVariant(
        variant.index,
        variant.name,
        variant.slug,
        _plain(dict(variant.values)),
        dict(variant.places),
        run_id,
    )


def _run_ids(variants: tuple[Variant, ...]) -> list[str]:
    """Choose an id per variant, all different and of the same second."""
    at = time.time()
    ids: dict[str, None] = {}
    for variant in variants:
        before = len(ids)
        while len(ids) == before:
            config = variant.config
            ids[new_run_id(config.model.kind, config.data.dataset, at=at)] = None
    return list(ids)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as they come back from a file: lists for tuples, text for paths."""
    from latelier.runs.encoding import dumps, loads

    plain: dict[str, Any] = loads(dumps(values))
    return plain
