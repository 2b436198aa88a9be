"""Start and resume runs. The command line, the server and Python all come through here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from torch import nn

from latelier.config import RunConfig, RunError
from latelier.lab.execute import Observer, execute
from latelier.lab.prepare import config_fingerprint, fingerprint, prepare, resolve_config
from latelier.lab.run import Run, open_run
from latelier.runs import RunRecord, RunState, RunStore
from latelier.runs.atomic import write_json
from latelier.training import Session, read_header

Stop = Callable[[], bool]


def fit(
    model_or_config: RunConfig | str | Path | Mapping[str, Any] | nn.Module | None = None,
    data: object = None,
    *,
    runs_dir: str | Path = "runs",
    overrides: Sequence[str] = (),
    observers: Sequence[Observer] = (),
    stop: Stop | None = None,
    **sections: Any,
) -> Run:
    """Train a model and record the run.

    Args:
        model_or_config: A preset's name, a path, a mapping or a `RunConfig`; or a model of
            `latelier.models` around your own networks.
        data: Examples from Python: an array or tensor [N, *shape], a pair (inputs, labels), or any
            map-style torch dataset. The config's data set when None.
        runs_dir: Folder of all runs; made when missing.
        overrides: ``key=value`` texts, applied last; with data from Python the way to its section:
            ``["data.held_out=0.2"]``.
        observers: Called with every event of the run as it is stored.
        stop: Asked at every step; True ends the run as cancelled.
        **sections: Sections of the config by keyword: ``schedule={"epochs": 3}``.

    Returns:
        The run, completed or cancelled.

    Raises:
        ConfigError: If the configuration is wrong; nothing was written.
        DataError: If the data is missing, damaged or does not fit; nothing was written.
        TrainingError: If training cannot go on; the run is recorded as failed.

    Example:
        >>> run = latelier.fit("library/digits-vae", schedule={"epochs": 2})  # doctest: +SKIP
    """
    config = resolve_config(model_or_config, overrides, sections)
    model = model_or_config if isinstance(model_or_config, nn.Module) else None
    session = prepare(config, data=data, model=model)
    record = create(session.config, runs_dir)
    execute(record, session, observers=observers, stop=stop)
    return Run(record)


def create(
    config: RunConfig, runs_dir: str | Path, *, parent: Mapping[str, Any] | None = None
) -> RunRecord:
    """Make the folder of a run, in state ``created``; nothing is computed."""
    return RunStore(Path(runs_dir)).create(
        config.model_dump(mode="json"),
        label=config.name,
        model_kind=config.model.kind,
        dataset=config.data.dataset,
        parent=parent,
    )


def resume(
    run: Run | str,
    *,
    runs_dir: str | Path = "runs",
    epoch: int | None = None,
    data: object = None,
    model: nn.Module | None = None,
    observers: Sequence[Observer] = (),
    stop: Stop | None = None,
) -> Run:
    """Go on with a cancelled or failed run, as if it had never stopped.

    Args:
        run: The run, its id or a unique beginning of it.
        runs_dir: Folder of all runs.
        epoch: Go on from this epoch's checkpoint instead of the newest.
        data: The data, if it was given from Python.
        model: The model, if its networks are your own.
        observers: Called with every event of the run as it is stored.
        stop: Asked at every step; True ends the run as cancelled.

    Returns:
        The run, completed or cancelled.

    Raises:
        RunError: If the run is completed, or has no checkpoint to go on from.
        RunBusyError: If another process owns it.
    """
    record = (run if isinstance(run, Run) else open_run(run, runs_dir)).record
    start(record, epoch=epoch, data=data, model=model, observers=observers, stop=stop)
    return Run(record)


def start(
    record: RunRecord,
    *,
    epoch: int | None = None,
    data: object = None,
    model: nn.Module | None = None,
    claim: Callable[[], bool] | None = None,
    observers: Sequence[Observer] = (),
    stop: Stop | None = None,
) -> str | None:
    """Begin a run that has a folder, or go on with it.

    Args:
        record: A created, cancelled or failed run.
        epoch: Go on from this epoch's checkpoint instead of the newest.
        data: The data, if it was given from Python.
        model: The model, if its networks are your own.
        claim: Asked when all is ready; False leaves the run to somebody else.
        observers: Called with every event of the run as it is stored.
        stop: Asked at every step; True ends the run as cancelled.

    Returns:
        The state in which it ended; None if it was left to somebody else.

    Raises:
        RunError: If the run is completed, or has no checkpoint to go on from.
        RunBusyError: If another process owns it.
    """
    record.reconcile()
    _check_resumable(record)
    checkpoint = _checkpoint_to_resume(record, epoch)
    config = read_config(record)
    threads = None
    if checkpoint is not None:
        threads = read_header(record.path_of("checkpoint", **checkpoint).parent)["threads"]
    session = _prepared(record, config, data=data, model=model, threads=threads)
    if claim is not None and not claim():
        return None
    if config.analysis.indices is None:  # made by a server, which does not look at data
        write_json(record.path_of("config"), session.config.model_dump(mode="json"), indent=True)
    return execute(record, session, resume_from=checkpoint, observers=observers, stop=stop)


def _prepared(record: RunRecord, config: RunConfig, **options: Any) -> Session:
    started = next((event for event in record.events() if event.type == "run.started"), None)
    facts = {} if started is None else started.data
    if facts.get("config_sha256") not in (None, config_fingerprint(record.config())):
        raise RunError(
            f"the config.json of run {record.id} was changed after the run had begun",
            expected="the configuration that it was started with",
            remedy="Put it back, or start a new run with the changed one.",
        )
    session = prepare(config, **options)
    known = facts.get("data_sha256")
    if known not in (None, found := fingerprint(session.dataset)):
        raise RunError(
            f"the data of run {record.id} is not what it was",
            got=f"sha256 {found[:12]}…",
            expected=f"{known[:12]}…",
            remedy="Give the data that the run was started with.",
        )
    return session


def read_config(record: RunRecord) -> RunConfig:
    """Read the configuration that a run was started with.

    Raises:
        ConfigError: If this version of Latelier does not accept it.
    """
    return resolve_config(record.config())


def _check_resumable(record: RunRecord) -> None:
    state = record.summary().state
    if state in {RunState.COMPLETED, RunState.RUNNING}:
        raise RunError(
            f"run {record.id} is {state}",
            expected="a created, cancelled or failed run",
            remedy="Start a new run, or wait." if state == RunState.RUNNING else None,
        )


def _checkpoint_to_resume(record: RunRecord, epoch: int | None) -> dict[str, int] | None:
    """Return the keys of the newest checkpoint (of an epoch's end, where one is asked for)."""
    found = record.checkpoints()
    if epoch is None:
        return found[-1] if found else None
    at_epoch = {"epoch": epoch}
    if at_epoch not in found:
        there = ", ".join(str(keys["epoch"]) for keys in found if "step" not in keys)
        raise RunError(
            f"run {record.id} has no checkpoint of that epoch",
            got=epoch,
            expected=f"one of {there}" if there else "a run with checkpoints",
        )
    return at_epoch
